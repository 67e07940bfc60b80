// The door `@sumus/differential-privacy/clipping`.
export { type AdaptiveChoice, AdaptiveClipping } from './adaptive.ts';
export { type Bounded, type Clipped, clippedSumSensitivity, sumBounded } from './bounded.ts';
export { clipFlat, clipNormalised, clipPerLayer } from './clip.ts';
