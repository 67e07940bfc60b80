// A channel that a later quantum computer does not open either: under X25519 of both, as channel.ts, AND under a secret that one side
// encapsulates to the other's X-Wing key. Whoever begins sends the encapsulation along with the box; X25519 between the two keys of
// the round says who it is (a KEM does not), and the signature on the message says it again.
//
//   keys = HKDF(X25519(own, peer) ‖ X-Wing secret, ctx ‖ "box/hybrid-keys" ‖ from ‖ to ‖ their X25519 keys ‖ X-Wing key ‖ SHA-256(encapsulation))
//
// X-Wing's combiner hashes no ML-KEM ciphertext (it need not, section 6 of the draft); the keys here are bound to all of it.
// MACs for the moment (mask's alive-MACs) need no such thing: who forges them, forges them now.

import type { MemberId } from '../canonical/index.ts';
import { type AnyContext, HYBRID_SUITE, suiteOf } from '../context/index.ts';
import { MalformedMessage, ParameterError } from '../errors.ts';
import type { KeyAgreement } from '../primitives.ts';
import type { SecretPrimitives } from '../secret-primitives.ts';
import { BOX_OVERHEAD_BYTES, channelUnder, openBox, type SecretChannel, sealBox } from './channel.ts';
import { agreeWith, type PairMember } from './pair-seed.ts';
import { encapsulate, type PostQuantumPrimitives, type SecretHybridKey, X_WING_CIPHERTEXT_BYTES } from './x-wing.ts';

export interface HybridPrimitives {
  readonly primitives: SecretPrimitives;
  readonly postQuantum: PostQuantumPrimitives;
}

export interface HybridPeer extends PairMember {
  /** X-Wing, from the roster. */
  readonly hybridKey: Uint8Array;
}

export interface OwnAgreement {
  readonly memberId: MemberId;
  readonly key: KeyAgreement;
}

/** What a hybrid box has besides its plaintext. */
export const HYBRID_BOX_OVERHEAD_BYTES: number = X_WING_CIPHERTEXT_BYTES + BOX_OVERHEAD_BYTES;

/** To a peer. `seed`: 64 secret bytes for this channel alone (x-wing.ts). Send the encapsulation with the first box. */
export async function openHybridChannel(
  { primitives, postQuantum }: HybridPrimitives,
  input: {
    readonly context: AnyContext;
    readonly own: OwnAgreement;
    readonly peer: HybridPeer;
    readonly seed: Uint8Array;
  },
): Promise<{ readonly channel: SecretChannel; readonly encapsulation: Uint8Array<ArrayBuffer> }> {
  const { context, own, peer, seed } = input;
  const { ciphertext, shared } = await encapsulate(primitives, postQuantum, peer.hybridKey, seed);
  const channel = await under(primitives, shared, {
    context,
    own,
    peer,
    hybridKey: peer.hybridKey,
    encapsulation: ciphertext,
  });
  return { channel, encapsulation: ciphertext };
}

/** From a peer that encapsulated to this member's key. */
export async function acceptHybridChannel(
  { primitives }: HybridPrimitives,
  input: {
    readonly context: AnyContext;
    readonly own: OwnAgreement & { readonly hybridKey: SecretHybridKey };
    readonly peer: PairMember;
    readonly encapsulation: Uint8Array;
  },
): Promise<SecretChannel> {
  const { context, own, peer, encapsulation } = input;
  const shared = await own.hybridKey.decapsulate(encapsulation);
  return under(primitives, shared, { context, own, peer, hybridKey: own.hybridKey.publicKey, encapsulation });
}

/** Wipes `shared`. */
async function under(
  primitives: SecretPrimitives,
  shared: Uint8Array,
  {
    context,
    own,
    peer,
    hybridKey,
    encapsulation,
  }: {
    readonly context: AnyContext;
    readonly own: OwnAgreement;
    readonly peer: PairMember;
    readonly hybridKey: Uint8Array;
    readonly encapsulation: Uint8Array;
  },
): Promise<SecretChannel> {
  if (own.memberId === peer.memberId) throw new ParameterError(`${own.memberId} has no channel to itself`);
  const fields = context.kind === 'open' ? context.fields : context.open.fields;
  if (suiteOf(fields) !== HYBRID_SUITE) throw new ParameterError(`no hybrid boxes under the suite ${suiteOf(fields)}`);
  const agreed = await agreeWith(own.key, peer);
  const ikm = new Uint8Array(agreed.length + shared.length);
  ikm.set(agreed);
  ikm.set(shared, agreed.length);
  const channel = channelUnder(primitives, ikm, {
    context,
    own: { memberId: own.memberId, publicKey: own.key.publicKey },
    peer,
    label: 'box/hybrid-keys',
    bound: [hybridKey, primitives.sha256(encapsulation)],
  });
  for (const secret of [agreed, shared, ikm]) secret.fill(0);
  return channel;
}

/** One box to a peer, with all that it needs to open it: encapsulation ‖ box. */
export async function sealHybridBox(
  hybrid: HybridPrimitives,
  input: {
    readonly context: AnyContext;
    readonly own: OwnAgreement;
    readonly peer: HybridPeer;
    readonly seed: Uint8Array;
  },
  purpose: string,
  plaintext: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const { channel, encapsulation } = await openHybridChannel(hybrid, input);
  const box = sealBox(hybrid.primitives, channel, purpose, plaintext);
  channel.wipe();
  const whole = new Uint8Array(encapsulation.length + box.length);
  whole.set(encapsulation);
  whole.set(box, encapsulation.length);
  return whole;
}

/** The plaintext, the caller's to wipe; MalformedMessage for anything that the peer did not seal for us, here, for this. */
export async function openHybridBox(
  hybrid: HybridPrimitives,
  input: {
    readonly context: AnyContext;
    readonly own: OwnAgreement & { readonly hybridKey: SecretHybridKey };
    readonly peer: PairMember;
  },
  purpose: string,
  box: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  if (box.length < HYBRID_BOX_OVERHEAD_BYTES) {
    throw new MalformedMessage('E_BOX', `a hybrid box of ${box.length} bytes from ${input.peer.memberId}`);
  }
  const encapsulation = box.subarray(0, X_WING_CIPHERTEXT_BYTES);
  const channel = await acceptHybridChannel(hybrid, { ...input, encapsulation });
  const plaintext = openBox(hybrid.primitives, channel, purpose, box.subarray(X_WING_CIPHERTEXT_BYTES));
  channel.wipe();
  return plaintext;
}
