// Where a participant stands in one sum. What a protocol holds is behind one interface, each in a file of its own; the machine (machine.ts) adds
// what all have: the standing, the frames, and the end.

import type { OpenContext } from '@sumus/secure-sum/context';
import type { RoundAborted } from '@sumus/secure-sum/errors';
import type { Output, Step } from '@sumus/secure-sum/machine';
import type { Frame } from '../frame.ts';
import type { Opened } from '../opened.ts';
import type { ParticipantSum, SumPhase, SumPoint } from '../sum.ts';
import type { ParticipantSumSetup } from './setup.ts';
import type { SecretEpoch, SecretStanding } from './standing.ts';

/** What every protocol of a participant works with in one sum. */
export interface SumEnvironment {
  readonly setup: ParticipantSumSetup;
  readonly point: SumPoint;
  /** sumId */
  readonly id: Uint8Array;
  /** Under which keys are announced and the beacon is drawn. */
  readonly open: OpenContext;
}

/** What a protocol opened for this participant. */
export interface OwnOpened {
  readonly opened: Opened;
  readonly sum: Int32Array | undefined;
}

/** What a protocol answers one event with: the next of it, what goes on from here, and outputs whose sends are no frames yet. */
export interface ProtocolStep {
  readonly protocol: SecretProtocol;
  readonly standing: SecretStanding;
  readonly outputs: readonly Output<OwnOpened>[];
}

/** A protocol in the middle of a sum. Used once, as the state that holds it. */
export interface SecretProtocol {
  /** Who reads what it stored. */
  readonly kind: 'preparing' | 'clear' | 'mask' | 'one-shot' | 'founding' | 'threshold';
  readonly phase: SumPhase;
  readonly wantsWords: boolean;
  /** SHA-256 of what was contributed last, where anything was. */
  readonly own: Uint8Array | undefined;
  received(standing: SecretStanding, frame: Frame, nowMs: number): Promise<ProtocolStep>;
  words(standing: SecretStanding, words: Int32Array, version: number | undefined, nowMs: number): Promise<ProtocolStep>;
  abstain(standing: SecretStanding, nowMs: number): Promise<ProtocolStep>;
  /** The last messages again. Changes nothing. */
  resume(): Promise<readonly Output<never>[]>;
  /** Wipes what this sum alone has; what later sums of the same committee or key need. */
  end(): Promise<SecretEpoch | undefined>;
  storeInTheClear(): Uint8Array;
}

export type SecretSum =
  | {
      readonly phase: 'running';
      readonly point: SumPoint;
      readonly standing: SecretStanding;
      readonly protocol: SecretProtocol;
    }
  | { readonly phase: 'done'; readonly point: SumPoint; readonly standing: SecretStanding }
  | {
      readonly phase: 'aborted';
      readonly point: SumPoint;
      readonly standing: SecretStanding;
      readonly reason: RoundAborted;
    };

export type SumStep = Step<SecretSum, ParticipantSum>;
