// Rows for tests, from a seed.

import { type CheckedRows, checkRows } from './rows.ts';

export function seededNumbers(seed: number): () => number {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Logistic data around a hidden direction; features in [0, 1], the last a constant 1, every row within B = √columns. */
export function madeRows({
  count,
  columns,
  seed,
}: {
  readonly count: number;
  readonly columns: number;
  readonly seed: number;
}): CheckedRows {
  const next = seededNumbers(seed);
  const direction = Array.from({ length: columns - 1 }, () => 6 * next() - 3);
  const features = new Float64Array(count * columns);
  const labels = new Float64Array(count);
  for (let i = 0; i < count; i += 1) {
    let z = 0;
    for (let j = 0; j < columns - 1; j += 1) {
      const x = next();
      features[i * columns + j] = x;
      z += direction[j] * (x - 0.5);
    }
    features[i * columns + columns - 1] = 1;
    labels[i] = next() < 1 / (1 + Math.exp(-z)) ? 1 : 0;
  }
  return checkRows({ features, columns, labels, normBound: Math.sqrt(columns), featureBound: 1, labelSet: 'binary' });
}

/** Rows nearly all alike and nearly all of one label, which drive an un-projected Nesterov run out of [−8, 8]. */
export function rowsThatLeave(count = 400): CheckedRows {
  const columns = 16;
  const next = seededNumbers(7);
  const features = Float64Array.from({ length: count * columns }, () => 0.8 + 0.2 * next());
  const labels = Float64Array.from({ length: count }, () => (next() < 0.9 ? 0 : 1));
  return checkRows({ features, columns, labels, normBound: Math.sqrt(columns), featureBound: 1, labelSet: 'binary' });
}

export function unitRows(rows: CheckedRows): CheckedRows {
  const { features, columns, labels, labelSet } = rows;
  const scaled = Float64Array.from(features, (x) => x / rows.normBound);
  return checkRows({ features: scaled, columns, labels, normBound: 1, labelSet });
}

/** A generator for tests: seeded, not secure. */
export function seededSource(seed: number): { fill(out: Uint8Array): void } {
  const next = seededNumbers(seed);
  return {
    fill: (out) => {
      for (let i = 0; i < out.length; i += 1) out[i] = Math.floor(next() * 256);
    },
  };
}
