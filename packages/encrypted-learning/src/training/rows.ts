// The rows a model is trained on, checked: every feature is finite, every label is of the set, no row is longer than B. B is part of
// the proof (the sensitivity is B(1 + η)), and nobody can check it once the rows are encrypted; so encryption takes this value and
// nothing else, and this value is only made here.
//
// Refused, by the row's number and never by a value: rows that break any of the three.

import { ParameterError } from '../errors.ts';

export interface RowsLiteral {
  /** Row after row. A constant feature, if one is wanted, is a column of its own. */
  readonly features: Float64Array;
  readonly columns: number;
  readonly labels: Float64Array;
  /** B: no row is longer, the constant feature included. */
  readonly normBound: number;
  /** No |feature| is larger; default B. Smaller numbers are encrypted more precisely. */
  readonly featureBound?: number;
  /** 'binary': labels are 0 or 1. A number: targets lie within ± it. */
  readonly labelSet: 'binary' | number;
}

/** Made by checkRows alone: the private field cannot be written by hand. Holds the arrays it was given; do not change them. */
export class CheckedRows {
  readonly #checked: true = true;
  readonly features: Float64Array;
  readonly labels: Float64Array;
  readonly columns: number;
  readonly count: number;
  readonly normBound: number;
  readonly featureBound: number;
  readonly labelSet: 'binary' | number;

  private constructor({ features, labels, columns, normBound, featureBound = normBound, labelSet }: RowsLiteral) {
    this.features = features;
    this.labels = labels;
    this.columns = columns;
    this.count = labels.length;
    this.normBound = normBound;
    this.featureBound = Math.min(featureBound, normBound);
    this.labelSet = labelSet;
  }

  static check(literal: RowsLiteral): CheckedRows {
    requireRows(literal);
    return new CheckedRows(literal);
  }

  /** True of what check made, false of an object that merely looks like it. */
  static areChecked(rows: unknown): rows is CheckedRows {
    return typeof rows === 'object' && rows !== null && #checked in rows;
  }

  toJSON(): never {
    throw new TypeError('rows are somebody’s data and are not serialised');
  }
}

export function checkRows(literal: RowsLiteral): CheckedRows {
  return CheckedRows.check(literal);
}

/** The chosen rows, in that order. */
export function selectRows(rows: CheckedRows, indices: ArrayLike<number>): CheckedRows {
  const { columns, normBound, featureBound, labelSet } = rows;
  const features = new Float64Array(indices.length * columns);
  const labels = new Float64Array(indices.length);
  for (let i = 0; i < indices.length; i += 1) {
    const row = indices[i];
    if (!(Number.isInteger(row) && row >= 0 && row < rows.count)) throw new ParameterError(`there is no row ${row}`);
    features.set(rows.features.subarray(row * columns, (row + 1) * columns), i * columns);
    labels[i] = rows.labels[row];
  }
  return CheckedRows.check({ features, columns, labels, normBound, featureBound, labelSet });
}

/** Rounding of the sum of squares is no reason to refuse a row of exactly B. */
const ROUNDING = 1 + 2 ** -40;

function requireRows({ features, columns, labels, normBound, featureBound = normBound, labelSet }: RowsLiteral): void {
  if (!(Number.isSafeInteger(columns) && columns > 0)) throw new ParameterError(`rows of ${columns} columns`);
  if (labels.length === 0) throw new ParameterError('there are no rows');
  if (features.length !== labels.length * columns) {
    throw new ParameterError(`${labels.length} labels for ${features.length / columns} rows of ${columns} features`);
  }
  if (!(Number.isFinite(normBound) && normBound > 0)) throw new ParameterError(`a norm bound of ${normBound}`);
  if (!(Number.isFinite(featureBound) && featureBound > 0))
    throw new ParameterError(`a feature bound of ${featureBound}`);
  if (labelSet !== 'binary' && !(Number.isFinite(labelSet) && labelSet > 0)) {
    throw new ParameterError(`labels within ±${labelSet}`);
  }
  for (let row = 0; row < labels.length; row += 1) {
    let square = 0;
    let largest = 0;
    for (let at = row * columns; at < (row + 1) * columns; at += 1) {
      square += features[at] * features[at];
      largest = Math.max(largest, Math.abs(features[at]));
    }
    if (!Number.isFinite(square)) throw new ParameterError(`row ${row} holds a feature that is not a finite number`);
    if (Math.sqrt(square) > normBound * ROUNDING) {
      throw new ParameterError(
        `row ${row} is longer than B = ${normBound}: scale it before it is encrypted, or drop it`,
      );
    }
    if (largest > featureBound) throw new ParameterError(`row ${row} holds a feature beyond ±${featureBound}`);
    const label = labels[row];
    const known = labelSet === 'binary' ? label === 0 || label === 1 : Math.abs(label) <= labelSet;
    if (!known) {
      throw new ParameterError(
        `the label of row ${row} is not ${labelSet === 'binary' ? '0 or 1' : `within ±${labelSet}`}`,
      );
    }
  }
}
