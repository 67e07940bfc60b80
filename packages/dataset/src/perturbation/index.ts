// The door of src/perturbation: noise on the data themselves.
export {
  type CellCost,
  type IntegerNoise,
  type NoiseSamplers,
  noisyNumbers,
  type Perturbation,
  type PerturbedCategories,
  type PerturbedNumbers,
  randomisedResponse,
  rowCost,
} from './perturbation.ts';
