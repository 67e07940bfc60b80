// The door `@sumus/federation/explain`: a plan in plain words. Not for the server, which gets the text: sizes come from doors of
// secure-sum that participants use.
export type { RoundBytes } from './bytes.ts';
export { type Explanation, explain } from './explain.ts';
export type { PrivacyInWords } from './privacy-in-words.ts';
export { explanationText } from './text.ts';
