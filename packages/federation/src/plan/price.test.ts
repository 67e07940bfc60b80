import { renyiEpsilon, tightestEpsilon } from '@sumus/differential-privacy/accountants';
import { under } from '@sumus/differential-privacy/mechanisms';
import { describe, expect, it } from 'vitest';
import { withLeastNoise } from './calibration.ts';
import type { CentralPrivacy, Plan } from './plan.ts';
import { epsilonAfter, priceOfRound, roundsWithinBudget, sparseVectorEpsilon } from './price.ts';
import { oneRoundPlan, samplePlan } from './sample-plans.contract.ts';
import { contributionsInSum, noiseOf, unitNormOf, vectorLengthOf, wordEncodingOf } from './sums.ts';

const records = (): Plan => samplePlan({ epsilon: 3 });
const participants = (): Plan => samplePlan({ epsilon: 8, unit: 'participant' });
const central = (plan: Plan, changes: Partial<CentralPrivacy>): Plan => {
  if (plan.privacy.kind !== 'central') throw new Error('no central privacy');
  return { ...plan, privacy: { ...plan.privacy, ...changes } };
};
const epsilonOf = (plan: Plan, rounds: number): number => {
  const answer = epsilonAfter(plan, rounds);
  if (answer?.kind !== 'bound') throw new Error('no bound');
  expect(answer.sound).toBe(true);
  return answer.epsilon;
};

/** A Skellam is drawn up to a variance of 2^32 only. */
const withBits = (plan: Plan, valueBits: number): Plan => ({ ...plan, encoding: { ...plan.encoding, valueBits } });

describe('the price of a round', () => {
  it.each([
    ['records', records()],
    ['records, Skellam', withBits(central(records(), { noise: 'skellam' }), 20)],
    ['participants', participants()],
    ['one round', oneRoundPlan()],
  ])('is never below that of the continuous Gaussian with the same multiplier: %s', (_, plan) => {
    if (plan.privacy.kind !== 'central') throw new Error('no central privacy');
    const { adjacency, unit, noiseMultiplier, amplification } = plan.privacy;
    const mechanisms = under({ adjacency, unit });
    const gaussian = mechanisms.gaussian({ noiseMultiplier });
    const inner =
      amplification.by === 'own-batches'
        ? mechanisms.poissonSampled({ inner: gaussian, samplingRate: 0.05 })
        : gaussian;
    const ideal = tightestEpsilon([mechanisms.repetition({ inner, count: 20 })], 1e-6);
    if (ideal.kind !== 'bound') throw new Error(ideal.reason);
    const charged = epsilonOf(plan, 20);
    expect(charged).toBeGreaterThanOrEqual(ideal.epsilon);
    // Not absurdly above either: rounding and Rényi cost some.
    const renyi = renyiEpsilon([mechanisms.repetition({ inner, count: 20 })], 1e-6);
    expect(renyi.kind === 'bound' && charged / renyi.epsilon).toBeLessThan(1.6);
  });

  it('has none where no sampler draws noise on so fine a grid', () => {
    const skellam = central(records(), { noise: 'skellam' });
    expect(() => priceOfRound(withBits(skellam, 22))).toThrow('fewer valueBits');
    expect(() => priceOfRound(withBits(central(records(), {}), 22))).not.toThrow();
  });

  it('doubles what one unit moves when units are replaced', () => {
    const added = priceOfRound(participants());
    const replaced = priceOfRound(central(participants(), { adjacency: 'replace-one' }));
    if (added?.kind !== 'distributedDiscreteGaussian' || replaced?.kind !== 'distributedDiscreteGaussian') {
      throw new Error('another mechanism');
    }
    const rounding = Math.sqrt(added.dimension) * added.gridStep;
    expect(replaced.l2Sensitivity).toBeCloseTo(2 * added.l2Sensitivity + rounding, 9);
  });

  it('is not discounted for a cohort that the server sees', () => {
    const plan = { ...participants(), exchange: { ...participants().exchange, cohort: { kind: 'sampled', size: 9 } } };
    const cohort = central(plan as Plan, { amplification: { by: 'cohort', against: 'outsiders' } });
    const nothing = central(plan as Plan, { amplification: { by: 'nothing' } });
    expect(priceOfRound(cohort)).toEqual(priceOfRound(nothing));
  });

  it('is discounted for own batches, at their rate', () => {
    expect(epsilonOf(records(), 20)).toBeLessThan(
      epsilonOf(central(records(), { amplification: { by: 'nothing' } }), 20) / 5,
    );
  });

  it('of the sparse vector technique is that of all uploads', () => {
    const plan: Plan = {
      ...samplePlan({ uploadFraction: 0.1 }),
      privacy: {
        kind: 'sparse-vector',
        unit: 'participant',
        adjacency: 'replace-one',
        delta: 1e-6,
        epsilonAtMost: 1e6,
        epsilonPerUpload: 1,
        threshold: 0,
      },
    };
    // 785 of 7850.
    expect(sparseVectorEpsilon(plan)).toBe(785);
    expect(epsilonOf(plan, 1)).toBeCloseTo(785, 3);
  });

  it('is nothing where nothing is promised', () => {
    expect(priceOfRound(samplePlan())).toBeUndefined();
    expect(epsilonAfter(samplePlan(), 5)).toBeUndefined();
  });
});

