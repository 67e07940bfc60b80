// The door `@sumus/client/worker`: work where the data are, and how far it is.
export type { TrainingProgress, TrainingTask, TrainingWorker } from './training-worker.ts';
export { watchedWorker, workerHere } from './watched-worker.ts';
