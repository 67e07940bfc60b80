// Is every coefficient of a polynomial small? However large the modulus, a multiple of anything does not hide.
//
// The first primes, as few as hold 16/7 of the bound, determine a small coefficient x; that candidate must keep the bound (to a
// double's precision) and must have x's residues modulo all other primes as well.

import { composeCoefficients } from '../ckks/encoding-composition.ts';
import { basisConversion, convertBlock } from '../ring/basis-conversion.ts';
import { allocateBlock, inverseBlock, loadBlock, multiplyScalarBlock } from '../ring/blocks.ts';
import { scalar } from '../ring/modulus.ts';
import type { EvaluationPolynomial } from '../ring/polynomial.ts';
import { firstPrimes, type Ring, subring } from '../ring/ring.ts';

/** Of a modulus, so that a coefficient within the bound stays clear of the half where it would wrap. */
const LARGEST_FRACTION = 7 / 16;

/** Are all coefficients of factor·p, centred, within ±2^boundLog2? */
export function isSmall(p: EvaluationPolynomial, factor: bigint, boundLog2: number): boolean {
  const { ring } = p;
  const count = primesHolding(ring, boundLog2);
  const first = firstPrimes(ring, count);
  const rest = count < ring.moduli.length ? subring(ring, [...ring.moduli.keys()].slice(count)) : undefined;
  // Its tables are made outside the scope: they are no scratch.
  if (rest !== undefined) basisConversion(first, rest);
  const { memory, embedding } = ring.engine;
  return memory.secretScope(() => {
    const block = loadBlock(p);
    inverseBlock(ring, block);
    multiplyScalarBlock(
      ring,
      block,
      block,
      ring.moduli.map((m) => scalar(factor, m)),
    );
    const values = memory.allocate(8 * ring.degree);
    composeCoefficients(first, values, block, ring.degree, 1);
    if (embedding.exceedsMagnitude(values, ring.degree, 2 ** boundLog2 * (1 + 2 ** -40)) !== 0) return false;
    if (rest === undefined) return true;
    const expected = allocateBlock(rest);
    convertBlock(basisConversion(first, rest), expected, block);
    const words = rest.degree * rest.moduli.length;
    const actual = memory.u32(block + count * ring.limbBytes, words);
    const wanted = memory.u32(expected, words);
    // The first difference is no secret: the coefficients are those of an opened result.
    return actual.every((x, i) => x === wanted[i]);
  });
}

function primesHolding(ring: Ring, boundLog2: number): number {
  let bits = Math.log2(LARGEST_FRACTION);
  for (let count = 1; count <= ring.moduli.length; count++) {
    bits += Math.log2(ring.moduli[count - 1].q);
    if (bits >= boundLog2) return count;
  }
  return ring.moduli.length;
}
