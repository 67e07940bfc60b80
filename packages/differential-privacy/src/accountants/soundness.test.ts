// No accountant reports less than the truth, and the suite that says so finds the accountants that do: planted breaks.
import { describe, expect, it } from 'vitest';
import { leavesOf, pairsOf } from '../losses/dominating-pairs.ts';
import { under } from '../mechanisms/constructors.ts';
import type { Mechanism } from '../mechanisms/mechanism.ts';
import type { Answer } from './answer.ts';
import { concentratedEpsilon } from './concentrated.ts';
import { contourEpsilon } from './contour.ts';
import { exactEpsilon } from './exact.ts';
import { gaussianApproximation } from './gaussian-approximation.ts';
import { type Accountant, knownAnswers, overstated, understated } from './known-answers.contract.ts';
import { type GridLimits, lossDistributionEpsilon } from './loss-distribution.ts';
import { renyiEpsilon } from './renyi.ts';
import { tightestEpsilon } from './tightest.ts';

const unanswered: Answer = { kind: 'refused', accountant: 'loss distribution', reason: 'not with this grid' };

/** On grids coarse enough for a quick test: whatever the grid, the bounds must be bounds. */
const onGrid =
  (limits: GridLimits): Accountant =>
  (history, delta) => {
    let [lower, epsilon] = [0, 0];
    for (const direction of ['remove', 'add'] as const) {
      const parts = leavesOf(history).map(({ mechanism, count }) => ({ law: pairsOf(mechanism)![direction], count }));
      const interval = lossDistributionEpsilon(parts, delta, limits);
      if (interval === undefined) return unanswered;
      lower = Math.max(lower, interval.lower);
      epsilon = Math.max(epsilon, interval.upper);
    }
    return {
      ...unanswered,
      kind: 'bound',
      epsilon,
      delta,
      lower,
      adjacency: 'add-remove',
      unit: 'record',
      sound: true,
    };
  };
const lossDistribution: Accountant = onGrid({ largestLength: 2 ** 15, gridError: 3e-4, mayBeCoarse: true });
const coarseGrid: Accountant = onGrid({ largestLength: 2 ** 11, gridError: 3e-2, mayBeCoarse: true });
const contour: Accountant = (history, delta) => exactEpsilon(history, delta, ['contour']);

describe('every accountant', () => {
  it.each([
    ['the tightest', tightestEpsilon],
    ['contour integration', contour],
    ['the loss distribution', lossDistribution],
    ['the loss distribution on a coarse grid', coarseGrid],
    ['Rényi', renyiEpsilon],
    ['zCDP', concentratedEpsilon],
  ] as const)('%s: never below a known answer', (_name, accountant) => {
    expect(understated(accountant)).toEqual([]);
  });

  it('the tightest: within 5 in 10,000 of every known answer', () => {
    expect(overstated(tightestEpsilon, 5e-4)).toEqual([]);
  });

  it('the exact ones: their lower bounds are never above a known answer', () => {
    for (const { name, history, delta, epsilon, uncertainty } of knownAnswers) {
      for (const accountant of [exactEpsilon, contour, lossDistribution, coarseGrid]) {
        const answer = accountant(history, delta);
        if (answer.kind === 'refused') continue;
        expect({ name, holds: (answer.lower ?? 0) <= (epsilon + uncertainty) * (1 + 2e-8) }).toEqual({
          name,
          holds: true,
        });
      }
    }
  });

  it('contour and loss distribution, which share no step, agree as intervals where both answer', () => {
    let compared = 0;
    for (const { name, history, delta } of knownAnswers) {
      const [a, b] = [contour(history, delta), lossDistribution(history, delta)];
      if (a.kind === 'refused' || b.kind === 'refused') continue;
      compared += 1;
      const overlap = (a.lower ?? 0) <= b.epsilon && (b.lower ?? 0) <= a.epsilon;
      expect({ name, overlap }).toEqual({ name, overlap: true });
    }
    expect(compared).toBeGreaterThan(12);
  });
});

