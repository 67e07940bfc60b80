// What the coordinator's half of a sum is started with, and the functions that a driver calls (machine.ts). It holds one key, the log's.

import type { Step } from '@sumus/secure-sum/machine';
import type { KeyAgreement, PublicPrimitives, Signer } from '@sumus/secure-sum/primitives';
import type { CoordinatorSum, CoordinatorSumEvent, SumAgreement, SumEngines, SumPhase, SumPoint } from '../sum.ts';
import type { CoordinatorStanding } from './standing.ts';
import type { CoordinatorSumState } from './state.ts';

/** The same for every sum of a run. */
export interface CoordinatorSumSetup extends SumAgreement {
  readonly engines: SumEngines;
  readonly primitives: PublicPrimitives;
  /** The key of `log.logKey`. */
  readonly logSigner: Signer;
  /** mask: an X25519 key that its sharing set has revealed, because its owner is gone, made ready to agree. */
  readonly revealedKey: (bytes: Uint8Array) => Promise<KeyAgreement>;
}

export type CoordinatorSumStep = Step<CoordinatorSumState, CoordinatorSum>;

/** A state and a standing are used once. What is thrown was not done; a refused message changes nothing. Everything in here is public. */
export interface SumCoordinator {
  /** Before the first sum of all: an empty log. Later: what the last sum left, standingOf. */
  freshStanding(): CoordinatorStanding;
  startSum(
    setup: CoordinatorSumSetup,
    standing: CoordinatorStanding,
    point: SumPoint,
    nowMs: number,
  ): Promise<CoordinatorSumStep>;
  stepSum(
    setup: CoordinatorSumSetup,
    state: CoordinatorSumState,
    event: CoordinatorSumEvent,
    nowMs: number,
  ): Promise<CoordinatorSumStep>;
  /** `close` may come before the deadline: nobody is missing who could still answer. While gathering: all who are admitted by name. */
  isComplete(state: CoordinatorSumState): boolean;
  phaseOf(state: CoordinatorSumState): SumPhase;
  /** What goes on to the next sum, of a state that is done or aborted. */
  standingOf(state: CoordinatorSumState): CoordinatorStanding;
  storeSum(setup: CoordinatorSumSetup, state: CoordinatorSumState): Uint8Array<ArrayBuffer>;
  restoreSum(setup: CoordinatorSumSetup, bytes: Uint8Array, nowMs: number): Promise<CoordinatorSumState>;
}
