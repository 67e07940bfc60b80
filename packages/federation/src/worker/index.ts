// The door `@sumus/federation/worker`: where the data are. For participants.
export { type FeatureMapTools, type FeatureShape, featureMapOf, featuresOfPlan } from './features-of-plan.ts';
export {
  networkOf,
  preparedInputs,
  type Worker,
  type WorkerData,
  type WorkerTools,
  type WorkResult,
  workerOf,
} from './worker.ts';
