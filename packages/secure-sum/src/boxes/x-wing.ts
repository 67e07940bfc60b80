// X-Wing: X25519 and ML-KEM-768 as one KEM (draft-connolly-cfrg-xwing-kem-10, section 5). A secret that one member sends another
// stays hidden as long as either of the two holds, also from whoever records the boxes today and has a quantum computer later.
//
//   keys     SHAKE256(seed, 96) = d ‖ z ‖ x;   public key = ML-KEM key(d, z) ‖ X25519(x)                       1216 bytes
//   cipher   ct_M, ss_M = ML-KEM.Encaps(pk_M);  ct_X = X25519(e), ss_X = X25519(e, pk_X);   ct = ct_M ‖ ct_X   1120 bytes
//   secret   SHA3-256(ss_M ‖ ss_X ‖ ct_X ‖ pk_X ‖ "\.//^\")                                                      32 bytes
//
// X25519 is the platform's; ML-KEM and SHA-3 are handed in (platform/post-quantum.ts, or a platform that has its own one day).
// Refused, as everywhere here: X25519 keys that are not canonical or of low order, and ML-KEM keys with coefficients from 3329 on.

import { MalformedMessage, ParameterError } from '../errors.ts';
import { requireHybridKey, X_WING_PUBLIC_KEY_BYTES } from '../roster/hybrid-key.ts';
import { requireRoundKey } from '../roster/round-key.ts';
import { SecretBytes } from '../secret-bytes.ts';
import type { SecretKey, SecretPrimitives } from '../secret-primitives.ts';

export { X_WING_PUBLIC_KEY_BYTES } from '../roster/hybrid-key.ts';

/** What X-Wing needs beside the platform's primitives. Structurally typed: `postQuantumPrimitives()` of the platform. */
export interface PostQuantumPrimitives {
  sha3_256(...chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
  shake256(input: Uint8Array, length: number): Uint8Array<ArrayBuffer>;
  readonly mlKem768: {
    keysFrom(seed: Uint8Array): { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array };
    encapsulate(
      publicKey: Uint8Array,
      coins: Uint8Array,
    ): { readonly ciphertext: Uint8Array; readonly shared: Uint8Array };
    decapsulate(ciphertext: Uint8Array, secretKey: Uint8Array): Uint8Array;
  };
}

export const X_WING_SEED_BYTES = 32;
export const X_WING_CIPHERTEXT_BYTES = 1120;
/** Of encapsulation: 32 coins for ML-KEM, 32 for X25519. */
export const ENCAPSULATION_SEED_BYTES = 64;
const ML_KEM_PUBLIC_KEY_BYTES = 1184;
const ML_KEM_CIPHERTEXT_BYTES = 1088;
/** The ASCII of "\.//^\" (section 5.3). */
const LABEL = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);

/** One member's key pair of a round. The seed is all of it; keep that. */
export interface SecretHybridKey {
  readonly publicKey: Uint8Array;
  /** 32 bytes, the caller's to wipe. */
  decapsulate(ciphertext: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  wipe(): void;
}

/** Both halves from 32 secret bytes, which are copied. */
export async function secretHybridKey(
  primitives: SecretPrimitives,
  postQuantum: PostQuantumPrimitives,
  seed: Uint8Array,
): Promise<SecretHybridKey> {
  requireLength('a seed of X-Wing', seed, X_WING_SEED_BYTES);
  const expanded = postQuantum.shake256(seed, 96);
  const keys = postQuantum.mlKem768.keysFrom(expanded.subarray(0, 64));
  const secretKey = new SecretBytes(keys.secretKey);
  const x25519 = primitives.secretKeys.fromBytes('x25519', expanded.subarray(64, 96));
  expanded.fill(0);
  keys.secretKey.fill(0);
  const own = await primitives.x25519.derivePublicKey(x25519);
  const publicKey = new Uint8Array(X_WING_PUBLIC_KEY_BYTES);
  publicKey.set(keys.publicKey);
  publicKey.set(own, ML_KEM_PUBLIC_KEY_BYTES);
  return Object.freeze({
    publicKey,
    decapsulate: async (ciphertext: Uint8Array): Promise<Uint8Array<ArrayBuffer>> => {
      requirePeer('an X-Wing ciphertext', ciphertext, X_WING_CIPHERTEXT_BYTES);
      const sent = ciphertext.subarray(ML_KEM_CIPHERTEXT_BYTES);
      // Of low order or not canonical: no honest sender's.
      requireRoundKey(sent);
      const kem = secretKey.with((key) =>
        postQuantum.mlKem768.decapsulate(ciphertext.subarray(0, ML_KEM_CIPHERTEXT_BYTES), key),
      );
      return combine(primitives, postQuantum, x25519, { kem, peer: sent, sent, publicKey: own });
    },
    wipe: () => {
      secretKey.wipe();
      x25519.wipe();
    },
  });
}

/**
 * For the owner of `publicKey`. `seed`: 64 secret bytes, used for nothing else; whoever must send the same again derives them from
 * what it keeps.
 */
export async function encapsulate(
  primitives: SecretPrimitives,
  postQuantum: PostQuantumPrimitives,
  publicKey: Uint8Array,
  seed: Uint8Array,
): Promise<{ readonly ciphertext: Uint8Array<ArrayBuffer>; readonly shared: Uint8Array<ArrayBuffer> }> {
  requireHybridKey(publicKey);
  requireLength('a seed of encapsulation', seed, ENCAPSULATION_SEED_BYTES);
  const { ciphertext: first, shared: kem } = postQuantum.mlKem768.encapsulate(
    publicKey.subarray(0, ML_KEM_PUBLIC_KEY_BYTES),
    seed.subarray(0, 32),
  );
  const ephemeral = primitives.secretKeys.fromBytes('x25519', seed.subarray(32));
  const sent = await primitives.x25519.derivePublicKey(ephemeral);
  const peer = publicKey.subarray(ML_KEM_PUBLIC_KEY_BYTES);
  const shared = await combine(primitives, postQuantum, ephemeral, { kem, peer, sent, publicKey: peer });
  ephemeral.wipe();
  const ciphertext = new Uint8Array(X_WING_CIPHERTEXT_BYTES);
  ciphertext.set(first);
  ciphertext.set(sent, ML_KEM_CIPHERTEXT_BYTES);
  return { ciphertext, shared };
}

/** SHA3-256(ss_M ‖ ss_X ‖ ct_X ‖ pk_X ‖ label). Wipes `kem`. */
async function combine(
  primitives: SecretPrimitives,
  { sha3_256 }: PostQuantumPrimitives,
  own: SecretKey<'x25519'>,
  { kem, peer, sent, publicKey }: Readonly<Record<'kem' | 'peer' | 'sent' | 'publicKey', Uint8Array>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const agreed = await primitives.x25519.diffieHellman(own, peer);
  const shared = sha3_256(kem, agreed, sent, publicKey, LABEL);
  agreed.fill(0);
  kem.fill(0);
  return shared;
}

function requireLength(what: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw new ParameterError(`${what} is ${bytes.length} bytes, not ${length}`);
}

function requirePeer(what: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw new MalformedMessage('E_KEY', `${what} is ${bytes.length} bytes, not ${length}`);
}
