// Whole numbers that are summed beside the vector, under the same protection: weights, counts, quantised squared norms. A number is
// written as digits to the base 2^(b − 1), so that every word keeps to the bound of the vector's words; the opened digits are sums,
// and put together they are the sum of the numbers, exactly: no noise is added to them, so where a run promises differential privacy,
// a counter is charged or left away.

import { requireName } from '../canonical/index.ts';
import { MalformedMessage, ParameterError } from '../errors.ts';

export interface Counter {
  readonly name: string;
  /** Whole; what one participant may count, at most. */
  readonly maximum: number;
}

export interface PlacedCounter extends Counter {
  /** Its first word, counted from the first word of the vector; the lowest digit comes first. */
  readonly at: number;
  readonly digits: number;
}

/** Puts counters behind one another from word `start` on. */
export function placeCounters(
  counters: readonly Counter[],
  start: number,
  base: number,
  summands: number,
): readonly PlacedCounter[] {
  let at = start;
  const placed = counters.map(({ name, maximum }) => {
    requireName('a counter', name);
    if (!Number.isSafeInteger(maximum) || maximum < 1 || maximum > Number.MAX_SAFE_INTEGER / summands) {
      throw new ParameterError(`${summands} numbers "${name}" of up to ${maximum} do not have an exact sum`);
    }
    let digits = 1;
    for (let reach = base; reach <= maximum; reach *= base) digits++;
    const counter = Object.freeze({ name, maximum, at, digits });
    at += digits;
    return counter;
  });
  if (new Set(placed.map(({ name }) => name)).size !== placed.length) {
    throw new ParameterError(`two counters have one name: ${placed.map(({ name }) => name).join(', ')}`);
  }
  return Object.freeze(placed);
}

/** The number is the participant's, so no message says it. */
export function requireCount({ name, maximum }: Counter, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0 || value > maximum) {
    throw new ParameterError(`"${name}" is not a whole number of 0 to ${maximum}`);
  }
}

/** Writes the digits of a participant's number, which requireCount has seen. */
export function writeCounter(words: Int32Array, { at, digits }: PlacedCounter, base: number, value: number): void {
  let left = value;
  for (let digit = 0; digit < digits; digit++) {
    words[at + digit] = left % base;
    left = Math.floor(left / base);
  }
}

/** The sum of what `contributors` participants wrote. */
export function readCounter(
  sum: Int32Array,
  { name, maximum, at, digits }: PlacedCounter,
  base: number,
  contributors: number,
): number {
  let total = 0;
  for (let digit = digits - 1; digit >= 0; digit--) {
    const word = sum[at + digit];
    if (word < 0 || word > contributors * (base - 1)) throw outOfRange(name, contributors);
    total = total * base + word;
  }
  if (total > contributors * maximum) throw outOfRange(name, contributors);
  return total;
}

const outOfRange = (name: string, contributors: number): MalformedMessage =>
  new MalformedMessage('E_RANGE', `the sum of "${name}" is not one of ${contributors} numbers`);
