import { describe, expect, it } from 'vitest';
import { DIGIT, digits, PIXELS } from '../digits.contract.ts';
import { seededUniform, shuffledFrom } from '../random/seeded.ts';
import { type AttackName, attackNames, type LabelledPictures, runTrial, type TrialSetting } from './index.ts';

const COUNT = 240;
const known = digits(800, 300).inputs;

/** Digits in an order that follows from a seed: not of all classes in turn. */
const pictures: LabelledPictures = (() => {
  const all = digits(COUNT, 60);
  const inputs = new Float32Array(COUNT * PIXELS);
  const labels = shuffledFrom(COUNT, seededUniform(4)).map((from, to) => {
    inputs.set(all.inputs.subarray(from * PIXELS, (from + 1) * PIXELS), to * PIXELS);
    return all.targets[from]!;
  });
  return { inputs, labels };
})();

const one: TrialSetting = { seen: 'update', batch: 1, participants: 1 };

function trial(
  attack: AttackName,
  setting: TrialSetting,
  more: { readonly units?: number; readonly steps?: number } = {},
) {
  const units = attack === 'imprint' ? 400 : 128;
  return runTrial({ attack, setting, shape: DIGIT, classes: 10, pictures, seed: 5, known, units, steps: 100, ...more });
}

describe('a trial', () => {
  it.each(attackNames)(
    'by %s recovers a digit from an update of one, and not from the same update sealed',
    async (attack) => {
      const clear = await trial(attack, one);
      expect(clear.meanSsim).toBeGreaterThan(0.9);
      expect([...clear.leakedLabels]).toEqual([pictures.labels[0]]);
      const sealed = await trial(attack, { ...one, seen: 'sealed' });
      expect(sealed.exactShare).toBe(0);
      expect(sealed.meanSsim).toBeLessThan(0.2);
    },
  );

  it.each(attackNames)('by %s recovers nothing under noise of multiplier 1', async (attack) => {
    const noised = await trial(attack, { ...one, noise: { clippingNorm: 1, noiseMultiplier: 1 } }, { steps: 40 });
    expect(noised.exactShare).toBe(0);
    expect(noised.meanSsim).toBeLessThan(0.2);
  });

  it('shows what batches hide from whom: much from a server that looks, little from one that imprints', async () => {
    const settings: readonly TrialSetting[] = [
      { ...one, batch: 8 },
      { ...one, batch: 100 },
      { seen: 'sum', batch: 8, participants: 30 },
    ];
    const shares = async (attack: AttackName, more: { readonly units?: number }): Promise<number[]> =>
      Promise.all(settings.map(async (setting) => (await trial(attack, setting, more)).exactShare));
    const [eight, hundred, sum] = await shares('quotients', {});
    expect(eight).toBeGreaterThan(0.5);
    expect(hundred).toBeLessThan(0.1);
    expect(sum).toBeLessThan(0.05);
    // Of 400 bins (1 − 1/400)^(B − 1) would lie alone: 98 %, 78 % and 55 %.
    const [eightImprinted, hundredImprinted, sumImprinted] = await shares('imprint', { units: 400 });
    expect(eightImprinted).toBeGreaterThanOrEqual(0.75);
    expect(hundredImprinted).toBeGreaterThan(0.6);
    expect(sumImprinted).toBeGreaterThan(0.35);
  });

  it('is not stopped by clipping alone', async () => {
    const clipped = { ...one, noise: { clippingNorm: 0.1, noiseMultiplier: 0 } };
    expect((await trial('quotients', clipped)).exactShare).toBe(1);
    expect((await trial('cosine', clipped)).meanSsim).toBeGreaterThan(0.9);
    expect((await trial('deepLeakage', clipped)).meanSsim).toBeGreaterThan(0.9);
  });

  it('follows from its seed alone, reports a search’s steps, and looks for no more than it is told', async () => {
    const steps: number[] = [];
    const run = (seed: number) =>
      runTrial({
        attack: 'cosine',
        setting: { ...one, batch: 4 },
        shape: DIGIT,
        classes: 10,
        pictures,
        seed,
        steps: 3,
        mostGuesses: 2,
        onProgress: ({ step }) => steps.push(step),
      });
    const [a, b, c] = [await run(1), await run(1), await run(2)];
    expect(b).toEqual(a);
    expect(c.distance).not.toBe(a.distance);
    expect(a.candidateCount).toBe(2);
    expect(a.pictures).toHaveLength(4);
    expect(steps).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3]);
  });

  it('is refused without enough pictures, without known pictures to imprint by, and for settings that are none', async () => {
    await expect(trial('quotients', { ...one, batch: COUNT + 1 })).rejects.toThrow(/labels for 241 pictures/);
    await expect(trial('quotients', { ...one, batch: 0 })).rejects.toThrow(/batch is a positive integer, not 0/);
    const unknown = { attack: 'imprint', setting: one, shape: DIGIT, classes: 10, pictures, seed: 1 } as const;
    await expect(runTrial(unknown)).rejects.toThrow(/needs known pictures/);
    const negative = { ...one, noise: { clippingNorm: 1, noiseMultiplier: -1 } };
    await expect(trial('quotients', negative)).rejects.toThrow(/must not be negative/);
  });
});
