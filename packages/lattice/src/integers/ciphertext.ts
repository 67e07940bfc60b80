// Exact ciphertexts as data: c0 + c1·s = scale·M + noise (lane-codec.ts), both polynomials in evaluation form, with the count of
// fresh ciphertexts that went in. Public.

import { ParameterError } from '../errors.ts';
import type { Lattice } from '../lattice.ts';
import type { IntegerParameters } from '../parameters/integer-parameters.ts';
import { expandUniform } from '../random/index.ts';
import { requireSeed, requireStreamIndex } from '../random/random-stream.ts';
import type { EvaluationPolynomial } from '../ring/polynomial.ts';
import { type Ring, ring } from '../ring/ring.ts';
import { type LaneCodec, laneCodec } from './lane-codec.ts';

/** A polynomial that a public seed stands for: expandUniform(ring, primitives, seed, index). */
export interface UniformSeed {
  readonly seed: Uint8Array;
  readonly index: number;
}

export interface IntegerCiphertext {
  readonly parameters: IntegerParameters;
  readonly c0: EvaluationPolynomial;
  /** Fresh ciphertexts of a secret key's owner carry the seed: half the bytes. Every operation expands it. */
  readonly c1: EvaluationPolynomial | UniformSeed;
  /** How many fresh ciphertexts are summed in here, with multiplicity: 1 when fresh. */
  readonly additions: number;
}

/** A vector of `length` values over as many ciphertexts as it takes, values in order. All have the same count of additions. */
export interface EncryptedVector {
  readonly parameters: IntegerParameters;
  readonly length: number;
  readonly ciphertexts: readonly IntegerCiphertext[];
  readonly additions: number;
}

/** The ring that ciphertexts of these parameters live in. */
export function integerRing({ engine }: Pick<Lattice, 'engine'>, { degree, primes }: IntegerParameters): Ring {
  return ring(engine, degree, primes);
}

export function isSeed(c1: EvaluationPolynomial | UniformSeed): c1 is UniformSeed {
  return 'seed' in c1;
}

/** c1 itself; expanded when a seed stands for it. */
export function secondPolynomial(lattice: Lattice, { c0, c1 }: IntegerCiphertext): EvaluationPolynomial {
  return isSeed(c1) ? expandUniform(c0.ring, lattice.primitives, c1.seed, c1.index) : c1;
}

export function requireSameParameters(a: IntegerParameters, b: IntegerParameters): void {
  if (a.description !== b.description) throw new ParameterError(`parameters differ: ${a} and ${b}`);
}

/** Refuses a vector whose length is no number of values, or whose ciphertexts are not as many as it takes, of its own parameters. */
export function requireVector({ parameters, ciphertexts, length }: EncryptedVector): void {
  if (!Number.isSafeInteger(length) || length < 1) throw new ParameterError(`a vector of ${length} values`);
  const count = Math.ceil(length / parameters.valuesPerCiphertext);
  if (ciphertexts.length !== count) {
    throw new ParameterError(`${length} values take ${count} ciphertexts, the vector has ${ciphertexts.length}`);
  }
  for (const ciphertext of ciphertexts) requireSameParameters(ciphertext.parameters, parameters);
}

/** Refuses a ciphertext whose polynomials or count do not belong to its parameters. */
export function requireWellFormed(lattice: Lattice, { parameters, c0, c1, additions }: IntegerCiphertext): void {
  const expected = integerRing(lattice, parameters);
  if (c0.ring !== expected || (!isSeed(c1) && c1.ring !== expected)) {
    throw new ParameterError('a ciphertext lies in another ring than its parameters say, or in another engine');
  }
  if (isSeed(c1)) {
    requireSeed(c1.seed);
    requireStreamIndex(c1.index);
  }
  if (!Number.isInteger(additions) || additions < 1 || additions > parameters.additions) {
    throw new ParameterError(
      `a ciphertext counts ${additions} additions; its parameters allow 1 to ${parameters.additions}`,
    );
  }
}

const codecs = new WeakMap<Ring, Map<string, LaneCodec>>();

/** The tables that turn values into coefficients of these parameters and back; made once. Outside any scope. */
export function integerCodec(over: Ring, parameters: IntegerParameters): LaneCodec {
  const known = codecs.get(over) ?? new Map<string, LaneCodec>();
  codecs.set(over, known);
  const { lanes, laneBits, signed, highest, plaintextModulus } = parameters;
  const key = `${lanes}:${laneBits}:${signed}:${highest}:${plaintextModulus}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = laneCodec(over, {
    lanes,
    laneBits,
    signed,
    modulus: laneBits === 0 ? Number(plaintextModulus) : 0,
    largest: highest,
    scale: inverseModulo(
      plaintextModulus,
      over.moduli.reduce((product, { q }) => product * BigInt(q), 1n),
    ),
  });
  known.set(key, made);
  return made;
}

/** a^-1 mod m by Euclid, for coprime a and m > 1; public numbers. */
function inverseModulo(a: bigint, m: bigint): bigint {
  let [r, next] = [m, a % m];
  let [x, nextX] = [0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [x, nextX] = [nextX, x - quotient * nextX];
  }
  return x < 0n ? x + m : x;
}
