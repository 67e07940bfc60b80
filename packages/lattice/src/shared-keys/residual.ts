// Is every coefficient of a polynomial small? Exactly: however large the modulus, a multiple of anything does not hide.
//
// The first primes, as few as hold 16/7 of the bound, determine a small coefficient x; that candidate must be below the bound and
// must have x's residues modulo all other primes as well. (When no prime is left over, decoding's own check of the last bits is all
// there is to see, because the bound fills the modulus.)

import { basisConversion, convertBlock } from '../ring/basis-conversion.ts';
import { allocateBlock, inverseBlock, loadBlock, multiplyScalarBlock } from '../ring/blocks.ts';
import { scalar } from '../ring/modulus.ts';
import type { EvaluationPolynomial } from '../ring/polynomial.ts';
import { type Ring, subring } from '../ring/ring.ts';

/** Of a modulus, so that a coefficient within the bound stays clear of the half where it would wrap. */
const LARGEST_FRACTION = 7 / 16;
/** The kernel measures in units of 2^-24 of the modulus and may fall short by 1.25 of them for each prime. */
const UNITS = 2 ** 24;
const SLACK_PER_PRIME = 1.25;

/** Are all coefficients of factor·p, centred, within ±2^boundLog2? */
export function isSmall(p: EvaluationPolynomial, factor: bigint, boundLog2: number): boolean {
  const { ring } = p;
  const count = primesHolding(ring, boundLog2);
  const first = subring(ring, indices(0, count));
  const rest = count < ring.moduli.length ? subring(ring, indices(count, ring.moduli.length)) : undefined;
  // Made outside the scope: tables are not scratch.
  const conversion = basisConversion(first, rest ?? first);
  const { memory, integers } = ring.engine;
  return memory.secretScope(() => {
    const block = loadBlock(p);
    inverseBlock(ring, block);
    multiplyScalarBlock(
      ring,
      block,
      block,
      ring.moduli.map((m) => scalar(factor, m)),
    );
    const expected = allocateBlock(conversion.to);
    // Overwrites the first limbs with what the measurement below wants.
    convertBlock(conversion, expected, block);
    const largest = integers.largestResidual(block, ring.limbBytes, count, conversion.reciprocals, ring.degree);
    const modulusLog2 = first.moduli.reduce((bits, { q }) => bits + Math.log2(q), 0);
    const allowed = Math.ceil(2 ** (boundLog2 - modulusLog2) * UNITS + SLACK_PER_PRIME * count);
    if (largest > allowed) return false;
    if (rest === undefined) return true;
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

function indices(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}
