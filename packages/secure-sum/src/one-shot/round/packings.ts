// Which packings are worth having (the specification's point 8): bytes depend on d, the words in a coefficient, alone, so for every d
// there is one width w that pays, the widest that the modulus holds for n contributors, and one value width b under the strict rule.

import { capacityBits } from '@sumus/lattice/one-time/sums';

export interface Packing {
  /** d */
  readonly wordsPerCoefficient: number;
  /** w, at most 32 */
  readonly wordBits: number;
  /** b */
  readonly valueBits: number;
}

/** log2 q − 1 of the ring of degree 4096 with the three largest primes below 2^30. */
const CAPACITY_BITS = 88.9997;
const VALUE_BITS_AT_LEAST = 3;

/** Ascending in d: fewer bytes, fewer bits a value. */
export function usefulPackings(contributors: number, capacity: number = CAPACITY_BITS): readonly Packing[] {
  const packings: Packing[] = [];
  for (let d = 1; ; d++) {
    let wordBits = Math.min(32, Math.floor(capacity / d));
    while (wordBits > 1 && !(capacityBits(wordBits, d, contributors) < capacity)) wordBits--;
    const valueBits = strictValueBits(contributors, wordBits);
    if (valueBits < VALUE_BITS_AT_LEAST) return Object.freeze(packings);
    packings.push(Object.freeze({ wordsPerCoefficient: d, wordBits, valueBits }));
  }
}

/** The largest b with n·(2^b − 1) < 2^w. */
export function strictValueBits(contributors: number, wordBits: number): number {
  let b = 0;
  while (BigInt(contributors) * (2n ** BigInt(b + 1) - 1n) < 2n ** BigInt(wordBits)) b++;
  return b;
}
