// Attack 66: rounding at random is unbiased, conditional rounding ends. Each statistic is shown to catch a planted bias.
import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Engine, wasmEngine } from '../engine/index.ts';
import { seededWords } from '../engine/seeded-words.contract.ts';
import { ParameterError } from '../errors.ts';
import { encode } from './index.ts';
import { normOf, testEncoding, vectorOf } from './seeded-encodings.contract.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await wasmEngine();
});

/** An engine that rounds differently. */
const planted = (roundAtRandom: Engine['rounding']['roundAtRandom']): Engine => ({
  ...engine,
  rounding: { ...engine.rounding, roundAtRandom },
});

const CELLS = 16;
const DRAWS = 2 ** 16;
const FRACTIONS = Array.from({ length: CELLS }, (_, cell) => (cell + 0.5) / CELLS);
const plain = testEncoding(nodePrimitives(), { vectorLength: CELLS * DRAWS, rotation: 'none' }, 6);

interface Draws {
  /** Fraction, how many of DRAWS were rounded up, and in how many pairs of neighbours both were. */
  readonly cells: readonly { readonly fraction: number; readonly up: number; readonly both: number }[];
}

function draw(rounder: Engine, whole: number): Draws {
  const factor = Math.fround(plain.encoding.scale);
  const values = Float32Array.from({ length: CELLS * DRAWS }, (_, i) => (whole + FRACTIONS[i % CELLS]) / factor);
  const { words, clipped } = plain.encode(rounder, { values });
  expect(clipped).toBe(false);
  const cells = FRACTIONS.map((_, cell) => {
    // What the kernel rounds, to the bit.
    const fraction = Math.fround(values[cell] * factor) - whole;
    let up = 0;
    let both = 0;
    for (let i = cell; i < words.length; i += CELLS) {
      up += words[i] - whole;
      if (i + CELLS < words.length) both += (words[i] - whole) * (words[i + CELLS] - whole);
    }
    return { fraction, up, both };
  });
  return { cells };
}

/** χ² with 16 degrees of freedom: above 62 with probability 2.5e-7. */
const HIGHEST = 62;
const ofMeans = ({ cells }: Draws): number =>
  cells.reduce((sum, { fraction: f, up }) => sum + (up - DRAWS * f) ** 2 / (DRAWS * f * (1 - f)), 0);
/** Neighbours are independent: f² of the pairs, with variance f²(1 − f²) + 2f³(1 − f) of overlapping pairs. */
const ofPairs = ({ cells }: Draws): number =>
  cells.reduce((sum, { fraction: f, both }) => {
    const variance = f ** 2 * (1 - f ** 2) + 2 * f ** 3 * (1 - f);
    return sum + (both - (DRAWS - 1) * f ** 2) ** 2 / ((DRAWS - 1) * variance);
  }, 0);

