// What can be checked in the page, from the log alone: the coordinator's ledger, and that a member's contribution is in a published sum. Both
// are worked out again from the events; nothing of the coordinator's is believed but what its key signed.

import { canonicalJson } from '@sumus/differential-privacy/mechanisms';
import { type LedgerRecord, type Receipt, recordHash, verifyLedger, verifyReceipt } from '@sumus/federation/ledger';
import { type Released, readEvent } from '@sumus/federation/run';
import { proveInclusion, treeOf } from '@sumus/secure-sum/log';
import type { PublicPrimitives } from '@sumus/secure-sum/primitives';
import type { LogReader } from './reader.ts';
import type { Answers, Verified } from './worker-messages.ts';

export async function verifyLog(primitives: PublicPrimitives, reader: LogReader): Promise<Verified> {
  const owner = reader.history.summary()?.coordinator ?? '';
  const records: LedgerRecord[] = [];
  for (const index of reader.history.recordsAt) {
    const event = readEvent(await reader.textOf(index));
    if ('record' in event) records.push(event.record);
  }
  const verdict = await verifyLedger(primitives, owner, records);
  const last = records.at(-1);
  const count = (kind: LedgerRecord['content']['kind']): number =>
    records.filter(({ content }) => content.kind === kind).length;
  return {
    isIntact: verdict.kind === 'intact',
    records: records.length,
    head: last === undefined ? '' : recordHash(primitives, last),
    findings: verdict.kind === 'intact' ? [] : verdict.findings.slice(0, 20).map(({ what }) => what),
    published: count('sum published'),
    refused: count('refused'),
  };
}

/** The proof that a member's contribution is in a round's sum, made from the log and then checked as its owner would. */
export async function receiptOf(
  primitives: PublicPrimitives,
  reader: LogReader,
  member: string,
  round: number,
): Promise<Answers['receipt']> {
  const summary = reader.history.summary();
  const row = summary?.rounds[round];
  if (summary === undefined || row === undefined || row.outcome !== 'released') return null;
  const event = readEvent(await reader.textOf(row.to - 1));
  if (event.kind !== 'released') return null;
  const receipt = receiptFrom(primitives, event, member);
  if (receipt === undefined) return null;
  const own = {
    plan: summary.plan.id,
    round,
    member,
    contribution: receipt.contribution,
    result: event.published.result,
    minimumContributors: summary.plan.plan.contributors.minimum,
    coordinatorKey: Uint8Array.from(summary.coordinator.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
  };
  try {
    await verifyReceipt(primitives, receipt, own);
    return { receipt, holds: true };
  } catch {
    // Why it does not hold is of no use to a reader: it does not, and that is shown.
    return { receipt, holds: false };
  }
}

/** Leaves as ledger/receipt.ts has them: canonical JSON of { plan, round, member, contribution }, ascending by member. */
function receiptFrom(primitives: PublicPrimitives, event: Released, member: string): Receipt | undefined {
  const { published, contributors, contributions } = event;
  const { plan, round } = published;
  const sorted = contributors
    .map((name, at) => ({ member: name, contribution: contributions[at] ?? '' }))
    .sort((a, b) => (a.member < b.member ? -1 : 1));
  const index = sorted.findIndex((one) => one.member === member);
  const own = sorted[index];
  if (own === undefined) return undefined;
  const encoder = new TextEncoder();
  const tree = treeOf(
    primitives,
    sorted.map((one) => encoder.encode(canonicalJson({ plan, round, ...one }))),
  );
  const path = proveInclusion(primitives, tree, index).map(hexOf);
  return { sum: published, ...own, index, path };
}

export const hexOf = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
