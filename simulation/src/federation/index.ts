// The door `@sumus/simulation/federation`.

export { type Dice, diceOf, type RandomBytes, type Seed, seededBytes } from '../seeds/seeded.ts';
export { type Moment, VirtualTime } from '../time/virtual-time.ts';
export { type AgainstClear, againstClear, inClear, type SumOfRun } from './against-clear.ts';
export type {
  Answered,
  Began,
  Ended,
  FaultHappened,
  Happening,
  HappeningKind,
  MemberIsOut,
  PhaseBegan,
  RoundBegan,
  RoundCost,
  RoundEndedWithout,
  RoundReleased,
  Trained,
} from './happening.ts';
export { type Simulated, type SimulationOptions, simulate } from './simulate.ts';
