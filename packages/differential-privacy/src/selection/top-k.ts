// The k best of integer scores: the exponential mechanism drawn k times without putting back, which is the same law as
// adding Gumbel noise of scale 2Δ/ε₀ once to every score and taking the k largest (Durfee, Rogers 2019,
// arXiv 1905.04273). Drawn exactly: no logarithm of a uniform double decides anything. A pick inverts the cumulative weights
// at 96 bits and asks for more when those do not decide.
//
// Each pick is ε₀-DP and ε₀²/8-zCDP (bounded range; Cesar, Rogers 2021, arXiv 2004.07223); all of them kε₀ and kε₀²/8.
// Saves communication, not privacy: releasing k Gaussian values costs as much noise as ever. Time depends on the
// scores' spread: draw before an observer's clock starts.

import { ParameterError } from '../errors.ts';
import { dyadic, exponentialOfNegative } from '../noise/exact-exponential.ts';
import { type RandomSource, RandomWords } from '../noise/random-source.ts';

export interface TopKChoice {
  readonly k: number;
  /** Δ: by how much a score changes between neighbours, an integer. */
  readonly sensitivity: number;
  /** ε₀ of one pick. */
  readonly epsilonPerPick: number;
  /** Whether all scores move in one direction between neighbours: then e^(ε₀s/Δ) instead of e^(ε₀s/2Δ). */
  readonly monotone: boolean;
}

export interface TopK {
  /** In the order they were picked, which is part of what is private. */
  readonly indices: Uint32Array;
  readonly epsilon: number;
  readonly rho: number;
}

/** Different scores, each of which costs an exponential. */
const MOST_LEVELS = 2 ** 16;
const FIRST_BITS = 96;
const MOST_BITS = 1024;

export function topK(scores: Int32Array, choice: TopKChoice, source: RandomSource): TopK {
  const { k, sensitivity, epsilonPerPick, monotone } = choice;
  if (!Number.isSafeInteger(k) || k < 1 || k > scores.length)
    throw new ParameterError(`the best ${k} of ${scores.length} scores`);
  if (!Number.isSafeInteger(sensitivity) || sensitivity < 1)
    throw new ParameterError(`a sensitivity is a positive integer, not ${sensitivity}`);
  if (!(Number.isFinite(epsilonPerPick) && epsilonPerPick > 0))
    throw new ParameterError(`ε is positive, not ${epsilonPerPick}`);
  // P(i) ∝ e^(s_i / temperature); the temperature as a double, rounded up, is exact from here on.
  const temperature = ((monotone ? 1 : 2) * sensitivity * (1 + 2 ** -50)) / epsilonPerPick;
  const levels = new Levels(scores, temperature);
  const random = new RandomWords(source);
  const indices = new Uint32Array(k);
  for (let pick = 0; pick < k; pick++) indices[pick] = levels.take(random);
  random.wipe();
  return Object.freeze({ indices, epsilon: k * epsilonPerPick, rho: (k * epsilonPerPick ** 2) / 8 });
}

/**
 * Scores grouped by value: equal scores are equally likely, so a pick chooses a level by weight and then anyone in it.
 */
class Levels {
  /** Distinct scores, best first. */
  readonly #values: readonly number[];
  readonly #members: readonly number[][];
  readonly #weights = new Map<number, readonly bigint[]>();
  /** The best level that still has members: what all weights are relative to, so that the largest of them is one. */
  #best = 0;
  readonly #temperature: number;

  constructor(scores: Int32Array, temperature: number) {
    const groups = new Map<number, number[]>();
    scores.forEach((score, index) => {
      const group = groups.get(score);
      if (group === undefined) groups.set(score, [index]);
      else group.push(index);
    });
    if (groups.size > MOST_LEVELS)
      throw new ParameterError(`scores take ${groups.size} values; put them on a coarser grid`);
    const sorted = [...groups].sort(([a], [b]) => b - a);
    this.#values = sorted.map(([value]) => value);
    this.#members = sorted.map(([, members]) => members);
    this.#temperature = temperature;
  }

  take(random: RandomWords): number {
    const level = this.#members[this.#pickLevel(random)];
    const place = random.below(level.length);
    const taken = level[place];
    level[place] = level[level.length - 1];
    level.pop();
    if (this.#members[this.#best].length === 0) {
      // Without this, scores far below one that was taken would all weigh nothing, and no number of bits would decide.
      while (this.#best < this.#members.length && this.#members[this.#best].length === 0) this.#best += 1;
      this.#weights.clear();
    }
    return taken;
  }

  #pickLevel(random: RandomWords): number {
    let prefix = 0n;
    for (let bits = 0; bits < MOST_BITS; ) {
      const more = bits === 0 ? FIRST_BITS : 64;
      bits += more;
      prefix = (prefix << BigInt(more)) | random.integer(more / 32);
      const decided = this.#levelAt(prefix, bits);
      if (decided !== undefined) return decided;
    }
    throw new ParameterError(`${MOST_BITS} random bits did not decide a pick: the random source is broken`);
  }

  /** The level in which U in [prefix, prefix + 1) / 2^bits falls, if that is certain. */
  #levelAt(prefix: bigint, bits: number): number | undefined {
    const weights = this.#weightsAt(bits);
    let total = 0n;
    let count = 0n;
    this.#members.forEach((members, level) => {
      total += BigInt(members.length) * weights[level];
      count += BigInt(members.length);
    });
    // Each weight is within one unit of 2^−(bits + 64): every partial sum within `count` of them, total included.
    const low = prefix * (total - count);
    const high = (prefix + 1n) * (total + count);
    let below = 0n;
    for (let level = 0; level < weights.length; level++) {
      below += BigInt(this.#members[level].length) * weights[level];
      // U·total < below for certain, and not yet so at the level before.
      const certain = (below - count) << BigInt(bits);
      const possible = (below + count) << BigInt(bits);
      if (high <= certain) return level;
      if (low < possible) return undefined;
    }
    return undefined;
  }

  /** e^(−(best − value)/temperature) in units of 2^−(bits + 64), each within one unit. */
  #weightsAt(bits: number): readonly bigint[] {
    const known = this.#weights.get(bits);
    if (known !== undefined) return known;
    const { numerator, shift } = dyadic(this.#temperature);
    const best = this.#values[this.#best];
    const point = bits + 64;
    const made = this.#values.map((value) => {
      // A level that is empty.
      if (value > best) return 0n;
      const { low } = exponentialOfNegative(BigInt(best - value) << BigInt(shift), numerator, point);
      return low + 1n;
    });
    this.#weights.set(bits, made);
    return made;
  }
}
