// What a verified ledger says about privacy: all that was charged to a data set, and its ε. Charges for different units or neighbours do
// not add up and are reported apart.

import { type Answer, tightestEpsilon } from '@sumus/differential-privacy/accountants';
import type { Charge } from '@sumus/differential-privacy/budget';
import { type Adjacency, type Mechanism, type Unit, under } from '@sumus/differential-privacy/mechanisms';
import type { VerifiedLedger } from './verify.ts';

export interface Spent {
  readonly dataset: string;
  readonly unit: Unit;
  readonly adjacency: Adjacency;
  readonly charges: readonly Charge<Mechanism>[];
}

export function spentOf({ records }: VerifiedLedger): readonly Spent[] {
  const accounts = new Map<string, { readonly spent: Spent; readonly charges: Charge<Mechanism>[] }>();
  for (const { content } of records) {
    if (content.kind !== 'charged') continue;
    const { dataset, mechanism, count } = content;
    const { unit, adjacency } = mechanism;
    const key = JSON.stringify([dataset, unit, adjacency]);
    let account = accounts.get(key);
    if (account === undefined) {
      const charges: Charge<Mechanism>[] = [];
      account = { spent: { dataset, unit, adjacency, charges }, charges };
      accounts.set(key, account);
    }
    account.charges.push({ mechanism, count });
  }
  return [...accounts.values()].map(({ spent }) => spent);
}

/** What a participant's policy is asked with: everything charged to the data set, whatever the unit. */
export const chargesOn = (ledger: VerifiedLedger, dataset: string): readonly Charge<Mechanism>[] =>
  spentOf(ledger)
    .filter((one) => one.dataset === dataset)
    .flatMap(({ charges }) => charges);

export function epsilonSpent({ unit, adjacency, charges }: Spent, delta: number): Answer {
  const mechanisms = under({ adjacency, unit });
  return tightestEpsilon(
    charges.map(({ mechanism, count }) => mechanisms.repetition({ inner: mechanism, count })),
    delta,
  );
}
