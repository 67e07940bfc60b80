// Test material: a small world of keys for exact sums, seeded values, and decryption by schoolbook.

import { seededWords } from '../engine/seeded-words.contract.ts';
import { generateSecretKey } from '../keys/generate.ts';
import { reproducibleLattice } from '../keys/node-lattice.contract.ts';
import type { PublicKey } from '../keys/public-key.ts';
import { generatePublicKey } from '../keys/public-key.ts';
import type { SecretKey } from '../keys/secret-key.ts';
import type { Lattice } from '../lattice.ts';
import {
  type IntegerLiteral,
  type IntegerParameters,
  insecureIntegerParameters,
} from '../parameters/integer-parameters.ts';
import { centred, naiveProduct } from '../ring/naive-polynomial.contract.ts';
import { toCoefficients, toIntegers } from '../ring/operations.ts';
import type { EvaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import { modulusOf } from '../ring/ring.ts';
import { type IntegerCiphertext, integerRing, secondPolynomial } from './ciphertext.ts';

export const N = 64;
export const lattice: Lattice = await reproducibleLattice(11);

export const literal: IntegerLiteral = {
  degree: N,
  plaintext: { kind: 'lanes', valueBits: 12, signed: true, lanes: 3 },
  additions: 8,
  key: 'public',
};

export interface World {
  readonly parameters: IntegerParameters;
  readonly ring: Ring;
  readonly secretKey: SecretKey;
  readonly publicKey: PublicKey;
}

export function setUp(parameters: IntegerParameters, on: Lattice = lattice): World {
  const ring = integerRing(on, parameters);
  const secretKey = generateSecretKey(on, ring);
  return { parameters, ring, secretKey, publicKey: generatePublicKey(on, ring, secretKey) };
}

export const world: World = setUp(insecureIntegerParameters(literal));

export function values({ lowest, highest }: IntegerParameters, length: number, seed = 1): number[] {
  const next = seededWords(seed);
  return Array.from({ length }, () => lowest + Math.floor((next() / 2 ** 32) * (highest - lowest + 1)));
}

/** c0 + c1·s by schoolbook, coefficients centred modulo q. */
export function phaseNaively(ciphertext: IntegerCiphertext, secret: EvaluationPolynomial): bigint[] {
  const q = modulusOf(ciphertext.c0.ring);
  const [c0, c1, s] = [ciphertext.c0, secondPolynomial(lattice, ciphertext), secret].map((p) =>
    toIntegers(toCoefficients(p)),
  );
  return naiveProduct(c1, s).map((x, i) => centred(x + c0[i], q));
}
