// Arithmetic on exact ciphertexts. Every operation counts how many fresh ciphertexts are in the result, with multiplicity, and
// refuses what the parameters do not allow: one count bounds both the sums in the lanes and the noise, because both grow by at most
// the sum of the factors' magnitudes, however the operands depend on each other (parameters/integer-noise.ts).
//
// Refused besides: operands of different parameters, factors that are not integers or zero (a product with zero hides nothing),
// negative results where values are unsigned.

import { ParameterError } from '../errors.ts';
import type { Lattice } from '../lattice.ts';
import type { IntegerParameters } from '../parameters/integer-parameters.ts';
import {
  addBlock,
  allocateBlock,
  loadBlock,
  multiplyBlock,
  multiplyScalarBlock,
  readBlock,
  subtractBlock,
  writeBlock,
} from '../ring/blocks.ts';
import { scalar } from '../ring/modulus.ts';
import { fromIntegers, toEvaluations } from '../ring/operations.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import {
  type EncryptedVector,
  type IntegerCiphertext,
  requireSameParameters,
  requireWellFormed,
  secondPolynomial,
} from './ciphertext.ts';

export function add(lattice: Lattice, a: IntegerCiphertext, b: IntegerCiphertext): IntegerCiphertext {
  return combine(lattice, a, b, addBlock);
}

/** a − b. Signed or modular values only. */
export function subtract(lattice: Lattice, a: IntegerCiphertext, b: IntegerCiphertext): IntegerCiphertext {
  requireNegatives(a.parameters);
  return combine(lattice, a, b, subtractBlock);
}

/** Every value times one integer, which is public; counts |factor| times. */
export function multiplyByScalar(lattice: Lattice, a: IntegerCiphertext, factor: number): IntegerCiphertext {
  requireFactor(factor, a.parameters);
  return apply(lattice, a, Math.abs(factor), (ring, block) =>
    multiplyScalarBlock(
      ring,
      block,
      block,
      ring.moduli.map((m) => scalar(BigInt(factor), m)),
    ),
  );
}

/**
 * The product with a public polynomial Σ coefficients[i]·X^i modulo X^N + 1, in every lane: the values of a lane, in order, are
 * the coefficients of its polynomial. Counts Σ |coefficients[i]| times. Signed or modular values only, unless it is a constant.
 */
export function multiplyByPolynomial(
  lattice: Lattice,
  a: IntegerCiphertext,
  coefficients: readonly number[],
): IntegerCiphertext {
  const { degree } = a.parameters;
  if (coefficients.length < 1 || coefficients.length > degree) {
    throw new ParameterError(`${coefficients.length} coefficients; a polynomial has 1 to ${degree}`);
  }
  coefficients.forEach((c, i) => {
    if (!Number.isSafeInteger(c)) throw new ParameterError(`coefficient number ${i} is not an integer: ${c}`);
    if (c < 0 || (c > 0 && i > 0)) requireNegatives(a.parameters);
  });
  const weight = coefficients.reduce((sum, c) => sum + Math.abs(c), 0);
  if (weight === 0) throw new ParameterError('the zero polynomial: its product would hide nothing');
  const padded = Array.from({ length: degree }, (_, i) => BigInt(coefficients[i] ?? 0));
  const plain = toEvaluations(fromIntegers(a.c0.ring, padded));
  return apply(lattice, a, weight, (ring, block) => {
    ring.engine.memory.scope(() => {
      multiplyBlock(ring, block, block, loadBlock(plain));
    });
  });
}

export function addVectors(lattice: Lattice, a: EncryptedVector, b: EncryptedVector): EncryptedVector {
  return eachPair(a, b, (x, y) => add(lattice, x, y));
}

export function subtractVectors(lattice: Lattice, a: EncryptedVector, b: EncryptedVector): EncryptedVector {
  return eachPair(a, b, (x, y) => subtract(lattice, x, y));
}

