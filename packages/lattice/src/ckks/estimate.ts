// What is known about a ciphertext without the key: an upper bound on the numbers in it and on the standard deviation of their
// error. Both are in units of the numbers themselves (per real part of a slot), so that they do not depend on the scale.
//
// A coefficient error of deviation σ is σ·√(N/2)/Δ in a slot. Every formula is tested against measured
// noise. Deviations of sums are ADDED, not added in squares: σ(X + Y) ≤ σ(X) + σ(Y) also where X and Y depend on each other,
// and a bound that is too small would make flooding (release.ts) unsafe. The estimate depends on declared bounds, never on data.

import type { CkksParameters } from '../parameters/ckks-parameters.ts';
import { stddevOf } from '../parameters/distributions.ts';

export interface Estimate {
  /** Every slot's modulus is at most this. */
  readonly magnitude: number;
  /** Standard deviation of the error of a slot's real (or imaginary) part: at most this. */
  readonly errorStddev: number;
  /** Some of it was read from bytes: a stranger's word. Whoever floods a result must bring a bound of its own (release.ts). */
  readonly claimed: boolean;
}

/** What is known of a number that is not encrypted: nobody's claim. */
export function ofPlaintext(magnitude: number, errorStddev: number): Estimate {
  return { magnitude, errorStddev, claimed: false };
}

/** A coefficient error of this deviation, as an error of slots at scale Δ. */
function inSlots(coefficientStddev: number, degree: number, scale: number): number {
  return (coefficientStddev * Math.sqrt(degree / 2)) / scale;
}

/** And back. */
export function coefficientStddev(
  { errorStddev }: Pick<Estimate, 'errorStddev'>,
  degree: number,
  scale: number,
): number {
  return (errorStddev * scale) / Math.sqrt(degree / 2);
}

/** Rounding to integers, deviation √(1/12), and the doubles of the embedding: half an ulp in each of its log2 N layers at most. */
export function encodingError(degree: number, scale: number, magnitude: number): number {
  return Math.hypot(inSlots(Math.sqrt(1 / 12), degree, scale), magnitude * Math.log2(degree) * 2 ** -53);
}

/** c0 = b·u + e0, c1 = a·u + e1: e·u + e0 + e1·s, deviation σ·√(4N/3 + 1). */
export function freshPublic(parameters: CkksParameters, scale: number, magnitude: number): Estimate {
  const { degree, error } = parameters;
  return fresh(stddevOf(error) * Math.sqrt((4 * degree) / 3 + 1), degree, scale, magnitude);
}

export function freshSymmetric(parameters: CkksParameters, scale: number, magnitude: number): Estimate {
  return fresh(stddevOf(parameters.error), parameters.degree, scale, magnitude);
}

function fresh(noise: number, degree: number, scale: number, magnitude: number): Estimate {
  const errorStddev = Math.hypot(inSlots(noise, degree, scale), encodingError(degree, scale, magnitude));
  return { magnitude, errorStddev, claimed: false };
}

export function afterAddition(a: Estimate, b: Estimate): Estimate {
  return {
    magnitude: a.magnitude + b.magnitude,
    errorStddev: a.errorStddev + b.errorStddev,
    claimed: a.claimed || b.claimed,
  };
}

/** (m1 + e1)(m2 + e2) = m1·m2 + m1·e2 + m2·e1 + e1·e2; a product of two complex errors has √2 times their deviations. */
export function afterProduct(a: Estimate, b: Estimate): Estimate {
  return {
    magnitude: a.magnitude * b.magnitude,
    errorStddev: a.magnitude * b.errorStddev + b.magnitude * a.errorStddev + Math.SQRT2 * a.errorStddev * b.errorStddev,
    claimed: a.claimed || b.claimed,
  };
}

/** Times an exactly known factor. */
export function afterFactor({ magnitude, errorStddev, claimed }: Estimate, factor: number): Estimate {
  return { magnitude: magnitude * factor, errorStddev: errorStddev * factor, claimed };
}

/** An independent error of deviation `stddev` on top: here squares may be added. */
export function withError({ magnitude, errorStddev, claimed }: Estimate, stddev: number): Estimate {
  return { magnitude, errorStddev: Math.hypot(errorStddev, stddev), claimed };
}

/** Dividing c0 + c1·s by primes rounds both parts: √((1 + 2N/3)/12) per coefficient, about N/6 in a slot. */
export function roundingError(degree: number, scale: number): number {
  return inSlots(Math.sqrt((1 + (2 * degree) / 3) / 12), degree, scale);
}

/**
 * Σ_i d_i·e_i / P with digits uniform in ±Q_i/2: σ·√(N/12·Σ (Q_i/P)²) per coefficient, at the level's scale. `divisor`: by how
 * much more than P the sum is divided (the level's primes, where rescaling comes with it).
 */
export function keySwitchingError(
  parameters: CkksParameters,
  level: number,
  scale: number,
  divisor: number = 1,
): number {
  const { degree, digits, dataPrimes, special, base, limbsPerLevel, error } = parameters;
  const limbs = base.length + level * limbsPerLevel;
  const log2 = (primes: readonly number[]): number => primes.reduce((bits, q) => bits + Math.log2(q), 0);
  const specialBits = log2(special);
  const squares = digits
    .filter(({ start }) => start < limbs)
    .reduce((sum, { start, end }) => sum + 4 ** (log2(dataPrimes.slice(start, Math.min(end, limbs))) - specialBits), 0);
  return inSlots((stddevOf(error) * Math.sqrt((degree / 12) * squares)) / divisor, degree, scale);
}
