import { wasmEngine } from '@sumus/learning/engine';
import { architecture, initialWeights } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';
import { describe, expect, it } from 'vitest';
import { digits } from '../digits.contract.ts';
import { normalFrom, seededUniform } from '../random/seeded.ts';
import { type MembershipTrial, membershipTrial } from './index.ts';
import { likelihoodRatios } from './lira.ts';
import { areaUnderRates, ratesAt } from './rates.ts';
import { ShadowModel } from './shadow-model.ts';

const { inputs, targets: labels } = digits(200);
const model = architecture({
  input: [784],
  layers: [{ kind: 'dense', units: 32 }, { kind: 'relu' }, { kind: 'dense', units: 10 }],
});
const trial: MembershipTrial = {
  model,
  examples: { inputs, labels },
  models: 12,
  training: { steps: 120, batch: 20, optimiser: { kind: 'adamW', learningRate: 3e-3, weightDecay: 0 } },
  seed: 1,
};

describe('membership inference by likelihood ratios', () => {
  it('finds members of models that learnt digits by heart, at one false accusation in a hundred', async () => {
    const models: number[] = [];
    const found = await membershipTrial({ ...trial, onModel: (done) => models.push(done) });
    const [, atOnePercent] = found.rates;
    expect(atOnePercent?.falsePositiveRate).toBe(0.01);
    expect(atOnePercent?.truePositiveRate).toBeGreaterThan(0.15);
    expect(found.areaUnderRates).toBeGreaterThan(0.8);
    expect(found.seenAccuracy).toBeGreaterThan(found.unseenAccuracy + 0.1);
    expect([found.members, found.others]).toEqual([1200, 1200]);
    expect(models).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(await membershipTrial(trial)).toEqual(found);
  });

  it('finds next to none where the training was noisy', async () => {
    const noise = { clippingNorm: 1, noiseMultiplier: 4 };
    const found = await membershipTrial({ ...trial, training: { ...trial.training, steps: 40, noise } });
    expect(found.rates[1]?.truePositiveRate).toBeLessThan(0.05);
    expect(Math.abs(found.areaUnderRates - 0.5)).toBeLessThan(0.06);
  });

  it('finds none among models that were not trained: nothing leaks from the bookkeeping', async () => {
    const found = await membershipTrial({ ...trial, training: { ...trial.training, steps: 0 } });
    // Deviation of the area for 1,200 and 1,200 scores: below 0.012 were they independent.
    expect(Math.abs(found.areaUnderRates - 0.5)).toBeLessThan(0.06);
    expect(found.rates[1]?.truePositiveRate).toBeLessThan(0.05);
  });

  it('is refused with too few models, or batches larger than what a model sees', async () => {
    await expect(membershipTrial({ ...trial, models: 3 })).rejects.toThrow(/needs 4/);
    const training = { ...trial.training, batch: 300 };
    await expect(membershipTrial({ ...trial, training })).rejects.toThrow(/batches of 300/);
  });
});

describe('a likelihood ratio', () => {
  it('is that of two normal distributions fitted to the other models, as computed term by term', () => {
    const normal = normalFrom(seededUniform(3));
    const [models, count] = [6, 4];
    const seen = Uint8Array.from({ length: models * count }, (_, i) => ((i % models) + Math.floor(i / models)) % 2);
    const confidences = Array.from({ length: models }, () => Float64Array.from({ length: count }, normal));
    const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
    const sideOf = (place: number, side: number, but = -1): number[] =>
      confidences.flatMap((of, one) => (one !== but && seen[place * models + one] === side ? [of[place]!] : []));
    const variance = (side: number): number => {
      const parts = [0, 1, 2, 3].map((place) => sideOf(place, side));
      const squares = parts.flatMap((own) => own.map((x) => (x - mean(own)) ** 2));
      return squares.reduce((sum, x) => sum + x, 0) / parts.reduce((sum, own) => sum + own.length - 1, 0);
    };
    const density = (x: number, m: number, v: number): number =>
      Math.exp(-((x - m) ** 2) / (2 * v)) / Math.sqrt(2 * Math.PI * v);
    const scores = likelihoodRatios(confidences, seen);
    for (let place = 0; place < count; place++) {
      for (let one = 0; one < models; one++) {
        const x = confidences[one]![place]!;
        const [inside, outside] = [1, 0].map((side) => density(x, mean(sideOf(place, side, one)), variance(side)));
        expect(scores[place * models + one]).toBeCloseTo(Math.log(inside! / outside!), 9);
      }
    }
  });

  it('stands on log(p/(1 − p)) of the label', async () => {
    const shadow = new ShadowModel(await wasmEngine(), model, trial.training);
    const first = initialWeights(model, 3);
    const all = Array.from(labels, (_, i) => i);
    shadow.train({ inputs, labels }, all, { first, seed: 5, rate: 0.1 });
    const found = shadow.opinions({ inputs, labels });
    // The same training by another hand gives the network that the numbers are of.
    const again = new ShadowModel(await wasmEngine(), model, { ...trial.training, steps: 0 });
    again.train({ inputs, labels }, all, { first, seed: 5, rate: 0.1 });
    const untrained = new Network(await wasmEngine(), model, { seed: 3, maxBatch: 200 });
    const outputs = untrained.predict(inputs);
    again.opinions({ inputs, labels }).confidences.forEach((value, i) => {
      const row = Array.from(outputs.subarray(i * 10, i * 10 + 10), Math.exp);
      const p = row[labels[i]!]! / row.reduce((sum, x) => sum + x, 0);
      expect(value).toBeCloseTo(Math.log(p / (1 - p)), 4);
    });
    expect(found.right.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(180);
  });
});

describe('rates', () => {
  const scores = Float64Array.of(9, 8, 7, 6, 5, 5, 4, 3);
  const members = Uint8Array.of(1, 1, 0, 1, 1, 0, 0, 0);

  it('are the members above the best threshold that accuses no more others than allowed', () => {
    const found = ratesAt({ scores, members }, [0, 0.25, 0.5, 1]).map(({ truePositiveRate }) => truePositiveRate);
    // The two at 5 fall together: one of them may not be accused without the other.
    expect(found).toEqual([0.5, 0.75, 1, 1]);
  });

  it('have the area of a count over all pairs', () => {
    let wins = 0;
    for (const [i, a] of scores.entries()) {
      for (const [j, b] of scores.entries()) {
        if (members[i] === 1 && members[j] === 0) wins += a > b ? 1 : a === b ? 0.5 : 0;
      }
    }
    expect(areaUnderRates({ scores, members })).toBeCloseTo(wins / 16, 12);
    expect(() => areaUnderRates({ scores, members: new Uint8Array(8) })).toThrow(/members and others/);
    expect(() => ratesAt({ scores, members: new Uint8Array(7) }, [0])).toThrow(/8 scores for 7/);
  });
});
