// The door `@sumus/encrypted-learning/prediction`: a network of `learning` on encrypted inputs. A model becomes a polynomial network, gets
// units in which nothing exceeds 1, and then one of two circuits: many examples at once, or one example soon. Argmax is the client's.

export { ParameterError } from '../errors.ts';
export { type BoundedNetwork, boundedNetwork, precisionBitsFor } from './bounded-network.ts';
export {
  type LinearBounds,
  type LinearLayout,
  linearExamples,
  linearScores,
  linearScoresOf,
  linearWeights,
  packLinearExamples,
  SCORES,
} from './encrypted-linear.ts';
export {
  examplesAtOnce,
  type OfferedLayout,
  type OfferedPacking,
  offeredInputs,
  offeredOutputNames,
  offeredOutputs,
  offeredParameters,
  offerText,
  type PredictionOffer,
  parseOffer,
  predictionOffer,
} from './offer.ts';
export { evaluateNetwork, type PolynomialNetwork, polynomialNetwork, type Stage } from './polynomial-network.ts';
export {
  type ExamplesPacking,
  type ExamplesPackingOptions,
  examplesOutputs,
  packExamples,
  packedExamples,
  packedWeights,
  type WeightSecrecy,
} from './slots-are-examples.ts';
export {
  exampleOutputs,
  type FeaturesPacking,
  packedDiagonals,
  packedExample,
  packOneExample,
} from './slots-are-features.ts';
