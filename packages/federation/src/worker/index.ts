// The door `@sumus/federation/worker`: where the data are. For participants.
export { type FeatureMapTools, type FeatureShape, featureMapOf, featuresOfPlan } from './features-of-plan.ts';
export { classesOfRows, rowsUnder } from './table-data.ts';
export {
  networkOf,
  preparedExamples,
  preparedInputs,
  type Worker,
  type WorkerData,
  type WorkerTools,
  type WorkResult,
  workerOf,
} from './worker.ts';
