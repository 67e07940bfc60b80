// The promises of input-bounds.ts, held against encodings and sums; decode() against any words at all.
import { nodePrimitives } from '@sumus/platform/node';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Engine, wasmEngine } from '../engine/index.ts';
import { runsWhole, seededWords } from '../engine/seeded-words.contract.ts';
import { MalformedMessage } from '../errors.ts';
import { type NormProver, type NormVerifier, normStatement, worstNormWithinRange, worstShiftOfMean } from './index.ts';
import { contextAt, normOf, SHAPES, sumOf, testEncoding, vectorOf } from './seeded-encodings.contract.ts';

const platform = nodePrimitives();
let engine: Engine;
beforeAll(async () => {
  engine = await wasmEngine();
});

describe('who keeps to the program', () => {
  it('has words within the range, and a norm within the bound that differential privacy counts on', () => {
    const next = seededWords(1);
    for (const options of [{ valueBits: 16 }, { valueBits: 4 }, { valueBits: 4, rounding: 'conditional' }] as const) {
      for (const vectorLength of [16, 100, 1000, 5000]) {
        const { encoding, ...test } = testEncoding(platform, { ...options, vectorLength });
        for (const shape of SHAPES) {
          const { words } = test.encode(engine, { values: vectorOf(shape, vectorLength, next).map((x) => 1000 * x) });
          expect(normOf(words)).toBeLessThanOrEqual(encoding.largestNorm);
          expect(words.every((word) => Math.abs(word) <= encoding.largestWord)).toBe(true);
        }
      }
    }
  });
});

describe('who does not', () => {
  it('reaches κ√d clips with words in range, about ten for a long vector', () => {
    const { encoding } = testEncoding(platform, { vectorLength: 1_000_000 });
    expect(worstNormWithinRange(encoding)).toBeGreaterThan(10);
    expect(worstNormWithinRange(encoding)).toBeLessThan(11);
    const { encoding: short, ...test } = testEncoding(platform, { vectorLength: 512 });
    const largest = new Int32Array(short.words).fill(short.largestWord);
    const silent = new Array<Int32Array>(19).fill(new Int32Array(short.words));
    const { mean } = test.decode(engine, sumOf([largest, ...silent], 23), 20);
    expect(Math.abs((20 * normOf(mean)) / worstNormWithinRange(short) - 1)).toBeLessThan(1e-3);
  });

  it('moves a mean by up to two clips, and not by more: then the sum is refused', () => {
    const { encoding, ...test } = testEncoding(platform, { vectorLength: 1000 });
    const contributors = 20;
    const honest = vectorOf('gaussian', 1000, seededWords(2));
    const words = Array.from(
      { length: contributors - 1 },
      () => test.encode(engine, { values: honest.map((x) => 10 * x) }).words,
    );
    const clean = test.decode(engine, sumOf(words, 23), contributors).mean;
    const towards = (clips: number): Int32Array => {
      const { words: unit } = test.encode(engine, { values: honest.map((x) => -10 * x) });
      return unit.map((word) => Math.round(word * clips));
    };
    // Against 19 clips of the others: 39 of its own leave 20.
    const { mean } = test.decode(engine, sumOf([...words, towards(38.9)], 23), contributors);
    const shift = normOf(mean.map((value, i) => value - clean[i]));
    expect(shift).toBeGreaterThan(1.9);
    expect(shift).toBeLessThanOrEqual(worstShiftOfMean(encoding, contributors));
    expect(() => test.decode(engine, sumOf([...words, towards(41)], 23), contributors)).toThrow(MalformedMessage);
  });
});

