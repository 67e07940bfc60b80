// From the opened means of cohorts to one: their mean, or a robust one, which up to a part of poisoned cohorts cannot move far. Public from
// end to end. A robust mean is one of cohorts, not of members: one poisoned member poisons its cohort, so with p poisoned members up to p
// cohorts are; it helps while those are fewer than half (median), than `trim` on a side (trimmed mean), or so few that a bounded shift
// remains (geometric median: Pillutla and others 2022). Averages within a cohort also hide its minorities' values: robustness costs fairness.
//
// Sums are taken in doubles in the order of cohorts, so all platforms agree.

import { ParameterError } from '../errors.ts';
import { geometricMedian } from './geometric-median.ts';

export interface CohortMean {
  readonly mean: Float32Array;
  readonly contributors: number;
  /** Σ weight, where the encoding has weights. */
  readonly totalWeight?: number | undefined;
}

export type Combination =
  /** Σ of the cohorts' sums over Σ of their contributors (or weights): what one large sum would have been. */
  | { readonly kind: 'mean' }
  /** Coordinate by coordinate (Yin and others 2018). */
  | { readonly kind: 'median' }
  /** Coordinate by coordinate, without the `trim` largest and smallest. */
  | { readonly kind: 'trimmed-mean'; readonly trim: number }
  | { readonly kind: 'geometric-median' };

/** Robust means of fewer than this say little; the specification asks for 10 (§1.6). */
const FEWEST_FOR_ROBUST = 5;

export function combine(cohorts: readonly CohortMean[], combination: Combination): Float32Array<ArrayBuffer> {
  const length = requireAlike(cohorts);
  if (combination.kind !== 'mean' && cohorts.length < FEWEST_FOR_ROBUST) {
    throw new ParameterError(
      `a ${combination.kind} of ${cohorts.length} cohorts, at least ${FEWEST_FOR_ROBUST} are wanted`,
    );
  }
  const means = cohorts.map(({ mean }) => mean);
  switch (combination.kind) {
    case 'mean':
      return meanOf(means, sharesOf(cohorts));
    case 'median':
      return coordinateByCoordinate(means, length, medianOfSorted);
    case 'trimmed-mean': {
      const { trim } = combination;
      if (!Number.isInteger(trim) || trim < 0 || 2 * trim >= cohorts.length) {
        throw new ParameterError(`trimming ${trim} of ${cohorts.length} cohorts on each side leaves none`);
      }
      return coordinateByCoordinate(means, length, (sorted) => averageOf(sorted, trim, sorted.length - trim));
    }
    case 'geometric-median':
      return geometricMedian(means, sharesOf(cohorts));
    default:
      throw new ParameterError(`there is no combination ${JSON.stringify(combination satisfies never)}`);
  }
}

/** Each cohort's part of the whole: by weight where there are weights, else by contributors. */
function sharesOf(cohorts: readonly CohortMean[]): number[] {
  const sizes = cohorts.map(({ contributors, totalWeight }) => totalWeight ?? contributors);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return sizes.map((size) => size / total);
}

function meanOf(means: readonly Float32Array[], shares: readonly number[]): Float32Array<ArrayBuffer> {
  const sum = new Float64Array(means[0].length);
  means.forEach((mean, cohort) => {
    const share = shares[cohort];
    for (let i = 0; i < sum.length; i++) sum[i] += share * mean[i];
  });
  return Float32Array.from(sum);
}

function coordinateByCoordinate(
  means: readonly Float32Array[],
  length: number,
  centre: (sorted: Float64Array) => number,
): Float32Array<ArrayBuffer> {
  const result = new Float32Array(length);
  const values = new Float64Array(means.length);
  for (let i = 0; i < length; i++) {
    for (let cohort = 0; cohort < values.length; cohort++) values[cohort] = means[cohort][i];
    result[i] = centre(sortInPlace(values));
  }
  return result;
}

/** By insertion where values are few: a call of the built-in sort costs more than the sorting. */
function sortInPlace(values: Float64Array): Float64Array {
  if (values.length > 64) return values.sort();
  for (let i = 1; i < values.length; i++) {
    const value = values[i];
    let at = i;
    for (; at > 0 && values[at - 1] > value; at--) values[at] = values[at - 1];
    values[at] = value;
  }
  return values;
}

const medianOfSorted = (sorted: Float64Array): number => {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

function averageOf(sorted: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += sorted[i];
  return sum / (to - from);
}

/** A loop: a call a value costs tens of milliseconds where there are a million. */
function isFiniteThroughout(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/** The length of all of them. */
export function requireAlike(cohorts: readonly CohortMean[]): number {
  if (cohorts.length === 0) throw new ParameterError('there are no cohorts to combine');
  const { length } = cohorts[0].mean;
  for (const { mean, contributors, totalWeight } of cohorts) {
    if (mean.length !== length) throw new ParameterError(`cohorts have ${length} and ${mean.length} values`);
    if (!Number.isSafeInteger(contributors) || contributors < 1) {
      throw new ParameterError(`a cohort has ${contributors} contributors`);
    }
    if ((totalWeight === undefined) !== (cohorts[0].totalWeight === undefined) || !((totalWeight ?? 1) > 0)) {
      throw new ParameterError(`a cohort has the total weight ${totalWeight}, another ${cohorts[0].totalWeight}`);
    }
    // A value that is not finite would win every comparison, or none.
    if (!isFiniteThroughout(mean)) throw new ParameterError('the mean of a cohort has a value that is not finite');
  }
  return length;
}
