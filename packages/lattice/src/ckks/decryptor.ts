// Decryption, for the owner of the key and nobody else.
//
// A CKKS decryption is m + e, and e tells the key: from one ciphertext of known content and its exact decryption the secret follows
// by linear algebra, (m + e − c0)/c1 = s (Li, Micciancio, "On the security of homomorphic encryption on approximate numbers",
// Eurocrypt 2021). What `decrypt` returns must therefore not leave the key's owner, in any rounding that keeps the low bits; for
// anything that does, use decryptForRelease (release.ts).

import { ParameterError } from '../errors.ts';
import type { SecretKey } from '../keys/secret-key.ts';
import { inverseLimb } from '../ring/blocks.ts';
import type { Ring } from '../ring/ring.ts';
import { type CiphertextKind, type CiphertextOf, levelOf, requireKind, scaleOf } from './ciphertext.ts';
import { type ComplexVector, decodeFromBlock, decodeRealFromBlock } from './encoding-blocks.ts';
import { createEmbedding, type Embedding } from './encoding-embedding.ts';
import { coefficientStddev } from './estimate.ts';

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

type Decoder<Result> = (
  embedding: Embedding,
  ring: Ring,
  address: number,
  options: { readonly slots: number; readonly scale: number },
) => Result;

function opened<Result>(
  secret: SecretKey,
  ciphertext: CiphertextOf<CiphertextKind>,
  options: DecryptionOptions,
  decode: Decoder<Result>,
): Result {
  requireOpenable(secret, ciphertext);
  const { context } = ciphertext;
  const ring = readingRing(ciphertext, 0);
  const embedding = createEmbedding(context.lattice, ring.degree);
  const slots = options.slots ?? context.parameters.slots;
  return ring.engine.memory.secretScope(() => {
    const at = openToBlock(secret, ciphertext, ring);
    return decode(embedding, ring, at, { slots, scale: scaleOf(ciphertext) });
  });
}

/** Refuses keys of other parameters and what is not a ciphertext of two parts. */
export function requireOpenable(secret: SecretKey, ciphertext: CiphertextOf<CiphertextKind>): void {
  if (ciphertext.kind !== 'product') requireKind(ciphertext, 'ciphertext');
  levelOf(ciphertext);
  if (secret.ring !== ciphertext.context.layout.ring) {
    throw new ParameterError('the secret key belongs to other parameters than the ciphertext');
  }
}

/** Room beyond the declared content that the primes read must leave: noise estimates are deviations, bounds are bounds. */
const MARGIN = 8;
const TAIL = 14;

/**
 * The fewest of the ciphertext's primes that its content surely fits, with `extra` (a bound on coefficients) added: content and
 * noise are far smaller than the modulus of a high level, and reading two limbs costs less than reading twenty. Refused where
 * even the whole level may be too small: a wrapped number would look like any other.
 */
export function readingRing(ciphertext: CiphertextOf<CiphertextKind>, extra: number): Ring {
  const { context, level, estimate } = ciphertext;
  const scale = scaleOf(ciphertext);
  const noise = TAIL * coefficientStddev(estimate, context.parameters.degree, scale);
  const needed = Math.log2(estimate.magnitude * scale + noise + extra) + 1;
  for (let l = 0; l <= level; l++) {
    const { ring } = context.level(l);
    const bits = ring.moduli.reduce((sum, { q }) => sum + Math.log2(q), 0);
    if (needed + Math.log2(MARGIN) <= bits || (l === level && needed <= bits)) return ring;
  }
  throw new ParameterError(
    `content of magnitude ${estimate.magnitude.toPrecision(3)} may wrap around at level ${level}: ` +
      `${needed.toFixed(1)} bits are needed; declare a smaller magnitude if the circuit has one`,
  );
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
