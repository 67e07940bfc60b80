// The door `@sumus/attacks/imprint`: what a server that chooses the first weights reads out of one aggregated gradient.
export { binGradients, brightness, expectedAlone, imprint, isolated, thresholds } from './imprint.ts';
