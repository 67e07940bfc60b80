// The door `@sumus/federation/model`: the network of a plan. Participants.
export { architectureData, architectureOf, firstWeightsOf } from './model.ts';