describe('a lattice beside something smooth that happens too seldom to blur it', () => {
  it('is not taken for smooth: the transform of a lattice comes back', () => {
    const m = under({ adjacency: 'add-remove', unit: 'record' });
    const response = m.repetition({ inner: m.randomizedResponse({ randomness: 0.9, categories: 2 }), count: 1000 });
    const seldom = m.poissonSampled({ inner: m.gaussian({ noiseMultiplier: 2 }), samplingRate: 1e-6 });
    const alone = exactEpsilon([response], 1e-6);
    const both = exactEpsilon([response, seldom], 1e-6);
    if (alone.kind === 'refused' || both.kind === 'refused') throw new Error('no answer');
    expect(both.epsilon).toBeGreaterThanOrEqual(alone.lower ?? 0);
    expect(both.epsilon).toBeLessThanOrEqual(alone.epsilon * 1.0005);
  });
});

describe('planted breaks', () => {
  const withNoise = (mechanism: Mechanism, factor: number): Mechanism => {
    const m = under({ adjacency: mechanism.adjacency, unit: mechanism.unit });
    switch (mechanism.kind) {
      case 'gaussian':
        return m.gaussian({ noiseMultiplier: mechanism.noiseMultiplier * factor });
      case 'laplace':
        return m.laplace({ scaleMultiplier: mechanism.scaleMultiplier * factor });
      case 'poissonSampled':
        return m.poissonSampled({ inner: withNoise(mechanism.inner, factor), samplingRate: mechanism.samplingRate });
      case 'repetition':
        return m.repetition({ inner: withNoise(mechanism.inner, factor), count: mechanism.count });
      default:
        throw new Error(`no noise in ${mechanism.kind}`);
    }
  };

  it('a sensitivity taken for half of what it is gives itself away on every known answer', () => {
    const broken: Accountant = (history, delta) =>
      exactEpsilon(
        history.map((one) => withNoise(one, 2)),
        delta,
      );
    expect(understated(broken)).toHaveLength(knownAnswers.length);
  });

  it('noise larger by one in a thousand gives itself away', () => {
    const broken: Accountant = (history, delta) =>
      exactEpsilon(
        history.map((one) => withNoise(one, 1.001)),
        delta,
      );
    expect(understated(broken).length).toBeGreaterThan(knownAnswers.length / 2);
  });

  it('the direction of adding alone gives itself away', () => {
    const broken: Accountant = (history, delta) => {
      const parts = leavesOf(history).map(({ mechanism, count }) => ({ law: pairsOf(mechanism)!.add, count }));
      const interval = contourEpsilon(parts, delta);
      if (interval === undefined) return unanswered;
      const { epsilon, lower } = { epsilon: interval.upper, lower: interval.lower };
      return {
        kind: 'bound',
        accountant: 'contour',
        epsilon,
        delta,
        lower,
        adjacency: 'add-remove',
        unit: 'record',
        sound: true,
      };
    };
    expect(understated(broken).length).toBeGreaterThan(5);
  });

  it('the central limit theorem taken for a bound gives itself away, and says itself that it is none', () => {
    expect(understated(gaussianApproximation).length).toBeGreaterThan(5);
    const [first] = knownAnswers;
    expect(gaussianApproximation(first!.history, 1e-5)).toMatchObject({ kind: 'bound', sound: false });
  });

  it('a count that is ignored gives itself away', () => {
    const broken: Accountant = (history, delta) =>
      exactEpsilon(
        history.map((one) => (one.kind === 'repetition' ? one.inner : one)),
        delta,
      );
    expect(understated(broken).length).toBeGreaterThan(10);
  });

  it('a δ that is not charged for what fails outright gives itself away', () => {
    const m = under({ adjacency: 'add-remove', unit: 'record' });
    const history = [m.approximate({ epsilon: 0.1, delta: 1e-3 })];
    expect(tightestEpsilon(history, 1e-3)).toMatchObject({ kind: 'refused' });
    expect(tightestEpsilon(history, 1e-5)).toMatchObject({ kind: 'refused', reason: expect.stringContaining('0.001') });
    expect(tightestEpsilon(history, 1.1e-3)).toMatchObject({ kind: 'bound' });
  });
});