const local = (): Plan => ({
  ...samplePlan({ schedule: 'round-robin', protection: 'one-shot', epsilon: 8, unit: 'participant' }),
  privacy: {
    kind: 'local',
    unit: 'participant',
    adjacency: 'replace-one',
    delta: 1e-6,
    epsilonAtMost: 100,
    noiseMultiplier: 2,
    clippingNorm: 1,
  },
});

describe('the noise of a sum', () => {
  it.each([records(), participants(), central(participants(), { corruptContributors: 8 }), oneRoundPlan(), local()])(
    'is all there when the fewest contribute and the corrupt give theirs away',
    (plan) => {
      const planned = noiseOf(plan);
      const { noise, scale, maximumContributors } = wordEncodingOf(plan);
      if (noise === undefined || planned === undefined) throw new Error('no noise');
      const { privacy } = plan;
      const { fewest, most } = contributionsInSum(plan);
      const honest = privacy.kind === 'central' ? fewest - privacy.corruptContributors : 1;
      const made = Math.sqrt(noise.variance * honest) / scale;
      expect(made).toBeGreaterThanOrEqual(planned.stddev * (1 - 1e-12));
      expect(made).toBeLessThan(planned.stddev * 1.001);
      // And what is promised is the multiple of what one unit can move.
      if (privacy.kind === 'none' || privacy.kind === 'sparse-vector') throw new Error('no noise');
      expect(planned.stddev).toBeCloseTo(privacy.noiseMultiplier * unitNormOf(plan), 12);
      expect(maximumContributors).toBe(most);
    },
  );

  it('is priced for one contribution by itself where it is local', () => {
    const price = priceOfRound(local());
    if (price?.kind !== 'distributedDiscreteGaussian') throw new Error('another mechanism');
    expect(price.participantCount).toBe(1);
    expect(price.localStddev).toBe(2);
    // Two contributions of norm 1 differ by 2: a multiplier of 1, and so of ε ≈ 5 a round.
    expect(epsilonOf(local(), 1)).toBeGreaterThan(4.8);
  });

  it("is measured by a record's one step: clip, learning rate and public divisor", () => {
    expect(unitNormOf(records())).toBeCloseTo((1 * 0.05) / 10, 15);
    expect(unitNormOf(participants())).toBe(1);
  });
});

describe('a budget', () => {
  it('is kept by the least noise, and not by one per cent less', () => {
    const plan = withLeastNoise(records());
    if (plan.privacy.kind !== 'central') throw new Error('no central privacy');
    expect(epsilonOf(plan, 20)).toBeLessThanOrEqual(3);
    const less = central(plan, { noiseMultiplier: plan.privacy.noiseMultiplier * 0.99 });
    expect(epsilonOf(less, 20)).toBeGreaterThan(3);
  });

  it('pays for as many rounds as it says and for none more', () => {
    const plan = central(records(), { noiseMultiplier: 1, epsilonAtMost: 2.5 });
    const rounds = roundsWithinBudget(plan);
    expect(rounds).toBeGreaterThan(0);
    expect(rounds).toBeLessThan(20);
    expect(epsilonOf(plan, rounds)).toBeLessThanOrEqual(2.5);
    expect(epsilonOf(plan, rounds + 1)).toBeGreaterThan(2.5);
    expect(roundsWithinBudget(samplePlan())).toBe(20);
    expect(roundsWithinBudget(central(participants(), { noiseMultiplier: 0.3, epsilonAtMost: 0.1 }))).toBe(0);
  });

  it('refuses noise that nothing can make small enough', () => {
    expect(() => withLeastNoise(central(participants(), { epsilonAtMost: 1e-4 }))).toThrow();
  });
});

it('sums as many numbers as are shared', () => {
  expect(vectorLengthOf(samplePlan())).toBe(7850);
  expect(vectorLengthOf(oneRoundPlan())).toBe((60 * 61) / 2 + 600);
  const half = { ...samplePlan(), sharing: { ...samplePlan().sharing, support: { kind: 'random', fraction: 0.5 } } };
  expect(vectorLengthOf(half as Plan)).toBe(3925);
});
