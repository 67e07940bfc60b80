// The door `@sumus/simulation/federation`.
export { type Dice, diceOf, type RandomBytes, type Seed, seededBytes } from '../seeds/seeded.ts';
export { type Moment, VirtualTime } from '../time/virtual-time.ts';
