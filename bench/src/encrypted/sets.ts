// The data of the encrypted bench, as checked rows: HELR's sets, Adult and MNIST 3-versus-8. Read from where they lie beside the
// repository (SUMUS_MNIST, SUMUS_HELR, SUMUS_ADULT say otherwise); undefined where they do not.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readIdx } from '@sumus/dataset/idx';
import { type CheckedRows, checkRows } from '@sumus/encrypted-learning/training';

const beside = join(fileURLToPath(new URL('../../../', import.meta.url)), '../shared/data');
const folders = {
  helr: process.env['SUMUS_HELR'] ?? join(beside, 'helr'),
  adult: process.env['SUMUS_ADULT'] ?? join(beside, 'adult'),
  mnist: process.env['SUMUS_MNIST'] ?? join(beside, 'mnist'),
};

export interface Split {
  readonly train: CheckedRows;
  readonly test: CheckedRows;
}

export type HelrName = 'edin' | 'lbw' | 'pcs';

/** Columns min–max scaled over the whole set, and a constant 1. */
export function helrRows(name: HelrName): CheckedRows | undefined {
  const path = join(folders.helr, `${name}.txt`);
  if (!existsSync(path)) return undefined;
  const lines = readFileSync(path, 'utf8')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const rows = lines.map((line) => line.split('\t').map(Number));
  const width = (rows[0]?.length ?? 1) - 1;
  const ranges = Array.from({ length: width }, (_, j) => {
    const column = rows.map((row) => row[j] ?? Number.NaN);
    return { low: Math.min(...column), high: Math.max(...column) };
  });
  const features = rows.flatMap((row) => [
    ...ranges.map(({ low, high }, j) => (high > low ? ((row[j] ?? Number.NaN) - low) / (high - low) : 0)),
    1,
  ]);
  return checkRows({
    features: Float64Array.from(features),
    columns: width + 1,
    labels: Float64Array.from(rows, (row) => row[width] ?? Number.NaN),
    normBound: Math.sqrt(width + 1),
    featureBound: 1,
    labelSet: 'binary',
  });
}

/** Five folds of a shuffle that follows from a seed: the rows of fold k and the others. */
export function fiveFolds(
  count: number,
  seed: number,
): readonly { readonly train: Uint32Array; readonly test: Uint32Array }[] {
  const order = shuffled(count, seed);
  return Array.from({ length: 5 }, (_, k) => ({
    train: order.filter((_row, place) => place % 5 !== k),
    test: order.filter((_row, place) => place % 5 === k),
  }));
}

export function shuffled(count: number, seed: number): Uint32Array {
  const next = numbersFrom(seed);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i -= 1) {
    const j = Math.floor(next() * (i + 1));
    const held = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = held;
  }
  return order;
}

