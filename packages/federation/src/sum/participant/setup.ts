// What a participant's half of a sum is started with. Secret: no import path from the coordinator comes here.

import type { Floors } from '@sumus/secure-sum/floors';
import type { Certificate } from '@sumus/secure-sum/identity';
import type { Signer } from '@sumus/secure-sum/primitives';
import type { SecretPrimitives } from '@sumus/secure-sum/secret-primitives';
import type { SumAgreement, SumEngines } from '../sum.ts';

/** The same for every sum of a run. */
export interface ParticipantSumSetup extends SumAgreement {
  readonly engines: SumEngines;
  readonly primitives: SecretPrimitives;
  /** This participant's identity. */
  readonly signer: Signer;
  readonly certificate: Certificate;
  /** Its own (floorsOf its policy and the plan), never the coordinator's. */
  readonly floors: Floors;
}
