// The door `@sumus/federation/privacy`: whether one more round is paid for. Participants; a coordinator asks paid-rounds.ts alone.
export { type Entry, mayEnter, type RoundToEnter } from './may-enter.ts';
export { paidRounds } from './paid-rounds.ts';
