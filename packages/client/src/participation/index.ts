// The door `@sumus/client/participation`: a participant of a run, over a network.
export type { HowItEnded, Outcome } from './outcome.ts';
export { Participation, type ParticipationSetup } from './participation.ts';
export type { Progress } from './progress.ts';
