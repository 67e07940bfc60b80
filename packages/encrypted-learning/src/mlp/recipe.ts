// What a network with one hidden layer is trained with: agreed on before anything is encrypted, checked once.
//
//   z_h = ⟨w_h, x⟩,  a_h = z_h²,  o = Σ_h v_h·a_h,  loss (o − y)²/2, its mean over all rows of all members.
//
// The square because it is one level deep (CryptoNets16, §3); a linear output and a squared loss because their
// gradient o − y needs none. The last column of x is 1 and is the hidden units' bias. Nobody knows bounds of a network that is being
// trained: `largest` declares them, the twin in the clear checks them, and they are no proof. Nothing here is differentially private:
// the trained model is for those who hold the key.

import { ParameterError } from '../errors.ts';

export interface MlpLiteral {
  /** Numbers of a row, the constant included. */
  readonly features: number;
  readonly hidden: number;
  readonly iterations: number;
  readonly learningRate: number;
  /** Rows of all members together. */
  readonly rows: number;
  /** Ciphertexts of rows, one or more a member. */
  readonly blocks: number;
  /** A power of two; rows of a block are at most slots / features, both rounded up to powers of two. */
  readonly slots: number;
  /** Declared bounds; features lie within 1 of 0. */
  readonly largest: {
    readonly weight: number;
    /** |z_h|, before the square. */
    readonly preActivation: number;
    /** |o|. */
    readonly output: number;
    readonly label: number;
  };
}

export interface MlpRecipe extends MlpLiteral {
  /** Rows of a block: slot f·rowsPerBlock + r holds feature f of row r. */
  readonly rowsPerBlock: number;
}

export function mlpRecipe(literal: MlpLiteral): MlpRecipe {
  const { features, hidden, iterations, learningRate, rows, blocks, slots, largest } = literal;
  for (const [name, value] of Object.entries({ features, hidden, iterations, rows, blocks })) {
    if (!Number.isInteger(value) || value < 1)
      throw new ParameterError(`${name} must be a positive integer, not ${value}`);
  }
  for (const [name, value] of Object.entries({ learningRate, ...largest })) {
    if (!(value > 0) || !Number.isFinite(value))
      throw new ParameterError(`${name} must be a positive number, not ${value}`);
  }
  if (!Number.isInteger(Math.log2(slots))) throw new ParameterError(`${slots} slots are no power of two`);
  const rowsPerBlock = slots / 2 ** Math.ceil(Math.log2(features));
  if (rowsPerBlock < 1) throw new ParameterError(`${features} features do not fit ${slots} slots`);
  if (rows > blocks * rowsPerBlock) {
    throw new ParameterError(`${blocks} blocks of ${rowsPerBlock} rows hold no ${rows} rows`);
  }
  return Object.freeze({ ...literal, largest: Object.freeze({ ...largest }), rowsPerBlock });
}
