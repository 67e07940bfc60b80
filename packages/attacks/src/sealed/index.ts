// The door `@sumus/attacks/sealed`: what the same attacker has of an update that only a sum opens.
export { addMask, readWords, wordsOf } from './words.ts';
