// ADVERTISE: a member says which X25519 keys it has in this round, under the open context, because roster and beacon do not exist
// yet. Body: hash of its certificate ‖ number of keys ‖ keys ‖ X-Wing key, where the suite has one. How many keys and what each is
// for, the protocol says (mask: masks, boxes; a committee member: boxes; a contributor of one-shot: none).

import { CanonicalReader, CanonicalWriter, type MemberId } from '../canonical/index.ts';
import type { OpenContext } from '../context/index.ts';
import { type Certificate, certificateHash } from '../identity/index.ts';
import { type MessageKind, type SignedMessage, signMessage } from '../messages/index.ts';
import { HASH_BYTES, type Hashing, PUBLIC_KEY_BYTES, type Signer } from '../primitives.ts';
import { requireHybridKey, X_WING_PUBLIC_KEY_BYTES } from './hybrid-key.ts';
import { requireRoundKey } from './round-key.ts';

export const ADVERTISE: MessageKind = Object.freeze({ phase: 0, type: 'advertise' });
const KEYS_AT_MOST = 8;
export const ADVERTISE_BODY_BYTES_AT_MOST: number =
  HASH_BYTES + 1 + KEYS_AT_MOST * PUBLIC_KEY_BYTES + X_WING_PUBLIC_KEY_BYTES;

export interface AdvertisementBody {
  readonly certificateHash: Uint8Array;
  readonly keys: readonly Uint8Array[];
  /** X-Wing, 1216 bytes, for boxes; under the hybrid suite and no other. */
  readonly hybridKey?: Uint8Array | undefined;
}

export function advertise(
  primitives: Hashing,
  signer: Signer,
  context: OpenContext,
  {
    certificate,
    keys,
    hybridKey,
  }: {
    readonly certificate: Certificate;
    readonly keys: readonly Uint8Array[];
    readonly hybridKey?: Uint8Array | undefined;
  },
): Promise<SignedMessage> {
  const body = encodeAdvertisement({ certificateHash: certificateHash(primitives, certificate), keys, hybridKey });
  const sender: MemberId = certificate.memberId;
  return signMessage(primitives, signer, context, { ...ADVERTISE, sender, body });
}

export function encodeAdvertisement({
  certificateHash: hash,
  keys,
  hybridKey,
}: AdvertisementBody): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter().fixed('certificate', hash, HASH_BYTES).u8('keys', keys.length);
  for (const key of keys) writer.fixed('a key', key, PUBLIC_KEY_BYTES);
  if (hybridKey !== undefined) writer.fixed('the hybrid key', hybridKey, X_WING_PUBLIC_KEY_BYTES);
  return writer.finish();
}

/** Refuses keys that are not canonical or of low order. */
export function decodeAdvertisement(body: Uint8Array): AdvertisementBody {
  const reader = new CanonicalReader(body, 'an advertisement');
  const hash = reader.fixed('certificate', HASH_BYTES);
  const count = reader.within('keys', 1, 0, KEYS_AT_MOST);
  const keys = Array.from({ length: count }, () => requireRoundKey(reader.fixed('a key', PUBLIC_KEY_BYTES)));
  const hybridKey =
    reader.remaining === 0 ? undefined : requireHybridKey(reader.fixed('the hybrid key', X_WING_PUBLIC_KEY_BYTES));
  reader.finish();
  return Object.freeze({ certificateHash: hash, keys, ...(hybridKey === undefined ? {} : { hybridKey }) });
}
