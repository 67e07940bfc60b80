// The door `@sumus/learning/metrics`.

export {
  accuracy,
  type ClassReport,
  type ConfusionMatrix,
  classReports,
  confusionMatrix,
  type MacroReport,
  macroReport,
  predictedClasses,
  topAccuracy,
} from './classification.ts';
export {
  type CalibrationBin,
  calibrationBins,
  expectedCalibrationError,
  logLoss,
  SMALLEST_PROBABILITY,
} from './probabilities.ts';
export { areaUnderCurve } from './ranking.ts';
export { mean, standardDeviation, sum } from './summary.ts';
