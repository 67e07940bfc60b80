// Rows of a table by token. The gradient of an example touches the rows of its tokens only: its norm comes from pairs of equal tokens.

import type { Engine } from '../engine/engine.ts';
import type { Layer, Tensor } from './layer.ts';

export interface EmbeddingPlaces {
  readonly weight: number;
  readonly weightOffset: number;
  /** Floats in the table. */
  readonly length: number;
}

/** `input` holds tokens, one float each, checked to be integers below the vocabulary. */
export function embeddingLayer(
  { memory, tokens }: Engine,
  input: Tensor,
  width: number,
  places: EmbeddingPlaces,
  maxBatch: number,
): Layer {
  const size = input.size * width;
  const output: Tensor = {
    value: memory.reserveFloats(maxBatch * size),
    gradient: memory.reserveFloats(maxBatch * size),
    size,
  };
  const rowsOf = (example: number): number => output.gradient + 4 * example * size;
  const tokensOf = (example: number): number => input.value + 4 * example * input.size;
  return {
    output,
    parameters: {
      sum(target, first, count, fresh) {
        const table = target + 4 * places.weightOffset;
        if (fresh) memory.f32(table, places.length).fill(0);
        tokens.scatterRows(table, rowsOf(first), tokensOf(first), count * input.size, width, 1);
      },
      addSquaredNorms(norms, count) {
        for (let i = 0; i < count; i++) {
          norms[i] += tokens.scatteredSquares(rowsOf(i), tokensOf(i), input.size, width);
        }
      },
      addWeightedSum(target, factors, count) {
        const table = target + 4 * places.weightOffset;
        const weights = memory.f32(factors, count);
        for (let i = 0; i < count; i++) {
          tokens.scatterRows(table, rowsOf(i), tokensOf(i), input.size, width, weights[i]);
        }
      },
    },
    forward({ count }) {
      tokens.gatherRows(output.value, places.weight, input.value, count * input.size, width);
    },
    backward() {},
  };
}
