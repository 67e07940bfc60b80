// A box from one end to the other under the suite of the round: X25519 alone, or X25519 and X-Wing together, so that recorded shares stay
// closed to a later quantum computer. Secret.
//
// The randomness of an encapsulation is derived from the plaintext, which holds fresh uniform field elements or 32 fresh salt bytes: sealed
// again it is the same bytes, as answers must be.

import {
  ENCAPSULATION_SEED_BYTES,
  openBox,
  openChannel,
  openHybridBox,
  type PairMember,
  type PostQuantumPrimitives,
  type SecretHybridKey,
  sealBox,
  sealHybridBox,
} from '../boxes/index.ts';
import type { MemberId } from '../canonical/index.ts';
import { type Context, derive } from '../context/index.ts';
import { ParameterError } from '../errors.ts';
import type { KeyAgreement } from '../primitives.ts';
import type { SecretPrimitives } from '../secret-primitives.ts';

export interface BoxTools {
  readonly primitives: SecretPrimitives;
  /** Under the hybrid suite. */
  readonly postQuantum?: PostQuantumPrimitives | undefined;
}

export interface BoxEnd {
  readonly memberId: MemberId;
  readonly key: KeyAgreement;
}

/** Who receives: with its X-Wing key, under the hybrid suite. */
export interface BoxPeer extends PairMember {
  readonly hybridKey: Uint8Array | undefined;
}

export async function sealTo(
  { primitives, postQuantum }: BoxTools,
  context: Context,
  { own, peer }: { readonly own: BoxEnd; readonly peer: BoxPeer },
  purpose: string,
  plaintext: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const { memberId, publicKey, hybridKey } = peer;
  if (hybridKey === undefined) {
    const channel = await openChannel(primitives, { context, own, peer: { memberId, publicKey } });
    const box = sealBox(primitives, channel, purpose, plaintext);
    channel.wipe();
    return box;
  }
  const seed = derive(primitives, plaintext, {
    context,
    label: 'one-shot/encapsulation',
    parts: [own.memberId, memberId, purpose],
    lengthBytes: ENCAPSULATION_SEED_BYTES,
  });
  const hybrid = { primitives, postQuantum: required(postQuantum) };
  try {
    return await sealHybridBox(
      hybrid,
      { context, own, peer: { memberId, publicKey, hybridKey }, seed },
      purpose,
      plaintext,
    );
  } finally {
    seed.fill(0);
  }
}

/** The plaintext, the caller's to wipe; MalformedMessage for anything that the peer did not seal for this end, here, for this. */
export async function openFrom(
  { primitives, postQuantum }: BoxTools,
  context: Context,
  {
    own,
    peer,
  }: { readonly own: BoxEnd & { readonly hybridKey: SecretHybridKey | undefined }; readonly peer: PairMember },
  purpose: string,
  box: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const { memberId, key, hybridKey } = own;
  if (hybridKey === undefined) {
    const channel = await openChannel(primitives, { context, own: { memberId, key }, peer });
    try {
      return openBox(primitives, channel, purpose, box);
    } finally {
      channel.wipe();
    }
  }
  const hybrid = { primitives, postQuantum: required(postQuantum) };
  return openHybridBox(hybrid, { context, own: { memberId, key, hybridKey }, peer }, purpose, box);
}

function required(postQuantum: PostQuantumPrimitives | undefined): PostQuantumPrimitives {
  if (postQuantum === undefined) throw new ParameterError('the suite of this round needs post-quantum primitives');
  return postQuantum;
}
