// The attacks and bad inputs of the specification's list that meet the encoding: 17, 28, 60 to 65, 74 and 78.
import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Engine, wasmEngine } from '../engine/index.ts';
import { seededWords } from '../engine/seeded-words.contract.ts';
import { MalformedMessage, ParameterError } from '../errors.ts';
import { decode, defineEncoding, encode, type NoiseSampler, participantNoiseVariance, rotationOf } from './index.ts';
import {
  contextAt,
  normalisedError,
  normOf,
  SHAPES,
  SIXTEEN_BITS,
  sumOf,
  type TestEncoding,
  testEncoding,
  vectorOf,
} from './seeded-encodings.contract.ts';

const platform = nodePrimitives();
let engine: Engine;
beforeAll(async () => {
  engine = await wasmEngine();
});

const sampler = (stddev: number, draw: () => number): NoiseSampler => ({
  stddev,
  sampleInto: (out) => out.set(out.map(draw)),
});

function errorOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was refused');
}

describe('attack 60: values that are no numbers, or hardly', () => {
  const { encoding, ...test } = testEncoding(platform, { vectorLength: 1003 });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    '%s is refused at every place, says nothing of the vector and leaves nothing behind',
    (bad) => {
      for (const place of [0, 1, 500, 1002]) {
        const values = new Float32Array(1003).fill(0.125);
        values[place] = bad;
        const into = new Int32Array(encoding.words).fill(77);
        const error = errorOf(() => test.encode(engine, { values, into }));
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
    expect(errorOf(() => testEncoding(platform, { vectorLength: 0 }))).toBeInstanceOf(ParameterError);
    const test = testEncoding(platform);
    for (const length of [0, 999, 1001]) {
      expect(errorOf(() => test.encode(engine, { values: new Float32Array(length) }))).toBeInstanceOf(ParameterError);
    }
    const doubles = new Float64Array(1000) as unknown as Float32Array;
    expect(errorOf(() => test.encode(engine, { values: doubles }))).toBeInstanceOf(ParameterError);
    for (const length of [0, 999, 1004]) {
      expect(errorOf(() => test.decode(engine, new Int32Array(length), 1))).toMatchObject({ code: 'E_LEN' });
    }
    const other = testEncoding(platform, { vectorLength: 900 });
    const mixed = (): unknown =>
      encode(engine, test.primitives, test.encoding, other.rotation, { values: new Float32Array(1000) });
    expect(errorOf(mixed)).toBeInstanceOf(ParameterError);
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
      expect(errorOf(() => testEncoding(platform, { ...options, maximumContributors: most + 1 }))).toBeInstanceOf(
        ParameterError,
      );
    }
  });

  it('and a sum of more contributions than the encoding has room for is not decoded', () => {
    const test = testEncoding(platform);
    for (const contributors of [0, -1, 1.5, 101, Number.NaN]) {
      const error = errorOf(() => test.decode(engine, new Int32Array(test.encoding.words), contributors));
      expect(error).toBeInstanceOf(ParameterError);
    }
  });
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
    const error = errorOf(() => test.decode(engine, sumOf([...honest, poison], 23), 4));
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
      const error = errorOf(() => test.encode(engine, { values, weight, counts: { positive: 1 }, into }));
      expect(error).toBeInstanceOf(ParameterError);
      expect((error as Error).message).not.toContain(String(weight));
      expect(into.every((word) => word === 7)).toBe(true);
    },
  );

  it.each([-1, 1001, 0.5, Number.NaN])('a count of %s is refused, and so are none, and one too many', (positive) => {
    expect(errorOf(() => test.encode(engine, { values, weight: 1, counts: { positive } }))).toBeInstanceOf(
      ParameterError,
    );
    expect(errorOf(() => test.encode(engine, { values, weight: 1 }))).toBeInstanceOf(ParameterError);
    const two = { positive: 1, negative: 1 };
    expect(errorOf(() => test.encode(engine, { values, weight: 1, counts: two }))).toBeInstanceOf(ParameterError);
    const unasked = testEncoding(platform);
    expect(errorOf(() => unasked.encode(engine, { values, weight: 1 }))).toBeInstanceOf(ParameterError);
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
    expect(errorOf(() => test.decode(engine, none, 3))).toMatchObject({ code: 'E_RANGE' });
    const at = encoding.weightCounter?.at ?? 0;
    for (const word of [-1, 3 * 32768, -2147483648]) {
      const sum = none.slice();
      sum[at] = word;
      expect(errorOf(() => test.decode(engine, sum, 3))).toMatchObject({ code: 'E_RANGE' });
    }
    const tooHeavy = none.slice();
    tooHeavy[at + 1] = (3 * 1_000_000) / 32768 + 1;
    expect(errorOf(() => test.decode(engine, tooHeavy, 3))).toMatchObject({ code: 'E_RANGE' });
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
      errorOf(() => defineEncoding({ ...SIXTEEN_BITS, counters }));
    expect(define([{ name: 'a', maximum: 2 ** 53 }])).toBeInstanceOf(ParameterError);
    expect(define([{ name: 'a', maximum: 2 ** 52 }])).toBeInstanceOf(ParameterError);
    expect(define([{ name: 'a', maximum: 0 }])).toBeInstanceOf(ParameterError);
    expect(
      define([
        { name: 'a', maximum: 5 },
        { name: 'a', maximum: 5 },
      ]),
    ).toBeInstanceOf(ParameterError);
  });
});

