// The bad inputs of the specification's list that meet one encoding: 17, 60 to 63 and 74.
import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { isName } from '../canonical/index.ts';
import { type Engine, wasmEngine } from '../engine/index.ts';
import { seededWords } from '../engine/seeded-words.contract.ts';
import { ParameterError } from '../errors.ts';
import { defineEncoding, describeEncoding, type EncodingOptions, encode } from './index.ts';
import {
  normalisedError,
  normOf,
  SHAPES,
  SIXTEEN_BITS,
  sumOf,
  testEncoding,
  thrownBy,
  vectorOf,
} from './seeded-encodings.contract.ts';

const platform = nodePrimitives();
let engine: Engine;
beforeAll(async () => {
  engine = await wasmEngine();
});

describe('attack 60: values that are no numbers, or hardly', () => {
  const { encoding, ...test } = testEncoding(platform, { vectorLength: 1003 });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    '%s is refused at every place, says nothing of the vector and leaves nothing behind',
    (bad) => {
      for (const place of [0, 1, 500, 1002]) {
        const values = new Float32Array(1003).fill(0.125);
        values[place] = bad;
        const into = new Int32Array(encoding.words).fill(77);
        const error = thrownBy(() => test.encode(engine, { values, into }));
        expect(error).toBeInstanceOf(ParameterError);
        expect((error as Error).message).toBe('the vector has a value that is not finite');
        expect(into.every((word) => word === 77)).toBe(true);
      }
    },
  );

  it('−0 is 0, and subnormal numbers are 0 to within a step', () => {
    for (const value of [-0, 1e-45, -1e-45, 1e-39]) {
      const { words, clampedWords } = test.encode(engine, { values: new Float32Array(1003).fill(value) });
      expect(words.every((word) => Math.abs(word) <= (value === 0 ? 0 : 1))).toBe(true);
      expect(clampedWords).toBe(0);
    }
  });

  it('the largest floats are clipped like any vector, and come out with the right direction', () => {
    for (const value of [1e38, 3.4e38, -3.4e38]) {
      for (const shape of ['gaussian', 'constant'] as const) {
        const direction = vectorOf(shape, 1003, seededWords(2)).map((x) => Math.max(-1, Math.min(1, x)));
        const { words, clipped, clampedWords } = test.encode(engine, { values: direction.map((x) => x * value) });
        expect({ clipped, clampedWords }).toEqual({ clipped: true, clampedWords: 0 });
        const norm = normOf(direction) * Math.sign(value);
        const unit = direction.map((x) => x / norm);
        expect(normalisedError(test.decode(engine, words, 1).mean, unit)).toBeLessThan(1e-5);
      }
    }
  });
});

