// What a participant of mask is started with, what happens to it, and what it ends with.

import type { Beacon } from '../../beacon/index.ts';
import type { RoundConfiguration } from '../../context/index.ts';
import type { Engine } from '../../engine/index.ts';
import type { Floors } from '../../floors/index.ts';
import type { Certificate, Trust } from '../../identity/index.ts';
import type { LoggedEntry } from '../../log/index.ts';
import type { Step } from '../../machine/outputs.ts';
import type { Signer } from '../../primitives.ts';
import type { Roster } from '../../roster/index.ts';
import type { SecretPrimitives } from '../../secret-primitives.ts';
import type { SecretParticipant } from './state.ts';

/** The same for every step of a round. */
export interface ParticipantSetup {
  readonly engine: Engine;
  readonly primitives: SecretPrimitives;
  /** This participant's identity. */
  readonly signer: Signer;
  readonly certificate: Certificate;
  readonly configuration: RoundConfiguration;
  /** Its own, never the coordinator's. */
  readonly floors: Floors;
  readonly trust: Trust;
}

export type ParticipantEvent =
  /** The roster, that it is in the log, and the beacon that this participant computed from commitments and reveals. */
  | { readonly kind: 'roster'; readonly roster: Roster; readonly logged: LoggedEntry; readonly beacon: Beacon }
  /** Bytes from the coordinator (deliveries.ts). */
  | { readonly kind: 'received'; readonly bytes: Uint8Array }
  /** What this participant adds: whole numbers of at most 2^(b−1) − 1 in magnitude, `vectorLength` of them. */
  | { readonly kind: 'vector'; readonly values: Int32Array }
  /** After a restart, or when the coordinator lost the last message: the same bytes again. */
  | { readonly kind: 'resume' }
  /** A timeout, or the owner's will: wipes, and sends nothing. */
  | { readonly kind: 'give up'; readonly reason: string };

export interface ParticipantResult {
  /** Σ of the contributors' vectors, exact. */
  readonly sum: Int32Array;
  /** Indices in the roster. */
  readonly contributors: readonly number[];
  /** Whether this participant's vector is in it. */
  readonly contributed: boolean;
}

export type ParticipantStep = Step<SecretParticipant, ParticipantResult>;
