// What one coefficient of an exact plaintext holds: several values side by side whose sums stay in their lanes, or one value that
// wraps. Refused: value widths and moduli out of range, sums that a double would not hold exactly.

import { ParameterError } from '../errors.ts';
import { requireInteger } from './require-integer.ts';

export type IntegerPlaintext =
  /**
   * Sums over the integers. Values are `valueBits`-bit integers: unsigned 0 … 2^b − 1, or signed and symmetric,
   * |v| ≤ 2^(b−1) − 1, so that negation keeps them in range. `lanes`: values per coefficient; by default as many as fit.
   */
  | { readonly kind: 'lanes'; readonly valueBits: number; readonly signed: boolean; readonly lanes?: number }
  /** Sums modulo `modulus`, at most 2^30, or 2^31 or 2^32: one value per coefficient; signed results lie in [−t/2, t/2). */
  | { readonly kind: 'modular'; readonly modulus: number; readonly signed: boolean };

/** Sums come back as doubles. */
const MOST_LANE_BITS = 53;
export const MOST_LANES = 256;

export interface IntegerLayout {
  readonly lowest: number;
  readonly highest: number;
  /** 0 for a modulus that is not a power of two. */
  readonly laneBits: number;
  readonly lanes: number | undefined;
  readonly modulus: number;
}

export function layoutOf(plaintext: IntegerPlaintext, additions: number): IntegerLayout {
  switch (plaintext.kind) {
    case 'lanes':
      return laneLayout(plaintext, additions);
    case 'modular':
      return modularLayout(plaintext);
    default:
      return plaintext satisfies never;
  }
}

/** The narrowest lane that holds every allowed sum. */
function laneLayout(plaintext: Extract<IntegerPlaintext, { kind: 'lanes' }>, additions: number): IntegerLayout {
  const { valueBits, signed, lanes } = plaintext;
  requireInteger('valueBits', valueBits, signed ? 2 : 1, 32);
  if (lanes !== undefined) requireInteger('lanes', lanes, 1, MOST_LANES);
  const highest = 2 ** (signed ? valueBits - 1 : valueBits) - 1;
  // The largest magnitude of a sum needs this many bits; below 2^63, so the double's logarithm is not trusted near a power of two.
  const magnitudeBits = (BigInt(additions) * BigInt(highest)).toString(2).length;
  const laneBits = magnitudeBits + (signed ? 1 : 0);
  if (laneBits > MOST_LANE_BITS) {
    throw new ParameterError(
      `${additions} values of ${valueBits} bits need ${laneBits} bits; sums are exact up to ${MOST_LANE_BITS}`,
    );
  }
  return { lowest: signed ? -highest : 0, highest, laneBits, lanes, modulus: 0 };
}

function modularLayout({ modulus, signed }: Extract<IntegerPlaintext, { kind: 'modular' }>): IntegerLayout {
  const bits = Math.log2(modulus);
  if (!Number.isInteger(modulus) || modulus < 2 || (modulus > 2 ** 30 && bits !== 31 && bits !== 32)) {
    throw new ParameterError(`plaintext modulus ${modulus} is neither an integer in [2, 2^30] nor 2^31 nor 2^32`);
  }
  const highest = signed ? Math.floor((modulus - 1) / 2) : modulus - 1;
  return {
    lowest: signed ? -highest : 0,
    highest,
    laneBits: Number.isInteger(bits) ? bits : 0,
    lanes: 1,
    modulus,
  };
}
