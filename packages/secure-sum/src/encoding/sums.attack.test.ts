// The attacks and bad inputs of the specification's list that meet a sum of encodings: 17, 28, 64 and 65.
import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Engine, wasmEngine } from '../engine/index.ts';
import { seededWords } from '../engine/seeded-words.contract.ts';
import { MalformedMessage, ParameterError } from '../errors.ts';
import { decode, defineEncoding, rotationOf } from './index.ts';
import {
  contextAt,
  normalisedError,
  normOf,
  SIXTEEN_BITS,
  sumOf,
  type TestEncoding,
  testEncoding,
  thrownBy,
  vectorOf,
} from './seeded-encodings.contract.ts';

const platform = nodePrimitives();
let engine: Engine;
beforeAll(async () => {
  engine = await wasmEngine();
});

describe('attack 64: a poison of a million times the clip', () => {
  it('by an honest program is clipped: it moves the mean by its share of the clip and no more', () => {
    const { encoding, ...test } = testEncoding(platform);
    const next = seededWords(4);
    const honest = Array.from(
      { length: 9 },
      () => test.encode(engine, { values: vectorOf('gaussian', 1000, next) }).words,
    );
    const clean = test.decode(engine, sumOf(honest, 23), 9).mean;
    const poison = test.encode(engine, { values: vectorOf('gaussian', 1000, next).map((value) => 1e6 * value) });
    const { mean } = test.decode(engine, sumOf([...honest, poison.words], 23), 10);
    expect(poison.clipped).toBe(true);
    expect(normOf(mean.map((value, i) => value - 0.9 * clean[i]))).toBeLessThan(0.1 * (1 + 1e-3));
    expect(encoding.clippingNorm).toBe(1);
  });

  it('by a program that ignores the range: the norm of the sum is more than the others can have made', () => {
    const { encoding, ...test } = testEncoding(platform);
    const next = seededWords(5);
    const honest = Array.from(
      { length: 3 },
      () => test.encode(engine, { values: vectorOf('gaussian', 1000, next) }).words,
    );
    const poison = Int32Array.from({ length: encoding.words }, () => (next() % 2 ? 1 : -1) * encoding.largestWord);
    const error = thrownBy(() => test.decode(engine, sumOf([...honest, poison], 23), 4));
    expect(error).toBeInstanceOf(MalformedMessage);
    expect(error).toMatchObject({ code: 'E_RANGE' });
    // Among a hundred it hides: what a bucket filter or a proof of the norm is for (docs/threats.md).
    const many = Array.from({ length: 97 }, (_, i) => honest[i % 3]);
    expect(normOf(test.decode(engine, sumOf([...many, poison], 23), 98).mean)).toBeGreaterThan(0);
  });
});

