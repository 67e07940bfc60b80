// How good a network is on a set. For classes: accuracy, F1, confusion, calibration, and the area under the curve where there are two. The
// probabilities behind calibration use the runtime's exp: a report, nothing that is trained on.

import type { LossSpec } from '../losses/loss.ts';
import {
  accuracy,
  type ConfusionMatrix,
  confusionMatrix,
  macroReport,
  predictedClasses,
} from '../metrics/classification.ts';
import { expectedCalibrationError } from '../metrics/probabilities.ts';
import { areaUnderCurve } from '../metrics/ranking.ts';
import type { Network } from '../network/network.ts';
import { type DataSet, exampleCount } from './data-set.ts';

export interface ClassEvaluation {
  readonly accuracy: number;
  readonly macroF1: number;
  readonly confusion: ConfusionMatrix;
  readonly calibrationError: number;
  /** Of class 1, where there are two classes. */
  readonly areaUnderCurve: number | undefined;
}

export interface Evaluation {
  readonly meanLoss: number;
  readonly exampleCount: number;
  /** Where the loss is cross-entropy. */
  readonly classes: ClassEvaluation | undefined;
}

export function evaluate(network: Network, data: DataSet, loss: LossSpec): Evaluation {
  const count = exampleCount(data, network);
  const { meanLoss } = network.losses(data, loss);
  const { targets } = data;
  const isLabels = loss.kind === 'crossEntropy' && targets instanceof Uint32Array;
  const classes = isLabels ? evaluateClasses(network.predict(data.inputs), targets, network.outputSize) : undefined;
  return { meanLoss, exampleCount: count, classes };
}

function evaluateClasses(scores: Float32Array, labels: Uint32Array, classCount: number): ClassEvaluation {
  const predictions = predictedClasses(scores, classCount);
  const confusion = confusionMatrix(predictions, labels, classCount);
  const probabilities = softmaxRows(scores, classCount);
  return {
    accuracy: accuracy(predictions, labels),
    macroF1: macroReport(confusion).f1,
    confusion,
    calibrationError: expectedCalibrationError(probabilities, labels, { classCount }),
    areaUnderCurve: classCount === 2 ? binaryArea(probabilities, labels) : undefined,
  };
}

/** Undefined where only one of the two classes occurs. */
function binaryArea(probabilities: Float64Array, labels: Uint32Array): number | undefined {
  const positives = labels.reduce((sum, label) => sum + label, 0);
  if (positives === 0 || positives === labels.length) return undefined;
  return areaUnderCurve(
    Float64Array.from(labels, (_, i) => probabilities[2 * i + 1]),
    labels,
  );
}

function softmaxRows(scores: Float32Array, classCount: number): Float64Array {
  const probabilities = Float64Array.from(scores);
  for (let row = 0; row < scores.length; row += classCount) {
    const own = probabilities.subarray(row, row + classCount);
    const largest = own.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    let total = 0;
    for (let c = 0; c < classCount; c++) total += own[c] = Math.exp(own[c] - largest);
    for (let c = 0; c < classCount; c++) own[c] /= total;
  }
  return probabilities;
}
