// The least sound bound of all accountants. What may be said about a history at a δ, and by which right.
import type { Answer, Bound } from './answer.ts';
import { pureEpsilon } from './closed-form.ts';
import { concentratedEpsilon } from './concentrated.ts';
import { exactEpsilon } from './exact.ts';
import { frameOf, type History, requireDelta } from './history.ts';
import { renyiEpsilon } from './renyi.ts';

/** Relative distance of the bounds below which asking further accountants is idle. */
const closeEnough = 1e-6;

/**
 * An exact accountant's answer is taken at once where its own lower bound says that no other could be much below it. Elsewhere all are
 * asked.
 * Adding up pure losses is a bound at every δ as well.
 */
export function tightestEpsilon(history: History, delta: number): Answer {
  requireDelta(delta);
  const frame = frameOf(history);
  const exact = exactEpsilon(history, delta);
  if (exact.kind === 'bound' && exact.lower !== null && exact.epsilon - exact.lower <= closeEnough * exact.epsilon)
    return exact;
  const sound = [exact, renyiEpsilon(history, delta), concentratedEpsilon(history, delta)].filter(
    (answer): answer is Bound => answer.kind === 'bound' && answer.sound,
  );
  const pure = pureEpsilon(history);
  if (Number.isFinite(pure)) {
    const epsilon = pure * (1 + 1e-14);
    sound.push({ kind: 'bound', accountant: 'closed form', epsilon, delta, lower: null, ...frame, sound: true });
  }
  const best = sound.reduce<Bound | undefined>(
    (least, one) => (least === undefined || one.epsilon < least.epsilon ? one : least),
    undefined,
  );
  if (best === undefined) return exact;
  // What was proven from below stays proven.
  return exact.kind === 'bound' && exact.lower !== null
    ? { ...best, lower: Math.min(exact.lower, best.epsilon) }
    : best;
}
