// Smudging noise: wide, exact integers that hide the noise of a ciphertext in a partial decryption.
//
// The sampler, and the bound that holds for THIS sampler (the rules of the literature are for a true discrete Gaussian):
//
//   X = W·G + U + V − (W − 1),   W = 2^b,  G ← discrete Gaussian of deviation σ₀ in [4, 8),  U, V ← uniform on {0 … W − 1},
//   σ := W·σ₀.   (For σ < 8 simply W = 1, σ₀ = σ.)
//
// U + V is triangular, so P[X = W·a + r] = ((W − r)·g(a) + r·g(a + 1)) / W², 0 ≤ r < W: the linear interpolation f of the
// Gaussian's points g(a)/W. Its Fisher information is, segment by segment,
//   I = ∫ f′²/f = W⁻² · Σ_a (g(a+1) − g(a)) · ln(g(a+1)/g(a)) = W⁻² · Σ_a (g(a) − g(a+1)) · (2a+1)/(2σ₀²) = 1/(W·σ₀)² = 1/σ²,
// because Σ (2a+1)(g(a) − g(a+1)) telescopes to Σ 2g(a) = 2. For an integer shift v, Cauchy–Schwarz gives
//   Σ_k (√f(k+v) − √f(k))² ≤ v²·I/4, so the squared Hellinger distance of X and X + v is at most v²/(8σ²). It adds over
// independent coefficients and over ciphertexts (adaptively chosen ones too), and total variation ≤ √2·Hellinger:
//
//   TV(X⃗, X⃗ + v⃗) ≤ ‖v⃗‖₂ / (2σ)  +  2·(number of coefficients)·2^−120,
//
// exactly the Gaussian bound. Hence for s bits against shifts with ‖v‖₂ ≤ √(N·Q)·σ_ct over Q decryptions:
//   σ ≥ √(N·Q)·σ_ct·2^(s−1)   (smudgingStddevLog2 below).
// The second term is the precision of G (discrete-gaussian.ts, WIDE_PRECISION): for 2^40 coefficients, 2^−79.
// The standard deviation of X itself is W·√(σ₀² + 1/6), at most 0.53 % above σ; |X| < 28·σ always (64·σ where W = 1).

import { ParameterError } from '../errors.ts';
import { eachLimb } from '../ring/blocks.ts';
import { scalar } from '../ring/modulus.ts';
import type { Ring } from '../ring/ring.ts';
import { gaussianTable, WIDE_PRECISION } from './discrete-gaussian.ts';
import type { RandomStream } from './random-stream.ts';
import { sampleDiscreteGaussian } from './small.ts';

export const LARGEST_SMUDGING_LOG2: number = 92;

/** σ₀ and b of the construction above for σ = 2^stddevLog2. */
export function smudgingShape(stddevLog2: number): { readonly stddev: number; readonly shift: number } {
  if (!(stddevLog2 >= 0 && stddevLog2 <= LARGEST_SMUDGING_LOG2)) {
    throw new ParameterError(`smudging noise has log2 σ in [0, ${LARGEST_SMUDGING_LOG2}], not ${stddevLog2}`);
  }
  const shift = Math.max(0, Math.floor(stddevLog2) - 2);
  return { stddev: 2 ** (stddevLog2 - shift), shift };
}

/**
 * What `bits` of statistical security bound, over everything the noise is used for, by 2^−bits:
 *   'totalVariation'    the distance of what is seen from what would be seen had the hidden shift not been there;
 *   'kullbackLeibler'   the relative entropy between the two, after which an encryption keeps about `bits` bits of security as a whole
 *                       (Li, Micciancio, Schultz, Sorrell, eprint 2022/816, §4). Weaker as a statement, a distinguisher may succeed
 *                       with 2^(−bits/2), and half the width.
 */
export type Measure = 'totalVariation' | 'kullbackLeibler';

export interface StatisticalSecurity {
  readonly measure: Measure;
  readonly bits: number;
}

const LEAST_BITS = 40;
const MOST_BITS: Readonly<Record<Measure, number>> = { totalVariation: 64, kullbackLeibler: 128 };

/** 40 bits of total variation unless told otherwise; at least 40, at most 64 (totalVariation) or 128 (kullbackLeibler). */
export function statisticalSecurity(options: {
  readonly measure?: Measure;
  readonly statisticalBits?: number;
}): StatisticalSecurity {
  const { measure = 'totalVariation', statisticalBits: bits = LEAST_BITS } = options;
  if (!Object.hasOwn(MOST_BITS, measure)) {
    throw new ParameterError(`there is no measure ${measure}: ${Object.keys(MOST_BITS).join(' or ')}`);
  }
  const most = MOST_BITS[measure];
  if (!(bits >= LEAST_BITS && bits <= most)) {
    throw new ParameterError(`${bits} statistical bits of ${measure} are not in [${LEAST_BITS}, ${most}]`);
  }
  return Object.freeze({ measure, bits });
}

/**
 * log2 of the σ that hides every shift of Euclidean norm up to 2^shiftNormLog2, taken over all coefficients of all ciphertexts
 * it is used for (without the sampler's own 2^−119 a coefficient): norm·2^(bits−1), or norm·2^((bits−1)/2).
 */
export function smudgingStddevLog2(shiftNormLog2: number, { measure, bits }: StatisticalSecurity): number {
  switch (measure) {
    case 'totalVariation':
      return shiftNormLog2 + bits - 1;
    case 'kullbackLeibler':
      return shiftNormLog2 + (bits - 1) / 2;
    default:
      return measure satisfies never;
  }
}

/** The largest magnitude that smudging noise of this size can have. */
export function largestSmudging(stddevLog2: number): bigint {
  const { stddev, shift } = smudgingShape(stddevLog2);
  return BigInt(gaussianTable(stddev, WIDE_PRECISION).columns) << BigInt(shift);
}

/** Residues, in coefficient form, of N independent samples; the integer is the same modulo every prime. Constant-time. */
export function sampleSmudgingBlock(ring: Ring, stream: RandomStream, stddevLog2: number, address: number): void {
  const { stddev, shift } = smudgingShape(stddevLog2);
  const { engine, degree, limbBytes } = ring;
  const { memory } = engine;
  memory.secretScope(() => {
    const gaussian = memory.allocate(limbBytes);
    const planes = Math.ceil(shift / 32);
    const uniform = memory.allocate(2 * planes * limbBytes);
    const wide = memory.allocate(4 * limbBytes);
    const ones = memory.allocate(limbBytes);
    const weights = memory.allocate(16);
    sampleDiscreteGaussian(engine, stream, gaussian, degree, stddev, WIDE_PRECISION);
    if (planes > 0) stream.fill(memory.u8(uniform, 2 * planes * limbBytes));
    engine.sampling.widenNoise(wide, gaussian, uniform, uniform + planes * limbBytes, degree, shift);
    memory.u32(ones, degree).fill(1);
    // What the four planes hold in excess of X.
    const excess = (256n << BigInt(shift)) + (1n << BigInt(shift)) - 1n;
    eachLimb(ring, (_, m, at) => {
      for (let word = 0; word < 4; word++) memory.u32(weights, 4)[word] = scalar(1n << BigInt(32 * word), m).value;
      // Three full words and a fourth below 2^10 (the sums are below 513·2^90), which convertBasis takes when terms are exactly four.
      engine.residues.convertBasis(
        address + at,
        wide,
        limbBytes,
        4,
        weights,
        ones,
        scalar(-excess, m).value,
        degree,
        m.q,
        m.wordResidue,
        m.wordResidueQuotient,
        m.reciprocal,
      );
    });
  });
}
