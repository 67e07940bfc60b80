// The door `@sumus/differential-privacy/selection`.
export { type Frame, priceOfSparseVector, priceOfTopK, priceOfUpload } from './prices.ts';
export {
  type Selected,
  type SelectiveChoice,
  type SelectiveCost,
  selectiveCost,
  selectUpload,
} from './shokri-shmatikov.ts';
export {
  AboveThreshold,
  NumericSparse,
  type NumericSparseChoice,
  type SparseAnswer,
  type SparseVectorChoice,
} from './sparse-vector.ts';
export { type TopK, type TopKChoice, topK } from './top-k.ts';
