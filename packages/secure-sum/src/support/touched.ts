// The τ rule: a coordinate that fewer than τ participants contribute to is never published, for with one contributor the sum is its
// value (arXiv 2508.04285). Whoever selects within the support says first, in a secure sum of its own, where it will contribute: a
// word of 0 or 1 a coordinate. The counts are opened; the values are then summed on the narrowed support only, so that what may not
// be published is never even summed. Without selection everybody contributes everywhere, and the rule is about the number of contributors.
//
// What the counts themselves say is how many chose a coordinate, not who.
//
// A count is of those who said so in the first sum. Some of them may be corrupt, and touch where one honest participant does; some may drop
// out before the second sum, or be dropped by the coordinator. Whoever publishes says how many (`unreliable`), and that many more
// have to touch: then τ honest values at least are added up.

import { MalformedMessage, ParameterError, ProtocolViolation } from '../errors.ts';
import type { Hashing } from '../primitives.ts';
import { requireVector, type Support, supportOf } from './support.ts';

/** 1 where the value is not zero: the words of the first sum, of two bits a participant. */
export function touchedWords(support: Support, selected: Float32Array): Int32Array<ArrayBuffer> {
  requireVector(selected, support.count);
  return Int32Array.from(selected, (value) => (value === 0 ? 0 : 1));
}

/**
 * The coordinates of the support that at least `fewest` of the contributors touch, whoever of the `unreliable` is not to be counted on: the support
 * of the sum of values. `unreliable`: c of this sum, and the most that may be missing from the sum of values.
 */
export function publishable(
  primitives: Hashing,
  support: Support,
  counts: Int32Array,
  {
    fewest,
    unreliable,
    contributors,
  }: { readonly fewest: number; readonly unreliable: number; readonly contributors: number },
): Support | undefined {
  requireFewest(fewest);
  if (!Number.isInteger(unreliable) || unreliable < 0) {
    throw new ParameterError(`${unreliable} unreliable contributors are no whole number of at least 0`);
  }
  if (counts.length !== support.count) {
    throw new MalformedMessage('E_LEN', `there are ${counts.length} counts for ${support.count} coordinates`);
  }
  const kept = new Uint32Array(counts.length);
  let written = 0;
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] < 0 || counts[i] > contributors) {
      throw new MalformedMessage(
        'E_RANGE',
        `${counts[i]} of ${contributors} contributors touch coordinate ${i} of the support`,
      );
    }
    if (counts[i] >= fewest + unreliable) kept[written++] = support.indices === undefined ? i : support.indices[i];
  }
  return written === 0 ? undefined : supportOf(primitives, support.vectorLength, kept.subarray(0, written));
}

/** Nothing of a sum with fewer contributors is published, whatever they share. */
export function requirePublishable(contributors: number, fewest: number): void {
  requireFewest(fewest);
  if (!(contributors >= fewest)) {
    throw new ProtocolViolation(
      'E_TOO_FEW',
      `${contributors} contributors, and nothing that fewer than ${fewest} touch is published`,
    );
  }
}

/** τ is at least 2, or the rule is none. */
function requireFewest(fewest: number): void {
  if (!Number.isInteger(fewest) || fewest < 2)
    throw new ParameterError(`τ is ${fewest}, not a whole number of at least 2`);
}