describe('attack 65: weights and counts', () => {
  const options = { maximumWeight: 1_000_000, counters: [{ name: 'positive', maximum: 1000 }] };
  const { encoding, ...test } = testEncoding(platform, options);
  const values = vectorOf('gaussian', 1000, seededWords(6)).map((value) => value / 100);

  it.each([0, -1, 0.5, 2 ** 53, 1_000_001, Number.NaN, Number.POSITIVE_INFINITY, undefined])(
    'a weight of %s is refused',
    (weight) => {
      const into = new Int32Array(encoding.words).fill(7);
      const error = thrownBy(() => test.encode(engine, { values, weight, counts: { positive: 1 }, into }));
      expect(error).toBeInstanceOf(ParameterError);
      expect((error as Error).message).not.toContain(String(weight));
      expect(into.every((word) => word === 7)).toBe(true);
    },
  );

  it.each([-1, 1001, 0.5, Number.NaN])('a count of %s is refused, and so are none, and one too many', (positive) => {
    expect(thrownBy(() => test.encode(engine, { values, weight: 1, counts: { positive } }))).toBeInstanceOf(
      ParameterError,
    );
    expect(thrownBy(() => test.encode(engine, { values, weight: 1 }))).toBeInstanceOf(ParameterError);
    const two = { positive: 1, negative: 1 };
    expect(thrownBy(() => test.encode(engine, { values, weight: 1, counts: two }))).toBeInstanceOf(ParameterError);
    const unasked = testEncoding(platform);
    expect(thrownBy(() => unasked.encode(engine, { values, weight: 1 }))).toBeInstanceOf(ParameterError);
  });

  it('the weighted mean is divided by the opened sum of weights, and the sums of counts are exact', () => {
    const next = seededWords(7);
    const weights = [1, 1_000_000, 37, 250_000, 999];
    const vectors = weights.map(() => vectorOf('gaussian', 1000, next).map((value) => value / 100));
    const sent = vectors.map((vector, i) => {
      const counts = { positive: vector.filter((value) => value > 0).length };
      return test.encode(engine, { values: vector, weight: weights[i], counts }).words;
    });
    const decoded = test.decode(engine, sumOf(sent, 23), 5);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    expect(decoded.totalWeight).toBe(total);
    expect(decoded.counts).toEqual({
      positive: vectors.flatMap((vector) => [...vector]).filter((value) => value > 0).length,
    });
    const mean = values.map((_, i) => vectors.reduce((sum, vector, u) => sum + vector[i] * weights[u], 0) / total);
    const error = normOf(decoded.mean.map((value, i) => value - mean[i]));
    expect(error).toBeLessThan((5 * Math.sqrt(encoding.words)) / encoding.scale);
    expect(error).toBeGreaterThan(0);
  });

  it('a sum of weights of 0, or one that no contributors have, is an error and no division', () => {
    const none = new Int32Array(encoding.words);
    expect(thrownBy(() => test.decode(engine, none, 3))).toMatchObject({ code: 'E_RANGE' });
    const at = encoding.weightCounter?.at ?? 0;
    for (const word of [-1, 3 * 32768, -2147483648]) {
      const sum = none.slice();
      sum[at] = word;
      expect(thrownBy(() => test.decode(engine, sum, 3))).toMatchObject({ code: 'E_RANGE' });
    }
    const tooHeavy = none.slice();
    tooHeavy[at + 1] = (3 * 1_000_000) / 32768 + 1;
    expect(thrownBy(() => test.decode(engine, tooHeavy, 3))).toMatchObject({ code: 'E_RANGE' });
  });

  it('secure sums of ‖x‖² are of the vectors before weighting and clipping', () => {
    const bounded = testEncoding(platform, { maximumSquaredNorm: 100, maximumWeight: 10 });
    const vectors = [0.5, 3, 9, 1000].map((norm) => {
      const raw = vectorOf('gaussian', 1000, seededWords(norm * 2));
      return raw.map((value) => (value * norm) / normOf(raw));
    });
    const sent = vectors.map((vector, i) => bounded.encode(engine, { values: vector, weight: i + 1 }).words);
    const { squaredNorms } = bounded.decode(engine, sumOf(sent, 23), 4);
    expect(Math.abs((squaredNorms ?? 0) - (0.25 + 9 + 81 + 100))).toBeLessThan(1e-4);
  });

  it('counters that cannot have an exact sum, or one name, are refused', () => {
    const define = (counters: { name: string; maximum: number }[]): unknown =>
      thrownBy(() => defineEncoding({ ...SIXTEEN_BITS, counters }));
    expect(define([{ name: 'a', maximum: 2 ** 53 }])).toBeInstanceOf(ParameterError);
    expect(define([{ name: 'a', maximum: 2 ** 52 }])).toBeInstanceOf(ParameterError);
    expect(define([{ name: 'a', maximum: 0 }])).toBeInstanceOf(ParameterError);
    for (const name of ['weight', 'squared-norm', '', 'a b']) {
      expect(define([{ name, maximum: 5 }])).toBeInstanceOf(ParameterError);
    }
    expect(
      define([
        { name: 'a', maximum: 5 },
        { name: 'a', maximum: 5 },
      ]),
    ).toBeInstanceOf(ParameterError);
  });
});

describe('attacks 17 and 28: what does not cancel', () => {
  it('uniform words, or the sum of vectors rotated under two contexts, are not taken for a mean', () => {
    const test = testEncoding(platform);
    const next = seededWords(8);
    const garbage = Int32Array.from({ length: test.encoding.words }, () => (next() << 9) >> 9);
    for (const contributors of [3, 50, 100]) {
      expect(thrownBy(() => test.decode(engine, garbage, contributors))).toMatchObject({ code: 'E_RANGE' });
    }
    // Garbage within the range of the words: the norm gives it away.
    const smaller = garbage.map((word) => word >> 1);
    expect(thrownBy(() => test.decode(engine, smaller, 100))).toMatchObject({ code: 'E_RANGE' });
    // Another model, another context, another rotation: the words mean something else.
    const values = vectorOf('gaussian', 1000, next).map((value) => value / 100);
    const { words } = test.encode(engine, { values });
    const rotation = rotationOf(test.primitives, contextAt(test.primitives, 99), test.encoding.windows);
    expect(normalisedError(meanOf({ ...test, rotation }, words), values)).toBeGreaterThan(1);
    expect(normalisedError(meanOf(test, words), values)).toBeLessThan(1e-6);
  });

  const meanOf = (
    { encoding, rotation }: Pick<TestEncoding, 'encoding' | 'rotation'>,
    words: Int32Array,
  ): Float32Array => decode(engine, encoding, rotation, { words, contributors: 1 }).mean;
});
