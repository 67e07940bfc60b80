// The limit that every real parameter set keeps: the largest modulus for 128-bit classical security with a ternary secret and
// errors of σ ≥ 3.19, special primes counted in. Security Guidelines for Implementing Homomorphic Encryption (Bossuat et al.,
// IACR eprint 2024/463), table 5.2. The column N = 131072 is listed for completeness; rings here end at 65536.

import { ParameterError } from '../errors.ts';

const LIMIT_BITS: ReadonlyMap<number, number> = new Map([
  [1024, 26],
  [2048, 53],
  [4096, 106],
  [8192, 214],
  [16384, 430],
  [32768, 868],
  [65536, 1747],
  [131072, 3523],
]);

/** The largest log2 of the whole modulus for this degree, or undefined where the table has no row. */
export function securityLimitBits(degree: number): number | undefined {
  return LIMIT_BITS.get(degree);
}

/** Refuses a degree without a row, and a modulus above its limit, with the numbers. */
export function requireSecure(degree: number, modulusBits: number): void {
  const limit = LIMIT_BITS.get(degree);
  if (limit === undefined) {
    throw new ParameterError(
      `degree ${degree} has no row in the 128-bit table (1024 to 65536); only insecure sets may use it`,
    );
  }
  // Negated, so that a number that is none is refused as well.
  if (!(modulusBits <= limit)) {
    throw new ParameterError(
      `modulus of ${modulusBits.toFixed(2)} bits (special primes included) exceeds ${limit}, the most for N = ${degree} at 128-bit security`,
    );
  }
}
