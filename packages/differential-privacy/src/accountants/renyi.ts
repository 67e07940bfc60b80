// The Rényi accountant: moments add up over a history, and one order of them gives ε(δ). Covers every mechanism. Sound at any order;
// the best is searched over all real orders, not over a list.
import { smallest } from '../numerics/search.ts';
import type { Answer } from './answer.ts';
import { frameOf, type History, requireDelta } from './history.ts';
import { type Moment, momentsOf } from './moments.ts';

/**
 * ε = D_α + ln(1 - 1/α) - (ln δ + ln α)/(α - 1), the least over α (Canonne, Kamath, Steinke 2020, proposition 12; Balle et al. 2020,
 * theorem 21). With t = α - 1 and K(t) = t·D_α.
 */
export function epsilonFromMoment(moment: Moment, delta: number): number {
  const logDelta = Math.log(delta);
  const at = (logT: number): number => {
    const t = Math.exp(logT);
    const epsilon = (moment(t) - logDelta - Math.log1p(t)) / t + Math.log(t) - Math.log1p(t);
    return Number.isNaN(epsilon) ? Number.POSITIVE_INFINITY : epsilon;
  };
  // Unimodal in practice, and any order is a bound: steps of e are fine enough to find the valley in, from orders that suit ε = 1e13.
  const { value } = smallest(at, { low: -30, high: 16, points: 47 });
  return Math.max(0, value) * (1 + 1e-12);
}

export function renyiEpsilon(history: History, delta: number): Answer {
  requireDelta(delta);
  const frame = frameOf(history);
  const { remove, add, infinityMass } = momentsOf(history);
  if (infinityMass >= delta) {
    return {
      kind: 'refused',
      accountant: 'Rényi',
      reason: `the mechanisms fail outright, or beyond what is computed, with probability ${infinityMass}, which δ does not cover`,
    };
  }
  const left = delta - infinityMass;
  const epsilon = Math.max(epsilonFromMoment(remove, left), epsilonFromMoment(add, left));
  if (!Number.isFinite(epsilon)) {
    return { kind: 'refused', accountant: 'Rényi', reason: 'no order gives a finite bound' };
  }
  return { kind: 'bound', accountant: 'Rényi', epsilon, delta, lower: null, ...frame, sound: true };
}
