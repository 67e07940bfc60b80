// The area under the ROC curve: the chance that a positive example scores above a negative one, a tie counting one half
// (Hanley and McNeil 1982; the Mann-Whitney statistic over the number of pairs). Exact: the statistic is counted in integers of
// half pairs, and only the last division rounds.

import { ParameterError } from '../errors.ts';
import { requireFinite, requireLabels, requireSameLength } from './refusals.ts';

/** Labels are 0 or 1, both must occur. Any finite scores: only their order counts. */
export function areaUnderCurve(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  requireSameLength('scores', scores.length, 'labels', labels.length);
  requireLabels('label', labels, 2);
  requireFinite('score', scores);
  const order = Float64Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a] - scores[b]);

  let negatives = 0;
  let positives = 0;
  let halfPairs = 0;
  for (let from = 0; from < order.length; ) {
    // Examples of one score rank together.
    let tiedNegatives = 0;
    let tiedPositives = 0;
    let to = from;
    while (to < order.length && scores[order[to]] === scores[order[from]]) {
      if (labels[order[to]] === 1) tiedPositives += 1;
      else tiedNegatives += 1;
      to += 1;
    }
    halfPairs += tiedPositives * (2 * negatives + tiedNegatives);
    negatives += tiedNegatives;
    positives += tiedPositives;
    from = to;
  }
  if (negatives === 0 || positives === 0) throw new ParameterError('the area under the curve needs labels 0 and 1');
  if (2 * positives * negatives > Number.MAX_SAFE_INTEGER) throw new ParameterError('too many pairs to count exactly');
  return halfPairs / (2 * positives * negatives);
}
