// The HELR table under encryption: edin, lbw and pcs, five folds of one seeded shuffle, Nesterov, degree 5, seven iterations of 10/(t +
// 1), with refreshes by the owner (two limbs a level) and without any (one limb a level, N = 2^16). Beside it the same in the clear,
// and in the clear over twenty shuffles: accuracies of 38 test rows move by points from shuffle to shuffle.

import { ownerRefresh } from '@sumus/encrypted-learning/refresh';
import {
  descend,
  type RecipeLiteral,
  recipe,
  selectRows,
  type TrainingPlanLiteral,
} from '@sumus/encrypted-learning/training';
import type { Findings } from '../lattice/row.ts';
import type { BenchOptions, Outcome, Result, Target } from '../report.ts';
import { deviation, equalDecisions, mean, peakGigabytes, score } from './scores.ts';
import { fiveFolds, type HelrName, helrRows } from './sets.ts';
import { TARGETS } from './targets.ts';
import { described, EncryptedTraining } from './train.ts';

const HELR: RecipeLiteral = {
  model: { kind: 'logistic', activation: { degree: 5 } },
  iterations: 7,
  learningRate: { kind: 'harmonic', first: 10 },
  optimiser: 'nesterov',
};

/** The shuffle whose folds are encrypted. */
const SHUFFLE = 1;
const SHUFFLES = 20;

const SETS: readonly { readonly name: HelrName; readonly accuracy: Target; readonly area: Target }[] = [
  { name: 'edin', accuracy: TARGETS.edinAccuracy, area: TARGETS.edinArea },
  { name: 'lbw', accuracy: TARGETS.lbwAccuracy, area: TARGETS.lbwArea },
  { name: 'pcs', accuracy: TARGETS.pcsAccuracy, area: TARGETS.pcsArea },
];

export async function helrRowsOfTable(options: BenchOptions): Promise<Findings> {
  const results: Result[] = [];
  const outcomes: [string, Outcome][] = [];
  const worst = { refreshed: 0, unrefreshed: 0, decisionsPercent: 100 };
  for (const { name, accuracy, area } of options.smoke ? SETS.slice(1, 2) : SETS) {
    const rows = helrRows(name);
    if (rows === undefined) {
      for (const target of [accuracy, area])
        outcomes.push([target.name, { measured: null, reason: `${name} is not here` }]);
      continue;
    }
    results.push(inTheClear(name, rows, options));
    // The long chain's keys alone take seconds.
    for (const refreshed of options.smoke ? [true] : [true, false]) {
      const found = await encryptedFolds(name, rows, refreshed, options);
      results.push(...found.results);
      worst.decisionsPercent = Math.min(worst.decisionsPercent, found.decisionsPercent);
      if (refreshed) {
        worst.refreshed = Math.max(worst.refreshed, found.weightDifference);
        outcomes.push([accuracy.name, { measured: found.accuracyPercent }], [area.name, { measured: found.area }]);
        if (name === 'edin') outcomes.push([TARGETS.edinSeconds.name, { measured: found.slowestFoldSeconds }]);
      } else worst.unrefreshed = Math.max(worst.unrefreshed, found.weightDifference);
    }
  }
  outcomes.push(
    [TARGETS.helrDecisions.name, { measured: worst.decisionsPercent }],
    [TARGETS.helrRefreshed.name, { measured: worst.refreshed }],
    [TARGETS.helrUnrefreshed.name, { measured: worst.unrefreshed }],
    [TARGETS.helrMemory.name, { measured: peakGigabytes() }],
  );
  return { results, outcomes };
}

function inTheClear(name: string, rows: NonNullable<ReturnType<typeof helrRows>>, { smoke }: BenchOptions): Result {
  const accuracies: number[] = [];
  const areas: number[] = [];
  const margins: number[] = [];
  for (let seed = 1; seed <= (smoke ? 1 : SHUFFLES); seed += 1) {
    const folds = fiveFolds(rows.count, seed).map(({ train, test }) => {
      const trajectory = descend(selectRows(rows, train), recipe(HELR));
      margins.push(...trajectory.margins);
      return score(selectRows(rows, test), trajectory.weights);
    });
    accuracies.push(mean(folds.map((fold) => fold.accuracyPercent)));
    areas.push(mean(folds.map((fold) => fold.area)));
  }
  return {
    name: `${name}, in the clear, ${accuracies.length} shuffles`,
    accuracyPercent: mean(accuracies),
    accuracyDeviation: deviation(accuracies),
    area: mean(areas),
    areaDeviation: deviation(areas),
    largestMargin: Math.max(...margins),
  };
}

