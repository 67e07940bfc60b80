// Primes whose product just reaches a wanted size, for the fewest bits on the wire: a residue takes ⌈log2 q⌉ bits there, so
// primes just below powers of two waste nothing, and they may be of different sizes.

import { ParameterError } from '../errors.ts';
import { PRIME_BOUND, primesBelow, SMALLEST_PRIME } from '../ring/primes.ts';

const FEWEST_BITS = Math.log2(SMALLEST_PRIME) + 1;
const MOST_BITS = Math.log2(PRIME_BOUND);
/** What the 64-bit sums of decoding hold (kernels/integers.ts unpackLanes). */
export const MOST_PRIMES = 62;

/**
 * Primes for rings of this degree with a product of at least 2^bits that pack into the fewest bits; among those the fewest
 * primes, which cost the fewest transforms. Larger primes first.
 */
export function fewestBitPrimes(degree: number, bits: number): readonly number[] {
  let best: { primes: number[]; packed: number } | undefined;
  const fewest = Math.max(1, Math.ceil(bits / MOST_BITS));
  // One more than enough of the smallest: primes are a little short of their powers of two.
  const most = Math.min(MOST_PRIMES, Math.max(fewest, Math.ceil(bits / FEWEST_BITS)) + 1);
  for (let count = fewest; count <= most; count++) {
    const first = Math.max(count * FEWEST_BITS, Math.ceil(bits));
    for (let packed = first; packed <= count * MOST_BITS && packed < (best?.packed ?? Infinity); packed++) {
      const primes = primesOfBits(degree, count, packed);
      if (primes !== undefined && primes.reduce((sum, q) => sum + Math.log2(q), 0) >= bits) best = { primes, packed };
    }
  }
  if (best === undefined) throw new ParameterError(`no primes for degree ${degree} reach ${bits.toFixed(2)} bits`);
  return best.primes;
}

/** `count` primes, as equal in size as their sum of `packed` bits allows, each the largest unused below its power of two. */
function primesOfBits(degree: number, count: number, packed: number): number[] | undefined {
  const small = Math.floor(packed / count);
  const large = packed - small * count;
  try {
    const larger = large === 0 ? [] : primesBelow(2 ** (small + 1), large, degree);
    return [...larger, ...primesBelow(2 ** small, count - large, degree, new Set(larger))];
  } catch (error) {
    // Not enough primes of these sizes: another split may do.
    if (error instanceof ParameterError) return undefined;
    throw error;
  }
}
