// Rigorous e^−x for rational x, and the exact rational that a double is: what the samplers fall back on when leading
// bits tie. Everything is integers; no result depends on how a platform rounds Math.exp.

import { ParameterError } from '../errors.ts';

/** A finite positive double as the exact rational numerator / 2^shift, shift ≥ 0. */
export interface Dyadic {
  readonly numerator: bigint;
  readonly shift: number;
}

export function dyadic(value: number): Dyadic {
  if (!Number.isFinite(value) || value < 0) throw new ParameterError(`${value} is not a finite non-negative number`);
  let shift = 0;
  let significand = value;
  // Doubling is exact; at most 1074 steps, for the smallest of all doubles.
  while (!Number.isInteger(significand)) {
    significand *= 2;
    shift += 1;
  }
  return { numerator: BigInt(significand), shift };
}

/** Integers low ≤ 2^bits · value ≤ high. */
export interface Interval {
  readonly low: bigint;
  readonly high: bigint;
}

const GUARD_BITS = 64n;
/** Taylor terms are summed for arguments below 2^−HALVINGS. */
const HALVINGS = 8n;

/** e^(−numerator / denominator) for numerator ≥ 0, denominator > 0, in units of 2^−bits, high − low ≤ 2. */
export function exponentialOfNegative(numerator: bigint, denominator: bigint, bits: number): Interval {
  // e^−x < 2^−x: beyond x = bits the value is below one unit.
  if (numerator > BigInt(bits) * denominator) return { low: 0n, high: 1n };
  const whole = numerator / denominator;
  const halvings = HALVINGS + BigInt(whole.toString(2).length);
  const point = BigInt(bits) + GUARD_BITS;
  const argument = (numerator << point) / (denominator << halvings);
  // Alternating series of falling terms. Each floor loses less than one unit and so does the argument: below 2·terms +
  // 1 units.
  let sum = 0n;
  let term = 1n << point;
  for (let k = 1n; term !== 0n; k++) {
    sum += k % 2n === 1n ? term : -term;
    term = ((term * argument) >> point) / k;
  }
  // A squaring of a value ≤ 1 doubles the error and adds one unit. bits ≤ 4096 gives at most 2^10 terms and 21
  // squarings: the error stays below 2^33 units of 2^−point, half a unit of the result being 2^63.
  for (let i = 0n; i < halvings; i++) sum = (sum * sum) >> point;
  const middle = sum >> GUARD_BITS;
  const one = 1n << BigInt(bits);
  return { low: middle > 0n ? middle - 1n : 0n, high: middle + 1n < one ? middle + 1n : one };
}
