// What the coordinator of mask knows, phase by phase: messages of members, and one running sum of masked vectors. A single masked
// vector is added and forgotten. Maps and the sum are changed by the step that answers with the next state: states are used once.
//
//   advertising → drawing → sharing → masking → confirming → unmasking → done, or aborted

import type { MemberId } from '../../canonical/index.ts';
import type { OpenContext } from '../../context/index.ts';
import type { RoundAborted } from '../../errors.ts';
import type { Received } from '../../messages/index.ts';
import type { Roster, RosterEntry } from '../../roster/index.ts';
import type { Complaint, RevealedShares, ShareBody } from '../bodies.ts';
import type { IndexedList } from '../indexed-list.ts';
import type { RunningSum } from '../running-sum.ts';
import type { MaskSession } from '../session.ts';

export interface AdvertisingCoordinator {
  readonly phase: 'advertising';
  readonly open: OpenContext;
  readonly entries: Map<MemberId, RosterEntry>;
  readonly arrivals: Arrivals;
  /** Owners of keys, by key in hexadecimal. */
  readonly keys: Map<string, MemberId>;
}

/** What arrived from each member, to tell a repetition from a second word. */
export type Arrivals = Map<MemberId, Received>;

export interface DrawingCoordinator {
  readonly phase: 'drawing';
  readonly open: OpenContext;
  readonly roster: Roster;
}

interface InRound {
  readonly session: MaskSession;
  readonly roster: Roster;
  readonly arrivals: Arrivals;
  /** By index in the roster. */
  readonly shares: Map<number, ShareBody>;
  readonly complaints: Map<number, readonly Complaint[]>;
  /** What was delivered to whom when the last phase closed: delivered again to who repeats itself. */
  readonly deliveries: ReadonlyMap<number, Uint8Array>;
}

export interface SharingCoordinator extends InRound {
  readonly phase: 'sharing';
}

export interface MaskingCoordinator extends InRound {
  readonly phase: 'masking';
  readonly masked: Set<number>;
  /** Σ of the masked vectors modulo 2^32. */
  readonly sum: RunningSum;
}

interface Summed extends InRound {
  /** Ascending. */
  readonly living: readonly number[];
  /** The same. */
  readonly lives: ReadonlySet<number>;
  readonly sum: RunningSum;
}

/** Complete: the signature on the hash of the living. Sparse: MACs for neighbours. */
export type Confirmation = { readonly signature: Uint8Array } | { readonly macs: IndexedList };

export interface ConfirmingCoordinator extends Summed {
  readonly phase: 'confirming';
  readonly confirmations: Map<number, Confirmation>;
}

export interface UnmaskingCoordinator extends Summed {
  readonly phase: 'unmasking';
  readonly confirmations: ReadonlyMap<number, Confirmation>;
  /** Ascending. */
  readonly confirmed: readonly number[];
  readonly revealed: Map<number, RevealedShares>;
}

export interface CoordinatorResult {
  /** Σ of the contributors' vectors, exact. */
  readonly sum: Int32Array;
  /** Indices in the roster, ascending. */
  readonly contributors: readonly number[];
  /** What was sent to everybody. */
  readonly encoded: Uint8Array;
}

export interface DoneCoordinator {
  readonly phase: 'done';
  readonly result: CoordinatorResult;
}

export interface AbortedCoordinator {
  readonly phase: 'aborted';
  readonly reason: RoundAborted;
}

export type RunningCoordinator = SharingCoordinator | MaskingCoordinator | ConfirmingCoordinator | UnmaskingCoordinator;

export type CoordinatorState =
  | AdvertisingCoordinator
  | DrawingCoordinator
  | RunningCoordinator
  | DoneCoordinator
  | AbortedCoordinator;

/** Whether a phase may close before its time: nobody is missing who could still answer. */
export function everybodyAnswered(state: CoordinatorState): boolean {
  switch (state.phase) {
    case 'sharing':
      return state.shares.size === state.roster.members.length;
    case 'masking':
      return state.masked.size + state.complaints.size === state.shares.size;
    case 'confirming':
      return state.confirmations.size === state.living.length;
    case 'unmasking':
      return state.revealed.size === state.confirmed.length;
    case 'advertising':
    case 'drawing':
    case 'done':
    case 'aborted':
      return false;
    default:
      return state satisfies never;
  }
}
