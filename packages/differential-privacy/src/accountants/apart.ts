// ε(δ) where there is so little noise that one can see which steps took the record: what a step loses is then one thing for all that
// did not, and a Gaussian for all that did (losses/loss-law.ts, Apart). With K ~ Bin(T, q) of the latter,
//   δ(ε) = Σ_k P(K = k) δ_G(√(kv + V), ε - k·hitLoss - (T - k)·missLoss),   V the variance of plain Gaussians beside,
// but for the faults, whose mass is charged to δ, and a slack that is charged to ε.
//
// Refuses (answers undefined) more than one sampled law, laws that overlap, and sums of too many terms.
import { upperCrossing } from '../numerics/search.ts';
import type { Interval } from './answer.ts';
import { gaussianDelta } from './closed-form.ts';
import type { Part } from './cumulant.ts';

const mostTerms = 4000;
/** Relative error of δ: some thousand terms of a formula that is good to 1e-11, at arguments good to 1e-10. */
const rounding = 1e-8;

export function apartEpsilon(parts: readonly Part[], delta: number): Interval | undefined {
  const [sampled, another] = parts.filter(({ law }) => law.gaussianVariance === undefined);
  const apart = sampled?.law.apart;
  if (sampled === undefined || apart === undefined || another !== undefined) return undefined;
  const { count } = sampled;
  const gaussian = parts.reduce((sum, { law, count: times }) => sum + times * (law.gaussianVariance ?? 0), 0);
  const hits = hitsOf(count, apart.rate, 1e-12 * delta);
  const fault = count * apart.fault;
  const slack = count * apart.slack;
  if (hits === undefined || fault > 1e-9 * delta || slack > 1e-8) return undefined;
  const deltaOf = (epsilon: number): number => {
    let sum = 0;
    for (const { k, mass } of hits) {
      const beyond = epsilon - k * apart.hitLoss - (count - k) * apart.missLoss;
      sum += mass * excessOf(k * apart.variance + gaussian, beyond);
    }
    return sum;
  };
  const root = (goal: number): number => {
    const excess = (epsilon: number): number => Math.log(Math.max(deltaOf(epsilon), 1e-320) / goal);
    if (excess(0) <= 0) return 0;
    let high = 1;
    while (excess(high) > 0) high *= 2;
    return upperCrossing(excess, { low: 0, high }, 1e-14);
  };
  const upper = root(delta * (1 - rounding) - fault - 1e-12 * delta);
  const lower = root(delta * (1 + rounding) + fault);
  return { lower: Math.max(0, lower - slack) * (1 - 1e-12), upper: (upper + slack) * (1 + 1e-12) };
}

interface Hits {
  readonly k: number;
  mass: number;
}

/** All counts of hits but for `unseen` of their mass; undefined where they are too many. */
function hitsOf(count: number, rate: number, unseen: number): readonly Hits[] | undefined {
  const mode = Math.min(count, Math.floor((count + 1) * rate));
  const hits: Hits[] = [{ k: mode, mass: 1 }];
  if (rate > 0) {
    // Away from the mode each mass is at most r < 1 times the one before, and what is left at most r/(1 - r) of the last.
    const walk = (end: number, step: 1 | -1, ratioAt: (k: number) => number): void => {
      let mass = 1;
      for (let k = mode; k !== end && hits.length <= mostTerms; k += step) {
        const ratio = ratioAt(k);
        if (ratio < 1 && (mass * ratio) / (1 - ratio) < 0.5 * unseen) return;
        mass *= ratio;
        hits.push({ k: k + step, mass });
      }
    };
    walk(count, 1, (k) => ((count - k) * rate) / ((k + 1) * (1 - rate)));
    walk(0, -1, (k) => (k * (1 - rate)) / ((count - k + 1) * rate));
  }
  const whole = hits.reduce((sum, { mass }) => sum + mass, 0);
  for (const hit of hits) hit.mass /= whole;
  return hits.length > mostTerms ? undefined : hits;
}

/** δ_G for an ε below zero as well, by the symmetry of the pair; a variance of zero is no loss at all. */
function excessOf(variance: number, epsilon: number): number {
  const positive = variance > 0 ? gaussianDelta(Math.sqrt(variance), Math.abs(epsilon)) : 0;
  return epsilon >= 0 ? positive : -Math.expm1(epsilon) + Math.exp(epsilon) * positive;
}
