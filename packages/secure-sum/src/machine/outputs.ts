// What every machine of every protocol answers with: data for whoever drives it, who alone touches disk, network and clock. One
// vocabulary for participants, committee members and coordinators of all protocols.
//
//   step(state, event, …) → { state, outputs }
//
// The driver carries outputs out in order, and keeps the new state. An event that must not be taken (bytes that do not decode, a
// peer that breaks the protocol, a caller's mistake) is thrown as a typed error instead: then the old state stands and nothing is
// to be done. Nothing here is secret: a `send` holds what may be seen on the way.

import type { MemberId } from '../canonical/index.ts';
import type { ProtocolViolation, RoundAborted, ViolationCode } from '../errors.ts';

/**
 * Store the state that came with these outputs (with the machine's own function) and be sure it is on disk before carrying out
 * what follows. Who restarts goes on from what was stored, and sends what followed it again: the same bytes.
 */
export interface Persist {
  readonly kind: 'persist';
}

export type Recipient =
  | { readonly kind: 'coordinator' }
  /** Every member the machine knows of. */
  | { readonly kind: 'everybody' }
  | { readonly kind: 'member'; readonly memberId: MemberId };

export interface Send {
  readonly kind: 'send';
  readonly to: Recipient;
  /** What it is, such as 'mask/roster': for routing and reports; the bytes say it again for those who must be sure. */
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** The protocol reached its end; the machine takes no further event but repetitions. */
export interface Done<Result> {
  readonly kind: 'done';
  readonly result: Result;
}

/** The round ends without a sum; the machine has wiped its secrets and takes no further event. */
export interface Abort {
  readonly kind: 'abort';
  readonly reason: RoundAborted;
}

/** Somebody broke the rules, and this convinces others: to be kept, logged and shown. */
export interface Evidence {
  readonly kind: 'evidence';
  readonly code: ViolationCode;
  /** Names values, never a secret. */
  readonly reason: string;
  /** Who did it; none when only the coordinator can have. */
  readonly accused: readonly MemberId[];
  /** Encoded signed messages, and what opens their commitments. */
  readonly messages: readonly Uint8Array[];
}

export type Output<Result> = Persist | Send | Done<Result> | Abort | Evidence;

export interface Step<State, Result> {
  readonly state: State;
  readonly outputs: readonly Output<Result>[];
}

export const PERSIST: Persist = Object.freeze({ kind: 'persist' });
export const TO_COORDINATOR: Recipient = Object.freeze({ kind: 'coordinator' });
export const TO_EVERYBODY: Recipient = Object.freeze({ kind: 'everybody' });

export const toMember = (memberId: MemberId): Recipient => Object.freeze({ kind: 'member', memberId });

export const send = (to: Recipient, type: string, bytes: Uint8Array): Send =>
  Object.freeze({ kind: 'send', to, type, bytes });

export const done = <Result>(result: Result): Done<Result> => Object.freeze({ kind: 'done', result });

export const abort = (code: ViolationCode, reason: string, members: readonly MemberId[] = []): Abort =>
  Object.freeze({ kind: 'abort', reason: Object.freeze({ kind: 'aborted', code, reason, members }) });

/** What a refusal of one member's message leaves for others to see. */
export const evidenceOf = (accused: readonly MemberId[], { code, message, evidence }: ProtocolViolation): Evidence =>
  Object.freeze({ kind: 'evidence', code, reason: message, accused, messages: evidence });

/** The answer to one event: outputs in the order in which they are carried out. */
export const step = <State, Result>(state: State, ...outputs: readonly Output<Result>[]): Step<State, Result> =>
  Object.freeze({ state, outputs: Object.freeze([...outputs]) });
