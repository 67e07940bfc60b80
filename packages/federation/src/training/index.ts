// The door `@sumus/federation/training`: a participant's local work, where its data are. Participants.
export {
  type LocalData,
  type LocalResult,
  type LocalTask,
  LocalTraining,
  type LocalUpdate,
} from './local-training.ts';
export { type RandomBytes, randomSourceOf, randomWordsOf } from './own-randomness.ts';
export type { TooFew } from './units.ts';
