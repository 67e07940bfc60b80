// The gradient's data term over consecutive rows, in the clear: Σ_i (p(⟨w, x_i⟩) − y_i) x_i, or for the linear model Σ_i (⟨w, x_i⟩ −
// y_i) x_i; and the terms that no data enters.

import { evaluateAt } from '../approximation/sigmoid.ts';
import type { Recipe } from './recipe.ts';
import type { CheckedRows } from './rows.ts';

export interface RowRange {
  readonly from: number;
  readonly to: number;
}

export interface DataGradient {
  /** Σ, not the mean. */
  readonly sum: Float64Array;
  /** The largest |⟨w, x_i⟩| met: what has to stay within R. NaN or ∞ once a run has left the doubles. */
  readonly largestMargin: number;
}

export function dataGradient(
  rows: CheckedRows,
  { from, to }: RowRange,
  weights: Float64Array,
  { model, activation }: Pick<Recipe, 'model' | 'activation'>,
  clippingNorm?: number,
): DataGradient {
  const { features, labels, columns } = rows;
  const sum = new Float64Array(columns);
  const coefficients = activation?.coefficients;
  let largestMargin = 0;
  for (let row = from; row < to; row += 1) {
    const start = row * columns;
    let z = 0;
    for (let j = 0; j < columns; j += 1) z += weights[j] * features[start + j];
    // Math.max would keep a NaN as well; written out because it is the hot loop.
    if (!(Math.abs(z) <= largestMargin)) largestMargin = Math.abs(z);
    let residual = (coefficients !== undefined ? evaluateAt(coefficients, z) : predicted(model.kind, z)) - labels[row];
    if (clippingNorm !== undefined) residual *= clippingFactor(features, start, columns, residual, clippingNorm);
    for (let j = 0; j < columns; j += 1) sum[j] += residual * features[start + j];
  }
  return { sum, largestMargin };
}

/** min(1, C/‖residual·x‖). */
function clippingFactor(
  features: Float64Array,
  start: number,
  columns: number,
  residual: number,
  clippingNorm: number,
): number {
  let square = 0;
  for (let j = 0; j < columns; j += 1) square += features[start + j] * features[start + j];
  const norm = Math.abs(residual) * Math.sqrt(square);
  return norm > clippingNorm ? clippingNorm / norm : 1;
}

function predicted(kind: Recipe['model']['kind'], z: number): number {
  switch (kind) {
    case 'linear':
      return z;
    case 'logistic':
    case 'logistic-exact':
      return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
    default:
      return kind satisfies never;
  }
}

/** λw + κ(‖w‖²/R_w²)w: the same for every data set, hence of sensitivity zero. */
export function addPublicGradient(gradient: Float64Array, weights: Float64Array, { ridge, barrier }: Recipe): void {
  let pull = ridge;
  if (barrier !== undefined) {
    const square = weights.reduce((sum, w) => sum + w * w, 0);
    pull += (barrier.strength * square) / barrier.radius ** 2;
  }
  if (pull === 0) return;
  for (let j = 0; j < gradient.length; j += 1) gradient[j] += pull * weights[j];
}
