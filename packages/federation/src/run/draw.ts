// What nobody chose: orders, cohorts, supports and rotations of a run follow from values that all members revealed after all had committed
// to them. Drawn whenever members change. Public; the same for coordinator, participants and auditors.
//
//   commitment = SHA-256("sumus/1/run-draw" ‖ run ‖ member ‖ value)        draw = SHA-256(… ‖ run ‖ members ‖ values)
//   round r    = a whole context of secure-sum with beacon SHA-256(draw ‖ r), under which shuffles and rotations are derived
//
// A context of this file is never that of a sum: its configuration is a word of its own. Neither plan nor protection is in it, so that a run
// has the same rotations, and so the same integers, under every protection. Who holds back its value stops the draw and is given
// up; the others draw anew, so what holding back gives is another draw, and everybody sees that it happened.

import { shuffle } from '@sumus/secure-sum/beacon';
import { type Context, openContext, wholeContext } from '@sumus/secure-sum/context';
import type { Hashing, PublicPrimitives } from '@sumus/secure-sum/primitives';
import { hexOf, utf8Bytes } from '../canonical/utf8.ts';
import type { Permutation } from '../exchange/order.ts';

export type DrawPrimitives = Hashing & Pick<PublicPrimitives, 'hkdfSha256' | 'chacha20'>;

/** Where a draw belongs. */
export interface DrawPlace {
  readonly projectId: string;
  readonly runId: string;
}

const fields = (...texts: readonly string[]): Uint8Array => utf8Bytes(JSON.stringify(texts));

/** `value`: 64 hexadecimal digits of the member's own randomness. */
export const commitmentOf = (primitives: Hashing, runId: string, member: string, value: string): string =>
  hexOf(primitives.sha256(fields('sumus/1/run-draw', 'commitment', runId, member, value)));

/** `values` in the order of `members`. */
export const drawOf = (
  primitives: Hashing,
  runId: string,
  members: readonly string[],
  values: readonly string[],
): string => hexOf(primitives.sha256(fields('sumus/1/run-draw', 'draw', runId, ...members, ...values)));

/** Under which supports and rotations of a round are derived, with and without protection alike. */
export function contextOfRound(
  primitives: Hashing,
  { projectId, runId }: DrawPlace,
  members: readonly string[],
  draw: string,
  round: number,
): Context {
  const word = primitives.sha256(fields('sumus/1/run-draw', 'context'));
  const open = openContext(primitives, {
    projectId,
    taskId: runId,
    round,
    flush: 0,
    modelHash: word,
    configHash: word,
    policyHash: word,
  });
  return wholeContext(primitives, open, {
    rosterRoot: primitives.sha256(fields('sumus/1/run-draw', 'members', ...members)),
    beacon: primitives.sha256(fields('sumus/1/run-draw', 'round', draw, String(round))),
  });
}

/**
 * Those who take part in a round, cut into so many parts that differ by one at most: whose company is nobody's choice. By name in each. By the
 * model's version and not by the round: a round that failed is tried again from the same model, with the same updates, and whoever had sums
 * of other cohorts as well could solve for single ones.
 */
export function cohortsOf(
  primitives: DrawPrimitives,
  place: DrawPlace,
  members: readonly string[],
  draw: string,
  { version, taking, count }: { readonly version: number; readonly taking: readonly string[]; readonly count: number },
): readonly (readonly string[])[] {
  const context = contextOfRound(primitives, place, members, draw, version);
  const order = shuffle(primitives, context, 'run/cohorts', taking.length);
  const sorted = [...taking].sort();
  return Array.from({ length: count }, (_, at) => {
    const [from, to] = [at, at + 1].map((one) => Math.floor((one * taking.length) / count));
    return [...order.slice(from, to)].map((index) => sorted[index] ?? '').sort();
  });
}

/** Orders and cohorts of a schedule: labels hold the number of the cycle, so one context serves them all. */
export function permutationOf(
  primitives: DrawPrimitives,
  place: DrawPlace,
  members: readonly string[],
  draw: string,
): Permutation {
  return (label, count) => shuffle(primitives, contextOfRound(primitives, place, members, draw, 0), label, count);
}