describe('attack 61: vectors of odd shapes and lengths', () => {
  it('are encoded and decoded to within the error of rounding', () => {
    const next = seededWords(3);
    for (const vectorLength of [1, 2, 3, 15, 16, 17, 100, 1000, 1025, 40_000]) {
      const { encoding, ...test } = testEncoding(platform, { vectorLength, valueBits: 18, wordBits: 25 });
      for (const shape of SHAPES) {
        const raw = vectorOf(shape, vectorLength, next);
        const norm = normOf(raw) || 1;
        const values = raw.map((value) => value / norm);
        const { words, clampedWords } = test.encode(engine, { values });
        expect(clampedWords).toBe(0);
        const error = normOf(test.decode(engine, words, 1).mean.map((value, i) => value - values[i]));
        // A step at most in every word, whatever was drawn.
        expect(error).toBeLessThan(Math.sqrt(encoding.words) / encoding.scale + 1e-5);
      }
      const zero = test.encode(engine, { values: new Float32Array(vectorLength) });
      expect(zero.words.every((word) => word === 0)).toBe(true);
      expect(test.decode(engine, zero.words, 1).mean.every((value) => value === 0)).toBe(true);
    }
  });

  it('have a length: none, or another than agreed, is refused', () => {
    expect(thrownBy(() => testEncoding(platform, { vectorLength: 0 }))).toBeInstanceOf(ParameterError);
    const test = testEncoding(platform);
    for (const length of [0, 999, 1001]) {
      expect(thrownBy(() => test.encode(engine, { values: new Float32Array(length) }))).toBeInstanceOf(ParameterError);
    }
    const doubles = new Float64Array(1000) as unknown as Float32Array;
    expect(thrownBy(() => test.encode(engine, { values: doubles }))).toBeInstanceOf(ParameterError);
    for (const length of [0, 999, 1004]) {
      expect(thrownBy(() => test.decode(engine, new Int32Array(length), 1))).toMatchObject({ code: 'E_LEN' });
    }
    const other = testEncoding(platform, { vectorLength: 900 });
    const mixed = (): unknown =>
      encode(engine, test.primitives, test.encoding, other.rotation, { values: new Float32Array(1000) });
    expect(thrownBy(mixed)).toBeInstanceOf(ParameterError);
  });

  it('may have 2^24 + 1 values', () => {
    const vectorLength = 2 ** 24 + 1;
    const { encoding, ...test } = testEncoding(platform, { vectorLength });
    expect(encoding.words).toBe(vectorLength + 3);
    const values = new Float32Array(vectorLength);
    values[0] = 0.5;
    values[vectorLength - 1] = -0.5;
    const { words } = test.encode(engine, { values });
    const { mean } = test.decode(engine, words, 1);
    const spread = Math.sqrt(encoding.words) / encoding.scale;
    expect(Math.abs(mean[0] - 0.5)).toBeLessThan(0.01);
    expect(Math.abs(mean[vectorLength - 1] + 0.5)).toBeLessThan(0.01);
    expect(normOf(mean.subarray(1, -1))).toBeLessThan(spread);
  });
});

describe('attack 62: values at the clip', () => {
  it('exactly there, nothing is clipped or clamped; beyond, it is clipped', () => {
    for (const clippingNorm of [1, 0.1, 3, 2 ** -60, 2 ** 60]) {
      for (const rotation of ['none', 'hadamard'] as const) {
        const { encoding, ...test } = testEncoding(platform, { vectorLength: 1, clippingNorm, rotation });
        for (const sign of [1, -1]) {
          const values = Float32Array.of(sign * clippingNorm);
          const exact = test.encode(engine, { values });
          expect(exact.clampedWords).toBe(0);
          expect(Math.abs(test.decode(engine, exact.words, 1).mean[0] / values[0] - 1)).toBeLessThan(2e-3);
          const beyond = test.encode(engine, { values: values.map((value) => 1.0001 * value) });
          expect(beyond).toMatchObject({ clipped: true, clampedWords: 0, alarming: false });
          expect(normOf(test.decode(engine, beyond.words, 1).mean)).toBeLessThan(clippingNorm * (1 + 2e-3));
        }
      }
    }
  });

  it('clamped words are counted, stay in range and raise the alarm', () => {
    const { encoding, rotation, primitives } = testEncoding(platform, { vectorLength: 1024, valueBits: 8 });
    const values = new Float32Array(1024);
    values[5] = 1;
    // A rotation that is out by a factor: everything leaves the range.
    const wide = { ...engine, hadamard: { ...engine.hadamard, flipAndScale: scaledBy(1000) } };
    const clamped = encode(wide, primitives, encoding, rotation, { values });
    expect(clamped.clampedWords).toBeGreaterThan(900);
    expect(clamped.alarming).toBe(true);
    expect(clamped.words.every((word) => Math.abs(word) <= encoding.largestWord)).toBe(true);
  });

  const scaledBy =
    (factor: number): Engine['hadamard']['flipAndScale'] =>
    (out, values, count, signs, firstBit, first, second) =>
      engine.hadamard.flipAndScale(out, values, count, signs, firstBit, first, second * factor);
});

