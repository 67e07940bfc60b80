// The door `@sumus/client/participation`: a participant of a run, over a network.
export type { HowItEnded, Outcome } from './outcome.ts';
export type { Progress } from './progress.ts';
