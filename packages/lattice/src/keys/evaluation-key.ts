// The public keys of an evaluator: relinearisation (s² → s) and Galois keys (rotations and conjugation).
//
// A Galois key for X → X^g switches from s to φ⁻¹(s), φ the automorphism: the evaluator switches first and applies φ last, to
// two polynomials instead of to every digit. φ(c0 + k0) + φ(k1)·s decrypts to φ(c0 + c1·s).

import { ParameterError } from '../errors.ts';
import type { Lattice } from '../lattice.ts';
import { freshSeed } from '../random/index.ts';
import { automorphismOfEvaluations, multiply } from '../ring/operations.ts';
import { wipePolynomial } from '../ring/polynomial.ts';
import { requireNotSeedOf } from './generate.ts';
import { generateKeySwitchingKey, type KeySwitchingKey, type KeySwitchingLayout } from './key-switching-key.ts';
import type { KeyNoise } from './public-key.ts';
import type { SecretKey } from './secret-key.ts';

export interface RelinearisationKey {
  readonly kind: 'relinearisation';
  /** How many parties made it together; 1 when it was made from the whole secret. Its errors are larger for it. */
  readonly parties: number;
  readonly key: KeySwitchingKey;
}

/**
 * How many times the error of a key made from the whole secret a relinearisation key's error is: n·√(4N/3) where n parties made it
 * (shared-keys/evaluation-keys.ts), 1 otherwise.
 */
export function relinearisationErrorFactor({ parties, key }: RelinearisationKey): number {
  return parties === 1 ? 1 : parties * Math.sqrt((4 / 3) * key.layout.ring.degree);
}

export interface GaloisKey {
  readonly kind: 'galois';
  /** g of X → X^g, odd, in (0, 2N). */
  readonly element: number;
  readonly key: KeySwitchingKey;
}

/** Galois keys by element; only the rotations a circuit declares (each is as large as a relinearisation key). */
export type GaloisKeys = ReadonlyMap<number, GaloisKey>;

export function generateRelinearisationKey(
  lattice: Lattice,
  layout: KeySwitchingLayout,
  secret: SecretKey,
  seed: Uint8Array = freshSeed(lattice.primitives),
  noise: KeyNoise = {},
): RelinearisationKey {
  requireNotSeedOf(lattice, secret, seed);
  const s = secret.reveal();
  const squared = layout.ring.engine.memory.secretScope(() => multiply(s, s));
  try {
    const key = generateKeySwitchingKey(lattice, layout, squared, s, seed, noise);
    return Object.freeze({ kind: 'relinearisation', parties: 1, key });
  } finally {
    wipePolynomial(squared);
  }
}

export function generateGaloisKey(
  lattice: Lattice,
  layout: KeySwitchingLayout,
  secret: SecretKey,
  element: number,
  seed: Uint8Array = freshSeed(lattice.primitives),
  noise: KeyNoise = {},
): GaloisKey {
  requireNotSeedOf(lattice, secret, seed);
  const s = secret.reveal();
  const inverse = inverseElement(element, layout.ring.degree);
  const target = layout.ring.engine.memory.secretScope(() => automorphismOfEvaluations(s, inverse));
  try {
    const key = generateKeySwitchingKey(lattice, layout, s, target, seed, noise);
    return Object.freeze({ kind: 'galois', element, key });
  } finally {
    wipePolynomial(target);
  }
}

/**
 * The automorphism that rotates slots to the left by `steps` (slot j receives slot j + steps): 5^steps mod 2N. The slots sit
 * at the roots ζ^(5^j), so φ(m) has at slot j what m has at ζ^(5^(j + steps)). (Cheon, Kim, Kim, Song 2017; Gentry et al. 2012.)
 */
export function rotationElement(steps: number, degree: number): number {
  const slots = degree / 2;
  if (!Number.isSafeInteger(steps)) throw new ParameterError(`a rotation by ${steps} slots is not an integer`);
  const turns = ((steps % slots) + slots) % slots;
  let element = 1;
  for (let square = 5, rest = turns; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) element = (element * square) % (2 * degree);
    square = (square * square) % (2 * degree);
  }
  return element;
}

/** X → X^-1: conjugates every slot. */
export function conjugationElement(degree: number): number {
  return 2 * degree - 1;
}

/** The inverse of an odd element modulo 2N. */
export function inverseElement(element: number, degree: number): number {
  if (!Number.isInteger(element) || element <= 0 || element >= 2 * degree || element % 2 === 0) {
    throw new ParameterError(`Galois element ${element} is not odd in (0, ${2 * degree})`);
  }
  // Newton's iteration for inverses modulo powers of two: correct bits double, from three (e·e ≡ 1 mod 8).
  let inverse = element;
  for (let bits = 3; bits < 32; bits *= 2) {
    const product = (element * inverse) % (2 * degree);
    inverse = (inverse * ((2 - product + 2 * degree) % (2 * degree))) % (2 * degree);
  }
  return inverse;
}

/** Bytes of a key in memory (both halves expanded) and as sent with its seed. */
export function keyBytes(key: KeySwitchingKey): { readonly expanded: number; readonly seeded: number } {
  const half = key.digits.reduce((bytes, { b }) => bytes + b.residues.byteLength, 0);
  return { expanded: 2 * half, seeded: half };
}