describe('attack 66: rounding at random', () => {
  it('is unbiased and independent from value to value, for 2^20 draws on either side of zero', () => {
    for (const whole of [0, 3, -4]) {
      const draws = draw(engine, whole);
      expect(ofMeans(draws)).toBeLessThan(HIGHEST);
      expect(ofPairs(draws)).toBeLessThan(HIGHEST);
      // And not too good to be random: below 0.9 with probability 3e-9.
      expect(ofMeans(draws)).toBeGreaterThan(0.9);
    }
  });

  it('is caught where it rounds to nearest, leans by 1 %, or uses one random number twice', () => {
    const { memory, rounding } = engine;
    const nearest = planted((out, values, _random, count) => {
      memory.i32(out, count).set(memory.f32(values, count).map(Math.round));
      return 0;
    });
    const leaning = planted((out, values, random, count, bound) => {
      for (const [i, word] of memory.u32(random, count).entries()) memory.u32(random, count)[i] = word * 0.99;
      return rounding.roundAtRandom(out, values, random, count, bound);
    });
    const twice = planted((out, values, random, count, bound) => {
      const words = memory.u32(random, count);
      for (let i = 0; i < count; i++) if (i & CELLS) words[i] = words[i - CELLS];
      return rounding.roundAtRandom(out, values, random, count, bound);
    });
    expect(ofMeans(draw(nearest, 3))).toBeGreaterThan(HIGHEST);
    expect(ofMeans(draw(leaning, 3))).toBeGreaterThan(HIGHEST);
    expect(ofPairs(draw(twice, 3))).toBeGreaterThan(HIGHEST);
  });

  it('makes the error that theory says: Σ f(1 − f), a sixth of a square step a value after rotation', () => {
    const { encoding, ...rotated } = testEncoding(nodePrimitives(), { vectorLength: 100_000, valueBits: 12 }, 7);
    const next = seededWords(8);
    for (const shape of ['gaussian', 'student-t3', 'sparse'] as const) {
      const raw = vectorOf(shape, 100_000, next);
      const norm = normOf(raw) * 1.000001;
      const values = raw.map((value) => value / norm);
      const { words } = rotated.encode(engine, { values });
      const { mean } = rotated.decode(engine, words, 1);
      const error = mean.reduce((sum, value, i) => sum + (value - values[i]) ** 2, 0);
      const expected = 100_000 / 6 / encoding.scale ** 2;
      expect(Math.abs(error / expected - 1)).toBeLessThan(0.03);
    }
  });
});

describe('attack 66: conditional rounding', () => {
  const options = { vectorLength: 4096, valueBits: 3, rounding: 'conditional' } as const;
  /** All zeros for random numbers round every value up: for small values of both signs much too long. */
  const small = vectorOf('gaussian', 4096, seededWords(12)).map((value) => value * 1e-6);

  it('ends, and no vector of words is longer than its bound, which is tighter than that of one draw', () => {
    const conditional = testEncoding(nodePrimitives(), options, 9);
    const stochastic = testEncoding(nodePrimitives(), { ...options, rounding: 'stochastic' }, 9);
    expect(conditional.encoding.largestNorm).toBeLessThan(stochastic.encoding.largestNorm);
    const next = seededWords(10);
    let long = 0;
    for (let i = 0; i < 100; i++) {
      const values = vectorOf('gaussian', 4096, next);
      expect(normOf(conditional.encode(engine, { values }).words)).toBeLessThanOrEqual(
        conditional.encoding.largestNorm,
      );
      if (normOf(stochastic.encode(engine, { values }).words) > conditional.encoding.largestNorm) long++;
    }
    // The condition is one: single draws do break it, but not most of them.
    expect(long).toBeLessThan(50);
  });

  it('draws anew: a first draw that comes out too long is not the one that is given', () => {
    const { encoding, rotation, primitives } = testEncoding(nodePrimitives(), options, 11);
    const nonces: string[] = [];
    const rising = {
      randomBytes: primitives.randomBytes,
      // From the third attempt on, the stream.
      chacha20: (key: Uint8Array, nonce: Uint8Array, counter: number, out: Uint8Array) => {
        nonces.push(nonce.join());
        if (new Set(nonces).size < 3) out.fill(0);
        else primitives.chacha20(key, nonce, counter, out);
      },
    };
    const { words } = encode(engine, rising, encoding, rotation, { values: small });
    expect(new Set(nonces).size).toBeGreaterThanOrEqual(3);
    expect(normOf(words)).toBeLessThanOrEqual(encoding.largestNorm);
  });

  it('gives up on a stream that never changes, and leaves nothing', () => {
    const { encoding, rotation, primitives } = testEncoding(nodePrimitives(), options, 13);
    const into = new Int32Array(encoding.words).fill(1);
    const stuck = {
      randomBytes: primitives.randomBytes,
      chacha20: (_k: Uint8Array, _n: Uint8Array, _c: number, out: Uint8Array) => void out.fill(0),
    };
    expect(() => encode(engine, stuck, encoding, rotation, { values: small, into })).toThrow(ParameterError);
    expect(into.every((word) => word === 0)).toBe(true);
  });
});
