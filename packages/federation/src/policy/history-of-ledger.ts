// A participant's history as its own verified ledger tells it: what a policy is asked with. A ledger that nobody verified has none.

import { chargesOn, type VerifiedLedger } from '../ledger/index.ts';
import type { VerifiedPlan } from '../plan/identity.ts';
import type { ParticipantHistory } from './participant-history.ts';

export interface Now {
  readonly dataset: string;
  readonly nowMs: number;
  readonly signed: VerifiedPlan | undefined;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Rounds of the last 24 hours count as today's, so that midnight is no way around a limit; records of the future count too. */
export function historyOf(ledger: VerifiedLedger, { dataset, nowMs, signed }: Now): ParticipantHistory {
  let bytesUp = 0;
  const rounds = new Set<string>();
  for (const { content, atMs } of ledger.records) {
    if (content.kind !== 'left') continue;
    bytesUp += content.bytes;
    if (atMs > nowMs - DAY_MS) rounds.add(`${content.plan} ${content.round}`);
  }
  return Object.freeze({
    dataset,
    charges: chargesOn(ledger, dataset),
    bytesUp,
    roundsToday: rounds.size,
    nowMs,
    signed,
  });
}
