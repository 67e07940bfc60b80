// Probability laws on the integers as cumulative tables of any precision: what inverse-table.ts inverts. Each law gives
// relative masses; `cumulative` normalises them. Exact up to a stated slack that more bits make as small as one likes.
//
// Refuses: parameters that would need a table of more than about 10^5 entries (the wide samplers decompose those).

import { ParameterError } from '../errors.ts';
import { type Dyadic, dyadic, exponentialOfNegative } from './exact-exponential.ts';

/**
 * F(first + i) = P(X ≤ first + i) in units of 2^−bits, each within SLACK units of the truth. F beyond either end:
 * nearer to 0 or 1.
 */
export interface Cumulative {
  readonly first: number;
  readonly values: readonly bigint[];
}

export const SLACK: bigint = 4n;

/** A law: its cumulative function at a precision. More bits reach further into the tails. */
export type Law = (bits: number) => Cumulative;

/**
 * Masses are computed with so many bits more than asked for; their errors add up to less than 2^52 units of 2^−(bits +
 * GUARD).
 */
const GUARD = 96;
/** The tails left out weigh less than 2^−(bits + TAIL_BITS) times 2^14. */
const TAIL_BITS = 60;

export const LARGEST_TABLE_STDDEV: number = 1024;
export const LARGEST_TABLE_SCALE: number = 512;
export const LARGEST_TABLE_MEAN: number = 2 ** 24;

function requireWithin(name: string, value: number, largest: number): void {
  if (!(value > 0 && value <= largest)) throw new ParameterError(`${name} must be in (0, ${largest}], not ${value}`);
}

/** Normalises masses, given in any common unit of at least 2^(bits + GUARD) in total. */
function cumulative(first: number, masses: readonly bigint[], bits: number): Cumulative {
  const total = masses.reduce((sum, mass) => sum + mass, 0n);
  let below = 0n;
  const values = masses.map((mass) => {
    below += mass;
    return (below << BigInt(bits)) / total;
  });
  return { first, values };
}

const mirrored = (magnitudes: readonly bigint[]): bigint[] => [...magnitudes.slice(1).reverse(), ...magnitudes];

/** Discrete Gaussian, P(x) ∝ e^(−x² / 2σ²) (Canonne, Kamath, Steinke 2020; arXiv 2004.00010). */
export function gaussianLaw(stddev: number): Law {
  requireWithin('a tabulated standard deviation', stddev, LARGEST_TABLE_STDDEV);
  return (bits) => {
    const magnitudes = gaussianMagnitudes(stddev, bits);
    return cumulative(1 - magnitudes.length, mirrored(magnitudes), bits);
  };
}

/** The same on 0, 1, 2, …: P(x) ∝ e^(−x² / 2σ²), zero counted once. */
export function halfGaussianLaw(stddev: number): Law {
  requireWithin('a tabulated standard deviation', stddev, LARGEST_TABLE_STDDEV);
  return (bits) => cumulative(0, gaussianMagnitudes(stddev, bits), bits);
}

function gaussianMagnitudes(stddev: number, bits: number): bigint[] {
  const point = BigInt(bits + GUARD);
  const { numerator, shift } = dyadic(stddev);
  const columns = Math.ceil(stddev * Math.sqrt(2 * Math.LN2 * (bits + TAIL_BITS))) + 2;
  // 1/(2σ²) = 4^shift / (2·numerator²). e^(−(x+1)²c) = e^(−x²c) · e^(−(2x+1)c).
  const ratio = exponentialOfNegative(1n << BigInt(2 * shift), 2n * numerator * numerator, Number(point)).low;
  const square = (ratio * ratio) >> point;
  const masses: bigint[] = [];
  let mass = 1n << point;
  let step = ratio;
  // `step` loses up to 6 units a turn and `mass` the sum of those: below 2^31 units for 2^14 columns.
  for (let x = 0; x < columns; x++) {
    masses.push(mass);
    mass = (mass * step) >> point;
    step = (step * square) >> point;
  }
  return masses;
}

/** Discrete Laplace, P(x) ∝ e^(−|x| / scale). */
export function laplaceLaw(scale: number): Law {
  requireWithin('a tabulated scale', scale, LARGEST_TABLE_SCALE);
  return (bits) => {
    const magnitudes = geometricMagnitudes(dyadic(scale), scale, bits);
    return cumulative(1 - magnitudes.length, mirrored(magnitudes), bits);
  };
}

/** Geometric on 0, 1, 2, …: P(x) ∝ e^(−x / scale). */
export function geometricLaw(scale: number): Law {
  requireWithin('a tabulated scale', scale, LARGEST_TABLE_SCALE);
  return (bits) => cumulative(0, geometricMagnitudes(dyadic(scale), scale, bits), bits);
}

function geometricMagnitudes({ numerator, shift }: Dyadic, scale: number, bits: number): bigint[] {
  const point = BigInt(bits + GUARD);
  const columns = Math.ceil(scale * Math.LN2 * (bits + TAIL_BITS)) + 2;
  const ratio = exponentialOfNegative(1n << BigInt(shift), numerator, Number(point)).low;
  const masses: bigint[] = [];
  let mass = 1n << point;
  for (let x = 0; x < columns; x++) {
    masses.push(mass);
    mass = (mass * ratio) >> point;
  }
  return masses;
}

/** Poisson, P(k) ∝ mean^k / k!. */
export function poissonLaw(mean: number): Law {
  requireWithin('a tabulated mean', mean, LARGEST_TABLE_MEAN);
  const { numerator, shift } = dyadic(mean);
  return (bits) => {
    const point = BigInt(bits + GUARD);
    // From the mode outwards every factor is at most one, so a floor loses at most one unit a step. Below 2^16 units
    // the rest of a side weighs at most 2^16 / (1 − the next factor), which is below 2^32 units.
    const mode = Math.floor(mean);
    const enough = 1n << BigInt(GUARD - 80);
    const up: bigint[] = [];
    let mass = 1n << point;
    for (let k = mode; mass > enough; k++) {
      up.push(mass);
      mass = (mass * numerator) / (BigInt(k + 1) << BigInt(shift));
    }
    const down: bigint[] = [];
    mass = 1n << point;
    for (let k = mode; k > 0 && mass > enough; k--) {
      mass = (mass * (BigInt(k) << BigInt(shift))) / numerator;
      down.push(mass);
    }
    return cumulative(mode - down.length, [...down.reverse(), ...up], bits);
  };
}
