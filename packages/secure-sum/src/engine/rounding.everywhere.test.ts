import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from './engine.ts';
import { referenceEngine } from './engine-reference.ts';
import { wasmEngine } from './engine-wasm.ts';
import { normally, seededWords } from './seeded-words.contract.ts';

let engines: readonly Engine[];
beforeAll(async () => {
  engines = [await wasmEngine(), referenceEngine()];
});

const COUNTS = [4, 8, 12, 16, 20, 100, 1000];
const GUARD = new Array(8).fill(0xa5a5a5a5);
const next = seededWords(5);

/** What `work` leaves in a place of `count` words, guards behind it untouched. */
function into({ memory }: Engine, count: number, work: (out: number) => unknown): { out: Int32Array; answer: unknown } {
  const out = memory.allocate(4 * count + 32);
  memory.u32(out, count + 8).fill(0xa5a5a5a5);
  const answer = work(out);
  expect([...memory.u32(out + 4 * count, 8)]).toEqual(GUARD);
  return { out: memory.i32(out, count).slice(), answer };
}

function placed({ memory }: Engine, values: Float32Array | Int32Array | Uint32Array): number {
  const at = memory.allocate(4 * values.length);
  if (values instanceof Float32Array) memory.f32(at, values.length).set(values);
  else memory.i32(at, values.length).set(values);
  return at;
}

/** The same answer of both engines, which is given back. */
function both<Answer>(work: (engine: Engine) => Answer): Answer {
  const [fast, slow] = engines.map((engine) => engine.memory.scope(() => work(engine)));
  expect(fast).toEqual(slow);
  return fast;
}

const someFloat = (scale: number): number => {
  const odd = [0, -0, 1e-45, -1e-45, 1e-10, -1e-10, 0.5, -0.5, 3, -3, 2.9999998];
  return next() % 3 === 0 ? odd[next() % odd.length] : scale * normally(next);
};

describe('norms', () => {
  it('are the same doubles in both engines, and the sum of squares up to rounding', () => {
    for (const count of COUNTS) {
      const values = Float32Array.from({ length: count }, () => someFloat(10 ** ((next() % 20) - 10)));
      const norm = both((engine) => engine.rounding.squaredNorm(placed(engine, values), count));
      const naive = values.reduce((sum, x) => sum + x * x, 0);
      expect(Math.abs(norm - naive)).toBeLessThanOrEqual(1e-13 * naive);
      const words = Int32Array.from({ length: count }, () => next() | 0);
      const ofWords = both((engine) => engine.rounding.squaredNormOfWords(placed(engine, words), count));
      expect(Math.abs(ofWords / words.reduce((sum, x) => sum + x * x, 0) - 1)).toBeLessThanOrEqual(1e-13);
    }
  });

  it('are not finite exactly when a float is not, wherever it stands', () => {
    for (const count of [4, 12, 16]) {
      for (let place = 0; place < count; place++) {
        for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
          const values = new Float32Array(count).fill(3.4e38);
          expect(both((engine) => engine.rounding.squaredNorm(placed(engine, values), count))).toBeLessThan(1e80);
          values[place] = bad;
          const norm = both((engine) => engine.rounding.squaredNorm(placed(engine, values), count));
          expect(Number.isFinite(norm)).toBe(false);
        }
      }
    }
  });
});

