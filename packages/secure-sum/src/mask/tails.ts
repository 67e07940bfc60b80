// Tails of the hypergeometric distribution, exactly: of N others, `marked` are marked; `draws` of them are drawn without return; how
// many of those are marked? Whole numbers of any size throughout, because everybody must come to the same parameters: logarithms
// and exponentials differ in their last bits from one engine to the next.
//
//   P[X = i] = C(marked, i) · C(N − marked, draws − i) / C(N, draws)

import { ParameterError } from '../errors.ts';

export interface Draw {
  /** N */
  readonly population: number;
  readonly marked: number;
  readonly draws: number;
}

/** The probabilities of 0, 1, …, draws marked ones, as numerators over one denominator. */
export interface Probabilities {
  readonly numerators: readonly bigint[];
  readonly denominator: bigint;
}

export function hypergeometric({ population, marked, draws }: Draw): Probabilities {
  const sound = [population, marked, draws].every((value) => Number.isSafeInteger(value) && value >= 0);
  if (!sound || marked > population || draws > population) {
    throw new ParameterError(`${draws} draws from ${population} with ${marked} marked ones are none`);
  }
  const unmarked = population - marked;
  const numerators = new Array<bigint>(draws + 1).fill(0n);
  const first = Math.max(0, draws - unmarked);
  const last = Math.min(draws, marked);
  numerators[first] = binomial(marked, first) * binomial(unmarked, draws - first);
  // P[i + 1] / P[i] = (marked − i)(draws − i) / ((i + 1)(unmarked − draws + i + 1)); the division is exact.
  for (let i = first; i < last; i++) {
    const up = BigInt(marked - i) * BigInt(draws - i);
    const down = BigInt(i + 1) * BigInt(unmarked - draws + i + 1);
    numerators[i + 1] = (numerators[i]! * up) / down;
  }
  return { numerators, denominator: binomial(population, draws) };
}

/** C(n, k), 0 where there is none. */
export function binomial(n: number, k: number): bigint {
  if (k < 0 || k > n) return 0n;
  let value = 1n;
  for (let i = 1; i <= Math.min(k, n - k); i++) value = (value * BigInt(n - i + 1)) / BigInt(i);
  return value;
}

/** The smallest c with factor · P[X > c] ≤ 2^−bits. */
export function smallestBound({ numerators, denominator }: Probabilities, factor: number, bits: number): number {
  const limit = denominator;
  const scale = BigInt(factor) << BigInt(bits);
  let above = 0n;
  for (let i = numerators.length - 1; i > 0; i--) {
    above += numerators[i]!;
    if (above * scale > limit) return i;
  }
  return 0;
}

/** Whether factor · P[X < t] ≤ 2^−bits. */
export function isRarelyBelow(
  { numerators, denominator }: Probabilities,
  t: number,
  factor: number,
  bits: number,
): boolean {
  let below = 0n;
  for (let i = 0; i < Math.min(t, numerators.length); i++) below += numerators[i]!;
  return below * (BigInt(factor) << BigInt(bits)) <= denominator;
}
