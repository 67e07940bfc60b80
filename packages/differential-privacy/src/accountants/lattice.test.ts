// Lattices against plain convolution: every composition of a few steps, outcome by outcome.
import { describe, expect, it } from 'vitest';
import { leavesOf, pairsOf } from '../losses/dominating-pairs.ts';
import { under } from '../mechanisms/constructors.ts';
import type { Mechanism } from '../mechanisms/mechanism.ts';
import { upperCrossing } from '../numerics/search.ts';
import { exactEpsilon } from './exact.ts';
import { latticeEpsilon } from './lattice.ts';

const m = under({ adjacency: 'add-remove', unit: 'record' });

/** ε at which Σ (1 - e^(ε - L))₊ over all outcomes of all steps falls to δ, and δ at infinity. */
function convolved(history: readonly Mechanism[], delta: number): number {
  let outcomes = new Map<string, { loss: number; mass: number }>([['0', { loss: 0, mass: 1 }]]);
  let finite = 1;
  for (const { mechanism, count } of leavesOf(history)) {
    const law = pairsOf(mechanism)!.remove;
    for (let step = 0; step < count; step += 1) {
      finite *= 1 - law.infinityMass;
      const next = new Map<string, { loss: number; mass: number }>();
      for (const one of outcomes.values()) {
        law.atomLosses.forEach((loss, at) => {
          const key = (one.loss + loss).toFixed(9);
          const known = next.get(key) ?? { loss: one.loss + loss, mass: 0 };
          known.mass += one.mass * Math.exp(law.atomLogMasses[at]!);
          next.set(key, known);
        });
      }
      outcomes = next;
    }
  }
  const deltaAt = (epsilon: number): number => {
    let sum = 1 - finite;
    for (const { loss, mass } of outcomes.values()) if (loss > epsilon) sum -= mass * Math.expm1(epsilon - loss);
    return sum;
  };
  if (deltaAt(0) <= delta) return 0;
  return upperCrossing((epsilon) => Math.log(deltaAt(epsilon) / delta), { low: 0, high: 600 }, 1e-13);
}

const histories: readonly (readonly [string, readonly Mechanism[]])[] = [
  ['binary response', [m.repetition({ inner: m.randomizedResponse({ randomness: 0.5, categories: 2 }), count: 7 })]],
  [
    'response among nine',
    [m.repetition({ inner: m.randomizedResponse({ randomness: 0.7, categories: 9 }), count: 5 })],
  ],
  ['one response', [m.randomizedResponse({ randomness: 0.2, categories: 3 })]],
  ['an (ε, δ)-guarantee', [m.repetition({ inner: m.approximate({ epsilon: 0.05, delta: 1e-8 }), count: 8 })]],
  [
    'sampled discrete Laplace',
    [
      m.repetition({
        inner: m.poissonSampled({ inner: m.discreteLaplace({ rate: 0.7, sensitivity: 1 }), samplingRate: 0.2 }),
        count: 6,
      }),
    ],
  ],
  ['discrete Laplace', [m.repetition({ inner: m.discreteLaplace({ rate: 0.3, sensitivity: 4 }), count: 3 })]],
  [
    'discrete Gaussian, little noise',
    [m.repetition({ inner: m.discreteGaussian({ noiseStddev: 0.8, sensitivity: 1 }), count: 4 })],
  ],
  [
    'discrete Gaussian by its formula',
    [m.repetition({ inner: m.discreteGaussian({ noiseStddev: 4, sensitivity: 3 }), count: 2 })],
  ],
  ['one discrete Gaussian', [m.discreteGaussian({ noiseStddev: 11, sensitivity: 7 })]],
];

describe('losses on a lattice', () => {
  it.each(histories)('%s: the interval holds what convolution says, and little else', (_name, history) => {
    const parts = leavesOf(history).map(({ mechanism, count }) => ({ law: pairsOf(mechanism)!.remove, count }));
    for (const delta of [0.03, 1e-4, 1e-6]) {
      const exact = convolved(history, delta);
      const { lower, upper } = latticeEpsilon(parts, delta)!;
      expect(lower).toBeLessThanOrEqual(exact * (1 + 1e-11));
      expect(upper).toBeGreaterThanOrEqual(exact * (1 - 1e-11));
      expect(upper - lower).toBeLessThanOrEqual(1e-6 * exact);
    }
  });

  it('of much discrete noise over many steps cost no time, and what continuous noise does', () => {
    const started = process.cpuUsage().user;
    for (const sigma of [100, 2000, 1e5]) {
      for (const count of [1, 1e3, 1e6]) {
        const of = (inner: Mechanism<'add-remove', 'record'>): number => {
          const answer = exactEpsilon([m.repetition({ inner, count })], 1e-9);
          if (answer.kind === 'refused' || answer.lower === null) throw new Error('no interval');
          return answer.epsilon;
        };
        const discrete = of(m.discreteGaussian({ noiseStddev: sigma, sensitivity: 1 }));
        expect(discrete / of(m.gaussian({ noiseMultiplier: sigma }))).toBeGreaterThan(1 - 1e-4);
        expect(discrete / of(m.gaussian({ noiseMultiplier: sigma }))).toBeLessThan(1 + 1e-4);
      }
    }
    expect((process.cpuUsage().user - started) / 1e6).toBeLessThan(2);
  });

  it('are left to others where there is no common lattice', () => {
    const parts = [0.3, 0.31].map((rate) => ({
      law: pairsOf(m.discreteLaplace({ rate, sensitivity: 1 }))!.remove,
      count: 2,
    }));
    expect(latticeEpsilon(parts, 1e-6)).toBeUndefined();
    expect(
      latticeEpsilon([{ law: pairsOf(m.laplace({ scaleMultiplier: 1 }))!.remove, count: 1 }], 1e-6),
    ).toBeUndefined();
  });
});
