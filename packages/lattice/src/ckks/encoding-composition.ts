// From residues to doubles: the centred value x in (−Q/2, Q/2) of every coefficient, relative error below 2^-51, times a factor.
//
// Mixed radix (Garner 1959; Knuth, TAOCP 2, §4.3.2): x + (Q − 1)/2 = Σ u_i·W_i with W_i = q_0 ⋯ q_(i−1) and 0 ≤ u_i < q_i. The digits of
// (Q − 1)/2 itself are (q_i − 1)/2, so x = Σ (u_i − (q_i − 1)/2)·W_i with digits of both signs and magnitudes below q_i/2: a small x
// of either sign has only small low digits, and nothing cancels. Two limbs are one kernel; more cost a product per pair of limbs
// and coefficient, so a caller who knows that the value is small drops limbs first.

import { ParameterError } from '../errors.ts';
import type { Ring } from '../ring/ring.ts';
import { encodingConstants, LARGEST_COEFFICIENT, type LimbConstants } from './encoding-constants.ts';

/** Coefficients worked on at once when there are more than two limbs: their digits stay in cache. */
const CHUNK = 1024;

/** `count` doubles at `out` ← coefficients 0, N/count, 2N/count, … of the polynomial at `source`, times factor. Inside a scope. */
export function composeCoefficients(ring: Ring, out: number, source: number, count: number, factor: number): void {
  const { memory } = ring.engine;
  memory.scope(() => {
    const stride = ring.degree / count;
    if (stride === 1) {
      composeDense(ring, out, source, ring.limbBytes, count, factor);
      return;
    }
    const compact = memory.allocate(4 * count * ring.moduli.length);
    for (let i = 0; i < ring.moduli.length; i++) {
      ring.engine.embedding.collectResidues(compact + 4 * count * i, source + ring.limbBytes * i, count, stride);
    }
    composeDense(ring, out, compact, 4 * count, count, factor);
  });
}

function composeDense(ring: Ring, out: number, source: number, limbBytes: number, count: number, factor: number): void {
  const { embedding: kernels } = ring.engine;
  const [first, second] = ring.moduli;
  if (second === undefined) {
    kernels.composeOne(out, source, count, first.q, factor);
  } else if (ring.moduli.length === 2) {
    const { half, inverseWeight } = encodingConstants(ring).limbs[1];
    const offset = half + second.q * Math.ceil(2 ** 30 / second.q);
    const { value, quotient } = inverseWeight;
    kernels.composeTwo(out, source, source + limbBytes, count, first.q, second.q, offset, value, quotient, factor);
  } else {
    for (let start = 0; start < count; start += CHUNK) {
      composeChunk(ring, out + 8 * start, source + 4 * start, limbBytes, Math.min(CHUNK, count - start));
    }
    if (kernels.exceedsMagnitude(out, count, LARGEST_COEFFICIENT) !== 0) {
      throw new ParameterError('a coefficient exceeds 2^900: not something this scale decodes');
    }
    kernels.scaleDoubles(out, count, factor);
  }
}

/** `count` ≤ CHUNK coefficients over any number of limbs, unscaled. */
function composeChunk(ring: Ring, out: number, source: number, limbBytes: number, count: number): void {
  const { memory, residues, embedding: kernels } = ring.engine;
  const { limbs } = encodingConstants(ring);
  memory.scope(() => {
    const bytes = 4 * count;
    const digits = memory.allocate(bytes * limbs.length);
    // The constant (Q − 1)/2 enters every digit as 1·half: a vector of ones serves as the last term of the sums.
    const ones = memory.allocate(bytes);
    const weights = memory.allocate(4 * limbs.length);
    memory.u32(ones, count).fill(1);
    memory.f64(out, count).fill(0);
    ring.moduli.forEach((m, i) => {
      const limb: LimbConstants = limbs[i];
      const digit = digits + i * bytes;
      const residue = source + i * limbBytes;
      if (i === 0) {
        memory.u32(digit, count).fill(limb.half);
        residues.addResidues(digit, digit, residue, count, m.q);
      } else {
        memory.u32(weights, i).set(limb.weights);
        // (x + half − Σ u_j·W_j) / W_i modulo q_i, the sum over the digits below.
        residues.convertBasis(
          digit,
          digits,
          bytes,
          i,
          weights,
          ones,
          m.q - limb.half,
          count,
          m.q,
          m.wordResidue,
          m.wordResidueQuotient,
          m.reciprocal,
        );
        const { value, quotient } = limb.inverseWeight;
        residues.subtractScaleResidues(digit, residue, digit, count, m.q, value, quotient);
      }
      kernels.addDigits(out, digit, count, m.q, limb.weight);
    });
  });
}
