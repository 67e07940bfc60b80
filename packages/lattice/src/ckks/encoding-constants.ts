// What rounding to residues and composing from them need to know about a ring's primes. Computed once per ring; public.

import { invertModulo, multiplyModulo } from '../arithmetic/modular.ts';
import { type Scalar, scalar } from '../ring/modulus.ts';
import { modulusOf, type Ring } from '../ring/ring.ts';

export interface EncodingConstants {
  /** Largest magnitude of value·scale: below 2^61 and below half the modulus, with room for rounding errors. */
  readonly limit: number;
  readonly limbs: readonly LimbConstants[];
}

export interface LimbConstants {
  /** 2^30 mod q. */
  readonly shift: Scalar;
  /** −2^61 − 2^29 mod q: what the offsets of split coefficients add up to (kernels/embedding/residues.ts). */
  readonly splitOffset: number;
  /** (q − 1)/2: the mixed-radix digit of (Q − 1)/2, which turns a centred value into one of [0, Q). */
  readonly half: number;
  /** W = q_0 ⋯ q_(i−1) as the nearest double, at most LARGEST_WEIGHT. */
  readonly weight: number;
  /** W^-1 mod q. */
  readonly inverseWeight: Scalar;
  /** q_0 ⋯ q_(j−1) mod q for j < i: what the digits below are worth here. */
  readonly weights: Uint32Array;
}

/** Coefficients beyond this decode to no double worth having, and are refused. */
export const LARGEST_COEFFICIENT: number = 2 ** 900;
const LARGEST_WEIGHT = 2 ** 960;

const cache = new WeakMap<Ring, EncodingConstants>();

export function encodingConstants(ring: Ring): EncodingConstants {
  const found = cache.get(ring);
  if (found !== undefined) return found;
  const primes = ring.moduli.map(({ q }) => q);
  let product = 1n;
  const limbs = ring.moduli.map((m, i) => {
    const weights = new Uint32Array(i);
    let weight = 1;
    for (let j = 0; j < i; j++) {
      weights[j] = weight;
      weight = multiplyModulo(weight, primes[j], m.q);
    }
    const limb: LimbConstants = {
      shift: scalar(2 ** 30, m),
      splitOffset: scalar(-(2n ** 61n) - 2n ** 29n, m).value,
      half: (m.q - 1) / 2,
      weight: Math.min(Number(product), LARGEST_WEIGHT),
      inverseWeight: scalar(invertModulo(weight, m.q), m),
      weights,
    };
    product *= BigInt(m.q);
    return limb;
  });
  // Rounding errors of the transform stay far below 2^-40 of the largest value; the nearest integer is at most 1/2 further.
  const halfModulus = Number(modulusOf(ring) / 2n);
  const limit = Math.min(2 ** 61, halfModulus - 1) * (1 - 2 ** -30);
  const made = Object.freeze({ limit, limbs });
  cache.set(ring, made);
  return made;
}
