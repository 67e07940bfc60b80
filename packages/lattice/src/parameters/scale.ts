// The factor between a number and its encoding: exact, one canonical value per level, so that two ciphertexts of one level always
// agree and may be added, and nothing is ever compared in floating point.
//
// The rule is Δ_(ℓ−1) = Δ_ℓ² / q_ℓ: what squaring at level ℓ and dividing by its primes leaves. The fraction's digits would double
// with every level, so a scale is DEFINED as that value rounded to a multiple of 2^-64. The definition differs from what the
// arithmetic leaves by less than 2^-65 per level, relative to scales above 2^24; after 64 levels of doubling that is still far
// below the rounding of a single coefficient. (Kim, Papadimitriou, Polyakov, "Approximate Homomorphic Encryption with Reduced
// Approximation Error", eprint 2020/1118, §4: one scale per level, adjusted by constants when a level is skipped.)

/** Scales are multiples of 2^-64. */
export const SCALE_FRACTION_BITS: bigint = 64n;

export interface Scale {
  /** The scale is numerator / 2^64. */
  readonly numerator: bigint;
  /** The same, rounded to the nearest double (relative error at most 2^-53). */
  readonly value: number;
}

export function scaleOfNumerator(numerator: bigint): Scale {
  return Object.freeze({ numerator, value: Number(numerator) / 2 ** 64 });
}

/** 2^bits. */
export function powerOfTwoScale(bits: number): Scale {
  return scaleOfNumerator(1n << (BigInt(bits) + SCALE_FRACTION_BITS));
}

/** Δ² / q, to the nearest multiple of 2^-64. */
export function scaleAfterRescaling(scale: Scale, q: bigint): Scale {
  const divisor = q << SCALE_FRACTION_BITS;
  return scaleOfNumerator((2n * scale.numerator * scale.numerator + divisor) / (2n * divisor));
}
