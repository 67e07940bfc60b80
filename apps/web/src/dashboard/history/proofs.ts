// What can be checked in the page, from the log alone: the coordinator's ledger, and that a member's contribution is in a published sum. Both
// are worked out again from the events; nothing of the coordinator's is believed but what its key signed.

import { canonicalJson } from '@sumus/differential-privacy/mechanisms';
import { type LedgerRecord, type Receipt, recordHash, verifyLedger, verifyReceipt } from '@sumus/federation/ledger';
import { contributionsInSum, verifyPlan } from '@sumus/federation/plan';
import { type Released, readEvent } from '@sumus/federation/run';
import { proveInclusion, rootOf, treeOf } from '@sumus/secure-sum/log';
import type { PublicPrimitives } from '@sumus/secure-sum/primitives';
import type { LogReader } from './reader.ts';
import type { Answers, Verified } from './worker-messages.ts';

/** Why the plan on show is not the one that its fingerprint and its owner's signature are of; null where it is. */
export async function planProblem(primitives: PublicPrimitives, reader: LogReader): Promise<string | null> {
  const plan = reader.history.summary()?.plan;
  if (plan === undefined) return null;
  try {
    await verifyPlan(primitives, plan, bytesOf(plan.signedBy));
    return null;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

export async function verifyLog(primitives: PublicPrimitives, reader: LogReader): Promise<Verified> {
  const owner = reader.history.summary()?.coordinator ?? '';
  const records: LedgerRecord[] = [];
  const unlike: string[] = [];
  const plan = await planProblem(primitives, reader);
  if (plan !== null) unlike.push(plan);
  for (const index of reader.history.recordsAt) {
    const event = readEvent(await reader.textOf(index));
    if ('record' in event) records.push(event.record);
    if (event.kind === 'released' && !isAsRecorded(primitives, event)) {
      unlike.push(`what the log says of the sum of round ${event.round} is not what its signed record says`);
    }
  }
  const verdict = await verifyLedger(primitives, owner, records);
  const last = records.at(-1);
  const count = (kind: LedgerRecord['content']['kind']): number =>
    records.filter(({ content }) => content.kind === kind).length;
  return {
    isIntact: verdict.kind === 'intact' && unlike.length === 0,
    records: records.length,
    head: last === undefined ? '' : recordHash(primitives, last),
    findings: [...unlike, ...(verdict.kind === 'intact' ? [] : verdict.findings.map(({ what }) => what))].slice(0, 20),
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
    minimumContributors: contributionsInSum(summary.plan.plan).fewest,
    coordinatorKey: bytesOf(summary.coordinator),
  };
  try {
    await verifyReceipt(primitives, receipt, own);
    // One member twice would be counted as two others.
    return { receipt, holds: isAsRecorded(primitives, event) };
  } catch {
    // Why it does not hold is of no use to a reader: it does not, and that is shown.
    return { receipt, holds: false };
  }
}

/** Leaves as ledger/receipt.ts has them: canonical JSON of { plan, round, member, contribution }, ascending by member. */
function receiptFrom(primitives: PublicPrimitives, event: Released, member: string): Receipt | undefined {
  const { published } = event;
  const sorted = sortedContributors(event);
  const index = sorted.findIndex((one) => one.member === member);
  const own = sorted[index];
  if (own === undefined) return undefined;
  const tree = treeOf(primitives, leavesOf(event));
  const path = proveInclusion(primitives, tree, index).map(hexOf);
  return { sum: published, ...own, index, path };
}

interface Contributor {
  readonly member: string;
  readonly contribution: string;
}

const sortedContributors = ({ contributors, contributions }: Released): readonly Contributor[] =>
  contributors
    .map((member, at) => ({ member, contribution: contributions[at] ?? '' }))
    .sort((a, b) => (a.member < b.member ? -1 : 1));

function leavesOf(event: Released): Uint8Array[] {
  const { plan, round } = event.published;
  const encoder = new TextEncoder();
  return sortedContributors(event).map((one) => encoder.encode(canonicalJson({ plan, round, ...one })));
}

/** Whether who contributed, once each, and what was published is what the coordinator put into its signed ledger. */
function isAsRecorded(primitives: PublicPrimitives, event: Released): boolean {
  const { published, record, contributors, round } = event;
  const { content } = record;
  return (
    content.kind === 'sum published' &&
    content.plan === published.plan &&
    content.round === published.round &&
    published.round === round &&
    content.result === published.result &&
    content.contributors === published.contributors &&
    content.contributorsRoot === published.contributorsRoot &&
    contributors.length === published.contributors &&
    new Set(contributors).size === contributors.length &&
    hexOf(rootOf(primitives, treeOf(primitives, leavesOf(event)))) === published.contributorsRoot
  );
}

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

export const hexOf = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
