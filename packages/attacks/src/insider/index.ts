// The door `@sumus/attacks/insider`: a participant that makes pictures of a class it never had, out of the model that everybody gets.
export { type InsiderOutcome, type InsiderRound, type InsiderRun, runInsider } from './insider-run.ts';
export type { ParticipantNoise } from './open-sum.ts';
export { type Prototype, prototypeOf } from './prototype.ts';