describe('rounding at random', () => {
  const round = (values: Float32Array, random: Uint32Array, bound: number) =>
    both((engine) => {
      const [from, words] = [placed(engine, values), placed(engine, random)];
      return into(engine, values.length, (out) =>
        engine.rounding.roundAtRandom(out, from, words, values.length, bound),
      );
    });

  it('gives the same words and the same count of clamped values in both engines', () => {
    for (const count of COUNTS) {
      for (const bound of [1, 3, 127, 32767, 2 ** 22 - 1]) {
        const values = Float32Array.from({ length: count }, () => someFloat(bound / 2));
        const random = Uint32Array.from({ length: count }, () => next());
        const { out, answer } = round(values, random, bound);
        expect(answer).toBe(values.filter((value) => Math.abs(value) > bound).length);
        for (let i = 0; i < count; i++) {
          const inside = Math.max(-bound, Math.min(bound, values[i]));
          expect(Math.abs(out[i] - inside)).toBeLessThan(1 + 2 ** -23);
          expect(Math.abs(out[i])).toBeLessThanOrEqual(bound);
        }
      }
    }
  });

  it('rounds up for exactly the random numbers below the fraction', () => {
    for (const [value, up] of [
      [0.25, 2 ** 22],
      [-0.25, 3 * 2 ** 22],
      [7.5, 2 ** 23],
      [-1 + 2 ** -24, 1],
      [2 ** -24, 1],
      [2 ** -40, 1],
      [0, 0],
      [-5, 0],
    ] as const) {
      // The first number that rounds down, and the last that rounds up; the lowest eight bits do not count.
      const random = Uint32Array.from([up * 256, up * 256 + 255, (up - 1) * 256 + 255, (up - 1) * 256]);
      const { out } = round(new Float32Array(4).fill(value), random, 100);
      const below = Math.floor(value);
      expect([...out]).toEqual(up === 0 ? [below, below, below, below] : [below, below, below + 1, below + 1]);
    }
  });

  it('leaves whole numbers alone up to the largest bound', () => {
    const bound = 2 ** 22 - 1;
    const values = Float32Array.from([bound, -bound, bound - 1, 1 - bound, 0, -0, 1, -1]);
    const random = new Uint32Array(8).map(() => next());
    expect([...round(values, random, bound).out]).toEqual([...values].map((value) => value + 0));
    expect(round(values, random, bound).answer).toBe(0);
    expect(round(values, random, bound - 1).answer).toBe(2);
  });
});

describe('noise within bounds', () => {
  it('is added, or stops at the bound and is counted, whatever is handed in', () => {
    const extremes = [0x7fffffff, -0x80000000, -0x7fffffff, 0, 1, -1];
    for (const count of COUNTS) {
      for (const bound of [1, 127, 2 ** 22 - 1, 2 ** 29 - 1]) {
        const words = Int32Array.from({ length: count }, () => (next() % (2 * bound + 1)) - bound);
        const noise = Int32Array.from({ length: count }, () =>
          next() % 3 === 0 ? extremes[next() % 6] : (next() % (2 * bound + 1)) - bound,
        );
        const { out, answer } = both((engine) => {
          const { memory, rounding } = engine;
          const added = placed(engine, noise);
          return into(engine, count, (at) => {
            memory.i32(at, count).set(words);
            return rounding.addWithin(at, added, count, bound);
          });
        });
        const sums = [...words].map((word, i) => word + noise[i]);
        expect([...out]).toEqual(sums.map((sum) => Math.max(-bound, Math.min(bound, sum))));
        expect(answer).toBe(sums.filter((sum) => Math.abs(sum) > bound).length);
      }
    }
  });
});

describe('words', () => {
  it('have the largest magnitude that stands anywhere, −2^31 included', () => {
    for (const count of [4, 8, 20]) {
      for (let place = 0; place < count; place++) {
        for (const large of [17, -18, 0x7fffffff, -0x7fffffff, -0x80000000]) {
          const words = Int32Array.from({ length: count }, () => (next() % 31) - 15);
          words[place] = large;
          const found = both((engine) => engine.rounding.largestMagnitude(placed(engine, words), count));
          expect(found >>> 0).toBe(Math.abs(large));
        }
      }
    }
  });

  it('become floats to nearest even, as in the language', () => {
    const words = Int32Array.from({ length: 1000 }, (_, i) => (i < 8 ? 2 ** 24 - 4 + i : next() | 0));
    const floats = both((engine) => {
      const from = placed(engine, words);
      return into(engine, words.length, (out) => engine.rounding.wordsToFloats(out, from, words.length)).out;
    });
    expect(new Float32Array(floats.buffer)).toEqual(Float32Array.from(words));
  });
});
