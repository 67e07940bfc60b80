// Shamir's sharing of a secret's bytes over GF(2^8): each byte is the value at 0 of a polynomial of degree t − 1 whose other
// coefficients are fresh; a share is its value at a member's point. t shares give the secret, t − 1 nothing at all.
//
// Constant-time in the secret: points are public and branched on, coefficients are only shifted, masked and xored, four bytes in a
// word. Refuses points that are 0, repeated or above 255 (attacks 53, 55, 56).

import { ParameterError } from '../errors.ts';
import { freshSecretBytes, type SecretPrimitives } from '../secret-primitives.ts';

export interface SecretSplit {
  /** Any length; the caller's to wipe. */
  readonly secret: Uint8Array;
  readonly threshold: number;
  /** Distinct, in [1, 255]. */
  readonly points: readonly number[];
}

/** One share a point, the caller's to wipe. */
export function splitSecret(
  primitives: Pick<SecretPrimitives, 'randomBytes'>,
  { secret, threshold, points }: SecretSplit,
): Uint8Array<ArrayBuffer>[] {
  requireSplit(threshold, points);
  const words = Math.ceil(secret.length / 4);
  // Coefficient i in words [i · words, (i + 1) · words); the constant one is the secret.
  const coefficients = new Uint32Array(threshold * words);
  const bytes = new Uint8Array(coefficients.buffer);
  // With coefficients of zeros every share would be the secret.
  const fresh = freshSecretBytes(primitives, (threshold - 1) * words * 4);
  bytes.set(secret);
  bytes.set(fresh, words * 4);
  fresh.fill(0);
  const value = new Uint32Array(words);
  const shares = points.map((point) => {
    evaluate(value, coefficients, point);
    return new Uint8Array(value.buffer).slice(0, secret.length);
  });
  coefficients.fill(0);
  value.fill(0);
  return shares;
}

/** Horner: value = value · point + coefficient, from the highest on. Mutates `value`. */
function evaluate(value: Uint32Array, coefficients: Uint32Array, point: number): void {
  const words = value.length;
  value.fill(0);
  for (let at = coefficients.length - words; at >= 0; at -= words) {
    for (let i = 0; i < words; i++) {
      // The bits of `point` are public.
      let power = value[i]!;
      let product = 0;
      for (let rest = point; ; ) {
        if ((rest & 1) === 1) product ^= power;
        rest >>= 1;
        if (rest === 0) break;
        power = doubled(power);
      }
      value[i] = product ^ coefficients[at + i]!;
    }
  }
}

/** Four bytes times x: shifted, and reduced by 0x1b where the highest bit fell out. */
const doubled = (word: number): number => ((word & 0x7f7f7f7f) << 1) ^ (((word >>> 7) & 0x01010101) * 0x1b);

function requireSplit(threshold: number, points: readonly number[]): void {
  if (!Number.isInteger(threshold) || threshold < 1 || threshold > points.length) {
    throw new ParameterError(`a threshold of ${threshold} among ${points.length} shares`);
  }
  const distinct = new Set(points);
  if (distinct.size !== points.length) throw new ParameterError('an evaluation point occurs twice');
  for (const point of points) {
    if (!Number.isInteger(point) || point < 1 || point > 255) {
      throw new ParameterError(`${point} is no evaluation point: 1 to 255, and 0 is the secret itself`);
    }
  }
}
