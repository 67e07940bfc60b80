// Training that leaves the interval on which a polynomial stands for the sigmoid: made data, in the clear and under encryption. Both
// have to be refused, and the reason is part of the result.

import { checkRows, descend, recipe, releaseToOwner } from '@sumus/encrypted-learning/training';
import type { Findings } from '../lattice/row.ts';
import type { BenchOptions } from '../report.ts';
import { numbersFrom } from './sets.ts';
import { TARGETS } from './targets.ts';

export async function intervalRows({ say }: BenchOptions): Promise<Findings> {
  const columns = 16;
  const next = numbersFrom(1);
  const features = Float64Array.from({ length: 400 * columns }, () => 0.8 + 0.2 * next());
  const labels = Float64Array.from({ length: 400 }, () => (next() < 0.9 ? 0 : 1));
  const rows = checkRows({ features, columns, labels, normBound: 4, labelSet: 'binary' });
  const literal = {
    model: { kind: 'logistic', activation: { degree: 5 } },
    iterations: 7,
    learningRate: { kind: 'harmonic', first: 10 },
    optimiser: 'nesterov',
  } as const;
  const trajectory = descend(rows, recipe(literal));
  const released = releaseToOwner(trajectory);
  const projected = descend(rows, recipe({ ...literal, projectionRadius: 2 }));
  say(`un-projected: ${released.kind}`);
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
    outcomes: [[TARGETS.intervalLeft.name, { measured: released.kind === 'refused' ? 1 : 0 }]],
  };
}
