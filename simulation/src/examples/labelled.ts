// Examples with labels, one after another: what a participant trains on and what a model is tried on. Refuses numbers that are not finite
// and labels that are no class.

import type { ImageSet } from '@sumus/dataset/images';
import { selectRows, type Table } from '@sumus/dataset/table';

export interface LabelledExamples {
  readonly name: string;
  readonly count: number;
  /** Numbers of one example. */
  readonly inputSize: number;
  readonly inputs: Float32Array;
  readonly labels: Uint32Array;
  readonly classes: number;
  /** What the classes are called, in their order. */
  readonly classNames: readonly string[];
  /** Whose row each is, by any number, where the data say so. */
  readonly unitOfRow?: Uint32Array | undefined;
  /** Where the plan makes numbers of it: all columns, the target too. Then there are no inputs yet. */
  readonly table?: Table | undefined;
}

export function labelledExamples(given: Omit<LabelledExamples, 'count' | 'classes'>): LabelledExamples {
  const { labels, inputs, inputSize, classNames, unitOfRow, table } = given;
  if (table !== undefined && table.rowCount !== labels.length) {
    throw new RangeError(`${labels.length} labels of a table of ${table.rowCount} rows`);
  }
  if (unitOfRow !== undefined && unitOfRow.length !== labels.length) {
    throw new RangeError(`${labels.length} rows have ${unitOfRow.length} units`);
  }
  if (inputs.length !== labels.length * inputSize) {
    throw new RangeError(`${labels.length} labels have ${inputs.length} numbers, not ${inputSize} each`);
  }
  for (const value of inputs) if (!Number.isFinite(value)) throw new RangeError(`a number of the examples is ${value}`);
  for (const label of labels) {
    if (label >= classNames.length)
      throw new RangeError(`a label is ${label}, and there are ${classNames.length} classes`);
  }
  return Object.freeze({ ...given, count: labels.length, classes: classNames.length });
}

/** The examples at these places, in this order. */
export function chosen(examples: LabelledExamples, rows: Uint32Array, name: string = examples.name): LabelledExamples {
  const { inputSize, inputs, labels, classNames, unitOfRow, table } = examples;
  const taken = new Float32Array(rows.length * inputSize);
  rows.forEach((row, place) => {
    taken.set(inputs.subarray(row * inputSize, (row + 1) * inputSize), place * inputSize);
  });
  return labelledExamples({
    name,
    inputSize,
    inputs: taken,
    labels: Uint32Array.from(rows, (row) => labels[row] ?? classNames.length),
    classNames,
    unitOfRow: unitOfRow === undefined ? undefined : Uint32Array.from(rows, (row) => unitOfRow[row] ?? 0),
    table: table && selectRows(table, rows),
  });
}

/** Bytes as numbers from 0 to 1: rows, then columns, then channels, as convolutions take them. */
export function examplesOfImages(name: string, images: ImageSet): LabelledExamples {
  const { height, width, channels, samples, labels } = images;
  return labelledExamples({
    name,
    inputSize: height * width * channels,
    inputs: Float32Array.from(samples, (sample) => sample / 255),
    labels: Uint32Array.from(labels.codes),
    classNames: labels.dictionary,
  });
}
