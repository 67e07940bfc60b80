// Which evaluation of a polynomial stands where in evaluation form, and what an automorphism does to that order.
//
// The transform leaves the evaluation at ψ^(2·b + 1) at the position whose bit-reversed index is b; the last two layers also
// transpose every block of 16 (kernels/ntt.ts): position 16k + 4r + c holds bit-reversed index 16k + 4c + r.

import { bitReverse } from './ntt-tables.ts';

/** The odd exponent e such that position holds the value at ψ^e. */
export function exponentAt(position: number, degree: number): number {
  const index = transposed(position);
  return 2 * bitReverse(index, Math.log2(degree)) + 1;
}

/** The position that holds the value at ψ^exponent, exponent odd modulo 2n. */
export function positionOf(exponent: number, degree: number): number {
  return transposed(bitReverse(((exponent % (2 * degree)) - 1) / 2, Math.log2(degree)));
}

/** Swaps row and column inside a block of 16; its own inverse. */
function transposed(position: number): number {
  return (position & ~15) | ((position & 3) << 2) | ((position >> 2) & 3);
}

/**
 * The gather index of X → X^galois in evaluation form: the image has at ψ^e what the original has at ψ^(e·galois).
 * galois is odd, 0 < galois < 2n.
 */
export function evaluationPermutation(galois: number, degree: number): Uint32Array<ArrayBuffer> {
  const index = new Uint32Array(degree);
  for (let position = 0; position < degree; position++) {
    index[position] = positionOf((exponentAt(position, degree) * galois) % (2 * degree), degree);
  }
  return index;
}

/** The gather index of X → X^galois in coefficient form, sign in the lowest bit (kernels/residues.ts permuteSignedResidues). */
export function coefficientPermutation(galois: number, degree: number): Uint32Array<ArrayBuffer> {
  const index = new Uint32Array(degree);
  for (let i = 0; i < degree; i++) {
    const exponent = (i * galois) % (2 * degree);
    const target = exponent % degree;
    index[target] = 2 * i + (exponent >= degree ? 1 : 0);
  }
  return index;
}
