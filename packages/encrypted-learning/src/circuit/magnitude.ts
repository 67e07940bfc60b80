// Bounds on what a circuit can hold, from the bounds of its inputs alone: |number| in every slot of every operation. Worst cases, rounded
// up by nobody: products of doubles, whose own error is far below the slack of whoever uses them. `declare` replaces a bound by a better
// one that the circuit cannot see; bounds of polynomials hold on all of [−m, m], not on a grid only.

import type { Circuit } from './circuit.ts';
import type { Operation } from './operation.ts';
import { plainMagnitude } from './plain.ts';

/** One bound for every operation. */
export function magnitudesOf({ operations }: Circuit): readonly number[] {
  const bounds: number[] = [];
  for (const operation of operations) bounds.push(magnitudeOf(operation, bounds));
  return bounds;
}

function magnitudeOf(operation: Operation, known: readonly number[]): number {
  switch (operation.kind) {
    case 'input':
    case 'declare':
      return operation.magnitude;
    case 'add':
    case 'subtract':
      return known[operation.a] + known[operation.b];
    case 'sum':
      return operation.terms.reduce((total, at) => total + known[at], 0);
    case 'add plain':
      return known[operation.a] + plainMagnitude(operation.plain);
    case 'combination':
      return operation.terms.reduce(
        (total, { a, factor }) => total + known[a] * plainMagnitude(factor),
        Math.abs(operation.constant),
      );
    case 'product':
      return operation.pairs.reduce((total, { a, b }) => total + known[a] * known[b], 0);
    case 'inner sum':
      return known[operation.a] * operation.count;
    case 'transform':
      return known[operation.a] * largestRowSum(operation.diagonals);
    case 'polynomial':
      return largestOn(operation.coefficients, known[operation.a]);
    case 'negate':
    case 'rotate':
    case 'refresh':
      return known[operation.a];
    default:
      return operation satisfies never;
  }
}

/** max over rows of Σ |entry|. */
function largestRowSum(diagonals: ReadonlyMap<number, Float64Array>): number {
  let sums = new Float64Array(0);
  for (const values of diagonals.values()) {
    if (sums.length === 0) sums = new Float64Array(values.length);
    values.forEach((value, slot) => {
      sums[slot] += Math.abs(value);
    });
  }
  return sums.reduce((largest, value) => Math.max(largest, value), 0);
}

const GRID = 4096;

/** A bound on |p| over [−m, m]: the largest of a grid and what p can rise between its points, or Σ |c_i|·m^i if that is less. */
export function largestOn(coefficients: readonly number[], m: number): number {
  const absolute = (c: readonly number[]): number => c.reduceRight((sum, x) => sum * m + Math.abs(x), 0);
  const slope = absolute(coefficients.slice(1).map((c, i) => c * (i + 1)));
  let largest = 0;
  for (let i = 0; i <= GRID; i++) {
    const x = m * ((2 * i) / GRID - 1);
    largest = Math.max(largest, Math.abs(coefficients.reduceRight((sum, c) => sum * x + c, 0)));
  }
  return Math.min(absolute(coefficients), largest + (slope * m) / GRID);
}
