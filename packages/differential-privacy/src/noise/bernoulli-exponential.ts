// Accepts with probability exactly e^(−t / d) for integers t ≥ 0 and a fixed rational d. A 32-bit uniform word V is
// compared with Taylor bounds of e^−γ; only where V falls between them (about γ³/6 of the calls) is it extended and
// compared with a rigorous interval. The bounds use +, − and × of doubles, which IEEE 754 rounds correctly and
// identically everywhere, with a margin far above their rounding: the fast answer is the one exact arithmetic would
// give, or there is none. No Math.exp.

import { type Dyadic, exponentialOfNegative } from './exact-exponential.ts';
import type { RandomWords } from './random-source.ts';

const WORD = 2 ** 32;
/** In units of 2^−32; rounding of the bounds stays below 2^−18 of one. */
const MARGIN = 2;

export class BernoulliExponential {
  /** γ · 2^32 for t = 1. */
  readonly #slope: number;
  readonly #numerator: bigint;
  readonly #denominator: bigint;

  /** `denominator` is d, as the rational d.numerator / 2^d.shift. */
  constructor(denominator: Dyadic, approximately: number) {
    this.#slope = WORD / approximately;
    this.#numerator = 1n << BigInt(denominator.shift);
    this.#denominator = denominator.numerator;
  }

  /** For integers t in [0, d/2]. */
  accepts(t: number, random: RandomWords): boolean {
    const word = random.next();
    const gamma = t * this.#slope;
    const quadratic = (gamma * gamma) / (2 * WORD);
    const cubic = (quadratic * gamma) / (3 * WORD);
    // 1 − γ + γ²/2 − γ³/6 ≤ e^−γ ≤ 1 − γ + γ²/2 for γ ≥ 0.
    const high = WORD - gamma + quadratic;
    if (word + 1 <= high - cubic - MARGIN) return true;
    if (word >= high + MARGIN) return false;
    return this.resolve(t, word, random);
  }

  /** Whether a uniform U that starts with `word` is below e^(−t/d). */
  resolve(t: number, word: number, random: RandomWords): boolean {
    if (t === 0) return true;
    let prefix = BigInt(word);
    for (let bits = 32; ; ) {
      bits += 64;
      prefix = (prefix << 64n) | random.integer(2);
      const { low, high } = exponentialOfNegative(BigInt(t) * this.#numerator, this.#denominator, bits);
      if (prefix + 1n <= low) return true;
      if (prefix >= high) return false;
    }
  }
}
