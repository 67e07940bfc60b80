// Metrics of classes: how often right, which class was taken for which, and what follows from that table.
// Scores are rows of `classCount` numbers, one row an example: logits or probabilities, only their order counts here.
// Refused: labels out of range, NaN or infinite scores, nothing to measure, rows that are not whole.

import { ParameterError } from '../errors.ts';
import { requireClassCount, requireFinite, requireLabels, requireSameLength, requireSome } from './refusals.ts';

/** The class of the largest score of every row; of equal ones the first. */
export function predictedClasses(scores: ArrayLike<number>, classCount: number): Uint32Array<ArrayBuffer> {
  const rows = rowsOf(scores, classCount);
  return Uint32Array.from({ length: rows }, (_, row) => {
    let best = 0;
    for (let c = 1; c < classCount; c++) {
      if (scores[row * classCount + c] > scores[row * classCount + best]) best = c;
    }
    return best;
  });
}

/** The share of examples whose label is the prediction. */
export function accuracy(predictions: ArrayLike<number>, labels: ArrayLike<number>): number {
  requireSome('prediction', predictions.length);
  requireSameLength('predictions', predictions.length, 'labels', labels.length);
  requireLabels('prediction', predictions, 2 ** 32);
  requireLabels('label', labels, 2 ** 32);
  let right = 0;
  for (let i = 0; i < labels.length; i++) right += predictions[i] === labels[i] ? 1 : 0;
  return right / labels.length;
}

/**
 * The share of examples whose label is among the k best scores. Among equal scores the lower class comes first, as in
 * predictedClasses: top-1 is the accuracy of those, and a model that scores all alike gains nothing by it.
 */
export function topAccuracy(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  { classCount, k }: { readonly classCount: number; readonly k: number },
): number {
  const rows = rowsOf(scores, classCount);
  requireSameLength('rows of scores', rows, 'labels', labels.length);
  requireLabels('label', labels, classCount);
  if (!Number.isInteger(k) || k < 1 || k > classCount) throw new ParameterError(`top-${k} of ${classCount} classes`);
  let right = 0;
  for (let row = 0; row < rows; row++) {
    const own = scores[row * classCount + labels[row]];
    let ahead = 0;
    for (let c = 0; c < classCount; c++) {
      const other = scores[row * classCount + c];
      if (other > own || (other === own && c < labels[row])) ahead += 1;
    }
    right += ahead < k ? 1 : 0;
  }
  return right / rows;
}

/** counts[label · classCount + prediction] */
export interface ConfusionMatrix {
  readonly classCount: number;
  readonly counts: Uint32Array;
}

export function confusionMatrix(
  predictions: ArrayLike<number>,
  labels: ArrayLike<number>,
  classCount: number,
): ConfusionMatrix {
  requireClassCount(classCount);
  if (classCount > 4096) throw new ParameterError(`a confusion matrix of ${classCount} classes is too large`);
  requireSameLength('predictions', predictions.length, 'labels', labels.length);
  requireLabels('prediction', predictions, classCount);
  requireLabels('label', labels, classCount);
  const counts = new Uint32Array(classCount * classCount);
  for (let i = 0; i < labels.length; i++) counts[labels[i] * classCount + predictions[i]] += 1;
  return { classCount, counts };
}

/**
 * precision = right / predicted, recall = right / present, F1 = 2·right / (predicted + present), the harmonic mean of both.
 * A quotient 0/0 is 0, never NaN: a class that is never predicted has precision 0, one that does not occur has recall 0.
 */
export interface ClassReport {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Examples with this label. */
  readonly support: number;
}

export function classReports({ classCount, counts }: ConfusionMatrix): readonly ClassReport[] {
  return Array.from({ length: classCount }, (_, c): ClassReport => {
    let present = 0;
    let predicted = 0;
    for (let other = 0; other < classCount; other++) {
      present += counts[c * classCount + other];
      predicted += counts[other * classCount + c];
    }
    const right = counts[c * classCount + c];
    return {
      precision: share(right, predicted),
      recall: share(right, present),
      f1: share(2 * right, predicted + present),
      support: present,
    };
  });
}

export interface MacroReport {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Plain means over all classes, those without examples too: F1 is the mean of the F1s, not the F1 of the means. */
export function macroReport(matrix: ConfusionMatrix): MacroReport {
  const reports = classReports(matrix);
  const over = (pick: (report: ClassReport) => number): number =>
    reports.reduce((total, report) => total + pick(report), 0) / reports.length;
  return { precision: over((r) => r.precision), recall: over((r) => r.recall), f1: over((r) => r.f1) };
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

function rowsOf(scores: ArrayLike<number>, classCount: number): number {
  requireClassCount(classCount);
  requireSome('score', scores.length);
  if (scores.length % classCount !== 0) {
    throw new ParameterError(`${scores.length} scores are no whole rows of ${classCount}`);
  }
  requireFinite('score', scores);
  return scores.length / classCount;
}
