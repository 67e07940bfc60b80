// What a participant of mask knows, phase by phase, and no longer than it needs it: the keys of masks and the seed are gone when the
// vector is masked, shares when they are revealed. States are used once (machine/once.ts) and stored by storage.ts.
//
//   advertised → shared → ready → masked → alive → unmasked → done, or aborted from anywhere

import type { SecretChannel } from '../../boxes/index.ts';
import type { MemberId } from '../../canonical/index.ts';
import type { OpenContext } from '../../context/index.ts';
import type { RoundAborted } from '../../errors.ts';
import type { Accepted, MaskProposal } from '../../floors/index.ts';
import type { SecretBytes } from '../../secret-bytes.ts';
import type { SecretKey } from '../../secret-primitives.ts';
import type { MaskSession } from '../session.ts';

/** Another member, its certificate and keys checked. */
export interface Peer {
  readonly index: number;
  readonly memberId: MemberId;
  /** Ed25519. */
  readonly publicKey: Uint8Array;
  /** X25519, for masks and for boxes. */
  readonly maskKey: Uint8Array;
  readonly boxKey: Uint8Array;
}

export interface OwnSession {
  readonly session: MaskSession;
  readonly accepted: Accepted<MaskProposal>;
  readonly own: Peer;
  /** Neighbours, by index. */
  readonly peers: ReadonlyMap<number, Peer>;
}

/** The shares that another member left here: one of them, at most, is ever revealed. */
export interface SecretHolding {
  readonly seedShare: SecretBytes;
  readonly keyShare: SecretBytes;
}

/** By index of their owner: the neighbours who shared. */
export type SecretHoldings = ReadonlyMap<number, SecretHolding>;

export interface AdvertisedParticipant {
  readonly phase: 'advertised';
  readonly open: OpenContext;
  readonly secretMaskKey: SecretKey<'x25519'>;
  readonly secretBoxKey: SecretKey<'x25519'>;
  readonly keys: readonly [mask: Uint8Array, box: Uint8Array];
  /** What was sent last: sent again after a crash, never anything else. */
  readonly outgoing: Uint8Array;
}

interface InRound extends OwnSession {
  readonly secretChannels: ReadonlyMap<number, SecretChannel>;
}

export interface SharedParticipant extends InRound {
  readonly phase: 'shared';
  readonly secretMaskKey: SecretKey<'x25519'>;
  readonly secretBoxKey: SecretKey<'x25519'>;
  readonly secretSeed: SecretBytes;
  /** Of its own seed. */
  readonly secretOwnShare: SecretBytes;
  readonly outgoing: Uint8Array;
}

export interface ReadyParticipant extends InRound {
  readonly phase: 'ready';
  readonly secretMaskKey: SecretKey<'x25519'>;
  readonly secretBoxKey: SecretKey<'x25519'>;
  readonly secretSeed: SecretBytes;
  readonly secretOwnShare: SecretBytes;
  readonly secretHoldings: SecretHoldings;
}

export interface MaskedParticipant extends InRound {
  readonly phase: 'masked';
  readonly secretBoxKey: SecretKey<'x25519'>;
  readonly secretOwnShare: SecretBytes;
  readonly secretHoldings: SecretHoldings;
  readonly outgoing: Uint8Array;
}

export interface AliveParticipant extends InRound {
  readonly phase: 'alive';
  readonly secretBoxKey: SecretKey<'x25519'>;
  readonly secretOwnShare: SecretBytes;
  readonly secretHoldings: SecretHoldings;
  /** The one list that this participant ever answered. */
  readonly living: readonly number[];
  readonly outgoing: Uint8Array;
}

export interface UnmaskedParticipant extends OwnSession {
  readonly phase: 'unmasked';
  readonly living: readonly number[];
  readonly outgoing: Uint8Array;
}

export interface DoneParticipant {
  readonly phase: 'done';
}

export interface AbortedParticipant {
  readonly phase: 'aborted';
  readonly reason: RoundAborted;
}

export type SecretParticipant =
  | AdvertisedParticipant
  | SharedParticipant
  | ReadyParticipant
  | MaskedParticipant
  | AliveParticipant
  | UnmaskedParticipant
  | DoneParticipant
  | AbortedParticipant;

/** Overwrites every secret of a state. */
export function wipeParticipant(state: SecretParticipant): void {
  if ('secretMaskKey' in state) state.secretMaskKey.wipe();
  if ('secretBoxKey' in state) state.secretBoxKey.wipe();
  if ('secretSeed' in state) state.secretSeed.wipe();
  if ('secretOwnShare' in state) state.secretOwnShare.wipe();
  if ('secretHoldings' in state) wipeHoldings(state.secretHoldings);
  if ('secretChannels' in state) for (const channel of state.secretChannels.values()) channel.wipe();
}

export function wipeHoldings(holdings: SecretHoldings): void {
  for (const { seedShare, keyShare } of holdings.values()) {
    seedShare.wipe();
    keyShare.wipe();
  }
}
