// What a model sees of a release: one input for every original value of every quasi-identifying column. A clear cell is a one among
// zeros; a generalised cell is spread evenly over the values that it may stand for; a suppressed row is not seen. So a model can
// learn from generalised rows and be tested on clear ones, which is how the usefulness of a release is measured.

import type { RecodedColumn, Release } from '../anonymise/release.ts';
import { ParameterError } from '../errors.ts';

export interface ReleaseFeatures {
  /** Inputs of the model. */
  readonly width: number;
  /** Adds the clear row to `out` at `offset`, which is all zeros. */
  clearInto(out: Float32Array, offset: number, row: number): void;
  /** Adds the row as it was released. */
  releasedInto(out: Float32Array, offset: number, row: number): void;
}

/** Refuses more inputs than `mostInputs`: a column that is nearly all different teaches a model nothing. */
export function featuresOf({ columns }: Release, mostInputs = 4096): ReleaseFeatures {
  const width = columns.reduce((sum, { originalCount }) => sum + originalCount, 0);
  if (width > mostInputs)
    throw new ParameterError(`the quasi-identifiers have ${width} values, more than ${mostInputs}`);
  const starts: number[] = [];
  let start = 0;
  for (const { originalCount } of columns) {
    starts.push(start);
    start += originalCount;
  }
  const values = columns.map(valuesOfLabels);
  return {
    width,
    clearInto: (out, offset, row) => {
      for (const [d, { originals }] of columns.entries()) out[offset + starts[d] + originals[row]] = 1;
    },
    releasedInto: (out, offset, row) => {
      for (const [d, { codes }] of columns.entries()) {
        const own = values[d][codes[row]];
        for (const value of own) out[offset + starts[d] + value] = 1 / own.length;
      }
    },
  };
}

/** For every label the original values that occur under it. */
function valuesOfLabels({ codes, originals, labels }: RecodedColumn): Uint32Array[] {
  const found = labels.map(() => new Set<number>());
  for (const [row, code] of codes.entries()) found[code].add(originals[row]);
  return found.map((set) => Uint32Array.from(set).sort());
}
