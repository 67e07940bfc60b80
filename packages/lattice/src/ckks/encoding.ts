// CKKS plaintexts as a user sees them: vectors of real or complex numbers in, a polynomial out, and back.

import { allocateBlock, loadBlock, readBlock } from '../ring/blocks.ts';
import { type CoefficientPolynomial, coefficientPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import {
  type ComplexVector,
  decodeFromBlock,
  decodeRealFromBlock,
  encodeToBlock,
  type SlotOptions,
  type SlotVector,
} from './encoding-blocks.ts';
import { encodingConstants } from './encoding-constants.ts';
import { type Embedding, SMALLEST_TRANSFORM } from './encoding-embedding.ts';

/** round(scale · σ^-1(values)): up to `slots` real numbers, zeros for the rest. Refuses what `largestValue` excludes. */
export function encodeReal(
  embedding: Embedding,
  ring: Ring,
  values: ArrayLike<number>,
  options: SlotOptions,
): CoefficientPolynomial {
  return encode(embedding, ring, { real: values }, options);
}

/** The same for complex numbers; both parts have one length. */
export function encodeComplex(
  embedding: Embedding,
  ring: Ring,
  values: Required<SlotVector>,
  options: SlotOptions,
): CoefficientPolynomial {
  return encode(embedding, ring, { real: values.real, imaginary: values.imaginary }, options);
}

function encode(embedding: Embedding, ring: Ring, values: SlotVector, options: SlotOptions): CoefficientPolynomial {
  return ring.engine.memory.secretScope(() => {
    const block = allocateBlock(ring);
    encodeToBlock(embedding, ring, values, options, block);
    return coefficientPolynomial(ring, readBlock(ring, block));
  });
}

/** The real parts of all `slots` slots, divided by the scale. */
export function decodeReal(
  embedding: Embedding,
  plaintext: CoefficientPolynomial,
  options: SlotOptions,
): Float64Array<ArrayBuffer> {
  const { ring } = plaintext;
  return ring.engine.memory.secretScope(() => decodeRealFromBlock(embedding, ring, loadBlock(plaintext), options));
}

export function decodeComplex(
  embedding: Embedding,
  plaintext: CoefficientPolynomial,
  options: SlotOptions,
): ComplexVector {
  const { ring } = plaintext;
  return ring.engine.memory.secretScope(() => decodeFromBlock(embedding, ring, loadBlock(plaintext), options));
}

/** The largest magnitude that encodes at this scale: half the modulus, and at most 2^61, over the scale. */
export function largestValue(ring: Ring, scale: number): number {
  return encodingConstants(ring).limit / scale;
}

/**
 * How far a decoded slot may lie from what was encoded, for values of magnitude up to `magnitude`.
 * Rounding: 2s coefficients off by at most 1/2 each sum up to s/scale. Floating point: with root errors of an ulp each of the
 * log2 s layers of each transform has a relative error below 2^-50.2 in the Euclidean norm (Higham, "Accuracy and Stability of
 * Numerical Algorithms", 2002, theorem 24.2), composing and scaling less than 2^-50; the norm is at most √s·magnitude.
 */
export function roundTripBound(bounds: SlotOptions & { readonly magnitude: number }): number {
  const { slots, scale, magnitude } = bounds;
  return slots / scale + (Math.log2(Math.max(slots, SMALLEST_TRANSFORM)) + 1) * 2 ** -49 * Math.sqrt(slots) * magnitude;
}