describe('attack 63: the largest inputs', () => {
  it('of as many as may contribute do not wrap, and one more contributor is refused', () => {
    for (const [valueBits, wordBits] of [
      [16, 23],
      [9, 16],
      [2, 3],
      [12, 19],
      [23, 32],
    ] as const) {
      const most = Number((2n ** BigInt(wordBits) - 1n) / (2n ** BigInt(valueBits) - 1n));
      const options = { vectorLength: 16, valueBits, wordBits, rotation: 'none' } as const;
      const { encoding } = testEncoding(platform, { ...options, maximumContributors: most });
      for (const sign of [1, -1]) {
        const largest = new Int32Array(encoding.words).fill(sign * encoding.largestWord);
        const sum = sumOf(new Array(most).fill(largest), wordBits);
        expect(sum.every((word) => word === sign * most * encoding.largestWord)).toBe(true);
      }
      expect(thrownBy(() => testEncoding(platform, { ...options, maximumContributors: most + 1 }))).toBeInstanceOf(
        ParameterError,
      );
    }
  });

  it('and a sum of more contributions than the encoding has room for is not decoded', () => {
    const test = testEncoding(platform);
    for (const contributors of [0, -1, 1.5, 101, Number.NaN]) {
      const error = thrownBy(() => test.decode(engine, new Int32Array(test.encoding.words), contributors));
      expect(error).toBeInstanceOf(ParameterError);
    }
  });
});

describe('attack 74: a generator that fails', () => {
  it('ends the encoding', () => {
    const { encoding, rotation, primitives } = testEncoding(platform);
    const values = new Float32Array(1000).fill(0.01);
    for (const bytes of [new Uint8Array(32), new Uint8Array(0), new Uint8Array(31).fill(1)]) {
      const failing = { chacha20: primitives.chacha20, randomBytes: () => bytes };
      expect(thrownBy(() => encode(engine, failing, encoding, rotation, { values }))).toBeInstanceOf(ParameterError);
    }
  });

  it('no two encodings of one vector round alike', () => {
    const test = testEncoding(platform);
    const values = new Float32Array(1000).fill(0.01);
    expect(test.encode(engine, { values }).words).not.toEqual(test.encode(engine, { values }).words);
  });
});

describe('an encoding', () => {
  it.each<Record<string, unknown>>([
    { rotation: 'fourier' },
    { rounding: 'down' },
    { valueBits: 1 },
    { valueBits: 24, wordBits: 32 },
    { wordBits: 33 },
    { wordBits: Number.NaN },
    { clippingNorm: 0 },
    { clippingNorm: Number.NaN },
    { clippingNorm: 2 ** 61 },
    { maximumContributors: 0 },
    { maximumWeight: 0 },
    { maximumWeight: 2 ** 53 },
    { maximumSquaredNorm: 0 },
    { noise: { name: 'skellam', variance: Number.NaN } },
  ])('with %j is refused', (options) => {
    const error = thrownBy(() => defineEncoding({ ...SIXTEEN_BITS, ...options }));
    expect(error).toBeInstanceOf(ParameterError);
  });
});

describe('attack 17: another encoding', () => {
  it('is another configuration, whatever differs', () => {
    const base: EncodingOptions = {
      ...SIXTEEN_BITS,
      maximumWeight: 10,
      maximumSquaredNorm: 4,
      counters: [{ name: 'a', maximum: 5 }],
    };
    const others: readonly Partial<EncodingOptions>[] = [
      { vectorLength: 999 },
      { clippingNorm: 2 },
      { valueBits: 15 },
      { wordBits: 24 },
      { maximumContributors: 99 },
      { rotation: 'none' },
      { rounding: 'conditional' },
      { noise: { name: 'skellam', variance: 9 } },
      { noise: { name: 'skellam', variance: 10 } },
      { maximumWeight: 11 },
      { maximumWeight: undefined },
      { maximumSquaredNorm: 5 },
      { counters: [] },
      { counters: [{ name: 'b', maximum: 5 }] },
      { counters: [{ name: 'a', maximum: 6 }] },
    ];
    const labels = [{}, ...others].map(
      (other) => describeEncoding(platform, defineEncoding({ ...base, ...other })).rotation,
    );
    expect(new Set(labels).size).toBe(labels.length);
    expect(labels.every(isName)).toBe(true);
  });
});
