// What two members have between them in one context: a box from one to the other that nobody else reads, moves to another
// receiver, sends back or uses in another round, and short MACs that only the two can make.
//
//   seal key, open key, MAC keys and nonce keys = HKDF(X25519(own, peer), ctx ‖ label ‖ from ‖ to ‖ key of from ‖ key of to)
//   box = nonce ‖ ChaCha20-Poly1305(key from → to, nonce, AAD = ctx ‖ from ‖ to ‖ purpose, plaintext)
//
// Every key has a direction, so nothing can be reflected. The nonce is made from the plaintext, HMAC(nonce key, AAD ‖ plaintext):
// one box has one form, so a resumed participant that seals again sends the same bytes, and a random generator that repeats
// itself cannot repeat a nonce over another plaintext (in the manner of RFC 5297, without its proof of more: two equal
// plaintexts for one purpose in one context give one box, and that is all it tells).

import { delimited, type MemberId } from '../canonical/index.ts';
import { type AnyContext, derive } from '../context/index.ts';
import { MalformedMessage, ParameterError } from '../errors.ts';
import type { KeyAgreement } from '../primitives.ts';
import type { SecretPrimitives } from '../secret-primitives.ts';
import { agreeWith, type PairMember } from './pair-seed.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** What a box has besides its plaintext. */
export const BOX_OVERHEAD_BYTES: number = NONCE_BYTES + TAG_BYTES;
export const MAC_BYTES = 16;

interface Direction {
  readonly box: Uint8Array;
  readonly nonce: Uint8Array;
  readonly mac: Uint8Array;
}

interface Held {
  readonly outward: Direction;
  readonly inward: Direction;
}

// Not on the object: consoles show even private fields.
const held = new WeakMap<SecretChannel, Held>();

/** Secret keys of one pair in one context; only openChannel makes one that works. Prints as who it joins, does not serialise. */
export class SecretChannel {
  readonly context: AnyContext;
  readonly own: MemberId;
  readonly peer: MemberId;

  static {
    Object.defineProperty(SecretChannel.prototype, Symbol.for('nodejs.util.inspect.custom'), {
      value(this: SecretChannel): string {
        return this.toString();
      },
    });
  }

  constructor(context: AnyContext, own: MemberId, peer: MemberId) {
    this.context = context;
    this.own = own;
    this.peer = peer;
    Object.freeze(this);
  }

  /** Overwrites the keys; whatever uses them later is a ParameterError. */
  wipe(): void {
    const keys = held.get(this);
    if (keys === undefined) return;
    held.delete(this);
    for (const { box, nonce, mac } of [keys.outward, keys.inward]) for (const key of [box, nonce, mac]) key.fill(0);
  }

  toString(): string {
    return `SecretChannel(${this.own} ↔ ${this.peer})`;
  }

  toJSON(): never {
    throw new ParameterError(`${this.toString()} is not serialisable: agree again from the keys of the round`);
  }
}

function keysOf(channel: SecretChannel): Held {
  const keys = held.get(channel);
  if (keys === undefined) throw new ParameterError(`${channel.toString()} was wiped`);
  return keys;
}

export interface ChannelInput {
  readonly context: AnyContext;
  /** One's own key of this round (mask: ek; one-shot: a fresh one per contribution, or the member's of the epoch). */
  readonly own: { readonly memberId: MemberId; readonly key: KeyAgreement };
  readonly peer: PairMember;
}

/** Agrees with a peer. Throws MalformedMessage E_KEY or E_LOWORDER when the peer's key is unusable. */
export async function openChannel(
  primitives: SecretPrimitives,
  { context, own, peer }: ChannelInput,
): Promise<SecretChannel> {
  if (own.memberId === peer.memberId) throw new ParameterError(`${own.memberId} has no channel to itself`);
  const mine = { memberId: own.memberId, publicKey: own.key.publicKey };
  const agreed = await agreeWith(own.key, peer);
  const channel = channelUnder(primitives, agreed, { context, own: mine, peer, label: 'box/keys', bound: [] });
  agreed.fill(0);
  return channel;
}

