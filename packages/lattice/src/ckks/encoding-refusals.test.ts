// What encoding and decoding refuse, with an error that names the index and the bound but never a value.

import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { toIntegers } from '../ring/operations.ts';
import type { Ring } from '../ring/ring.ts';
import { decodeReal, encodeComplex, encodeReal, largestValue } from './encoding.ts';
import { createEmbedding, type Embedding } from './encoding-embedding.ts';
import { ringOf } from './encoding-naive.contract.ts';

let wasm: Engine;
beforeAll(async () => {
  wasm = await wasmEngine();
});

describe('refusals', () => {
  const degree = 64;
  const options = { slots: 32, scale: 2 ** 30 };
  const setUp = (): { embedding: Embedding; r: Ring } => ({
    embedding: createEmbedding({ engine: wasm }, degree),
    r: ringOf(wasm, degree, 2),
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('a value %d, by its index', (bad) => {
    const { embedding, r } = setUp();
    expect(() => encodeReal(embedding, r, [1, 2, bad], options)).toThrow('real part of value 2 is not a finite number');
    expect(() => encodeComplex(embedding, r, { real: [0, 0], imaginary: [0, bad] }, options)).toThrow(
      'imaginary part of value 1',
    );
  });

  test('what is not a number at all', () => {
    const { embedding, r } = setUp();
    const values: ArrayLike<number> = JSON.parse('["x", null]');
    expect(() => encodeReal(embedding, r, values, options)).toThrow('value 0 is not a finite number');
  });

  test('more values than slots, and parts of different lengths', () => {
    const { embedding, r } = setUp();
    expect(() => encodeReal(embedding, r, new Float64Array(33), options)).toThrow('33 values do not fit in 32 slots');
    expect(() => encodeComplex(embedding, r, { real: [1, 2], imaginary: [1] }, options)).toThrow(
      '2 real parts but 1 imaginary',
    );
  });

  test.each([0, -1, 3, 64, 1.5, Number.NaN])('%d slots', (slots) => {
    const { embedding, r } = setUp();
    expect(() => encodeReal(embedding, r, [1], { slots, scale: 2 })).toThrow('power of two in [1, 32]');
    expect(() => decodeReal(embedding, encodeReal(embedding, r, [1], options), { slots, scale: 2 })).toThrow(
      'power of two',
    );
  });

  test.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('scale %d', (scale) => {
    const { embedding, r } = setUp();
    expect(() => encodeReal(embedding, r, [1], { slots: 32, scale })).toThrow(/scale .* is outside/);
  });

  test('a value that half the modulus does not hold, without saying which value it is', () => {
    const { embedding } = setUp();
    const one = ringOf(wasm, degree, 1);
    const scale = 2 ** 25;
    const most = largestValue(one, scale);
    expect(most).toBeGreaterThan(15.99);
    expect(() => encodeReal(embedding, one, [0, most], { slots: 32, scale })).not.toThrow();
    expect(() => encodeReal(embedding, one, [0, -most * 1.001], { slots: 32, scale })).toThrow(
      /^real part of value 1 times the scale 2\^25\.00 exceeds 2\^29\.00, the most this modulus holds$/,
    );
    const half = most * 0.8;
    expect(() =>
      encodeComplex(embedding, one, { real: [0, half], imaginary: [0, half] }, { slots: 32, scale }),
    ).toThrow('value 1 times');
  });

  test('a value times the scale beyond 2^61, and accepts what lies just below', () => {
    const { embedding } = setUp();
    const r = ringOf(wasm, degree, 5);
    const scale = 2 ** 58;
    const most = largestValue(r, scale);
    expect(most).toBeGreaterThan(7.99999);
    expect(() => encodeReal(embedding, r, [8], { slots: 32, scale })).toThrow('exceeds 2^61.00');
    // All slots equal: one coefficient carries the whole value.
    const values = new Float64Array(32).fill(-most);
    const [constant] = toIntegers(encodeReal(embedding, r, values, { slots: 32, scale }));
    expect(Math.abs(Number(constant) / (most * scale) + 1)).toBeLessThan(2 ** -50);
  });

  test('an embedding of another degree or engine', () => {
    const { r } = setUp();
    expect(() => encodeReal(createEmbedding({ engine: wasm }, 128), r, [1], options)).toThrow('degree 128');
    expect(() => encodeReal(createEmbedding({ engine: referenceEngine() }, degree), r, [1], options)).toThrow(
      'another engine',
    );
    expect(() => createEmbedding({ engine: wasm }, 100)).toThrow('degree 100');
    expect(() => createEmbedding({ engine: wasm }, 8)).toThrow('degree 8');
  });
});
