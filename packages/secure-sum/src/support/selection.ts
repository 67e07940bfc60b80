// A participant's own choice within the support: what it does not share becomes zero, and a zero goes into the sum like any value, so
// nobody sees which coordinates it chose (Shokri and Shmatikov 2015 choose the largest, or some above a threshold).
// Where others chose nothing, the sum is one participant's value: touched.ts keeps such coordinates from being published.

import { ParameterError } from '../errors.ts';
import { largestIndices } from './largest.ts';

export type Selection =
  | { readonly kind: 'all' }
  | { readonly kind: 'largest'; readonly count: number }
  /** |value| ≥ threshold, at most `count` of them, which ones by the random words handed in. */
  | {
      readonly kind: 'above';
      readonly threshold: number;
      readonly count: number;
      readonly randomWords: (count: number) => Uint32Array;
    };

/** The values with zeros where the selection is not: the participant's. */
export function zeroUnselected(values: Float32Array, selection: Selection): Float32Array<ArrayBuffer> {
  if (selection.kind === 'all') return values.slice();
  const { count } = selection;
  if (!Number.isInteger(count) || count < 0 || count > values.length) {
    throw new ParameterError(`a selection of ${count} of ${values.length} values`);
  }
  const kept = new Float32Array(values.length);
  switch (selection.kind) {
    case 'largest':
      for (const index of largestIndices(values, count)) kept[index] = values[index];
      return kept;
    case 'above': {
      if (!(selection.threshold >= 0)) throw new ParameterError('the threshold of a selection is not at least 0');
      const candidates = values.map((value) => (Math.abs(value) >= selection.threshold ? 1 : 0));
      // A random order: candidates get random magnitudes, and the largest are taken. Zero words count as one, so candidates go first.
      const words = selection.randomWords(values.length);
      if (words.length !== values.length) throw new ParameterError('the selection got too few random words');
      const order = candidates.map((candidate, i) => candidate * (1 + words[i]));
      for (const index of largestIndices(order, count)) if (order[index] > 0) kept[index] = values[index];
      return kept;
    }
    default:
      throw new ParameterError(`there is no selection ${JSON.stringify(selection satisfies never)}`);
  }
}
