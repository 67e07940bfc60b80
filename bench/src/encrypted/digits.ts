// MNIST 3-versus-8 as HELR has it: 11,982 × 196 and a constant, batches of 1,024, 32 iterations of Nesterov with a constant step, degree 7
// on ±12. The twin in the clear over five shuffles; encrypted, one whole run, or three iterations where SUMUS_ITERATIONS says so.

import { ownerRefresh } from '@sumus/encrypted-learning/refresh';
import { descend, type RecipeLiteral, recipe, releaseToOwner, selectRows } from '@sumus/encrypted-learning/training';
import type { Findings } from '../lattice/row.ts';
import type { BenchOptions, Outcome, Result } from '../report.ts';
import { deviation, equalDecisions, mean, peakGigabytes, score } from './scores.ts';
import { shuffled, threeVersusEight } from './sets.ts';
import { TARGETS } from './targets.ts';
import { described, EncryptedTraining } from './train.ts';

const ITERATIONS = 32;
const DIGITS: RecipeLiteral = {
  model: { kind: 'logistic', activation: { degree: 7, interval: 12 } },
  iterations: ITERATIONS,
  learningRate: { kind: 'constant', rate: 0.6 },
  optimiser: 'nesterov',
  batchSize: 1024,
};
const SEEDS = [1, 2, 3, 4, 5] as const;

export async function digitRowsOfTable(options: BenchOptions): Promise<Findings> {
  const found = threeVersusEight('helr');
  if (found === undefined) {
    const missing: Outcome = { measured: null, reason: 'MNIST is not here' };
    return {
      results: [],
      outcomes: [TARGETS.digitsTwin, TARGETS.digitsEncrypted, TARGETS.digitsMemory].map(({ name }) => [name, missing]),
    };
  }
  const { train, test } = found;
  const results: Result[] = [];
  const scores = (options.smoke ? SEEDS.slice(0, 1) : SEEDS).map((seed) => {
    const trajectory = descend(selectRows(train, shuffled(train.count, seed)), recipe(DIGITS));
    const released = releaseToOwner(trajectory);
    if (released.kind === 'refused') throw new Error(released.reason);
    return { ...score(test, released.weights), margin: Math.max(...trajectory.margins) };
  });
  const accuracies = scores.map(({ accuracyPercent }) => accuracyPercent);
  results.push({
    name: `MNIST 3v8, in the clear, ${scores.length} shuffles`,
    accuracyPercent: mean(accuracies),
    accuracyDeviation: deviation(accuracies),
    area: mean(scores.map(({ area }) => area)),
    largestMargin: Math.max(...scores.map(({ margin }) => margin)),
  });
  options.say(`MNIST 3v8 in the clear: ${mean(accuracies).toFixed(2)} %`);
  const iterations = options.smoke ? 2 : Number(process.env['SUMUS_ITERATIONS'] ?? ITERATIONS);
  const rows = selectRows(train, options.smoke ? shuffled(train.count, 1).slice(0, 1024) : shuffled(train.count, 1));
  const literal: RecipeLiteral = { ...DIGITS, iterations };
  const training = await EncryptedTraining.prepare({
    recipe: literal,
    rowCount: rows.count,
    columns: rows.columns,
    featureBound: 1,
    encryptedWith: 'secret key',
    weightBound: 8,
    watchMargins: true,
    refresh: ownerRefresh,
    largestDegree: 32768,
  });
  const run = await training.run(rows, (section) => options.say(`MNIST 3v8: ${section}`));
  if (run.released.kind === 'refused') throw new Error(run.released.reason);
  const { weights } = run.released;
  const clear = descend(rows, training.training.recipe).weights;
  const whole = iterations === ITERATIONS;
  const minutes = (run.runSeconds * (ITERATIONS / iterations)) / 60;
  results.push({
    name: `MNIST 3v8, encrypted, ${iterations} iterations${whole ? '' : ' (time of 32 extrapolated)'}`,
    ...described(training.training),
    ...score(test, weights),
    weightDifference: weights.reduce(
      (most, weight, j) => Math.max(most, Math.abs(weight - (clear[j] ?? Number.NaN))),
      0,
    ),
    decisionsPercent: (100 * equalDecisions(test, weights, clear)) / test.count,
    keySeconds: run.keySeconds,
    encryptSeconds: run.encryptSeconds,
    runSeconds: run.runSeconds,
    wallSeconds: run.wallSeconds,
    refreshedCiphertexts: run.refreshes,
    minutesOf32: minutes,
    extrapolated: !whole,
    published: '68 min on 8 threads, 10 GB (HELR repository); about 2 h (eprint 2018/662)',
  });
  return {
    results,
    outcomes: [
      [TARGETS.digitsTwin.name, { measured: mean(accuracies) }],
      [TARGETS.digitsEncrypted.name, { measured: minutes }],
      [TARGETS.digitsMemory.name, { measured: peakGigabytes() }],
    ],
  };
}