interface Folds {
  readonly results: readonly Result[];
  readonly accuracyPercent: number;
  readonly area: number;
  readonly decisionsPercent: number;
  readonly weightDifference: number;
  readonly slowestFoldSeconds: number;
}

async function encryptedFolds(
  name: string,
  rows: NonNullable<ReturnType<typeof helrRows>>,
  refreshed: boolean,
  { smoke, say }: BenchOptions,
): Promise<Folds> {
  const folds = fiveFolds(rows.count, SHUFFLE);
  const prepared = new Map<number, EncryptedTraining>();
  const found: {
    difference: number;
    equal: number;
    clear: ReturnType<typeof score>;
    hidden: ReturnType<typeof score>;
    seconds: number;
  }[] = [];
  let line: Result | undefined;
  for (const { train, test } of smoke ? folds.slice(0, 1) : folds) {
    const chosen = selectRows(rows, train);
    const tested = selectRows(rows, test);
    // Folds of one size share plan and keys.
    const training =
      prepared.get(chosen.count) ??
      (await EncryptedTraining.prepare(literalFor(chosen.count, chosen.columns, refreshed)));
    prepared.set(chosen.count, training);
    const run = await training.run(chosen);
    if (run.released.kind === 'refused') throw new Error(`${name}: ${run.released.reason}`);
    const { weights } = run.released;
    const clear = descend(chosen, training.training.recipe).weights;
    found.push({
      difference: weights.reduce((most, weight, j) => Math.max(most, Math.abs(weight - (clear[j] ?? Number.NaN))), 0),
      equal: equalDecisions(tested, weights, clear),
      clear: score(tested, clear),
      hidden: score(tested, weights),
      seconds: run.runSeconds,
    });
    line ??= {
      name: '',
      ...described(training.training),
      refreshedCiphertexts: run.refreshes,
      keySeconds: run.keySeconds,
      encryptSeconds: run.encryptSeconds,
      wallSeconds: run.wallSeconds,
    };
    say(`${name}, ${refreshed ? 'with' : 'without'} refresh: ${run.runSeconds.toFixed(1)} s`);
  }
  const tests = smoke ? (folds[0]?.test.length ?? 1) : rows.count;
  const summary = {
    accuracyPercent: mean(found.map(({ hidden }) => hidden.accuracyPercent)),
    area: mean(found.map(({ hidden }) => hidden.area)),
    decisionsPercent: (100 * found.reduce((sum, { equal }) => sum + equal, 0)) / tests,
    weightDifference: Math.max(...found.map(({ difference }) => difference)),
    slowestFoldSeconds: Math.max(...found.map(({ seconds }) => seconds)),
  };
  const result: Result = {
    ...line,
    ...summary,
    name: `${name}, encrypted, ${refreshed ? 'with refresh' : 'without refresh'}, ${found.length} folds`,
    clearAccuracyPercent: mean(found.map(({ clear }) => clear.accuracyPercent)),
    clearArea: mean(found.map(({ clear }) => clear.area)),
    ...(name === 'edin' && refreshed
      ? { published: '3.6 min a fold, on more cores and weaker (80-bit) parameters' }
      : {}),
  };
  return { results: [result], ...summary };
}

function literalFor(rowCount: number, columns: number, refreshed: boolean): TrainingPlanLiteral {
  const shape = {
    recipe: HELR,
    rowCount,
    columns,
    featureBound: 1,
    encryptedWith: 'secret key',
    weightBound: 16,
    watchMargins: true,
  } as const;
  return refreshed ? { ...shape, refresh: ownerRefresh, largestDegree: 32768 } : { ...shape, limbs: 'single' };
}