/** A channel under what both have agreed on: `ikm`, the caller's to wipe. `bound`: what else the keys belong to, the same on both sides. */
export function channelUnder(
  primitives: SecretPrimitives,
  ikm: Uint8Array,
  {
    context,
    own,
    peer,
    label,
    bound,
  }: {
    readonly context: AnyContext;
    readonly own: PairMember;
    readonly peer: PairMember;
    readonly label: string;
    readonly bound: readonly Uint8Array[];
  },
): SecretChannel {
  const direction = (from: PairMember, to: PairMember): Direction => {
    const parts = [from.memberId, to.memberId, from.publicKey, to.publicKey, ...bound];
    const keys = derive(primitives, ikm, { context, label, parts, lengthBytes: 3 * KEY_BYTES });
    const [box, nonce, mac] = [0, 1, 2].map((i) => keys.slice(i * KEY_BYTES, (i + 1) * KEY_BYTES));
    keys.fill(0);
    return { box: box!, nonce: nonce!, mac: mac! };
  };
  const channel = new SecretChannel(context, own.memberId, peer.memberId);
  held.set(channel, { outward: direction(own, peer), inward: direction(peer, own) });
  return channel;
}

/** `purpose`: what is in the box, such as "mask/shares"; the receiver names the same. */
export function sealBox(
  primitives: SecretPrimitives,
  channel: SecretChannel,
  purpose: string,
  plaintext: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const keys = keysOf(channel).outward;
  const associatedData = delimited(channel.context.hash, channel.own, channel.peer, purpose);
  const nonce = primitives.hmacSha256(keys.nonce, delimited(associatedData), plaintext).slice(0, NONCE_BYTES);
  const sealed = primitives.chacha20Poly1305.seal({ key: keys.box, nonce, associatedData }, plaintext);
  const box = new Uint8Array(NONCE_BYTES + sealed.length);
  box.set(nonce);
  box.set(sealed, NONCE_BYTES);
  return box;
}

/** The plaintext, the caller's to wipe; MalformedMessage E_BOX for anything the peer did not seal for us, here, for this. */
export function openBox(
  primitives: SecretPrimitives,
  channel: SecretChannel,
  purpose: string,
  box: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const keys = keysOf(channel).inward;
  const associatedData = delimited(channel.context.hash, channel.peer, channel.own, purpose);
  const nonce = box.slice(0, NONCE_BYTES);
  const plaintext =
    box.length < BOX_OVERHEAD_BYTES
      ? undefined
      : primitives.chacha20Poly1305.open({ key: keys.box, nonce, associatedData }, box.subarray(NONCE_BYTES));
  if (plaintext === undefined) {
    throw new MalformedMessage(
      'E_BOX',
      `a box of ${box.length} bytes from ${channel.peer} to ${channel.own} does not open for ${purpose}`,
    );
  }
  return plaintext;
}

/** 16 bytes that the peer, and nobody else, can check: HMAC-SHA-256 (RFC 2104), cut, under the key own → peer. */
export function authenticate(
  primitives: SecretPrimitives,
  channel: SecretChannel,
  label: string,
  ...fields: readonly (Uint8Array | string)[]
): Uint8Array<ArrayBuffer> {
  return macOf(primitives, channel.context, keysOf(channel).outward, label, fields);
}

/** Whether the peer authenticated these fields to us under this label, in this context. */
export function isAuthentic(
  primitives: SecretPrimitives,
  channel: SecretChannel,
  mac: Uint8Array,
  label: string,
  ...fields: readonly (Uint8Array | string)[]
): boolean {
  return primitives.timingSafeEqual(macOf(primitives, channel.context, keysOf(channel).inward, label, fields), mac);
}

function macOf(
  primitives: SecretPrimitives,
  context: AnyContext,
  { mac }: Direction,
  label: string,
  fields: readonly (Uint8Array | string)[],
): Uint8Array<ArrayBuffer> {
  return primitives.hmacSha256(mac, delimited('sumus/1/mac', context.hash, label, ...fields)).slice(0, MAC_BYTES);
}
