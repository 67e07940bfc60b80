// The discrete Gaussian on the integers, P(x) ∝ exp(−x² / 2σ²), as a table for Walker's alias method.
//
// Why not a cumulative table: a constant-time scan costs one wide comparison per entry and value. The alias method needs a
// single comparison, and its tables are small enough to be looked up by register shuffles, so still no address depends on
// a value (kernels/sampling.ts, sampleSymmetric). A.J. Walker, 1977; M.D. Vose, 1991.
//
// Precision. The magnitudes 0 … columns − 1 (at least `tail`·σ) have exact masses M(x) computed with integers; column j keeps j
// with probability t_j, rounded to nearest in 8·planes − 1 bits, else gives its alias. One column's rounding moves at most
// 2^−(8·planes) of its share 1/columns, so the distance of one sample from the exact distribution is at most 2^−(8·planes), plus
// the mass beyond the table (2^−107 at 12σ, 2^−135 at 13.5σ). The tests compute the true distance of every table they use.

import type { EngineMemory } from '../engine/memory.ts';
import { ParameterError } from '../errors.ts';
import { LARGEST_STDDEV, SMALLEST_STDDEV } from '../parameters/distributions.ts';

export interface Precision {
  /** Bytes of a threshold. */
  readonly planes: number;
  /** Standard deviations that a table covers at least. */
  readonly tail: number;
}

/** 2^−64 a sample: for secrets and errors. */
export const ERROR_PRECISION: Precision = Object.freeze({ planes: 8, tail: 12 });
/** 2^−120 a sample: for noise that must hide statistically, however often. */
export const WIDE_PRECISION: Precision = Object.freeze({ planes: 15, tail: 13.5 });

export interface GaussianTable {
  readonly columns: number;
  readonly planes: number;
  /** For each plane the columns' threshold bytes, most significant plane first; then the aliases. */
  readonly bytes: Uint8Array;
}

/** Fixed point of all masses, in bits. */
const POINT = 256n;

/** The exact masses 0 … columns − 1 of the magnitude, in units of 2^-256, summing to one. */
export function gaussianMasses(stddev: number, columns: number): bigint[] {
  // σ = significand / 2^exponent exactly, hence 1/(2σ²) = 4^exponent / (2·significand²).
  let significand = stddev;
  let exponent = 0n;
  while (!Number.isInteger(significand)) {
    significand *= 2;
    exponent += 1n;
  }
  const decay = (1n << (POINT + 2n * exponent)) / (2n * BigInt(significand) ** 2n);
  const ratio = exponentialOfNegative(decay);
  // e^(−(x+1)²c) = e^(−x²c) · e^(−(2x+1)c): one exponential and products; x = 0 once, every other magnitude for both signs.
  const square = (ratio * ratio) >> POINT;
  const masses: bigint[] = [];
  let mass = 1n << POINT;
  let step = ratio;
  for (let x = 0; x < columns; x++) {
    masses.push(x === 0 ? mass : 2n * mass);
    mass = (mass * step) >> POINT;
    step = (step * square) >> POINT;
  }
  const total = masses.reduce((sum, m) => sum + m, 0n);
  const scaled = masses.map((m) => (m << POINT) / total);
  // What flooring lost (below 2^-248) goes to zero, the likeliest.
  scaled[0] += (1n << POINT) - scaled.reduce((sum, m) => sum + m, 0n);
  return scaled;
}

/** e^−x for fixed-point 0 ≤ x ≤ 1/2 by its Taylor series. */
function exponentialOfNegative(x: bigint): bigint {
  let sum = 0n;
  let term = 1n << POINT;
  for (let k = 1n; term !== 0n; k++) {
    sum += k % 2n === 1n ? term : -term;
    term = ((term * x) >> POINT) / k;
  }
  return sum;
}

/** The alias table of these masses; `masses.length` columns, a power of two. Deterministic: part of the seeded formats. */
export function aliasTable(masses: readonly bigint[], planes: number): GaussianTable {
  const columns = masses.length;
  const share = (1n << POINT) / BigInt(columns);
  const left = masses.slice();
  const alias = masses.map((_, x) => x);
  const small = alias.filter((x) => left[x] < share);
  const large = alias.filter((x) => left[x] >= share);
  for (let j = small.pop(); j !== undefined; j = small.pop()) {
    const donor = large[large.length - 1];
    if (donor === undefined) break;
    alias[j] = donor;
    left[donor] -= share - left[j];
    if (left[donor] < share) {
      large.pop();
      small.push(donor);
    }
  }
  const bits = BigInt(8 * planes - 1);
  const bytes = new Uint8Array((planes + 1) * columns);
  for (let j = 0; j < columns; j++) {
    const threshold = ((left[j] << (bits + 1n)) / share + 1n) >> 1n;
    // A column that is full keeps itself whatever the threshold says; its last bit stays clear for the sign.
    const whole = alias[j] === j || threshold >> bits !== 0n;
    const stored = whole ? 0n : threshold << 1n;
    for (let plane = 0; plane < planes; plane++) {
      bytes[plane * columns + j] = Number((stored >> BigInt(8 * (planes - 1 - plane))) & 255n);
    }
    bytes[planes * columns + j] = whole ? j : alias[j];
  }
  return Object.freeze({ columns, planes, bytes });
}

const tables = new Map<string, GaussianTable>();
const MOST_TABLES = 64;

/** The table for a standard deviation in [1, 20], made once. */
export function gaussianTable(stddev: number, { planes, tail }: Precision): GaussianTable {
  if (!(stddev >= SMALLEST_STDDEV && stddev <= LARGEST_STDDEV)) {
    throw new ParameterError(
      `a discrete Gaussian has a standard deviation in [${SMALLEST_STDDEV}, ${LARGEST_STDDEV}], not ${stddev}`,
    );
  }
  const key = `${stddev}:${planes}:${tail}`;
  const known = tables.get(key);
  if (known !== undefined) return known;
  const columns = [64, 128, 256].find((size) => size - 1 >= tail * stddev);
  if (columns === undefined) throw new ParameterError(`no table reaches ${tail} deviations of ${stddev}`);
  const made = aliasTable(gaussianMasses(stddev, columns), planes);
  if (tables.size >= MOST_TABLES) tables.clear();
  tables.set(key, made);
  return made;
}

/** Copies a table into scratch memory. */
export function loadTable(memory: EngineMemory, { bytes }: GaussianTable): number {
  const address = memory.allocate(bytes.length);
  memory.u8(address, bytes.length).set(bytes);
  return address;
}