describe('attack 74: a generator that fails', () => {
  it('ends the encoding', () => {
    const { encoding, rotation, primitives } = testEncoding(platform);
    const values = new Float32Array(1000).fill(0.01);
    for (const bytes of [new Uint8Array(32), new Uint8Array(0), new Uint8Array(31).fill(1)]) {
      const failing = { chacha20: primitives.chacha20, randomBytes: () => bytes };
      expect(errorOf(() => encode(engine, failing, encoding, rotation, { values }))).toBeInstanceOf(ParameterError);
    }
  });

  it('no two encodings of one vector round alike', () => {
    const test = testEncoding(platform);
    const values = new Float32Array(1000).fill(0.01);
    expect(test.encode(engine, { values }).words).not.toEqual(test.encode(engine, { values }).words);
  });
});

describe('attacks 17 and 28: what does not cancel', () => {
  it('uniform words, or the sum of vectors rotated under two contexts, are not taken for a mean', () => {
    const test = testEncoding(platform);
    const next = seededWords(8);
    const garbage = Int32Array.from({ length: test.encoding.words }, () => (next() << 9) >> 9);
    for (const contributors of [3, 50, 100]) {
      expect(errorOf(() => test.decode(engine, garbage, contributors))).toMatchObject({ code: 'E_RANGE' });
    }
    // Garbage within the range of the words: the norm gives it away.
    const smaller = garbage.map((word) => word >> 1);
    expect(errorOf(() => test.decode(engine, smaller, 100))).toMatchObject({ code: 'E_RANGE' });
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

describe('attack 78: noise after the most dropouts', () => {
  it('is still what was promised: each adds its share of what the guaranteed honest have', () => {
    for (const [fewest, corrupt] of [
      [27, 10],
      [3, 1],
      [67, 33],
      [64, 21],
    ] as const) {
      for (const total of [1, 100, 12345.678, 1 / 3]) {
        const each = participantNoiseVariance(total, { fewestContributors: fewest, corrupt });
        // Only the honest of the smallest sum are counted, and the target's own is not among them at worst: still the total.
        expect(each * (fewest - corrupt)).toBeGreaterThanOrEqual(total);
        expect(each * (fewest - corrupt)).toBeLessThanOrEqual(total * (1 + 1e-15));
      }
    }
    for (const [fewest, corrupt] of [
      [3, 3],
      [3, 4],
      [3, -1],
      [2.5, 1],
    ] as const) {
      expect(errorOf(() => participantNoiseVariance(1, { fewestContributors: fewest, corrupt }))).toBeInstanceOf(
        ParameterError,
      );
    }
  });

  it('reaches the sum in full: its variance is that of the honest together, and 1.2 times the deviation is told apart', () => {
    const variance = participantNoiseVariance(4 * 8 * 14, { fewestContributors: 6, corrupt: 2 });
    const test = testEncoding(platform, { vectorLength: 4096, valueBits: 12, noise: { name: 'stand-in', variance } });
    const next = seededWords(9);
    // A stand-in for a sampler: the sum of 8 uniform numbers of −6 … 6, whose variance is 8 · 14.
    const drawn = (): number => Array.from({ length: 8 }, () => (next() % 13) - 6).reduce((sum, x) => sum + x, 0);
    const measured = (deviations: number): number => {
      const noise = sampler(Math.sqrt(variance), () => Math.round(deviations * drawn()));
      // The six of the smallest sum, of whom two are corrupt and add nothing.
      const four = Array.from({ length: 4 }, () => test.encode(engine, { values: new Float32Array(4096), noise }));
      expect(four.every(({ clampedWords }) => clampedWords === 0)).toBe(true);
      const sum = sumOf(
        four.map(({ words }) => words),
        23,
      );
      test.decode(engine, sum, 4);
      return sum.reduce((total, word) => total + word * word, 0) / 4096 / (4 * 8 * 14);
    };
    // A mean of 4096 squares has a deviation of 2.2 %.
    expect(Math.abs(measured(1) - 1)).toBeLessThan(0.12);
    expect(Math.abs(measured(1.2) - 1)).toBeGreaterThan(0.12);
  });

  it('is demanded where the encoding has it, refused where it has not, and never wraps', () => {
    const values = new Float32Array(1000);
    const noisy = testEncoding(platform, { noise: { name: 'skellam', variance: 25 } });
    const silent = testEncoding(platform);
    expect(errorOf(() => noisy.encode(engine, { values }))).toBeInstanceOf(ParameterError);
    for (const stddev of [4.9, 0, 6, Number.NaN]) {
      expect(errorOf(() => noisy.encode(engine, { values, noise: sampler(stddev, () => 0) }))).toBeInstanceOf(
        ParameterError,
      );
    }
    // A sampler that fails half-way leaves no words without noise behind.
    const into = new Int32Array(noisy.encoding.words).fill(7);
    const failing = sampler(5, () => {
      throw new Error('planted');
    });
    expect(errorOf(() => noisy.encode(engine, { values: values.map(() => 0.01), noise: failing, into }))).toMatchObject(
      {
        message: 'planted',
      },
    );
    expect(into.every((word) => word === 0)).toBe(true);
    expect(errorOf(() => silent.encode(engine, { values, noise: sampler(5, () => 0) }))).toBeInstanceOf(ParameterError);
    const wild = noisy.encode(engine, { values, noise: sampler(5, () => 0x7fffffff) });
    expect(wild).toMatchObject({ clampedWords: noisy.encoding.windows.length, alarming: true });
    expect(wild.words.every((word) => word === noisy.encoding.largestWord)).toBe(true);
    expect(errorOf(() => testEncoding(platform, { noise: { name: 'skellam', variance: 1e12 } }))).toBeInstanceOf(
      ParameterError,
    );
  });
});
