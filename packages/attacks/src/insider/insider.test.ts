import { wasmEngine } from '@sumus/learning/engine';
import { architecture } from '@sumus/learning/model';
import { describe, expect, it } from 'vitest';
import { DIGIT, digits } from '../digits.contract.ts';
import { seededUniform } from '../random/seeded.ts';
import { Generator } from './generator.ts';
import { type InsiderRun, prototypeOf, runInsider } from './index.ts';
import { openSum } from './open-sum.ts';
import { correlation } from './prototype.ts';

const pool = digits(1200);
const pictures = { inputs: pool.inputs, labels: pool.targets };
const run: InsiderRun = {
  pictures,
  shape: DIGIT,
  classes: 10,
  target: 3,
  decoy: 9,
  participants: 5,
  examples: 60,
  rounds: 45,
  protection: 'masks',
  seed: 1,
};

const judge = (samples: Float32Array) => prototypeOf(samples, pictures, { shape: DIGIT, classes: 10 });

describe('an insider', () => {
  it('makes pictures of a class that only the victim has, although all it gets is the opened sum', async () => {
    const rounds: number[] = [];
    const { samples, prototype, targetAccuracy, otherAccuracy } = await runInsider({
      ...run,
      onRound: ({ round }) => rounds.push(round),
    });
    const { nearestClass, correlations } = judge(prototype);
    expect(judge(samples).nearestClass).toBe(3);
    expect(nearestClass).toBe(3);
    expect(correlations[3]).toBeGreaterThan(0.65);
    expect(otherAccuracy).toBeGreaterThan(0.9);
    expect(targetAccuracy).toBeGreaterThan(0.5);
    expect(rounds).toEqual(Array.from({ length: 45 }, (_, i) => i + 1));
  });

  it('makes none of a class that nobody has: what it shows comes from the victim, not from itself', async () => {
    const swapped = {
      inputs: pool.inputs,
      labels: pool.targets.map((label) => (label === 3 ? 4 : label === 4 ? 3 : label)),
    };
    const { prototype } = await runInsider({ ...run, rounds: 35, pictures: swapped });
    // The victim holds fours that are called threes: fours are what comes out.
    expect(judge(prototype).nearestClass).toBe(4);
  });

  it('gets the same model and pictures, to the last bit, with masks and without', async () => {
    const short = { ...run, rounds: 4 };
    const masked = await runInsider(short);
    const open = await runInsider({ ...short, protection: 'none' });
    expect(open).toEqual(masked);
    expect((await runInsider({ ...short, seed: 2 })).weights).not.toEqual(masked.weights);
  });

  it('gets nothing where every participant’s update is clipped and the sum is noisy; nor does anybody else, of five', async () => {
    const noise = { clippingNorm: 1, noiseMultiplier: 1 };
    const { samples, prototype, otherAccuracy } = await runInsider({ ...run, rounds: 15, noise });
    for (const made of [samples, prototype]) expect(Math.max(...judge(made).correlations)).toBeLessThan(0.4);
    expect(otherAccuracy).toBeLessThan(0.8);
  });

  it('is refused without a victim, with too few pictures, or with one class for both purposes', async () => {
    await expect(runInsider({ ...run, participants: 2 })).rejects.toThrow(/are 3, not 2/);
    await expect(runInsider({ ...run, examples: 500 })).rejects.toThrow(/120 pictures of the target/);
    await expect(runInsider({ ...run, decoy: 3 })).rejects.toThrow(/class 3 cannot be/);
  });
});

describe('an opened sum', () => {
  const uniform = seededUniform(2);
  const updates = [0, 1, 2].map(() => Float32Array.from({ length: 50 }, () => uniform() - 0.5));

  it('is the sum, whatever the masks; what the server is sent of one update is not that update', () => {
    const open = openSum(updates, { protection: 'none', uniform: seededUniform(3) });
    const masked = openSum(updates, { protection: 'masks', uniform: seededUniform(3) });
    expect(masked.sum).toEqual(open.sum);
    open.sum.forEach((value, i) => {
      expect(value).toBeCloseTo(
        updates.reduce((sum, one) => sum + one[i]!, 0),
        5,
      );
    });
    expect(masked.firstWords.every((word, i) => word !== open.firstWords[i])).toBe(true);
  });

  it('holds of a clipped update at most its norm, and noise of the stated deviation', () => {
    const large = Float32Array.of(30, 40);
    const noise = { clippingNorm: 2, noiseMultiplier: 0 };
    const { sum } = openSum([large], { protection: 'none', noise, uniform });
    expect([...sum].map((value) => value.toFixed(4))).toEqual(['1.2000', '1.6000']);
    const many = new Float32Array(40_000);
    const noised = openSum([many], { protection: 'none', noise: { ...noise, noiseMultiplier: 0.5 }, uniform }).sum;
    const variance = noised.reduce((squares, value) => squares + value * value, 0) / many.length;
    // Deviation 0.5 · 2; five deviations of the estimate, which 1.2 times as much noise does not meet.
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / many.length));
    expect(() => openSum([large], { protection: 'none', noise: { ...noise, clippingNorm: 0 }, uniform })).toThrow(
      /not 0/,
    );
    expect(() => openSum([], { protection: 'none', uniform })).toThrow(/no updates/);
  });
});

describe('a generator', () => {
  it('learns to satisfy the model it stands before', async () => {
    const engine = await wasmEngine();
    const model = architecture({ input: [784], layers: [{ kind: 'dense', units: 10 }] });
    const options = { shape: DIGIT, seed: 1, learningRate: 3e-3 };
    const generator = new Generator(engine, model, seededUniform(1), options);
    const shared = new Float32Array(7850).map((_, i) => Math.sin(i) / 10);
    const before = generator.train(shared, 4, 1);
    const after = generator.train(shared, 4, 60);
    expect(after).toBeLessThan(before / 2);
    const drawn = generator.draw(3);
    expect(drawn).toHaveLength(3 * 784);
    expect(drawn.every((pixel) => pixel >= 0 && pixel <= 1)).toBe(true);
    const other = architecture({ input: [783], layers: [{ kind: 'dense', units: 10 }] });
    expect(() => new Generator(engine, other, seededUniform(1), options)).toThrow(/flat pictures of 784/);
  });
});

describe('correlation', () => {
  it('is 1 for the same up to scale and offset, −1 for the negative, 0 beside a constant', () => {
    const a = [1, 4, 2, 8];
    expect(
      correlation(
        a,
        a.map((x) => 3 * x + 2),
      ),
    ).toBeCloseTo(1, 12);
    expect(
      correlation(
        a,
        a.map((x) => -x),
      ),
    ).toBeCloseTo(-1, 12);
    expect(correlation(a, [5, 5, 5, 5])).toBe(0);
    expect(() => correlation(a, [1])).toThrow(/4 and 1 numbers/);
  });
});
