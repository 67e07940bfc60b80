// The log of a run, examined by somebody who trusts nobody who kept it. What is signed is checked against its signature: plan, certificates,
// records, published sums. The rest has to follow, event by event, and where an earlier digest is known, to be what it was. What this cannot
// see without such a digest is said in `unsigned`: clocks, metrics and who was not heard are the coordinator's word.

import { verifyLedger } from '@sumus/federation/ledger';
import { verifyPlan } from '@sumus/federation/plan';
import { fold, type RunEvent, type RunState } from '@sumus/federation/run';
import type { Hashing, PublicPrimitives } from '@sumus/secure-sum/primitives';
import { type CertificateOfMember, certificateProblem, certificatesOf } from './certificates.ts';
import type { LogFinding } from './finding.ts';
import { type LogHead, logHead } from './log-digest.ts';
import { ledgerProblems, type MemberLedger, type ReadLedger } from './member-ledgers.ts';
import { publishedProblem } from './published-sums.ts';
import { isRefusal, readLog } from './read-log.ts';
import { bytesOfHex } from './text-bytes.ts';

export interface LogToExamine {
  /** One event a line. */
  readonly text: string;
  /** The Ed25519 key (hexadecimal) that is known to be the plan owner's; the plan's own where it is undefined, which shows nothing about whose. */
  readonly owner?: string | undefined;
  /** The coordinator's, likewise. */
  readonly coordinator?: string | undefined;
  /** Kept from earlier. */
  readonly known?: LogHead | undefined;
  readonly ledgers?: readonly MemberLedger[] | undefined;
}

export interface ExaminedLog {
  readonly findings: readonly LogFinding[];
  readonly events: readonly RunEvent[];
  /** What the events came to, as far as they follow; undefined where not even the first is the creation of a run. */
  readonly state: RunState | undefined;
  readonly digest: LogHead;
  readonly certificates: ReadonlyMap<string, CertificateOfMember>;
  readonly ledgers: readonly ReadLedger[];
  /** How many events have a signature in them that was found good. */
  readonly signed: number;
  /** Kinds of events in this log that nobody signs. */
  readonly unsigned: readonly string[];
}

export async function examineLog(primitives: PublicPrimitives, log: LogToExamine): Promise<ExaminedLog> {
  const { lines, events: read, findings: unreadable } = readLog(log.text);
  const findings: LogFinding[] = [...unreadable];
  const events = read.filter((event) => event !== undefined);
  const { state, outOfOrder } = folded(primitives, read);
  findings.push(...outOfOrder);
  if (log.known !== undefined) findings.push(...digestProblems(primitives, lines, log.known));
  const certificates = certificatesOf(events);
  const bad = new Set<number>();
  if (state === undefined) {
    findings.push({ at: 0, code: 'out of order', what: 'the log does not begin with the creation of a run' });
  } else {
    findings.push(...(await planProblems(primitives, state, log)));
    for (const [at, event] of read.entries()) {
      const found = event === undefined ? [] : await eventProblems(primitives, state, event, at);
      if (found.length > 0) bad.add(at);
      findings.push(...found);
    }
    findings.push(...(await recordProblems(primitives, state, read)));
  }
  const ledgers: ReadLedger[] = [];
  for (const ledger of log.ledgers ?? []) {
    const examined = await ledgerProblems(primitives, ledger, certificates.get(ledger.member), events);
    findings.push(...examined.findings);
    ledgers.push(examined.ledger);
  }
  const signedAt = read.flatMap((event, at) => (event !== undefined && isSigned(event) && !bad.has(at) ? [at] : []));
  return {
    findings: findings.sort((a, b) => (a.at ?? -1) - (b.at ?? -1)),
    events,
    state,
    digest: logHead(primitives, lines),
    certificates,
    ledgers,
    signed: signedAt.length,
    unsigned: [...new Set(events.filter((event) => !isSigned(event)).map(({ kind }) => kind))],
  };
}

