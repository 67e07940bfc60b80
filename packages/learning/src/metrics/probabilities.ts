// Metrics of predicted probabilities, rows of `classCount`, one row an example: how surprising the labels are, and whether a
// confidence of 0.8 is right four times in five. Refused: values outside [0, 1], rows that do not sum to 1 within 1e-3, labels out
// of range, nothing to measure.

import { ParameterError } from '../errors.ts';
import { requireClassCount, requireLabels, requireProbabilities, requireSameLength, requireSome } from './refusals.ts';
import { compensatedSum } from './summary.ts';

/** Probabilities below this count as this in logLoss: an impossible label costs 34.5, not infinity. */
export const SMALLEST_PROBABILITY: number = 1e-15;
const SUM_TOLERANCE = 1e-3;

/** The mean of -ln p(label), in nats. */
export function logLoss(probabilities: ArrayLike<number>, labels: ArrayLike<number>, classCount: number): number {
  const rows = requireRows(probabilities, labels, classCount);
  const total = compensatedSum(rows, (row) => {
    return -Math.log(Math.max(probabilities[row * classCount + labels[row]], SMALLEST_PROBABILITY));
  });
  return total / rows;
}

/** Examples whose confidence is in (lower, upper]; the first bin holds 0 as well. */
export interface CalibrationBin {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
  /** Over the bin's examples; 0 where there are none. */
  readonly meanConfidence: number;
  readonly accuracy: number;
}

/**
 * The reliability diagram (Guo et al. 2017, §2): confidence is the largest probability (of equal ones the first class's),
 * `binCount` bins of equal width over [0, 1].
 */
export function calibrationBins(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  { classCount, binCount }: { readonly classCount: number; readonly binCount: number },
): readonly CalibrationBin[] {
  const rows = requireRows(probabilities, labels, classCount);
  if (!Number.isSafeInteger(binCount) || binCount < 1 || binCount > 65536) {
    throw new ParameterError(`${binCount} is no number of bins`);
  }
  const members: { confidence: number; isRight: boolean }[][] = Array.from({ length: binCount }, () => []);
  for (let row = 0; row < rows; row++) {
    let best = 0;
    for (let c = 1; c < classCount; c++) {
      if (probabilities[row * classCount + c] > probabilities[row * classCount + best]) best = c;
    }
    const confidence = probabilities[row * classCount + best];
    members[binOf(confidence, binCount)]?.push({ confidence, isRight: best === labels[row] });
  }
  return members.map((bin, i): CalibrationBin => {
    const over = (pick: (k: number) => number): number =>
      bin.length === 0 ? 0 : compensatedSum(bin.length, pick) / bin.length;
    return {
      lower: i / binCount,
      upper: (i + 1) / binCount,
      count: bin.length,
      meanConfidence: over((k) => bin[k].confidence),
      accuracy: over((k) => (bin[k].isRight ? 1 : 0)),
    };
  });
}

/** Σ (share of examples in the bin) · |accuracy - mean confidence| (Guo et al. 2017, equation 3); 15 bins, as there, unless said. */
export function expectedCalibrationError(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  { classCount, binCount = 15 }: { readonly classCount: number; readonly binCount?: number },
): number {
  const bins = calibrationBins(probabilities, labels, { classCount, binCount });
  const rows = labels.length;
  return compensatedSum(bins.length, (i) => {
    const { count, accuracy, meanConfidence } = bins[i];
    return (count / rows) * Math.abs(accuracy - meanConfidence);
  });
}

/** The bin whose (lower, upper] holds the confidence, by comparison with the very borders that are reported. */
function binOf(confidence: number, binCount: number): number {
  let bin = Math.min(binCount - 1, Math.max(0, Math.ceil(confidence * binCount) - 1));
  while (bin > 0 && confidence <= bin / binCount) bin -= 1;
  while (bin < binCount - 1 && confidence > (bin + 1) / binCount) bin += 1;
  return bin;
}

function requireRows(probabilities: ArrayLike<number>, labels: ArrayLike<number>, classCount: number): number {
  requireClassCount(classCount);
  requireSome('probability', probabilities.length);
  requireSameLength(
    'probabilities',
    probabilities.length,
    `labels of ${classCount} classes`,
    labels.length * classCount,
  );
  requireLabels('label', labels, classCount);
  requireProbabilities(probabilities);
  for (let row = 0; row < labels.length; row++) {
    const total = compensatedSum(classCount, (c) => probabilities[row * classCount + c]);
    if (Math.abs(total - 1) > SUM_TOLERANCE)
      throw new ParameterError(`the probabilities of row ${row} sum to ${total}`);
  }
  return labels.length;
}
