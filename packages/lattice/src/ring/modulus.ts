// One prime of the residue number system with every constant the kernels need for it. All public.

import { shoupQuotient } from '../arithmetic/modular.ts';
import { requireNttPrime } from './primes.ts';

export interface Modulus {
  readonly q: number;
  /** q has this many bits: 2^(bits−1) < q < 2^bits. */
  readonly bits: number;
  /** ⌊2^32 / q⌋. */
  readonly reciprocal: number;
  /** 2^32 mod q, and its Shoup quotient: folds the high half of a 64-bit sum. */
  readonly wordResidue: number;
  readonly wordResidueQuotient: number;
  /** Barrett's product: bits − 2 and ⌊2^(bits+30) / q⌋. */
  readonly barrettShift: number;
  readonly barrettMu: number;
  /** ⌊2^56 / q⌋: the fixed-point share of a residue in a basis conversion. */
  readonly overflowReciprocal: number;
}

/** Checks the prime for rings of this degree and derives its constants. */
export function modulus(q: number, degree: number): Modulus {
  requireNttPrime(q, degree);
  const bits = 32 - Math.clz32(q);
  const wordResidue = 2 ** 32 % q;
  return Object.freeze({
    q,
    bits,
    reciprocal: Math.floor(2 ** 32 / q),
    wordResidue,
    wordResidueQuotient: shoupQuotient(wordResidue, q),
    barrettShift: bits - 2,
    barrettMu: Number((1n << BigInt(bits + 30)) / BigInt(q)),
    overflowReciprocal: Number((1n << 56n) / BigInt(q)),
  });
}

/** A scalar modulo q with its Shoup quotient. */
export interface Scalar {
  readonly value: number;
  readonly quotient: number;
}

/** Reduces an integer (negative allowed) modulo q and attaches the quotient. */
export function scalar(value: number | bigint, { q }: Modulus): Scalar {
  const reduced =
    typeof value === 'bigint' ? Number(((value % BigInt(q)) + BigInt(q)) % BigInt(q)) : ((value % q) + q) % q;
  return { value: reduced, quotient: shoupQuotient(reduced, q) };
}