describe('decode', () => {
  it('takes any words for a sum of finite numbers, or refuses them', () => {
    const test = testEncoding(platform, {
      vectorLength: 20,
      maximumWeight: 1000,
      maximumSquaredNorm: 4,
      counters: [{ name: 'positive', maximum: 20 }],
    });
    const listOf = (word: fc.Arbitrary<number>): fc.Arbitrary<number[]> =>
      fc.array(word, { minLength: test.encoding.words, maxLength: test.encoding.words });
    const anything = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    const words = fc.oneof(
      listOf(anything),
      listOf(fc.oneof(anything, fc.constant(0))),
      listOf(fc.integer({ min: 0, max: 60 })),
    );
    let decoded = 0;
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 100 }), (list, contributors) => {
        try {
          const { mean, totalWeight, squaredNorms, counts } = test.decode(engine, Int32Array.from(list), contributors);
          expect(mean.every(Number.isFinite)).toBe(true);
          expect(totalWeight).toBeGreaterThanOrEqual(contributors);
          expect(totalWeight).toBeLessThanOrEqual(1000 * contributors);
          expect(squaredNorms).toBeGreaterThanOrEqual(0);
          expect(counts['positive']).toBeLessThanOrEqual(20 * contributors);
          decoded++;
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedMessage);
        }
      }),
      { seed: 3, numRuns: runsWhole() ? 200_000 : 2000 },
    );
    expect(decoded).toBeGreaterThan(0);
  });
});

describe('attack 73: what an encoding leaves in memory', () => {
  it('is zeros: vector, random words and rounded words are gone from the engine, also after a refusal', () => {
    const { memory } = engine;
    const test = testEncoding(platform, { vectorLength: 70_000, noise: { name: 'stand-in', variance: 4 } });
    const everything = (): boolean =>
      memory.scope(() => memory.u8(16, memory.allocate(800_000) + 800_000 - 16).every((byte) => byte === 0));
    memory.secretScope(() => memory.allocate(2_000_000));
    const values = new Float32Array(70_000).fill(0.01);
    const noise = { stddev: 2, sampleInto: (out: Int32Array) => void out.fill(1) };
    test.encode(engine, { values, noise });
    expect(everything()).toBe(true);
    values[5] = Number.NaN;
    expect(() => test.encode(engine, { values, noise })).toThrow();
    expect(everything()).toBe(true);
    // The check sees what is left: decoding is public and leaves its words.
    const words = new Int32Array(test.encoding.words).fill(1);
    test.decode(engine, words, 1);
    expect(everything()).toBe(false);
  });
});

describe('the place of a norm proof', () => {
  it('can be filled: a prover and two verifiers that see everything fit its types', async () => {
    const { encoding, primitives, ...test } = testEncoding(platform, { vectorLength: 64 });
    const statement = normStatement(contextAt(primitives, 1), encoding);
    const bytesOf = (words: Int32Array): Uint8Array => new Uint8Array(words.buffer.slice(0));
    // No proof at all: the first share is the vector, the second is zeros.
    const insecureProver: NormProver = {
      split: async ({ words: count }, words) => ({ first: bytesOf(words), second: bytesOf(new Int32Array(count)) }),
    };
    const insecureVerifier = (server: 'first' | 'second'): NormVerifier<Int32Array> => ({
      server,
      begin: async (_, share) => ({ state: new Int32Array(share.slice().buffer), message: share }),
      decide: async (state, message) => {
        const whole = sumOf([state, new Int32Array(message.slice().buffer)], 32);
        return normOf(whole) <= statement.largestNorm
          ? { kind: 'accepted', share: state }
          : { kind: 'refused', reason: 'too long' };
      },
    });
    const verdictOn = async (words: Int32Array): Promise<readonly string[]> => {
      const shares = await insecureProver.split(statement, words);
      const [a, b] = [insecureVerifier('first'), insecureVerifier('second')];
      const [ofA, ofB] = [await a.begin(statement, shares.first), await b.begin(statement, shares.second)];
      return [(await a.decide(ofA.state, ofB.message)).kind, (await b.decide(ofB.state, ofA.message)).kind];
    };
    const honest = test.encode(engine, { values: new Float32Array(64).fill(9) }).words;
    expect(await verdictOn(honest)).toEqual(['accepted', 'accepted']);
    expect(await verdictOn(honest.map(() => encoding.largestWord))).toEqual(['refused', 'refused']);
  });
});
