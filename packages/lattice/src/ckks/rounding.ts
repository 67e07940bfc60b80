// Exact products of doubles with scales, rounded once, to the nearest integer.

import { ParameterError } from '../errors.ts';
import { SCALE_FRACTION_BITS } from '../parameters/scale.ts';

/** round(x · numerator / 2^64): what a real constant is at a scale. Exact but for the one rounding. */
export function roundedMultiple(x: number, numerator: bigint): bigint {
  const { significand, exponent } = fractionOf(x);
  const product = significand * numerator;
  const shift = SCALE_FRACTION_BITS - exponent;
  return shift <= 0n ? product << -shift : (product + (1n << (shift - 1n))) >> shift;
}

/** x = significand·2^exponent exactly. Refuses what is not a finite number. */
function fractionOf(x: number): { readonly significand: bigint; readonly exponent: bigint } {
  if (!Number.isFinite(x)) throw new ParameterError(`constant ${x} is not a finite number`);
  let significand = x;
  let exponent = 0n;
  while (!Number.isInteger(significand)) {
    significand *= 2;
    exponent -= 1n;
  }
  return { significand: BigInt(significand), exponent };
}

/** ⌊a / b⌉ for b > 0. */
export function roundedQuotient(a: bigint, b: bigint): bigint {
  const doubled = 2n * a + b;
  const quotient = doubled / (2n * b);
  return doubled % (2n * b) < 0n ? quotient - 1n : quotient;
}
