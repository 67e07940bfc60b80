// The door `@sumus/secure-sum/high-water`: a participant enters every round once.
export {
  confirmEntry,
  decodeHighWater,
  type EnteredRound,
  encodeHighWater,
  type HighWater,
  nothingEntered,
  type ProposedEntry,
  proposeEntry,
  resumeAbove,
} from './high-water.ts';
