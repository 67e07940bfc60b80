// Packed Shamir sharing over F_p (Franklin, Yung, “Communication complexity of secure computation”, STOC 1992; of one-time keys as in
// Bell-Clark and others, “Willow”, eprint 2024/936): a polynomial of degree q_c − 1 takes ρ secrets at ρ points and t_c uniform
// values at t_c further points; member i holds its value at i. Any t_c members see uniform values whatever the secrets are; any q_c
// know everything; in between part of every secret leaks (the ramp).
//
// Many blocks are shared side by side: vectors of `blocks` field elements, one per secret position, one per random value. Every step
// (share, interpolate, extend) is then one public matrix over F_p applied to vectors.
//
// Points: members 1 … m; secrets p − 1, …, p − ρ; random values the t_c points below them. All distinct: p > m + q_c is checked.

import { multiplyModulo, powerModulo, shoupQuotient } from '../arithmetic/modular.ts';
import type { Engine } from '../engine/engine.ts';
import type { OneTimeParameters } from '../parameters/one-time-parameters.ts';

/** The points at which secrets, then random values stand. */
export function inputPoints({ committee, shareModulus }: OneTimeParameters): number[] {
  return Array.from({ length: committee.quorum }, (_, i) => shareModulus - 1 - i);
}

/** The points at which the shared values, coefficients of a key, stand. */
export function keyPoints(parameters: OneTimeParameters): number[] {
  return inputPoints(parameters).slice(0, parameters.committee.packed);
}

/**
 * Lagrange's matrix: row r has the weights w_k with f(to[r]) = Σ_k w_k·f(from[k]) for every f of degree below from.length.
 * Points are distinct in F_p; a row whose point is among `from` is a unit vector.
 */
export function lagrangeMatrix(from: readonly number[], to: readonly number[], p: number): Uint32Array[] {
  const minus = (a: number, b: number): number => (a - b + p) % p;
  const product = (factors: readonly number[]): number => factors.reduce((a, b) => multiplyModulo(a, b, p), 1);
  // 1 / Π_{j≠k} (x_k − x_j)
  const weights = invertAll(
    from.map((x, k) => product(from.filter((_, j) => j !== k).map((other) => minus(x, other)))),
    p,
  );
  return to.map((y) => {
    const known = from.indexOf(y);
    if (known >= 0) return Uint32Array.from(from, (_, k) => Number(k === known));
    const distances = from.map((x) => minus(y, x));
    const whole = product(distances);
    const inverses = invertAll(distances, p);
    return Uint32Array.from(from, (_, k) => multiplyModulo(whole, multiplyModulo(inverses[k], weights[k], p), p));
  });
}

/** The inverses of nonzero elements with one exponentiation (Montgomery's trick). */
function invertAll(elements: readonly number[], p: number): number[] {
  const prefixes = [1];
  for (const x of elements) prefixes.push(multiplyModulo(prefixes[prefixes.length - 1], x, p));
  let inverse = powerModulo(prefixes[elements.length], p - 2, p);
  const inverses = new Array<number>(elements.length);
  for (let i = elements.length - 1; i >= 0; i--) {
    inverses[i] = multiplyModulo(inverse, prefixes[i], p);
    inverse = multiplyModulo(inverse, elements[i], p);
  }
  return inverses;
}

/** Bytes between vectors of so many elements in engine memory. */
export function vectorBytes(elements: number): number {
  return 16 * Math.ceil(elements / 4);
}

/**
 * out ← Σ_k row[k]·vector_k modulo p, over vectors of `elements` words laid out vectorBytes(elements) apart from `vectors` on.
 * Inside a scope.
 */
export function combineVectors(
  { memory, residues }: Engine,
  out: number,
  vectors: number,
  row: Uint32Array,
  elements: number,
  p: number,
): void {
  const stride = vectorBytes(elements);
  const wordResidue = 2 ** 32 % p;
  memory.scope(() => {
    const weights = memory.allocate(4 * row.length);
    memory.u32(weights, row.length).set(row);
    // A basis conversion with no overflow term is exactly this sum.
    const none = memory.allocate(stride);
    memory.u8(none, stride).fill(0);
    residues.convertBasis(
      out,
      vectors,
      stride,
      row.length,
      weights,
      none,
      0,
      stride / 4,
      p,
      wordResidue,
      shoupQuotient(wordResidue, p),
      Math.floor(2 ** 32 / p),
    );
  });
}
