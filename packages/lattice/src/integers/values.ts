// What a caller hands in: integers as 32-bit arrays or as doubles. Checked whole before anything is encrypted, then moved plane by
// plane into the engine's memory as 32-bit words. Refused, by index and range and never by value: non-integers, values out of range.

import type { Engine } from '../engine/engine.ts';
import { ParameterError } from '../errors.ts';

/** Int32Array, Uint32Array and Float64Array take the fast way; any other array of numbers is read one by one, and holds numbers only. */
export type IntegerValues = ArrayLike<number>;

/** The values of one encryption and what each of them may be. */
export interface CheckedValues {
  readonly values: IntegerValues;
  readonly lowest: number;
  readonly highest: number;
}

const CHUNK = 16384;
const SIGNED_MOST = 2 ** 31 - 1;

/** Refuses unless every value is an integer in [lowest, highest] ⊂ [−2^31, 2^32). */
export function checkValues(engine: Engine, values: IntegerValues, lowest: number, highest: number): CheckedValues {
  if (!Number.isSafeInteger(values.length) || values.length < 0) {
    throw new ParameterError(`a vector of ${values.length} values`);
  }
  const checked = { values, lowest, highest };
  for (let start = 0; start < values.length; start += CHUNK) {
    const fits = engine.memory.secretScope(() => {
      const address = engine.memory.allocate(4 * CHUNK);
      return moveWords(engine, checked, start, CHUNK, address);
    });
    if (!fits) throw refusal(checked, start);
  }
  return checked;
}

/**
 * Writes values[start … start + count) as 32-bit words at `address`, zeros beyond the end; says whether all are in range.
 * `count` is a multiple of 4. Inside a scope.
 */
function moveWords(
  { memory, integers }: Engine,
  { values, lowest, highest }: CheckedValues,
  start: number,
  count: number,
  address: number,
): boolean {
  const present = Math.max(0, Math.min(count, values.length - start));
  if (present < count) memory.u32(address + 4 * present, count - present).fill(0);
  if (present === 0) return true;
  const end = start + present;
  if (!(values instanceof Int32Array || values instanceof Uint32Array)) {
    const doubles = memory.allocate(8 * count);
    const target = memory.f64(doubles, count);
    if (values instanceof Float64Array) target.set(values.subarray(start, end));
    else for (let i = 0; i < present; i++) target[i] = numberAt(values, start + i);
    target.fill(0, present);
    return integers.wordsFromDoubles(address, doubles, count, lowest, highest) === 1;
  }
  // The check compares words as they are read: a signed array's negatives must not pass for large unsigned words, and vice versa.
  const isSigned = values instanceof Int32Array;
  if (isSigned) memory.i32(address, present).set(values.subarray(start, end));
  else memory.u32(address, present).set(values.subarray(start, end));
  const first = isSigned ? lowest : Math.max(lowest, 0);
  const last = isSigned ? Math.min(highest, SIGNED_MOST) : highest;
  return integers.wordsWithin(address, count, first, last - first) === 1;
}

/** What is no number (null, '', true, [5]) must not be converted to one: it becomes one that the check refuses. */
function numberAt(values: ArrayLike<unknown>, index: number): number {
  const value = values[index];
  return typeof value === 'number' ? value : Number.NaN;
}

/** As moveWords, after checkValues: refuses values that changed in between (a shared buffer, an array with getters). */
export function moveCheckedWords(
  engine: Engine,
  checked: CheckedValues,
  start: number,
  count: number,
  address: number,
): void {
  if (!moveWords(engine, checked, start, count, address)) {
    throw new ParameterError('the values changed while they were being encrypted');
  }
}

/** On the way to an error only: finds the first offender, which may take as long as it takes. */
function refusal({ values, lowest, highest }: CheckedValues, from: number): ParameterError {
  let index = from;
  while (Number.isInteger(values[index]) && values[index] >= lowest && values[index] <= highest) index += 1;
  return new ParameterError(`value number ${index} is not an integer in [${lowest}, ${highest}]`);
}
