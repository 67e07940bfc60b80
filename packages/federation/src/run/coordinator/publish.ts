// How a round ends: its sum becomes the next model, with everybody's receipt and a record in the ledger, as one event; or the round has failed,
// with its reason. Where sums are opened to participants alone, there is no sum here and no model either.

import type { Hashing } from '@sumus/secure-sum/primitives';
import { hexOf } from '../../canonical/utf8.ts';
import type { LedgerContent } from '../../ledger/content.ts';
import { appendTo } from '../../ledger/ledger.ts';
import { publishSum, type SumToPublish } from '../../ledger/receipt.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import type { PublishedMetric } from '../../release/metrics.ts';
import type { Published } from '../../release/published.ts';
import { bytesOfPublished } from '../../release/published-bytes.ts';
import { release } from '../../release/release.ts';
import { standingOf } from '../../sum/coordinator/machine.ts';
import { encodeStanding } from '../../sum/coordinator/standing.ts';
import type { CoordinatorSum } from '../../sum/sum.ts';
import { publishedTogether, readTogether, resultOfCohorts } from '../cohort-sums.ts';
import { roundTerms } from '../round-terms.ts';
import type { LiveRound } from '../state.ts';
import { type Accusation, required, termsOf } from './live-sum.ts';
import type { Work } from './work.ts';

export async function recordOf(work: Work, content: LedgerContent): Promise<LedgerRecord> {
  const { setup, state, nowMs } = work;
  const { records } = await appendTo(setup.primitives, setup.signer, state.ledger, { content, atMs: nowMs });
  return records[records.length - 1]!;
}

export async function publish(work: Work, live: LiveRound, opened: CoordinatorSum): Promise<void> {
  const body = await bodyOf(work, live, opened);
  const next = nextModel(work, live, opened, body);
  if (next.kind === 'rejected') return failRound(work, live, next);
  const { setup, state } = work;
  const toPublish = together(setup.primitives, live, toPublishOf(state.plan.id, live.round, opened));
  const { sum: published } = await publishSum(setup.primitives, setup.signer, toPublish);
  const { signedBy, signature, ...facts } = published;
  const record = await recordOf(work, { kind: 'sum published', ...facts });
  const modelBytes = next.published === undefined ? undefined : bytesOfPublished(next.published);
  const model = modelBytes === undefined ? null : work.keep(modelBytes);
  work.happen({
    kind: 'released',
    atMs: work.nowMs,
    round: live.round,
    version: live.version + 1,
    modelHash: model?.sha256 ?? null,
    sum: body === undefined ? null : work.keep(body),
    model,
    contributors: toPublish.contributors.map(({ member }) => member),
    contributions: toPublish.contributors.map(({ contribution }) => contribution),
    published: { ...facts, signedBy, signature },
    record,
    standing: endSum(work),
    metrics: next.metrics,
  });
  work.published = next.published;
}

/** One sum, or all cohorts' together. */
function together(primitives: Hashing, { cohortsOpened }: LiveRound, last: SumToPublish): SumToPublish {
  const earlier = cohortsOpened.flatMap(({ contributors, contributions }) =>
    contributors.map((member, i) => ({ member, contribution: contributions[i] ?? '' })),
  );
  const result = resultOfCohorts(primitives, [...cohortsOpened.map((one) => one.result), last.result]);
  const contributors = [...earlier, ...last.contributors].sort((a, b) => (a.member < b.member ? -1 : 1));
  return { ...last, result, contributors };
}

export const toPublishOf = (plan: string, round: number, { contributors, result }: CoordinatorSum): SumToPublish => ({
  plan,
  round,
  result: hexOf(result),
  contributors: contributors.map(({ memberId, contribution }) => ({
    member: memberId,
    contribution: hexOf(contribution),
  })),
});

type Next =
  | {
      readonly kind: 'next';
      readonly published: Published | undefined;
      readonly metrics: readonly PublishedMetric[];
    }
  | { readonly kind: 'rejected'; readonly code: string; readonly reason: string };

/** What was published of this round; undefined where sums are opened to participants alone. */
async function bodyOf(work: Work, live: LiveRound, { published }: CoordinatorSum): Promise<Uint8Array | undefined> {
  if (published === undefined) return undefined;
  const earlier: Uint8Array[] = [];
  for (const { sum } of live.cohortsOpened) earlier.push(await work.read(sum));
  return publishedTogether([...earlier, published]);
}

function nextModel(work: Work, live: LiveRound, opened: CoordinatorSum, body: Uint8Array | undefined): Next {
  const { state, setup, published } = work;
  if (body === undefined) return { kind: 'next', published: undefined, metrics: [] };
  const terms = termsOf(state);
  const found = roundTerms(setup.primitives, terms, live, published);
  if (published === undefined || found === undefined) {
    return { kind: 'rejected', code: 'no-model', reason: 'there is no model that this sum belongs to' };
  }
  const { support, rotation } = found;
  const { agreement } = required(work);
  const sums = readTogether(setup.primitives, agreement, opened.point, live.cohorts.length, body);
  return withoutKind(
    release(setup.engines.words, terms.plan, {
      published,
      support,
      sums: sums.map(({ sum: words, contributors }) => ({ words, contributors: contributors.length, rotation })),
      memberCount: state.roster.length,
    }),
  );
}

function withoutKind(result: ReturnType<typeof release>): Next {
  if (result.kind === 'rejected') return result;
  return { kind: 'next', published: result.published, metrics: result.metrics };
}

export async function failRound(
  work: Work,
  { round }: LiveRound,
  {
    code,
    reason,
    members = [],
  }: { readonly code: string; readonly reason: string; readonly members?: readonly string[] },
): Promise<void> {
  const { plan } = work.state;
  const record = await recordOf(work, { kind: 'refused', plan: plan.id, round, code, reason: reason.slice(0, 2000) });
  const standing = endSum(work);
  work.happen({ kind: 'round failed', atMs: work.nowMs, round, code, reason, members, record, standing });
}

/** What the sum leaves for the next; the sum itself is gone. */
export function endSum(work: Work): ReturnType<Work['keep']> {
  work.standing = standingOf(required(work).sum);
  work.live = undefined;
  return work.keep(encodeStanding(work.standing));
}

export function accuse(work: Work, round: number | null, accusations: readonly Accusation[]): void {
  for (const { code, reason, accused, messages } of accusations) {
    work.happen({
      kind: 'evidence found',
      atMs: work.nowMs,
      round,
      code,
      reason,
      accused,
      messages: messages.map((bytes) => work.keep(bytes)),
    });
  }
}
