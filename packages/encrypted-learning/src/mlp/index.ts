// The door `@sumus/encrypted-learning/mlp`: a network with one hidden layer, trained on ciphertexts. Start at recipe.ts.

export { ParameterError } from '../errors.ts';
export { mlpTraining } from './circuit.ts';
export { type MlpWeights, packBlock, packWeights, unpackWeights } from './packing.ts';
export { type MlpLiteral, type MlpRecipe, mlpRecipe } from './recipe.ts';
