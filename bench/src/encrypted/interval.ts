// Training that leaves the interval on which a polynomial stands for the sigmoid: made data, in the clear and under encryption. Both
// have to be refused, and the reason is part of the result.

import { ownerRefresh } from '@sumus/encrypted-learning/refresh';
import {
  type CheckedRows,
  checkRows,
  descend,
  type RecipeLiteral,
  RunDiverged,
  recipe,
  releaseToOwner,
} from '@sumus/encrypted-learning/training';
import type { Findings } from '../lattice/row.ts';
import type { BenchOptions } from '../report.ts';
import { numbersFrom } from './sets.ts';
import { TARGETS } from './targets.ts';
import { EncryptedTraining } from './train.ts';

export async function intervalRows({ say }: BenchOptions): Promise<Findings> {
  const columns = 16;
  const next = numbersFrom(1);
  const features = Float64Array.from({ length: 400 * columns }, () => 0.8 + 0.2 * next());
  const labels = Float64Array.from({ length: 400 }, () => (next() < 0.9 ? 0 : 1));
  const rows = checkRows({ features, columns, labels, normBound: 4, labelSet: 'binary' });
  const literal: RecipeLiteral = {
    model: { kind: 'logistic', activation: { degree: 5 } },
    iterations: 7,
    learningRate: { kind: 'harmonic', first: 10 },
    optimiser: 'nesterov',
  };
  const trajectory = descend(rows, recipe(literal));
  const released = releaseToOwner(trajectory);
  const projected = descend(rows, recipe({ ...literal, projectionRadius: 2 }));
  say(`un-projected: ${released.kind}`);
  const hidden = await encrypted(rows, literal);
  say(`un-projected, encrypted: ${hidden.kind}`);
  return {
    results: [
      {
        name: 'un-projected, in the clear',
        largestMargin: Math.min(Number.MAX_VALUE, Math.max(...trajectory.margins)),
        outcome: released.kind,
        reason: released.kind === 'refused' ? released.reason : '',
      },
      {
        name: 'projected on R/B',
        largestMargin: Math.max(...projected.margins),
        outcome: releaseToOwner(projected).kind,
        reason: '',
      },
    ],
    outcomes: [
      [TARGETS.intervalLeft.name, { measured: [released, hidden].filter(({ kind }) => kind === 'refused').length }],
    ],
  };
}

async function encrypted(
  rows: CheckedRows,
  literal: RecipeLiteral,
): Promise<{ readonly kind: 'released' | 'refused'; readonly reason: string }> {
  const training = await EncryptedTraining.prepare({
    recipe: literal,
    rowCount: rows.count,
    columns: rows.columns,
    featureBound: rows.featureBound,
    encryptedWith: 'secret key',
    watchMargins: true,
    refresh: ownerRefresh,
    largestDegree: 32768,
  });
  try {
    const { released } = await training.run(rows);
    return { kind: released.kind, reason: released.kind === 'refused' ? released.reason : '' };
  } catch (error) {
    if (!(error instanceof RunDiverged)) throw error;
    return { kind: 'refused', reason: error.message };
  }
}
