// The door `@sumus/learning/training`.
export type { DataSet } from './data-set.ts';
export { type ClassEvaluation, type Evaluation, evaluate } from './evaluation.ts';
export { type GradientSource, localGradients, type MicroBatch, type MicroGradient } from './gradient-source.ts';
export {
  type EndEvent,
  type EpochEvent,
  type StepEvent,
  type TrainingEvent,
  type TrainingOptions,
  train,
} from './train.ts';
export { type Endpoint, serveGradients, workerGradients } from './worker-gradients.ts';
