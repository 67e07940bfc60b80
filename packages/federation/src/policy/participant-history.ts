// What a participant knows besides plan and file, when it is asked: from its ledger, its clock and its disk.

import type { Charge } from '@sumus/differential-privacy/budget';
import type { Mechanism } from '@sumus/differential-privacy/mechanisms';
import type { VerifiedPlan } from '../plan/identity.ts';

export interface ParticipantHistory {
  /** Which data set would be used. */
  readonly dataset: string;
  /** All that runs on this data set have cost so far. */
  readonly charges: readonly Charge<Mechanism>[];
  readonly bytesUp: number;
  readonly roundsToday: number;
  readonly nowMs: number;
  /** What verifyPlan gave for this plan; undefined where nobody verified a signature. */
  readonly signed: VerifiedPlan | undefined;
}
