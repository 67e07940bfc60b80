// A real Gaussian rounded to the nearest integer, exactly: round(N(0, σ²)). For an integer sum s, s + round(N) =
// round(s + N): the release *is* the Gaussian mechanism followed by post-processing. So every accountant of the
// Gaussian holds for it as it stands, in any dimension and under any sampling, with no term for discreteness; the
// discrete Gaussian has that for zCDP and Rényi only. (Shares of several participants do not add up to one: for those,
// Skellam or discrete Gaussians.)
//
// Sampling, after Karney 2016 (arXiv 1303.6257) in the form of discrete-gaussian.ts: |N| = K(y + v), K a power of two
// with σ₀ = σ/K in (64, 128], y from the half discrete Gaussian of σ₀, v uniform *real* in [0, 1), accepted with
// e^(−v(v + 2y)/2σ₀²), for then P(y, v) ∝ e^(−(y + v)²/2σ₀²). Of v and of the uniform it is compared through, leading
// bits are drawn and more only when those do not decide. Rounding needs log₂ K + 1 bits of v and no more.
//
// Refuses σ ≤ 0, σ > 2^21 and non-finite σ.

import { ParameterError } from '../errors.ts';
import { type Dyadic, dyadic, exponentialOfNegative } from './exact-exponential.ts';
import type { IntegerSampler, NoiseLaw } from './integer-sampler.ts';
import { type InverseTable, inverseTable } from './inverse-table.ts';
import { halfGaussianLaw } from './laws.ts';
import { type RandomSource, RandomWords } from './random-source.ts';

const LARGEST = 2 ** 21;
const SMALLEST = 2 ** -40;
const HALF_STDDEV = 64;
const WORD = 2 ** 32;
/** v is first known to 31 bits; the 32nd of its word is the sign. */
const V_BITS = 31;
/**
 * In units of 2^−32: rounding of the bounds stays below 2^−18, the bits of v not drawn yet move γ by at most 2^−31 ·
 * 13/64.
 */
const MARGIN = 3;

export function roundedGaussian(stddev: number, source: RandomSource): IntegerSampler {
  if (!(stddev >= SMALLEST && stddev <= LARGEST)) {
    throw new ParameterError(`a rounded Gaussian has a standard deviation in [2^-40, 2^21], not ${stddev}`);
  }
  return new RoundedGaussian(stddev, new RandomWords(source));
}

/** Exported for its test. */
export class RoundedGaussian implements IntegerSampler {
  readonly law: NoiseLaw;
  readonly stddev: number;
  readonly distance: number = 0;
  /** log₂ K; negative where σ < 64. */
  readonly #exponent: number;
  readonly #blocks: InverseTable;
  /** 1/(2σ₀²), nearly. */
  readonly #slope: number;
  /** 2σ₀², exactly. */
  readonly #twiceSquare: Dyadic;
  readonly #random: RandomWords;

  constructor(stddev: number, random: RandomWords) {
    this.law = Object.freeze({ name: 'rounded-gaussian', stddev });
    // Sheppard's correction: rounding adds the variance of a uniform in a cell, but for e^(−2π²σ²).
    this.stddev = stddev > 0.5 ? Math.sqrt(stddev * stddev + 1 / 12) : stddev;
    this.#exponent = Math.ceil(Math.log2(stddev / (2 * HALF_STDDEV)));
    const narrow = stddev / 2 ** this.#exponent;
    this.#blocks = inverseTable(`half gaussian ${narrow}`, () => halfGaussianLaw(narrow));
    this.#slope = 1 / (2 * narrow * narrow);
    const { numerator, shift } = dyadic(narrow);
    this.#twiceSquare = { numerator: 2n * numerator * numerator, shift: 2 * shift };
    this.#random = random;
  }

  sampleInto(out: Int32Array): void {
    const random = this.#random;
    // ⌊2K(y + v)⌋ = 2K·y + ⌊2K·v⌋, which the half-integer boundaries split exactly; a real v is at none of them.
    const up = Math.max(0, this.#exponent + 1);
    const down = Math.max(0, -this.#exponent - 1);
    const block = 2 ** up;
    const unblock = 2 ** -down;
    let done = 0;
    while (done < out.length) {
      this.#blocks.sampleInto(random, out, done);
      let kept = done;
      for (let i = done; i < out.length; i++) {
        const y = out[i];
        const word = random.next();
        const v = word >>> 1;
        if (!this.accepts(y, v, random)) continue;
        // With up = 0 the shift by 31 leaves nothing of v.
        const halves = Math.floor(y * unblock) * block + (v >>> (V_BITS - up));
        const magnitude = (halves + 1) >>> 1;
        out[kept] = (word & 1) === 1 ? -magnitude : magnitude;
        kept += 1;
      }
      done = kept;
    }
  }

  /** With probability e^(−(v + 2y)v / 2σ₀²) for the real v that starts with these 31 bits. */
  accepts(y: number, v: number, random: RandomWords): boolean {
    const uniform = random.next();
    const real = v / 2 ** V_BITS;
    const gamma = real * (real + 2 * y) * this.#slope;
    const scaled = gamma * WORD;
    const quadratic = (scaled * gamma) / 2;
    const cubic = (quadratic * gamma) / 3;
    const high = WORD - scaled + quadratic;
    if (uniform + 1 <= high - cubic - MARGIN) return true;
    if (uniform >= high + MARGIN) return false;
    return this.#resolve(y, v, uniform, random);
  }

  /** The same with as many bits as it takes. */
  #resolve(y: number, v: number, uniform: number, random: RandomWords): boolean {
    const { numerator, shift } = this.#twiceSquare;
    let prefix = BigInt(uniform);
    let bits = 32;
    let real = BigInt(v);
    let realBits = V_BITS;
    for (;;) {
      prefix = (prefix << 64n) | random.integer(2);
      bits += 64;
      real = (real << 64n) | random.integer(2);
      realBits += 64;
      // γ = v(v + 2y)/2σ₀² rises with v: the next v above bounds it from above, and e^−γ from below.
      const exponential = (at: bigint): { readonly low: bigint; readonly high: bigint } => {
        const square = at * (at + (BigInt(2 * y) << BigInt(realBits)));
        return exponentialOfNegative(square << BigInt(shift), numerator << BigInt(2 * realBits), bits);
      };
      if (prefix + 1n <= exponential(real + 1n).low) return true;
      if (prefix >= exponential(real).high) return false;
    }
  }
}