/** Uniform in [0, 1), from a seed: a bench is a simulation. */
export function numbersFrom(seed: number): () => number {
  let state = (Math.imul(seed, 0x9e3779b1) + 0x7f4a7c15) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * HELR's 14 × 14: 3s and 8s in their order, q = ⌊pixel/32⌋, ⌊mean of each 2 × 2 block of q⌋; label 1 for an 8. `scaling`: 'helr'
 * over 7 and a constant 1; 'unit': block means of pixels/255, a constant 1, every row scaled to length 1.
 */
export function threeVersusEight(scaling: 'helr' | 'unit'): Split | undefined {
  const train = digitRows('train', scaling);
  const test = digitRows('t10k', scaling);
  return train === undefined || test === undefined ? undefined : { train, test };
}

function digitRows(part: 'train' | 't10k', scaling: 'helr' | 'unit'): CheckedRows | undefined {
  const [imagePath, labelPath] = ['images-idx3', 'labels-idx1'].map((kind) =>
    join(folders.mnist, `${part}-${kind}-ubyte.gz`),
  );
  if (imagePath === undefined || labelPath === undefined || !existsSync(imagePath) || !existsSync(labelPath))
    return undefined;
  const images = readIdx(readFileSync(imagePath)).data;
  const digits = readIdx(readFileSync(labelPath)).data;
  const chosen = Array.from(digits, (digit, i) => ({ digit: Number(digit), i })).filter(
    ({ digit }) => digit === 3 || digit === 8,
  );
  const columns = 197;
  const features = new Float64Array(chosen.length * columns);
  chosen.forEach(({ i }, row) => {
    const at = (y: number, x: number): number => Number(images[i * 784 + y * 28 + x] ?? 0);
    for (let y = 0; y < 14; y += 1) {
      for (let x = 0; x < 14; x += 1) {
        const four = [at(2 * y, 2 * x), at(2 * y, 2 * x + 1), at(2 * y + 1, 2 * x), at(2 * y + 1, 2 * x + 1)];
        const value =
          scaling === 'helr'
            ? Math.floor(four.reduce((sum, pixel) => sum + Math.floor(pixel / 32), 0) / 4) / 7
            : four.reduce((sum, pixel) => sum + pixel / 255, 0) / 4;
        features[row * columns + y * 14 + x] = value;
      }
    }
    features[row * columns + 196] = 1;
  });
  if (scaling === 'unit') scaleRows(features, columns);
  const labels = Float64Array.from(chosen, ({ digit }) => (digit === 8 ? 1 : 0));
  return checkRows({
    features,
    columns,
    labels,
    normBound: scaling === 'unit' ? 1 : Math.sqrt(columns),
    featureBound: 1,
    labelSet: 'binary',
  });
}

function scaleRows(features: Float64Array, columns: number): void {
  for (let start = 0; start < features.length; start += columns) {
    const row = features.subarray(start, start + columns);
    const norm = Math.hypot(...row);
    for (let j = 0; j < columns; j += 1) row[j] = (row[j] ?? 0) / norm;
  }
}

/** Public bounds only: age/100, education-num/16, gains/99999, losses/4356, hours/99, categories one-hot, fnlwgt left out; unit rows. */
export function adult(): Split | undefined {
  const paths = ['adult.data', 'adult.test'].map((name) => join(folders.adult, name));
  if (!paths.every((path) => existsSync(path))) return undefined;
  const [train, test] = paths.map((path) => adultLines(readFileSync(path, 'utf8')));
  if (train === undefined || test === undefined) return undefined;
  const categories = CATEGORICAL.map((column) =>
    [...new Set([...train, ...test].map((line) => line[column] ?? ''))].sort(),
  );
  return { train: adultRows(train, categories), test: adultRows(test, categories) };
}

const NUMERIC: readonly (readonly [column: number, bound: number])[] = [
  [0, 100],
  [4, 16],
  [10, 99999],
  [11, 4356],
  [12, 99],
];
const CATEGORICAL: readonly number[] = [1, 3, 5, 6, 7, 8, 9, 13];

const adultLines = (text: string): readonly (readonly string[])[] =>
  text
    .split(/\r?\n/)
    .slice(1)
    .filter((line) => line.trim() !== '')
    .map((line) => line.split(',').map((field) => field.trim()));

function adultRows(lines: readonly (readonly string[])[], categories: readonly (readonly string[])[]): CheckedRows {
  const columns = NUMERIC.length + categories.reduce((sum, one) => sum + one.length, 0) + 1;
  const features = new Float64Array(lines.length * columns);
  lines.forEach((line, row) => {
    let at = row * columns;
    for (const [column, bound] of NUMERIC) {
      features[at] = Math.min(1, Number(line[column]) / bound);
      at += 1;
    }
    categories.forEach((names, k) => {
      features[at + names.indexOf(line[CATEGORICAL[k] ?? 0] ?? '')] = 1;
      at += names.length;
    });
    features[at] = 1;
  });
  scaleRows(features, columns);
  const labels = Float64Array.from(lines, (line) => ((line[14] ?? '').startsWith('>50K') ? 1 : 0));
  return checkRows({ features, columns, labels, normBound: 1, labelSet: 'binary' });
}
