// The door `@sumus/attacks/inversion`: inputs by search, whose gradient is the one that was seen.
export { type CosineOptions, matchDirection } from './cosine.ts';
export { deepLeakage, type Matched, type MatchingOptions, type MatchingProgress } from './deep-leakage.ts';
export { lastBiases, leakedLabels } from './labels.ts';
export type { MatchingProblem } from './matching-problem.ts';
