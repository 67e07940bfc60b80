// Attack 78: what noise is left after the most dropouts; and noise that is not what was declared.
import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Engine, wasmEngine } from '../engine/index.ts';
import { seededWords } from '../engine/seeded-words.contract.ts';
import { ParameterError } from '../errors.ts';
import { type NoiseSampler, participantNoiseVariance } from './index.ts';
import { sumOf, testEncoding, thrownBy } from './seeded-encodings.contract.ts';

const platform = nodePrimitives();
let engine: Engine;
beforeAll(async () => {
  engine = await wasmEngine();
});

const sampler = (stddev: number, draw: () => number): NoiseSampler => ({
  stddev,
  sampleInto: (out) => out.set(out.map(draw)),
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
      expect(thrownBy(() => participantNoiseVariance(1, { fewestContributors: fewest, corrupt }))).toBeInstanceOf(
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
    expect(thrownBy(() => noisy.encode(engine, { values }))).toBeInstanceOf(ParameterError);
    for (const stddev of [4.9, 0, 6, Number.NaN]) {
      expect(thrownBy(() => noisy.encode(engine, { values, noise: sampler(stddev, () => 0) }))).toBeInstanceOf(
        ParameterError,
      );
    }
    // A sampler that fails half-way leaves no words without noise behind.
    const into = new Int32Array(noisy.encoding.words).fill(7);
    const failing = sampler(5, () => {
      throw new Error('planted');
    });
    expect(
      thrownBy(() => noisy.encode(engine, { values: values.map(() => 0.01), noise: failing, into })),
    ).toMatchObject({
      message: 'planted',
    });
    expect(into.every((word) => word === 0)).toBe(true);
    expect(thrownBy(() => silent.encode(engine, { values, noise: sampler(5, () => 0) }))).toBeInstanceOf(
      ParameterError,
    );
    const wild = noisy.encode(engine, { values, noise: sampler(5, () => 0x7fffffff) });
    expect(wild).toMatchObject({ clampedWords: noisy.encoding.windows.length, alarming: true });
    expect(wild.words.every((word) => word === noisy.encoding.largestWord)).toBe(true);
    expect(thrownBy(() => testEncoding(platform, { noise: { name: 'skellam', variance: 1e12 } }))).toBeInstanceOf(
      ParameterError,
    );
  });
});
