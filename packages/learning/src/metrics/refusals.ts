// What every metric refuses before it counts anything. A metric of nothing, or of NaN, is no number that anyone should compare.

import { ParameterError } from '../errors.ts';

export function requireSome(what: string, length: number): void {
  if (length === 0) throw new ParameterError(`there is no ${what} to measure`);
}

export function requireSameLength(what: string, length: number, others: string, otherLength: number): void {
  if (length !== otherLength) throw new ParameterError(`${length} ${what} do not go with ${otherLength} ${others}`);
}

export function requireClassCount(classCount: number): void {
  if (!Number.isSafeInteger(classCount) || classCount < 2 || classCount > 2 ** 20) {
    throw new ParameterError(`${classCount} is no number of classes`);
  }
}

/** Every label is an integer in [0, classCount). */
export function requireLabels(what: string, labels: ArrayLike<number>, classCount: number): void {
  requireSome(what, labels.length);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (!Number.isInteger(label) || label < 0 || label >= classCount) {
      throw new ParameterError(`${what} ${i} is ${label}, which is none of ${classCount} classes`);
    }
  }
}

export function requireFinite(what: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) throw new ParameterError(`${what} ${i} is ${values[i]}`);
  }
}

/** Every value is in [0, 1]. */
export function requireProbabilities(values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    // Written so that NaN fails.
    if (!(values[i] >= 0 && values[i] <= 1)) throw new ParameterError(`probability ${i} is ${values[i]}`);
  }
}