export function multiplyVectorByScalar(lattice: Lattice, a: EncryptedVector, factor: number): EncryptedVector {
  const ciphertexts = a.ciphertexts.map((ciphertext) => multiplyByScalar(lattice, ciphertext, factor));
  return Object.freeze({ ...a, ciphertexts: Object.freeze(ciphertexts), additions: a.additions * Math.abs(factor) });
}

/** Refuses a sum that the parameters have no room for, with the numbers. */
export function requireAdditions({ additions: allowed }: IntegerParameters, additions: number): void {
  if (additions > allowed) {
    throw new ParameterError(`a sum of ${additions} ciphertexts, with multiplicity; the parameters allow ${allowed}`);
  }
}

/** Refuses vectors that cannot be summed position by position. */
export function requireSameShape(a: EncryptedVector, b: EncryptedVector): void {
  requireSameParameters(a.parameters, b.parameters);
  if (a.length !== b.length || a.ciphertexts.length !== b.ciphertexts.length) {
    throw new ParameterError(`vectors of ${a.length} and ${b.length} values`);
  }
}

function eachPair(
  a: EncryptedVector,
  b: EncryptedVector,
  operate: (x: IntegerCiphertext, y: IntegerCiphertext) => IntegerCiphertext,
): EncryptedVector {
  requireSameShape(a, b);
  const ciphertexts = a.ciphertexts.map((x, position) => operate(x, b.ciphertexts[position]));
  return Object.freeze({ ...a, ciphertexts: Object.freeze(ciphertexts), additions: a.additions + b.additions });
}

function combine(
  lattice: Lattice,
  a: IntegerCiphertext,
  b: IntegerCiphertext,
  operate: (ring: Ring, out: number, x: number, y: number) => void,
): IntegerCiphertext {
  requireSameParameters(a.parameters, b.parameters);
  requireWellFormed(lattice, a);
  requireWellFormed(lattice, b);
  const additions = a.additions + b.additions;
  requireAdditions(a.parameters, additions);
  const { ring } = a.c0;
  const both = (p: EvaluationPolynomial, q: EvaluationPolynomial): EvaluationPolynomial =>
    ring.engine.memory.scope(() => {
      const x = loadBlock(p);
      const y = allocateBlock(ring);
      writeBlock(y, q);
      operate(ring, x, x, y);
      return evaluationPolynomial(ring, readBlock(ring, x));
    });
  return Object.freeze({
    parameters: a.parameters,
    c0: both(a.c0, b.c0),
    c1: both(secondPolynomial(lattice, a), secondPolynomial(lattice, b)),
    additions,
  });
}

/** Applies a linear map that multiplies values and noise by at most `weight` to both polynomials. */
function apply(
  lattice: Lattice,
  a: IntegerCiphertext,
  weight: number,
  inPlace: (ring: Ring, block: number) => void,
): IntegerCiphertext {
  requireWellFormed(lattice, a);
  const additions = a.additions * weight;
  requireAdditions(a.parameters, additions);
  const { ring } = a.c0;
  const mapped = (p: EvaluationPolynomial): EvaluationPolynomial =>
    ring.engine.memory.scope(() => {
      const x = loadBlock(p);
      inPlace(ring, x);
      return evaluationPolynomial(ring, readBlock(ring, x));
    });
  return Object.freeze({
    parameters: a.parameters,
    c0: mapped(a.c0),
    c1: mapped(secondPolynomial(lattice, a)),
    additions,
  });
}

function requireFactor(factor: number, parameters: IntegerParameters): void {
  if (!Number.isSafeInteger(factor) || factor === 0) {
    throw new ParameterError(`factor ${factor} is not an integer other than zero`);
  }
  if (factor < 0) requireNegatives(parameters);
}

function requireNegatives({ plaintext, signed }: IntegerParameters): void {
  if (plaintext === 'lanes' && !signed) {
    throw new ParameterError('these parameters hold unsigned values: nothing may be subtracted or negated');
  }
}
