// Decryption, for the owner of the key and nobody else.
//
// A CKKS decryption is m + e, and e tells the key: from one ciphertext of known content and its exact decryption the secret follows
// by linear algebra, (m + e − c0)/c1 = s (Li, Micciancio, "On the security of homomorphic encryption on approximate numbers",
// Eurocrypt 2021). What `decrypt` returns must therefore not leave the key's owner, in any rounding that keeps the low bits; for
// anything that does, use decryptForRelease (release.ts).
//
// Refused: keys of other parameters; content larger than declared, as a foreign key finds it (reading.ts).

import { ParameterError } from '../errors.ts';
import type { SecretKey } from '../keys/secret-key.ts';
import { inverseLimb } from '../ring/blocks.ts';
import type { Ring } from '../ring/ring.ts';
import { type CiphertextKind, type CiphertextOf, levelOf, requireKind, scaleOf } from './ciphertext.ts';
import { type ComplexVector, decodeFromBlock, decodeRealFromBlock } from './encoding-blocks.ts';
import { createEmbedding, type Embedding } from './encoding-embedding.ts';
import { readingOf, requireDeclared, requireSlots } from './reading.ts';

export interface DecryptionOptions {
  /** How many slots to read; default N/2. The same number as at encoding. */
  readonly slots?: number;
}

/** The real parts of the slots. Secret: see above. */
export function decrypt(
  secret: SecretKey,
  ciphertext: CiphertextOf<CiphertextKind>,
  options: DecryptionOptions = {},
): Float64Array<ArrayBuffer> {
  return opened(secret, ciphertext, options, decodeRealFromBlock);
}

/** Real and imaginary parts of the slots. Secret: see above. */
export function decryptComplex(
  secret: SecretKey,
  ciphertext: CiphertextOf<CiphertextKind>,
  options: DecryptionOptions = {},
): ComplexVector {
  return opened(secret, ciphertext, options, decodeFromBlock);
}

function partsOf(numbers: Float64Array | ComplexVector): readonly Float64Array[] {
  return 'real' in numbers ? [numbers.real, numbers.imaginary] : [numbers];
}

type Decoder<Result> = (
  embedding: Embedding,
  ring: Ring,
  address: number,
  options: { readonly slots: number; readonly scale: number },
) => Result;

function opened<Result extends Float64Array<ArrayBuffer> | ComplexVector>(
  secret: SecretKey,
  ciphertext: CiphertextOf<CiphertextKind>,
  options: DecryptionOptions,
  decode: Decoder<Result>,
): Result {
  requireOpenable(secret, ciphertext);
  const { context } = ciphertext;
  const reading = readingOf(ciphertext);
  const { ring, opened: whole } = reading;
  const embedding = createEmbedding(context.lattice, ring.degree);
  const slots = options.slots ?? context.parameters.slots;
  const numbers = ring.engine.memory.secretScope(() => {
    const at = openToBlock(secret, ciphertext, whole);
    requireDeclared(reading, at);
    return decode(embedding, ring, at, { slots, scale: scaleOf(ciphertext) });
  });
  for (const part of partsOf(numbers)) requireSlots(reading, part);
  return numbers;
}

/** Refuses keys of other parameters and what is not a ciphertext of two parts. */
export function requireOpenable(secret: SecretKey, ciphertext: CiphertextOf<CiphertextKind>): void {
  if (ciphertext.kind !== 'product') requireKind(ciphertext, 'ciphertext');
  levelOf(ciphertext);
  if (secret.ring !== ciphertext.context.layout.ring) {
    throw new ParameterError('the secret key belongs to other parameters than the ciphertext');
  }
}

/** c0 + c1·s over the first primes, coefficient form. Inside a secret scope. */
export function openToBlock(secret: SecretKey, { c0, c1 }: CiphertextOf<CiphertextKind>, ring: Ring): number {
  const { memory, residues } = ring.engine;
  const { degree: n, limbBytes } = ring;
  const s = secret.reveal();
  const out = memory.allocate(ring.blockBytes);
  const x = memory.allocate(limbBytes);
  const y = memory.allocate(limbBytes);
  for (let limb = 0; limb < ring.moduli.length; limb++) {
    const at = out + limb * limbBytes;
    const { q, barrettShift, barrettMu } = ring.moduli[limb];
    memory.u32(at, n).set(c0.residues.subarray(limb * n, (limb + 1) * n));
    memory.u32(x, n).set(c1.residues.subarray(limb * n, (limb + 1) * n));
    memory.u32(y, n).set(s.residues.subarray(limb * n, (limb + 1) * n));
    residues.multiplyAddResidues(at, x, y, n, q, barrettShift, barrettMu);
    inverseLimb(ring, limb, at);
  }
  return out;
}
