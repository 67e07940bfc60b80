// What a participant knows besides plan and file, when it is asked: from its ledger, its clock and its disk.

import type { Charge } from '@sumus/differential-privacy/budget';
import type { Mechanism } from '@sumus/differential-privacy/mechanisms';

export interface ParticipantHistory {
  /** Which data set would be used. */
  readonly dataset: string;
  /** All that runs on this data set have cost so far. */
  readonly charges: readonly Charge<Mechanism>[];
  readonly bytesUp: number;
  readonly roundsToday: number;
  readonly nowMs: number;
  /** Whose signature of the plan was verified (verifyPlan), in hexadecimal. */
  readonly signedBy: string | undefined;
}
