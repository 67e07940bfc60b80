// The door `@sumus/attacks/first-layer`: what a server that follows the protocol reads out of one aggregated gradient.
export { type FirstLayerGradient, firstLayerGradient, type Layout } from './first-layer-gradient.ts';
export { type Candidates, quotients } from './quotients.ts';
