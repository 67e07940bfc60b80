// What doing without clipping saves: levels and time of one iteration at degree 7, on the rows of edin scaled to unit length. Clipped to
// ½ by a polynomial of degree 15 in ‖g‖², whose error is in the results; each on the chain that its own depth asks for.

import { ownerRefresh } from '@sumus/encrypted-learning/refresh';
import {
  type CheckedRows,
  checkRows,
  clipFactor,
  iterationDepth,
  type RecipeLiteral,
} from '@sumus/encrypted-learning/training';
import type { Findings } from '../lattice/row.ts';
import type { BenchOptions } from '../report.ts';
import { helrRows, numbersFrom } from './sets.ts';
import { TARGETS } from './targets.ts';
import { cpuSeconds, described, EncryptedTraining } from './train.ts';

const RECIPE: RecipeLiteral = {
  model: { kind: 'logistic', activation: { degree: 7 } },
  iterations: 3,
  learningRate: { kind: 'constant', rate: 4 },
  optimiser: 'nesterov',
};
const CLIPPING = { norm: 0.5, largestSquare: 1.1, degree: 15 } as const;

export async function depthRows(options: BenchOptions): Promise<Findings> {
  const found = helrRows('edin');
  const rows = found === undefined || options.smoke ? madeRows() : unitRows(found);
  const clip = clipFactor(CLIPPING);
  const without = await timed(rows, options, undefined);
  const clipped = await timed(rows, options, clip);
  const masked = iterationDepth({ ...without.training, packing: { ...without.training.packing, doubled: false } });
  return {
    results: [
      { name: 'degree 7, no clipping', ...without.quantities, depthMasked: masked },
      {
        name: 'degree 7, clipped to ½, factor of degree 15',
        ...clipped.quantities,
        factorSupError: clip.supError,
        clippedNormInTruth: clip.clippedNorm,
        published: 'depth 24 against 9, 3–5 times the time',
      },
    ],
    outcomes: [
      [TARGETS.depthWithout.name, { measured: without.depth }],
      [TARGETS.depthClipped.name, { measured: clipped.depth }],
      [TARGETS.timeRatio.name, { measured: clipped.seconds / without.seconds }],
    ],
  };
}

async function timed(rows: CheckedRows, { say, smoke }: BenchOptions, clip: ReturnType<typeof clipFactor> | undefined) {
  const recipe = smoke ? { ...RECIPE, iterations: 2 } : RECIPE;
  const prepared = await EncryptedTraining.prepare({
    recipe,
    rowCount: rows.count,
    columns: rows.columns,
    featureBound: 1,
    encryptedWith: 'secret key',
    weightBound: 16,
    refresh: ownerRefresh,
    ...(clip === undefined ? { largestDegree: 32768 } : { clip, levelsBetweenRefreshes: 13 }),
  });
  const { training } = prepared;
  // From the second iteration on: the first has no margins.
  let since = process.cpuUsage();
  const run = await prepared.run(rows, (section) => {
    if (section === 'iteration 2' || section === 'refresh before iteration 2') since = process.cpuUsage();
    say(`${clip === undefined ? 'no clipping' : 'clipped'}: ${section}`);
  });
  const seconds = cpuSeconds(since) / (recipe.iterations - 1);
  if (run.released.kind === 'refused') throw new Error(run.released.reason);
  const depth = iterationDepth({ ...training, ...(clip === undefined ? {} : { clip }) });
  const quantities = {
    ...described(training),
    depthOfAnIteration: depth,
    secondsOfAnIteration: seconds,
    keySeconds: run.keySeconds,
  };
  return { training, depth, seconds, quantities };
}

function unitRows({ features, labels, columns }: CheckedRows): CheckedRows {
  const scaled = Float64Array.from(features);
  for (let start = 0; start < scaled.length; start += columns) {
    const row = scaled.subarray(start, start + columns);
    const norm = Math.hypot(...row);
    for (let j = 0; j < columns; j += 1) row[j] = (row[j] ?? 0) / norm;
  }
  return checkRows({ features: scaled, labels, columns, normBound: 1, labelSet: 'binary' });
}

function madeRows(): CheckedRows {
  const next = numbersFrom(3);
  const features = Float64Array.from({ length: 100 * 4 }, () => next() / 2);
  return checkRows({
    features,
    labels: Float64Array.from({ length: 100 }, () => (next() < 0.5 ? 0 : 1)),
    columns: 4,
    normBound: 1,
    labelSet: 'binary',
  });
}
