// Exact sampling by inverting the cumulative function, with precision drawn lazily: X = min{x : F(x) > U} for a uniform
// real U of which 32 bits are looked at first. Those decide unless they equal the leading 32 bits of some F(x); then,
// and only then, U and F are extended, 64 bits at a time, until the answer is certain. The result is distributed
// exactly as the law: no distance to charge.
//
// No floating point takes part. What does depend on the value drawn is time: a lookup and a short scan, and about one
// sample in 2^32 / (entries) takes a slow path. So draw noise in bulk and before, or apart from, whatever an observer
// can time.

import { ParameterError } from '../errors.ts';
import { type Cumulative, type Law, SLACK } from './laws.ts';
import type { RandomWords } from './random-source.ts';

const WORD = 32;
const STEP_BITS = 64;
const FIRST_BITS = 96;
/**
 * Two binary expansions that agree this far are equal, which no F of these laws (a ratio of transcendental sums) is to
 * a word.
 */
const MOST_BITS = 4096;

export class InverseTable {
  readonly #law: Law;
  readonly #tables = new Map<number, Cumulative>();
  /** Leading 32 bits of F, increasing, from 0 to 2^32 − 1 with both as sentinels: a word equal to an entry is a tie. */
  readonly #leading: Uint32Array;
  /** The answer for entry c is #first + c. */
  readonly #first: number;
  /** For each value of a word's top bits the first entry that can be at or above it. */
  readonly #guide: Uint16Array | Uint32Array;
  readonly #guideShift: number;

  constructor(law: Law) {
    this.#law = law;
    const { first, leading } = leadingWords((bits) => this.#table(bits));
    this.#first = first;
    this.#leading = leading;
    const guideBits = Math.min(16, Math.max(8, Math.ceil(Math.log2(leading.length)) + 2));
    this.#guideShift = WORD - guideBits;
    const guide = leading.length < 2 ** 16 ? new Uint16Array(2 ** guideBits) : new Uint32Array(2 ** guideBits);
    for (let cell = 0, entry = 0; cell < guide.length; cell++) {
      while (leading[entry] < cell * 2 ** this.#guideShift) entry += 1;
      guide[cell] = entry;
    }
    this.#guide = guide;
  }

  /** Entries of the 32-bit table; public. */
  get entries(): number {
    return this.#leading.length;
  }

  /** Overwrites out[from, to) with independent samples. */
  sampleInto(random: RandomWords, out: Int32Array, from: number = 0, to: number = out.length): void {
    const { words } = random;
    const leading = this.#leading;
    const guide = this.#guide;
    const shift = this.#guideShift;
    const first = this.#first;
    let i = from;
    more: while (i < to) {
      const end = i + Math.min(to - i, random.available());
      let at = random.position;
      while (i < end) {
        const word = words[at];
        words[at] = 0;
        at += 1;
        let entry = guide[word >>> shift];
        while (leading[entry] < word) entry += 1;
        if (leading[entry] === word) {
          random.position = at;
          out[i] = this.resolve(word, random);
          i += 1;
          continue more;
        }
        out[i] = first + entry;
        i += 1;
      }
      random.position = at;
    }
  }

  /** The sample for a U that starts with `word`: extends U until the law's own precision decides. */
  resolve(word: number, random: RandomWords): number {
    let prefix = BigInt(word);
    for (let bits = WORD; bits < MOST_BITS; ) {
      bits += STEP_BITS;
      prefix = (prefix << BigInt(STEP_BITS)) | random.integer(STEP_BITS / WORD);
      const { first, values } = this.#table(bits);
      // U in [prefix, prefix + 1), F(x) in [value − SLACK, value + SLACK], all in units of 2^−bits.
      const certainlyAbove = firstIndex(values, (value) => value - SLACK > prefix);
      const possiblyAbove = firstIndex(values, (value) => value + SLACK > prefix);
      if (certainlyAbove === possiblyAbove && certainlyAbove < values.length) return first + certainlyAbove;
    }
    throw new ParameterError(`${MOST_BITS} random bits did not decide a sample: the random source is broken`);
  }

  #table(bits: number): Cumulative {
    const known = this.#tables.get(bits);
    if (known !== undefined) return known;
    const made = this.#law(bits);
    this.#tables.set(bits, made);
    return made;
  }
}

const tables = new Map<string, InverseTable>();
const MOST_TABLES = 32;

/**
 * The table of a law, made once: laws are public and few, and a table takes a millisecond. `key` names the law and its
 * parameter.
 */
export function inverseTable(key: string, law: () => Law): InverseTable {
  const known = tables.get(key);
  if (known !== undefined) return known;
  const made = new InverseTable(law());
  if (tables.size >= MOST_TABLES) tables.clear();
  tables.set(key, made);
  return made;
}

/** The leading words of F between its last 0 and its first 2^32 − 1, with those two as sentinels. */
function leadingWords(table: (bits: number) => Cumulative): { first: number; leading: Uint32Array } {
  const top = 2n ** BigInt(WORD) - 1n;
  for (let bits = FIRST_BITS; bits < MOST_BITS; bits += STEP_BITS) {
    const { first, values } = table(bits);
    const cut = BigInt(bits - WORD);
    const word = (value: bigint): number => {
      const shifted = value > 0n ? value >> cut : 0n;
      return Number(shifted < top ? shifted : top);
    };
    if (values.some((value) => word(value - SLACK) !== word(value + SLACK))) continue;
    const low = firstIndex(values, (value) => word(value) > 0);
    const high = firstIndex(values, (value) => word(value) === Number(top));
    const leading = new Uint32Array(high - low + 2);
    for (let i = low; i < high; i++) leading[i - low + 1] = word(values[i]);
    leading[high - low + 1] = Number(top);
    return { first: first + low - 1, leading };
  }
  throw new ParameterError('a law whose cumulative function has a dyadic value cannot be tabulated');
}

/** The first index of an increasing list at which a monotone test holds; its length when none does. */
function firstIndex(values: readonly bigint[], holds: (value: bigint) => boolean): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(values[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
