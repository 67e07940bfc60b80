// Moments of a composition whose steps carry labels (loss-classes.ts): of all that is body, of all with some jump, and the bounds that say
// how little is left out where a step is big, or none is more than body. For rare-losses.ts.
import { logAddExp } from '../numerics/logarithms.ts';
import { smallest } from '../numerics/search.ts';
import type { LabelledPart, Nodes } from './loss-classes.ts';

export interface Composition {
  readonly parts: readonly LabelledPart[];
  /** Of all Gaussians together: μ². */
  readonly gaussian: number;
}

export const logRest = (theta: number): number => theta * Math.log(theta) - (1 + theta) * Math.log1p(theta);

/** ln Σ count · ln φ_body(t), with φ_body from its mass and Σ m(e^(tL) - 1), so that nothing cancels. */
function logBody({ parts, gaussian }: Composition, t: number): number {
  let sum = 0.5 * gaussian * t * (t + 1);
  for (const part of parts) sum += part.count * logBodyOf(part, t);
  return sum;
}

export function logBodyOf({ body, bodyMass }: LabelledPart, t: number): number {
  let excess = bodyMass - 1;
  for (let at = 0; at < body.losses.length; at += 1) excess += body.masses[at]! * Math.expm1(t * body.losses[at]!);
  return Math.log1p(excess);
}

/** ln Σ m e^(tL). */
function logMoment({ losses, masses }: Nodes, t: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const loss of losses) largest = Math.max(largest, t * loss);
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  let sum = 0;
  for (let at = 0; at < losses.length; at += 1) sum += masses[at]! * Math.exp(t * losses[at]! - largest);
  return largest + Math.log(sum);
}

/** φ_jumps/φ_body at t. */
export function ratioOf(part: LabelledPart, t: number, logBodyAt: number): number {
  return part.jumps.reduce((sum, nodes) => sum + Math.exp(logMoment(nodes, t) - logBodyAt), 0);
}

/** K̃ = ln((φ_body + φ_jumps)^T - φ_body^T), and R = Σ T ln(1 + φ_jumps/φ_body). */
export function logSome(composition: Composition, t: number): { readonly value: number; readonly rise: number } {
  const body = logBody(composition, t);
  let rise = 0;
  for (const part of composition.parts) rise += part.count * Math.log1p(ratioOf(part, t, logBodyOf(part, t)));
  return { value: body + (rise > 30 ? rise : Math.log(Math.expm1(rise))), rise };
}

/** ln of Chernoff's bound of what steps that are all body contribute to δ(ε). */
export function logBodyDelta(composition: Composition, epsilon: number): number {
  return smallest(
    (logT) => {
      const t = Math.exp(logT) / epsilon;
      return logBody(composition, t) - t * epsilon + logRest(t);
    },
    { low: 0, high: 9, points: 10, sections: 6 },
  ).value;
}

/**
 * ln of a bound of E[(e^(ε - L) - 1)₊; some step big], by which the formula for big steps is too small: (e^u - 1)₊ ≤ c e^(θu) with
 * c = (θ - 1)^(θ - 1)/θ^θ, and φ(-θ) of everything less that of everything not big.
 */
export function logBigError(composition: Composition, epsilon: number): number {
  return smallest(
    (logTheta) => {
      const theta = 1 + Math.exp(logTheta) / epsilon;
      let rest = 0.5 * composition.gaussian * theta * (theta - 1);
      // ln Σ T ln(1 + φ_big/φ_small), which may be far below what a number can be.
      let logRise = Number.NEGATIVE_INFINITY;
      for (const part of composition.parts) {
        const body = logBodyOf(part, -theta);
        const small = body + Math.log1p(ratioOf(part, -theta, body));
        rest += part.count * small;
        const share = logMoment(part.big, -theta) - small;
        const one = share < -40 ? share : Math.log(share > 40 ? share : Math.log1p(Math.exp(share)));
        logRise = logAddExp(logRise, Math.log(part.count) + one);
      }
      const risen =
        logRise < -40 ? logRise : logRise > 3.5 ? Math.exp(logRise) : Math.log(Math.expm1(Math.exp(logRise)));
      return rest + risen + theta * epsilon + (theta - 1) * Math.log(theta - 1) - theta * Math.log(theta);
    },
    { low: -2, high: 9, points: 12, sections: 0 },
  ).value;
}

/** What big steps contribute to δ(ε), and its negative derivative. */
export function bigDelta({ parts }: Composition, epsilon: number): { readonly value: number; readonly fall: number } {
  let [logP, logQ] = [0, 0];
  for (const { big, count } of parts) {
    let [p, q] = [0, 0];
    for (let at = 0; at < big.losses.length; at += 1) {
      p += big.masses[at]!;
      q += big.masses[at]! * Math.exp(-big.losses[at]!);
    }
    logP += count * Math.log1p(-p);
    logQ += count * Math.log1p(-q);
  }
  const fall = logQ === 0 ? 0 : Math.exp(epsilon + Math.log(-Math.expm1(logQ)));
  return { value: -Math.expm1(logP) - fall, fall };
}
