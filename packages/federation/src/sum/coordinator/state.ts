// Where the coordinator stands in one sum. What a protocol holds is behind one interface, each in a file of its own; the machine (machine.ts) adds
// what all have: the log, the frames, the digests of what was contributed, and the end.

import type { OpenContext } from '@sumus/secure-sum/context';
import type { RoundAborted } from '@sumus/secure-sum/errors';
import type { MemberId } from '@sumus/secure-sum/identity';
import type { Output, Send, Step } from '@sumus/secure-sum/machine';
import type { Frame } from '../frame.ts';
import type { CoordinatorSum, SumPhase, SumPoint } from '../sum.ts';
import type { CoordinatorSumSetup } from './setup.ts';
import type { CoordinatorEpoch, CoordinatorStanding } from './standing.ts';

/** What every protocol of the coordinator works with in one sum. */
export interface CoordinatorEnvironment {
  readonly setup: CoordinatorSumSetup;
  readonly point: SumPoint;
  /** sumId */
  readonly id: Uint8Array;
  /** Under which keys are announced and the beacon is drawn. */
  readonly open: OpenContext;
}

/** What a protocol opened: who is in it, and either the words (with what participants check them by), or the hash of a certified set. */
export type ProtocolSum = { readonly contributors: readonly MemberId[] } & (
  | { readonly sum: Int32Array; readonly carrier: Uint8Array }
  | { readonly setHash: Uint8Array }
);

/** What a protocol answers one event with: the next of it, what goes on, and outputs whose sends are no frames yet. */
export interface CoordinatorProtocolStep {
  readonly protocol: CoordinatorProtocol;
  readonly standing: CoordinatorStanding;
  readonly outputs: readonly Output<ProtocolSum>[];
  /** Whose contribution the frame was, when it was taken. */
  readonly contributor?: MemberId | undefined;
}

/** A protocol in the middle of a sum. Used once, as the state that holds it. */
export interface CoordinatorProtocol {
  /** Who reads what it stored. */
  readonly kind: 'preparing' | 'clear' | 'mask' | 'one-shot' | 'founding' | 'threshold';
  readonly phase: SumPhase;
  readonly isComplete: boolean;
  received(standing: CoordinatorStanding, frame: Frame, nowMs: number): Promise<CoordinatorProtocolStep>;
  close(standing: CoordinatorStanding, nowMs: number): Promise<CoordinatorProtocolStep>;
  /** To who has not answered. Changes nothing. */
  askAgain(): Promise<readonly Output<never>[]>;
  /** What later sums of the same committee or key need. */
  end(): CoordinatorEpoch | undefined;
  store(): Uint8Array;
}

export type CoordinatorSumState =
  | {
      readonly phase: 'running';
      readonly point: SumPoint;
      readonly standing: CoordinatorStanding;
      readonly protocol: CoordinatorProtocol;
      /** SHA-256 of what each member contributed. */
      readonly contributions: ReadonlyMap<MemberId, Uint8Array>;
      /** What ended the preparation: told again to who missed it. */
      readonly reveals: Uint8Array | undefined;
    }
  | {
      readonly phase: 'done';
      readonly point: SumPoint;
      readonly standing: CoordinatorStanding;
      /** Frames that told how it ended: told again to who asks. */
      readonly told: readonly Send[];
    }
  | {
      readonly phase: 'aborted';
      readonly point: SumPoint;
      readonly standing: CoordinatorStanding;
      readonly reason: RoundAborted;
    };

export type CoordinatorSumStep = Step<CoordinatorSumState, CoordinatorSum>;
