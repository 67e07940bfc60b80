// What a ledger writes down: each is one fact that an auditor, a data protection officer or a participant asks for later. Hashes, counts
// and prices; never a value of an update, a key or a record of data.

import type { Mechanism } from '@sumus/differential-privacy/mechanisms';
import { mechanismFrom, serializeMechanism } from '@sumus/differential-privacy/mechanisms';
import type { Protection } from '../plan/plan.ts';
import { object, tagged } from '../schema/objects.ts';
import { oneOf, orNull, refuse, type Schema, text, whole } from '../schema/schema.ts';

export type LedgerContent = PlanAccepted | WhatLeft | Charged | SumPublished | Refused | ReceiptKept;

export interface PlanAccepted {
  readonly kind: 'plan accepted';
  /** SHA-256, hexadecimal: here and below. */
  readonly plan: string;
  readonly signedBy: string;
  /** Of the policy file that accepted it. */
  readonly policy: string;
}

export interface WhatLeft {
  readonly kind: 'left';
  readonly plan: string;
  readonly round: number;
  readonly what: 'update' | 'statistics' | 'metrics' | 'model';
  /** Of the bytes that left. */
  readonly hash: string;
  readonly bytes: number;
  /** Coordinates of the update that could be other than zero. */
  readonly coordinates: number;
  readonly protection: Protection['kind'];
}

/** What a release cost the units of a data set: the mechanism that was run, as differential-privacy knows it. */
export interface Charged {
  readonly kind: 'charged';
  readonly plan: string;
  readonly round: number;
  readonly dataset: string;
  readonly mechanism: Mechanism;
  readonly count: number;
}

export interface SumPublished {
  readonly kind: 'sum published';
  readonly plan: string;
  readonly round: number;
  /** Of the published sum's bytes. */
  readonly result: string;
  /** How many contributed, and the root of the Merkle tree of their contributions (receipt.ts). */
  readonly contributors: number;
  readonly contributorsRoot: string;
}

export interface Refused {
  readonly kind: 'refused';
  readonly plan: string;
  readonly round: number | null;
  readonly code: string;
  readonly reason: string;
}

/** That a receipt was checked: this owner's contribution is in the sum. */
export interface ReceiptKept {
  readonly kind: 'receipt kept';
  readonly plan: string;
  readonly round: number;
  readonly contribution: string;
  readonly contributorsRoot: string;
}

export const hash: Schema<string> = text({
  atLeast: 64,
  atMost: 64,
  pattern: { source: '^[0-9a-f]{64}$', means: 'a SHA-256: 64 hexadecimal digits' },
});

const round: Schema<number> = whole(0, 2 ** 31 - 1);

const mechanism: Schema<Mechanism> = {
  read: (value, path, problems) => {
    try {
      const read = mechanismFrom(value);
      serializeMechanism(read);
      return { value: read };
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      return refuse(problems, path, `is no mechanism: ${what}`, 'write one of @sumus/differential-privacy');
    }
  },
  json: { type: 'object' },
};

export const contentSchema: Schema<LedgerContent> = tagged('kind', {
  'plan accepted': object<PlanAccepted>({ kind: oneOf('plan accepted'), plan: hash, signedBy: hash, policy: hash }),
  left: object<WhatLeft>({
    kind: oneOf('left'),
    plan: hash,
    round,
    what: oneOf('update', 'statistics', 'metrics', 'model'),
    hash,
    bytes: whole(0, 2 ** 50),
    coordinates: whole(0, 2 ** 32),
    protection: oneOf('mask', 'one-shot', 'threshold', 'none'),
  }),
  charged: object<Charged>({
    kind: oneOf('charged'),
    plan: hash,
    round,
    dataset: text({ atLeast: 1, atMost: 200 }),
    mechanism,
    count: whole(1, 10 ** 9),
  }),
  'sum published': object<SumPublished>({
    kind: oneOf('sum published'),
    plan: hash,
    round,
    result: hash,
    contributors: whole(1, 2 ** 20),
    contributorsRoot: hash,
  }),
  refused: object<Refused>({
    kind: oneOf('refused'),
    plan: hash,
    round: orNull(round),
    code: text({ atLeast: 1, atMost: 64 }),
    reason: text({ atLeast: 1, atMost: 2000 }),
  }),
  'receipt kept': object<ReceiptKept>({
    kind: oneOf('receipt kept'),
    plan: hash,
    round,
    contribution: hash,
    contributorsRoot: hash,
  }),
});
