// What a participant holds an opened sum against, before it takes it for the run's: its own protocol's sum, its receipt, and the model that follows,
// which it computes itself.

import { hexOf } from '../../canonical/utf8.ts';
import { ProtocolViolation } from '../../errors.ts';
import { membersOf } from '../../exchange/order.ts';
import { verifyReceipt } from '../../ledger/receipt.ts';
import { contributionsInSum } from '../../plan/sums.ts';
import { limitsOf } from '../../policy/limits.ts';
import { release } from '../../release/release.ts';
import type { PublishedWords } from '../../sum/opened.ts';
import { readTogether } from '../cohort-sums.ts';
import { permutationOf } from '../draw.ts';
import type { Published } from '../messages.ts';
import { type RoundPlace, roundTerms } from '../round-terms.ts';
import { agreementFor, certificatesOf, cohortsIn } from './in-sum.ts';
import type { Own } from './own.ts';
import type { OpenRound } from './setup.ts';

/** Who is awaited in a round is nobody's choice: all members, or the cohort that was drawn for it. */
export function requireCompany(
  own: Own,
  { round, version }: { readonly round: number; readonly version: number },
  awaited: readonly string[],
): void {
  const { place, members, draw } = own.terms;
  const { exchange } = own.plan;
  const permutation = permutationOf(own.setup.primitives, place, members, draw);
  const indices = membersOf(exchange, { memberCount: members.length, cycle: round, version }, permutation);
  const drawn = indices.map((index) => members[index] ?? '');
  if ([...drawn].sort().join(' ') === [...awaited].sort().join(' ')) return;
  throw new ProtocolViolation(
    `round ${round} is to be of ${awaited.join(', ')}, and the draw says ${drawn.join(', ')}`,
  );
}

export type SumToCheck = Pick<PublishedWords, 'sum' | 'contributors' | 'result'>;

/**
 * As the protocol opened it here; for who was not in it, and of other cohorts, as it was sent to those who were. The own one is never taken
 * from anywhere else.
 */
export function openedSums(own: Own, open: OpenRound, body: Uint8Array): readonly SumToCheck[] | undefined {
  const { opened, agreement } = open.own ?? {};
  const mine = opened?.sum === undefined ? undefined : { ...opened, sum: opened.sum };
  const cohorts = cohortsIn(own, open);
  if (body.length === 0) return mine !== undefined && cohorts.length === 1 ? [mine] : undefined;
  const heard = agreement ?? agreementFor(own, certificatesOf(own, open.members));
  const sums = readTogether(own.setup.primitives, heard, open.point, cohorts.length, body);
  if (mine === undefined) return sums;
  return sums.map((sum, flush) => (flush === mine.point.flush ? mine : sum));
}

export async function requireReceipt(own: Own, { round, receipt }: Published, result: string): Promise<void> {
  const opened = own.own?.opened;
  if (opened?.contributed !== true) {
    if (receipt !== null)
      throw new ProtocolViolation(`there is a receipt of round ${round} for words that were not in it`);
    return;
  }
  if (receipt === null || opened.own === undefined) {
    throw new ProtocolViolation(`this participant is in the sum of round ${round} and has no receipt`);
  }
  // 1 where every turn is a release, which the own file has to allow.
  const { fewest } = contributionsInSum(own.plan);
  const { minimumContributors } = limitsOf(own.setup.policy, own.plan);
  await verifyReceipt(own.setup.primitives, receipt, {
    plan: own.signed.id,
    round,
    member: own.name,
    contribution: hexOf(opened.own),
    result,
    minimumContributors: fewest === 1 ? 1 : minimumContributors,
    coordinatorKey: own.setup.coordinator,
  });
}

/** What the coordinator computes as well, where it may see the sum: the same bits. */
export function nextModel(own: Own, point: RoundPlace, sums: readonly SumToCheck[]): NextModel {
  const { round } = point;
  const { setup, plan } = own;
  const { published } = own.state;
  const terms = roundTerms(setup.primitives, own.terms, point, published);
  if (published === undefined || terms === undefined)
    throw new ProtocolViolation(`round ${round} has no model to go on from`);
  const { support, rotation } = terms;
  const made = release(setup.engines.words, plan, {
    published,
    support,
    sums: sums.map(({ sum: words, contributors }) => ({ words, contributors: contributors.length, rotation })),
    memberCount: own.terms.members.length,
  });
  if (made.kind === 'released') return { ...made, isSameModel: false };
  if (plan.openedTo === 'everyone')
    throw new ProtocolViolation(`a sum was published that makes no model: ${made.reason}`);
  // Only participants can see that it makes none; they all see it alike, and go on from the model they had.
  own.note(`The sum of round ${round} makes no model: ${made.reason}`);
  return { published: { ...published, version: published.version + 1 }, metrics: [], isSameModel: true };
}

export type NextModel = Pick<
  Extract<ReturnType<typeof release>, { readonly kind: 'released' }>,
  'published' | 'metrics'
> & {
  /** That the sum made no model: the one before goes on under the next number. */
  readonly isSameModel: boolean;
};