const isSigned = (event: RunEvent): boolean =>
  event.kind === 'run created' || event.kind === 'member joined' || 'record' in event;

/** Past an event that does not follow, the others are still held against what did. */
function folded(
  primitives: PublicPrimitives,
  events: readonly (RunEvent | undefined)[],
): { readonly state: RunState | undefined; readonly outOfOrder: readonly LogFinding[] } {
  let state: RunState | undefined;
  const outOfOrder: LogFinding[] = [];
  for (const [at, event] of events.entries()) {
    if (event === undefined) continue;
    const next = fold(primitives, state, event);
    if (next === state) {
      outOfOrder.push({ at, code: 'out of order', what: `${event.kind} does not follow from the events before it` });
    }
    state = next;
  }
  return { state, outOfOrder };
}

function digestProblems(primitives: Hashing, lines: readonly string[], known: LogHead): readonly LogFinding[] {
  if (lines.length < known.size) {
    const what = `the log had ${known.size} events when its digest was kept, and has ${lines.length}`;
    return [{ at: null, code: 'digest', what }];
  }
  if (logHead(primitives, lines, known.size).head === known.head) return [];
  const what = `the first ${known.size} events are not those whose digest was kept`;
  return [{ at: null, code: 'digest', what }];
}

async function planProblems(
  primitives: PublicPrimitives,
  { plan, coordinator }: RunState,
  expected: LogToExamine,
): Promise<readonly LogFinding[]> {
  const findings: LogFinding[] = [];
  const owner = bytesOfHex(expected.owner ?? plan.signedBy);
  try {
    if (owner === undefined) throw new RangeError('the key of the owner is no hexadecimal text');
    await verifyPlan(primitives, plan, owner);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    findings.push({ at: 0, code: 'plan', what: error.message });
  }
  if (expected.coordinator !== undefined && expected.coordinator !== coordinator) {
    const what = `the run says that its coordinator is ${coordinator}, not ${expected.coordinator}`;
    findings.push({ at: 0, code: 'plan', what });
  }
  return findings;
}

async function eventProblems(
  primitives: PublicPrimitives,
  state: RunState,
  event: RunEvent,
  at: number,
): Promise<readonly LogFinding[]> {
  const what =
    event.kind === 'member joined'
      ? await certificateProblem(primitives, state, event)
      : event.kind === 'released'
        ? await publishedProblem(primitives, state, event)
        : recordProblem(event);
  const code = event.kind === 'member joined' ? 'certificate' : event.kind === 'released' ? 'published sum' : 'ledger';
  return what === undefined ? [] : [{ at, code, what }];
}

/** What a record says has to be what its event says. */
function recordProblem(event: RunEvent): string | undefined {
  if (event.kind === 'round failed') {
    const { content } = event.record;
    const isSame =
      content.kind === 'refused' &&
      content.round === event.round &&
      content.code === event.code &&
      content.reason === event.reason.slice(0, 2000);
    return isSame ? undefined : 'a round failed for another reason than its signed record says';
  }
  if (event.kind === 'member sat out' || event.kind === 'plan declined') {
    const { content } = event.record;
    return content.kind === 'refused' ? undefined : `${event.kind}, and its signed record says ${content.kind}`;
  }
  return undefined;
}

/** The coordinator's records, as a chain of their own. */
async function recordProblems(
  primitives: PublicPrimitives,
  { coordinator }: RunState,
  events: readonly (RunEvent | undefined)[],
): Promise<readonly LogFinding[]> {
  const records = events.flatMap((event) => (event !== undefined && 'record' in event ? [event.record] : []));
  const places = events.flatMap((event, at) => (event !== undefined && 'record' in event ? [at] : []));
  const verdict = await verifyLedger(primitives, coordinator, records);
  if (verdict.kind === 'intact') return [];
  return verdict.findings.map(({ index, what, damage }) => {
    const at = places[records.findIndex((record) => record.index === index)] ?? null;
    return { at, code: 'ledger', what: `${damage}: ${what}` };
  });
}
