// The seed that two members share, whichever of them computes it: HKDF(X25519(own, peer), ctx ‖ label ‖ both members ‖ both keys).
// X25519 accepts several encodings of one public key (RFC 7748 section 5), so both keys are bound as they stand in the roster.
// No key is held here: whoever agrees does so behind KeyAgreement, a coordinator with a revealed key included.

import { compareNames, type MemberId } from '../canonical/index.ts';
import { type AnyContext, derive } from '../context/index.ts';
import { MalformedMessage } from '../errors.ts';
import type { KeyAgreement, PublicPrimitives } from '../primitives.ts';

/** One side of a pair: who, and by which key of this round. */
export interface PairMember {
  readonly memberId: MemberId;
  /** X25519, 32 bytes. */
  readonly publicKey: Uint8Array;
}

export interface Pair {
  readonly context: AnyContext;
  /** What the seed is for: "mask/pair". */
  readonly label: string;
  readonly own: { readonly memberId: MemberId; readonly key: KeyAgreement };
  readonly peer: PairMember;
  readonly lengthBytes: number;
}

/** Both sides get the same bytes. Secret, the caller's to wipe. */
export async function pairSeed(
  primitives: Pick<PublicPrimitives, 'hkdfSha256'>,
  { context, label, own, peer, lengthBytes }: Pair,
): Promise<Uint8Array<ArrayBuffer>> {
  const mine = { memberId: own.memberId, publicKey: own.key.publicKey };
  const [first, second] = compareNames(mine.memberId, peer.memberId) < 0 ? [mine, peer] : [peer, mine];
  const agreed = await agreeWith(own.key, peer);
  const parts = [first.memberId, second.memberId, first.publicKey, second.publicKey];
  const seed = derive(primitives, agreed, { context, label, parts, lengthBytes });
  agreed.fill(0);
  return seed;
}

/** The raw agreement; what is wrong with the peer's key is the peer's message. All-zero is refused here again, whatever the platform does. */
export async function agreeWith(key: KeyAgreement, peer: PairMember): Promise<Uint8Array> {
  if (peer.publicKey.length !== 32) {
    throw new MalformedMessage('E_KEY', `the key of ${peer.memberId} is ${peer.publicKey.length} bytes, not 32`);
  }
  const agreed = await key.agree(peer.publicKey).catch((cause: unknown) => {
    throw isLowOrder(cause) ? lowOrder(peer, cause) : cause;
  });
  // Not a branch on a secret that tells anything: all-zero is what everybody knows.
  if (agreed.every((byte) => byte === 0)) throw lowOrder(peer);
  return agreed;
}

const lowOrder = ({ memberId }: PairMember, cause?: unknown): MalformedMessage =>
  new MalformedMessage('E_LOWORDER', `the key of ${memberId} makes the shared secret known to everybody`, { cause });

const isLowOrder = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && cause.code === 'E_LOWORDER';
