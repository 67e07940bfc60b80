// The contour for rare losses against what is known otherwise: one step has a formula; many steps were integrated independently, on
// another line, without labels; and where the plain contour converges as well, the two intervals must meet.
import { describe, expect, it } from 'vitest';
import { gaussianLaw } from '../losses/base-laws.ts';
import { leavesOf, pairsOf } from '../losses/dominating-pairs.ts';
import { under } from '../mechanisms/constructors.ts';
import type { Mechanism } from '../mechanisms/mechanism.ts';
import { closedFormEpsilon } from './closed-form.ts';
import { contourEpsilon } from './contour.ts';
import type { Part } from './cumulant.ts';
import { sampledGaussian } from './known-answers.contract.ts';
import { labelled, massOf, thresholdsFrom } from './loss-classes.ts';
import { rareLossEpsilon } from './rare-losses.ts';

const partsOf = (history: readonly Mechanism[], direction: 'remove' | 'add' = 'remove'): Part[] =>
  leavesOf(history).map(({ mechanism, count }) => ({ law: pairsOf(mechanism)![direction], count }));

const rare = (rate: number, sigma: number, steps: number, delta: number): { lower: number; upper: number } => {
  const found = rareLossEpsilon(partsOf([sampledGaussian(rate, sigma, steps)]), delta);
  if (found === undefined) throw new Error('no answer');
  return found;
};

/** Rate, σ, steps, δ, ε, relative uncertainty. */
const integrated: readonly (readonly [number, number, number, number, number, number])[] = [
  // Tilted connect-the-dots grids of 2^19 to 2^21 points, extrapolated.
  [0.001, 0.2, 100, 1e-6, 38.432013, 1e-7],
  [1e-6, 0.3, 1e5, 1e-10, 11.1917, 1e-5],
  [1e-4, 1, 1e5, 1e-10, 0.2354596, 1e-6],
  // A dense trapezoid rule at a small tilt, losses cut where they weigh 1e-7 of δ.
  [1e-6, 0.8, 1e5, 1e-10, 0.00327856813, 2e-8],
  [1e-6, 1, 1e7, 1e-15, 0.0289116336564, 1e-8],
  [1e-7, 0.8, 1e7, 1e-10, 0.00295085438, 1e-8],
  [1e-6, 0.5786227261489785, 1e7, 1e-10, 0.27934, 5e-5],
];

describe('rare losses', () => {
  it('of one step are those of the formula', () => {
    for (const [rate, sigma, delta] of [
      [1e-7, 0.3, 1e-10],
      [1e-4, 0.5, 1e-6],
      [1e-3, 1, 1e-8],
      [0.01, 1, 1e-5],
      [0.1, 0.8, 1e-4],
      [1e-6, 2, 1e-12],
      [0.01, 0.15, 1e-6],
    ] as const) {
      const exact = closedFormEpsilon([sampledGaussian(rate, sigma, 1)], delta)!;
      const { lower, upper } = rare(rate, sigma, 1, delta);
      expect(lower).toBeLessThanOrEqual(exact.upper);
      expect(upper).toBeGreaterThanOrEqual(exact.lower);
      expect(upper / lower).toBeLessThan(1 + 1e-5);
    }
  });

  it.each(integrated)(
    'rate %d, σ = %d, %d steps, δ = %d: ε = %d',
    (rate, sigma, steps, delta, epsilon, uncertainty) => {
      const { lower, upper } = rare(rate, sigma, steps, delta);
      expect(lower).toBeLessThanOrEqual(epsilon * (1 + uncertainty));
      expect(upper).toBeGreaterThanOrEqual(epsilon * (1 - uncertainty));
      expect(upper / lower).toBeLessThan(1 + 1e-6);
    },
  );

  it('are what the plain contour says where that converges, in both directions and with other mechanisms beside', () => {
    const m = under({ adjacency: 'add-remove', unit: 'record' });
    const histories: readonly (readonly [readonly Mechanism[], number])[] = [
      [[sampledGaussian(0.01, 1, 1000)], 1e-5],
      [[sampledGaussian(0.1, 2, 100)], 1e-7],
      [[sampledGaussian(0.01, 0.7, 500), sampledGaussian(0.02, 1, 300)], 1e-6],
      [[sampledGaussian(0.001, 0.6, 2000), m.gaussian({ noiseMultiplier: 20 })], 1e-6],
    ];
    for (const [history, delta] of histories) {
      for (const direction of ['remove', 'add'] as const) {
        const plain = contourEpsilon(partsOf(history, direction), delta)!;
        const labels = rareLossEpsilon(partsOf(history, direction), delta);
        if (direction === 'remove') expect(labels).toBeDefined();
        if (labels === undefined) continue;
        expect(labels.lower).toBeLessThanOrEqual(plain.upper);
        expect(labels.upper).toBeGreaterThanOrEqual(plain.lower);
      }
    }
  });

  it('leave atoms, plain Gaussians and mass that δ does not cover to others', () => {
    const m = under({ adjacency: 'add-remove', unit: 'record' });
    const of = (mechanism: Mechanism): unknown => rareLossEpsilon(partsOf([mechanism]), 1e-6);
    expect(of(m.laplace({ scaleMultiplier: 1 }))).toBeUndefined();
    expect(of(m.approximate({ epsilon: 1, delta: 1e-5 }))).toBeUndefined();
    expect(rareLossEpsilon([{ law: gaussianLaw(1), count: 1 }], 1e-6)).toBeUndefined();
  });
});

describe('labels', () => {
  const r = under({ adjacency: 'replace-one', unit: 'record' });
  it.each([
    ['sampled noise', sampledGaussian(0.001, 0.3, 10)],
    [
      'replacing, where gains are as large',
      r.poissonSampled({ inner: r.gaussian({ noiseMultiplier: 0.3 }), samplingRate: 0.01 }),
    ],
  ])('of %s share out all mass, under P and under Q', (_name, mechanism) => {
    const parts = partsOf([mechanism]);
    const thresholds = thresholdsFrom(0.05, 9);
    const demand = { t: 2, negligible: () => -60, negligibleBig: -60, frequencies: thresholds.map(() => 200) };
    const [part] = labelled(parts, thresholds, demand);
    const all = [part!.body, ...part!.jumps, part!.big];
    expect(all.reduce((sum, { masses }) => sum + massOf(masses), 0)).toBeCloseTo(1, 13);
    const underQ = ({ losses, masses }: (typeof all)[number]): number =>
      masses.reduce((sum, mass, at) => sum + mass * Math.exp(-losses[at]!), 0);
    expect(all.reduce((sum, nodes) => sum + underQ(nodes), 0)).toBeCloseTo(1, 12);
    expect(part!.bodyMass).toBeCloseTo(massOf(part!.body.masses), 13);
    // Every label has its range.
    part!.jumps.forEach(({ losses }, index) => {
      expect(Math.min(...losses.filter((loss) => loss > 0))).toBeGreaterThan(thresholds[index]!.at / 4);
      expect(Math.max(...losses)).toBeLessThan(thresholds[index + 1]!.at * 4);
    });
  });
});
