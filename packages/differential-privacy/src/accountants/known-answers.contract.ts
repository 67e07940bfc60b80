// Answers that are known independently of every accountant here, and what it means for an accountant to agree with them. Where from:
//   closed: Balle–Wang and the one-step formulas in 60 digits (mpmath);
//   two steps: δ₂(ε) = E_P[δ₁(ε - L)] as one integral of the one-step formula in 40 digits (mpmath, agrees to the digits given);
//   contour: an independent contour integration, with the uncertainty it states.

import { under } from '../mechanisms/constructors.ts';
import type { Mechanism } from '../mechanisms/mechanism.ts';
import type { Answer } from './answer.ts';

export interface KnownAnswer {
  readonly name: string;
  readonly history: readonly Mechanism[];
  readonly delta: number;
  readonly epsilon: number;
  readonly uncertainty: number;
}

const m = under({ adjacency: 'add-remove', unit: 'record' });

export function sampledGaussian(
  samplingRate: number,
  noiseMultiplier: number,
  count: number,
): Mechanism<'add-remove', 'record'> {
  const inner = m.poissonSampled({ inner: m.gaussian({ noiseMultiplier }), samplingRate });
  return m.repetition({ inner, count });
}

const sampled = (
  q: number,
  sigma: number,
  steps: number,
  delta: number,
  epsilon: number,
  uncertainty: number,
): KnownAnswer => ({
  name: `q = ${q}, σ = ${sigma}, ${steps} steps, δ = ${delta}`,
  history: [sampledGaussian(q, sigma, steps)],
  delta,
  epsilon,
  uncertainty,
});

const plain = (sigma: number, steps: number, delta: number, epsilon: number): KnownAnswer => ({
  name: `Gaussian σ = ${sigma}, ${steps} steps, δ = ${delta}`,
  history: [m.repetition({ inner: m.gaussian({ noiseMultiplier: sigma }), count: steps })],
  delta,
  epsilon,
  uncertainty: 1e-9,
});

const laplace = (scale: number, steps: number, delta: number, epsilon: number, uncertainty: number): KnownAnswer => ({
  name: `Laplace b = ${scale}, ${steps} steps, δ = ${delta}`,
  history: [m.repetition({ inner: m.laplace({ scaleMultiplier: scale }), count: steps })],
  delta,
  epsilon,
  uncertainty,
});

export const knownAnswers: readonly KnownAnswer[] = [
  plain(0.1, 1, 1e-10, 112.84032670423),
  plain(1, 1, 1e-5, 4.37717809568),
  plain(10, 10_000, 1e-6, 96.71727196387),
  sampled(0.01, 1, 1, 1e-5, 0.199450447796, 1e-11),
  sampled(0.9, 2, 1, 1e-10, 2.990668637062, 1e-11),
  sampled(0.5, 2, 2, 1e-6, 2.139707368312564, 1e-12),
  sampled(0.1, 1, 2, 1e-5, 1.917448668173457, 1e-12),
  sampled(0.01, 0.7, 2, 1e-8, 3.022751058223231, 1e-12),
  sampled(0.01, 4, 10_000, 1e-5, 0.9468668008, 1e-7),
  sampled(0.01, 0.7, 10_000, 1e-6, 15.91004309, 1.6e-6),
  sampled(0.1, 0.3, 100, 1e-8, 137.4540074, 1.4e-5),
  sampled(0.999, 3, 50, 1e-5, 12.248317099, 1.3e-6),
  // Where published accountants report too little: rare large losses at a small δ.
  sampled(1e-5, 0.5, 1_000_000, 1e-10, 3.5045812727, 3.6e-7),
  sampled(1e-6, 1, 1_000_000, 1e-9, 0.0059029068456, 1.1e-9),
  sampled(0.001, 8, 100, 1e-6, 0.0035659352769, 1e-9),
  sampled(0.00029199, 0.5, 1500, 1e-6, 2.603547, 3e-6),
  laplace(1, 1, 1e-5, 0.9999799998999993, 1e-12),
  laplace(0.5, 2, 1e-9, 3.999999996, 1e-12),
  laplace(2, 2, 1e-3, 0.9959999973359931, 1e-12),
  laplace(5, 100, 1e-6, 10.276481096, 8.1e-8),
  laplace(50, 10_000, 1e-7, 11.85684271, 8.9e-7),
  {
    name: 'sampled Gaussian and Laplace together',
    history: [sampledGaussian(0.05, 3, 500), m.repetition({ inner: m.laplace({ scaleMultiplier: 50 }), count: 100 })],
    delta: 1e-6,
    epsilon: 1.96181689011,
    uncertainty: 1e-7,
  },
];

export type Accountant = (history: readonly Mechanism[], delta: number) => Answer;

/** The answers that an accountant puts below the truth: empty for a sound one. A refusal is not unsound. */
export function understated(accountant: Accountant): string[] {
  return knownAnswers
    .filter(({ history, delta, epsilon, uncertainty }) => {
      const answer = accountant(history, delta);
      return answer.kind === 'bound' && !(answer.epsilon >= epsilon - uncertainty);
    })
    .map(({ name }) => name);
}

/** The answers that it puts above the truth by more than a share, or refuses. */
export function overstated(accountant: Accountant, share: number): string[] {
  return knownAnswers
    .filter(({ history, delta, epsilon, uncertainty }) => {
      const answer = accountant(history, delta);
      return answer.kind === 'refused' || !(answer.epsilon <= (epsilon + uncertainty) * (1 + share));
    })
    .map(({ name }) => name);
}
