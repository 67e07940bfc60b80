// Draws from bytes that somebody hands in: shuffles, uniform numbers, gamma variates. The same bytes give the same split everywhere:
// only integers decide a shuffle; the gamma variates behind a Dirichlet partition use logarithms and are checked to a tolerance.
import { ParameterError } from '../errors.ts';

/** So many fresh random bytes: a platform's generator, or a stream cipher under a seed where a split must be repeatable. */
export type RandomBytes = (sizeBytes: number) => Uint8Array;

export class Draws {
  readonly #random: RandomBytes;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(random: RandomBytes) {
    this.#random = random;
  }

  #word(): number {
    if (this.#at + 4 > this.#bytes.length) {
      this.#bytes = this.#random(4096);
      if (this.#bytes.length !== 4096)
        throw new ParameterError('the source gave another number of bytes than asked for');
      this.#at = 0;
    }
    const bytes = this.#bytes;
    const at = this.#at;
    this.#at += 4;
    return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
  }

  /** Uniform in [0, limit), exactly: words beyond the last multiple of the limit are drawn again. limit ≤ 2^32. */
  below(limit: number): number {
    if (!(Number.isInteger(limit) && limit >= 1 && limit <= 2 ** 32))
      throw new ParameterError(`a number below ${limit}`);
    const fair = 2 ** 32 - (2 ** 32 % limit);
    for (;;) {
      const word = this.#word();
      if (word < fair) return word % limit;
    }
  }

  /** Uniform in (0, 1): multiples of 2^−53, moved by half a step so that neither end occurs. */
  open(): number {
    const high = this.#word() >>> 5;
    const low = this.#word() >>> 6;
    return (high * 2 ** 26 + low + 0.5) * 2 ** -53;
  }

  /** Fisher–Yates. Mutates `rows`. */
  shuffleInPlace(rows: Uint32Array): void {
    for (let at = rows.length - 1; at > 0; at -= 1) {
      const other = this.below(at + 1);
      const row = rows[at];
      rows[at] = rows[other];
      rows[other] = row;
    }
  }

  /** Standard normal, by Box and Muller. */
  #normal(): number {
    return Math.sqrt(-2 * Math.log(this.open())) * Math.cos(2 * Math.PI * this.open());
  }

  /** ln of a Gamma(shape, 1) variate, by Marsaglia and Tsang (2000); below shape 1 by Γ(α) = Γ(α + 1) · U^(1/α), in logarithms, for
   * at α = 0.01 the variate itself is often below the least double. */
  logGamma(shape: number): number {
    if (shape < 1) return this.logGamma(shape + 1) + Math.log(this.open()) / shape;
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.#normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(this.open()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v);
    }
  }

  /** A point of the simplex: Dirichlet(concentration, …, concentration) of `size` parts. */
  dirichlet(concentration: number, size: number): Float64Array {
    const logs = Float64Array.from({ length: size }, () => this.logGamma(concentration));
    const largest = logs.reduce((most, one) => Math.max(most, one), Number.NEGATIVE_INFINITY);
    const shares = logs.map((one) => Math.exp(one - largest));
    const sum = shares.reduce((all, one) => all + one, 0);
    return shares.map((one) => one / sum);
  }
}

/** Whole numbers in proportion to the shares that add up to `total`: largest remainders, ties to the first. */
export function apportioned(total: number, shares: ArrayLike<number>): Uint32Array {
  const sum = Array.from(shares).reduce((all, one) => all + one, 0);
  if (!(sum > 0) || Array.from(shares).some((one) => !(one >= 0)))
    throw new ParameterError('shares are not below zero and not all zero');
  const exact = Array.from(shares, (share) => (total * share) / sum);
  const counts = Uint32Array.from(exact, Math.floor);
  let left = total - counts.reduce((all, one) => all + one, 0);
  const order = exact.map((_, at) => at).sort((a, b) => exact[b] - counts[b] - (exact[a] - counts[a]) || a - b);
  for (const at of order) {
    if (left <= 0) break;
    counts[at] += 1;
    left -= 1;
  }
  return counts;
}
