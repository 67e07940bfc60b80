// What a participant's half of a sum is started with, and the functions that a driver calls (machine.ts). Secret: no import path from the
// coordinator comes here.

import type { Floors } from '@sumus/secure-sum/floors';
import type { Certificate } from '@sumus/secure-sum/identity';
import type { Step } from '@sumus/secure-sum/machine';
import type { Signer } from '@sumus/secure-sum/primitives';
import type { SecretPrimitives } from '@sumus/secure-sum/secret-primitives';
import type { ParticipantSum, ParticipantSumEvent, SumAgreement, SumEngines, SumPhase, SumPoint } from '../sum.ts';
import type { SecretStanding } from './standing.ts';
import type { SecretSum } from './state.ts';

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

export type SumStep = Step<SecretSum, ParticipantSum>;

/**
 * A state and a standing are used once. What is thrown (a refusal, with a `code`) was not done, and the state stands. `persist` is carried out
 * by storing storeSumInTheClear of the new state: nothing behind it is sent before that is on disk.
 */
export interface SumParticipant {
  /** Before the first sum of all: nothing entered, nothing witnessed. Later: what the last sum left, standingOf. */
  freshStanding(setup: ParticipantSumSetup): SecretStanding;
  /** Enters the round: charged to the rounds of a day, its high-water mark raised, both stored with the state before anything is sent. */
  openSum(setup: ParticipantSumSetup, standing: SecretStanding, point: SumPoint, nowMs: number): Promise<SumStep>;
  stepSum(setup: ParticipantSumSetup, state: SecretSum, event: ParticipantSumEvent, nowMs: number): Promise<SumStep>;
  /** That the machine waits for `words` (or `abstain`) and for nothing else. */
  wantsWords(state: SecretSum): boolean;
  phaseOf(state: SecretSum): SumPhase;
  /** What goes on to the next sum, of a state that is done or aborted. */
  standingOf(state: SecretSum): SecretStanding;
  /** For storage that its owner alone reads: keys lie in it in the clear. */
  storeSumInTheClear(setup: ParticipantSumSetup, state: SecretSum): Uint8Array<ArrayBuffer>;
  /** Goes on with `resume`; answers nothing that was answered. */
  restoreSum(setup: ParticipantSumSetup, bytes: Uint8Array, nowMs: number): Promise<SecretSum>;
}
