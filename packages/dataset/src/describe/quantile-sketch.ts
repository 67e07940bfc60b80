// Quantiles of a stream in bounded memory, without randomness: buffers of k values; a full one is sorted, every second value moves
// up one level, where it counts twice (Manku, Rajagopalan, Lindsay 1998; the compactors of Karnin, Lang, Liberty 2016 with the
// choice between even and odd places taken in turn). One compaction at level h moves a rank by at most 2^h, and there are at most
// n / (k · 2^h) of them, so with H levels a rank is off by at most n · H / k: proved for every order of the stream, not on average.
import { ParameterError } from '../errors.ts';

export class QuantileSketch {
  readonly #size: number;
  readonly #levels: Float64Array[] = [];
  readonly #counts: number[] = [];
  /** Whether the next compaction of a level keeps the odd places. */
  readonly #odd: boolean[] = [];
  /** By how much a rank may be off: the weights of the compactions that happened. */
  #rankError = 0;
  #count = 0;
  #sorted: { readonly values: Float64Array; readonly ranks: Float64Array } | undefined;

  /** `size`: k, even. Memory is about 8 · k · log2(n / k) bytes. */
  constructor(size = 2048) {
    if (!(Number.isInteger(size) && size >= 8 && size % 2 === 0))
      throw new ParameterError(`a sketch of ${size} values`);
    this.#size = size;
  }

  get count(): number {
    return this.#count;
  }

  /** The rank of what `quantile` answers is off by at most this share of all values. */
  get rankErrorShare(): number {
    return this.#count === 0 ? 0 : this.#rankError / this.#count;
  }

  add(value: number): void {
    if (this.#levels.length === 0) this.#open(0);
    this.#levels[0][this.#counts[0]++] = value;
    this.#count += 1;
    this.#sorted = undefined;
    if (this.#counts[0] === this.#size) this.#compact(0);
  }

  #open(level: number): void {
    this.#levels[level] = new Float64Array(this.#size + 1);
    this.#counts[level] = 0;
    this.#odd[level] = false;
  }

  #compact(level: number): void {
    if (level + 1 === this.#levels.length) this.#open(level + 1);
    const values = this.#levels[level].subarray(0, this.#size).sort();
    const above = this.#levels[level + 1];
    let count = this.#counts[level + 1];
    for (let at = this.#odd[level] ? 1 : 0; at < this.#size; at += 2) {
      above[count++] = values[at];
      if (count === this.#size) {
        this.#counts[level + 1] = count;
        this.#compact(level + 1);
        count = this.#counts[level + 1];
      }
    }
    this.#counts[level + 1] = count;
    this.#counts[level] = 0;
    this.#odd[level] = !this.#odd[level];
    this.#rankError += 2 ** level;
  }

  /** All values that are left with their weights, in order: ranks[i] is the weight of values[0 … i]. */
  #collect(): { readonly values: Float64Array; readonly ranks: Float64Array } {
    if (this.#sorted !== undefined) return this.#sorted;
    const pairs: [number, number][] = [];
    for (const [level, buffer] of this.#levels.entries()) {
      for (const value of buffer.subarray(0, this.#counts[level])) pairs.push([value, 2 ** level]);
    }
    pairs.sort(([a], [b]) => a - b);
    const values = Float64Array.from(pairs, ([value]) => value);
    let rank = 0;
    const ranks = Float64Array.from(pairs, ([, weight]) => {
      rank += weight;
      return rank;
    });
    this.#sorted = { values, ranks };
    return this.#sorted;
  }

  /** The least value that has at least this share of all values at or below it (within the rank error); NaN of nothing. */
  quantile(share: number): number {
    if (!(share >= 0 && share <= 1)) throw new ParameterError(`a quantile at ${share}`);
    const { values, ranks } = this.#collect();
    if (values.length === 0) return Number.NaN;
    return values[Math.min(values.length - 1, firstAtLeast(ranks, share * (ranks.at(-1) ?? 0)))];
  }

  /** How many values are at or below `value`, within the rank error. */
  rank(value: number): number {
    const { values, ranks } = this.#collect();
    let low = 0;
    let high = values.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[middle] <= value) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : ranks[low - 1];
  }
}

function firstAtLeast(sorted: Float64Array, least: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] >= least) high = middle;
    else low = middle + 1;
  }
  return low;
}
