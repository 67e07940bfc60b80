export { type Inverse, noiseFor, samplingRateFor, stepsWithin, type Target } from './inverse.ts';
