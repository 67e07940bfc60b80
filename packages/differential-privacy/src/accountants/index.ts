export type { AccountantName, Answer, Bound, Interval, Refusal } from './answer.ts';
export { gaussianDelta, pureEpsilon, sampledGaussianDelta } from './closed-form.ts';
export { concentratedEpsilon } from './concentrated.ts';
export { type ExactMethod, exactEpsilon } from './exact.ts';
export { gaussianApproximation } from './gaussian-approximation.ts';
export type { History } from './history.ts';
export { renyiEpsilon } from './renyi.ts';
export { tightestEpsilon } from './tightest.ts';
