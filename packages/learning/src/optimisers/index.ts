// The door `@sumus/learning/optimisers`.
export { Optimiser, type OptimiserSpec, type StepResult } from './optimiser.ts';
export { type Schedule, scheduleFactor } from './schedule.ts';
