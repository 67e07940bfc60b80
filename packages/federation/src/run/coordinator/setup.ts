// What the coordinator of a run is started with, what happens to it, and what it answers with. It holds one key, its own, and no way to look:
// no import path from here reaches training, a participant or a secret.

import type { Revocations } from '@sumus/secure-sum/identity';
import type { Recipient } from '@sumus/secure-sum/machine';
import type { KeyAgreement, PublicPrimitives, Signer } from '@sumus/secure-sum/primitives';
import type { Published } from '../../release/published.ts';
import type { CoordinatorStanding } from '../../sum/coordinator/standing.ts';
import type { CoordinatorSumState } from '../../sum/coordinator/state.ts';
import type { CoordinatorSum, SumAborted, SumAgreement, SumEngines, ThresholdKey } from '../../sum/sum.ts';
import type { BlobName, RunEvent } from '../events.ts';
import type { RunState } from '../state.ts';

export interface CoordinatorSetup {
  readonly primitives: PublicPrimitives;
  readonly engines: SumEngines;
  /** Signs messages, published sums, the ledger and the log of sums. */
  readonly signer: Signer;
  readonly revocations: Revocations;
  /** As secure-sum's mask asks for it. */
  readonly revealedKey: (bytes: Uint8Array) => Promise<KeyAgreement>;
  /** threshold: what a participant's thresholdKeyOf makes of the plan; the owner hands it in. No other protection has it. */
  readonly thresholdKey?: ThresholdKey | undefined;
  /** Rounds that the plan's ε pays for: paidRounds(plan), asked once, for it takes a second. */
  readonly roundsPaid: number;
  /** Rounds that may fail one after the other before the run is given up. */
  readonly failuresAtMost: number;
  /** What was stored beside the log; asked for after a restart. */
  readonly readBlob: ReadBlob;
  /** Longer messages are refused unread. */
  readonly messageBytesAtMost: number;
}

export type CoordinatorInput =
  /** Bytes from a participant, whoever says to have sent them. */
  | { readonly kind: 'received'; readonly bytes: Uint8Array }
  /** The owner begins the run with those who accepted, where they are enough; else nothing happens. */
  | { readonly kind: 'start' }
  /** Time went by. */
  | { readonly kind: 'tick' }
  /** The owner ends the run. */
  | { readonly kind: 'stop'; readonly reason: string };

/** A message on its way: what was signed, and a body that several messages may share. */
export interface RunSend {
  readonly kind: 'send';
  readonly to: Recipient;
  /** Such as 'round' or 'published': for routing and reports. */
  readonly type: string;
  /** Where it stands in what this member is told; null for what may be said again and again. */
  readonly place: { readonly chapter: number; readonly number: number } | null;
  /** Null where it has none. */
  readonly bodyName: BlobName | null;
  /** Header and signature. Put together when it is asked for: what many members are told is kept once. */
  readonly head: Uint8Array;
  readonly body: Uint8Array;
  /** Head and body: one frame. Made when it is asked for. */
  readonly bytes: Uint8Array;
}

/** Append the events and store the blobs, both or neither, before carrying out what follows. */
export type CoordinatorOutput = { readonly kind: 'persist' } | RunSend;

/** The sum of the round that is open. */
export interface LiveSum {
  readonly agreement: SumAgreement;
  readonly sum: CoordinatorSumState;
  /** What it came to, until that is an event. */
  readonly opened: CoordinatorSum | undefined;
  readonly aborted: SumAborted | undefined;
}

/** A value that a step makes the next one of. What is not in `state` follows from it and from the blobs that it names. */
export interface RunCoordinator {
  readonly state: RunState;
  readonly live: LiveSum | undefined;
  readonly standing: CoordinatorStanding;
  /** Undefined where sums are opened to participants alone. */
  readonly published: Published | undefined;
  /** When it was last made again from its log; what it was not there to hear has the whole of a phase's time from then. Not in the log. */
  readonly restoredAtMs: number | undefined;
  /** What each member was told in this chapter, in order: for who asks again. */
  readonly outbox: ReadonlyMap<string, readonly RunSend[]>;
}

export interface CoordinatorStep {
  readonly coordinator: RunCoordinator;
  /** In order; to be appended together. */
  readonly events: readonly RunEvent[];
  /** By SHA-256: what the events name. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  readonly outputs: readonly CoordinatorOutput[];
}

export type ReadBlob = (name: BlobName) => Promise<Uint8Array>;
