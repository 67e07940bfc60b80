// A participant's own ledger beside the log: what it says left it and what it kept a receipt of has to be what the coordinator says it got.
// The participant signs it, so a coordinator that writes its log anew does not get past it.

import {
  type KnownHead,
  type LedgerRecord,
  readLedgerText,
  type VerifiedLedger,
  verifyLedger,
} from '@sumus/federation/ledger';
import type { RunEvent } from '@sumus/federation/run';
import type { PublicPrimitives } from '@sumus/secure-sum/primitives';
import type { CertificateOfMember } from './certificates.ts';
import type { LogFinding } from './finding.ts';
import { isRefusal } from './read-log.ts';

export interface MemberLedger {
  /** Its name in the run. */
  readonly member: string;
  /** One record a line. */
  readonly text: string;
  readonly known?: KnownHead | undefined;
}

export interface ReadLedger {
  readonly member: string;
  readonly records: readonly LedgerRecord[];
  /** Undefined where it is damaged: nothing is counted from such a one. */
  readonly verified: VerifiedLedger | undefined;
}

export async function ledgerProblems(
  primitives: PublicPrimitives,
  { member, text, known }: MemberLedger,
  certificate: CertificateOfMember | undefined,
  events: readonly RunEvent[],
): Promise<{ readonly ledger: ReadLedger; readonly findings: readonly LogFinding[] }> {
  const problem = (what: string, at: number | null = null): LogFinding => ({ at, code: 'participant', what });
  let records: readonly LedgerRecord[];
  try {
    records = readLedgerText(text);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const findings = [problem(`the ledger of ${member} cannot be read: ${error.message}`)];
    return { ledger: { member, records: [], verified: undefined }, findings };
  }
  if (certificate === undefined) {
    const findings = [problem(`a ledger of ${member}, who has no certificate in this log`)];
    return { ledger: { member, records, verified: undefined }, findings };
  }
  const verdict = await verifyLedger(primitives, certificate.publicKey, records, known);
  if (verdict.kind === 'damaged') {
    const findings = verdict.findings.map(({ damage, what }) => problem(`the ledger of ${member}, ${damage}: ${what}`));
    return { ledger: { member, records, verified: undefined }, findings };
  }
  const findings = [...contradictions(member, records, events)].map(([at, what]) => problem(what, at));
  return { ledger: { member, records, verified: verdict.ledger }, findings };
}

/** By event. */
function* contradictions(
  member: string,
  records: readonly LedgerRecord[],
  events: readonly RunEvent[],
): Generator<readonly [number | null, string]> {
  const created = events.find((event) => event.kind === 'run created');
  const plan = created?.kind === 'run created' ? created.plan.id : undefined;
  const kept = new Map<number, string>();
  for (const { content } of records) {
    if (content.kind !== 'receipt kept' || content.plan !== plan) continue;
    kept.set(content.round, content.contribution);
    const at = events.findIndex((event) => event.kind === 'released' && event.round === content.round);
    const event = events[at];
    if (event?.kind !== 'released') {
      yield [null, `${member} has a receipt for round ${content.round}, of which the log has no release`];
    } else if (event.published.contributorsRoot !== content.contributorsRoot) {
      yield [at, `${member} has a receipt for another sum of round ${content.round}`];
    } else if (event.contributions[event.contributors.indexOf(member)] !== content.contribution) {
      yield [at, `${member} sent another contribution to round ${content.round} than the log has`];
    }
  }
  for (const [at, event] of events.entries()) {
    if (event.kind !== 'released' || !event.contributors.includes(member) || kept.has(event.round)) continue;
    const hasLeft = records.some(
      ({ content }) => content.kind === 'left' && content.plan === plan && content.round === event.round,
    );
    if (!hasLeft)
      yield [at, `the log has a contribution of ${member} to round ${event.round}, and its ledger has none`];
  }
}
