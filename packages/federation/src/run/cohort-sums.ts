// A round whose members were cut into cohorts has one sum a cohort: opened one after the other, published together, named by one hash.
//
//   result = SHA-256("sumus/1/run-cohorts" ‖ results of the cohorts, in their order)
//
// Whoever was in one of them has that sum from its protocol, and the others' as they were published: the coordinator's word, held to the result.
// That all came to one model shows in the next round, which starts from its hash.

import type { Hashing } from '@sumus/secure-sum/primitives';
import { hexOf, utf8Bytes } from '../canonical/utf8.ts';
import { decodeList, encodeList } from '../sum/frame.ts';
import { type PublishedWords, readPublished } from '../sum/opened.ts';
import type { SumAgreement, SumPoint } from '../sum/sum.ts';

/** One cohort: its own result. */
export function resultOfCohorts(primitives: Hashing, results: readonly string[]): string {
  const [only = ''] = results;
  if (results.length === 1) return only;
  return hexOf(primitives.sha256(utf8Bytes(JSON.stringify(['sumus/1/run-cohorts', ...results]))));
}

/** What was published of each cohort, as one body; of one cohort as it is. */
export function publishedTogether(published: readonly Uint8Array[]): Uint8Array {
  const [only = new Uint8Array(0)] = published;
  return published.length === 1 ? only : encodeList(...published);
}

/** The sums in such a body, in the order of cohorts, each held to the result that it names. */
export function readTogether(
  primitives: Hashing,
  agreement: SumAgreement,
  point: SumPoint,
  cohorts: number,
  body: Uint8Array,
): readonly PublishedWords[] {
  const parts = cohorts === 1 ? [body] : decodeList(body, 'the sums of cohorts', cohorts);
  return parts.map((part, flush) => readPublished(primitives, agreement, { ...point, flush }, part));
}
