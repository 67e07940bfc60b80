// y = x·W + b. The gradient of example i is x_i ⊗ δ_i, whose squared norm is |x_i|²·|δ_i|²: no example's gradient is ever formed
// (Goodfellow, arXiv 1510.01799).

import type { Engine } from '../engine/engine.ts';
import type { Layer, ParameterGradients, Pass, Tensor } from './layer.ts';

export interface DensePlaces {
  /** Address of the weights (inputs × units, row-major), and of the biases or 0. */
  readonly weight: number;
  readonly bias: number;
  /** Offsets in floats in a flat vector of gradients. */
  readonly weightOffset: number;
  readonly biasOffset: number;
}

export function denseLayer(engine: Engine, input: Tensor, units: number, places: DensePlaces, maxBatch: number): Layer {
  const { matrix, memory, vectors } = engine;
  const output: Tensor = {
    value: memory.reserveFloats(maxBatch * units),
    gradient: memory.reserveFloats(maxBatch * units),
    size: units,
  };
  const features = input.size;
  const scratch = memory.reserve(matrix.gemmScratchBytes(Math.max(units, features)));
  const scaled = memory.reserveFloats(maxBatch * units);
  const inputSquares = memory.reserve(8 * maxBatch);
  const gradientSquares = memory.reserve(8 * maxBatch);
  const hasBias = places.bias !== 0;

  /** target (+)= xᵀ·δ over `count` rows. */
  const outerProducts = (target: number, x: number, delta: number, count: number, fresh: boolean): void => {
    const weights = target + 4 * places.weightOffset;
    matrix.gemm(features, units, count, x, 1, features, delta, units, 1, weights, units, fresh ? 0 : 1, scratch);
    if (!hasBias) return;
    const bias = target + 4 * places.biasOffset;
    if (fresh) memory.f32(bias, units).fill(0);
    vectors.addRows(bias, delta, count, units, units);
  };

  const parameters: ParameterGradients = {
    sum(target, first, count, fresh) {
      outerProducts(target, input.value + 4 * first * features, output.gradient + 4 * first * units, count, fresh);
    },
    addSquaredNorms(norms, count) {
      vectors.rowSumsOfSquares(inputSquares, input.value, count, features);
      vectors.rowSumsOfSquares(gradientSquares, output.gradient, count, units);
      const x = memory.f64(inputSquares, count);
      const delta = memory.f64(gradientSquares, count);
      // The bias acts as one more input that is always 1.
      for (let i = 0; i < count; i++) norms[i] += (x[i] + (hasBias ? 1 : 0)) * delta[i];
    },
    addWeightedSum(target, factors, count) {
      vectors.scaleRows(scaled, output.gradient, factors, count, units);
      outerProducts(target, input.value, scaled, count, false);
    },
  };

  return {
    output,
    parameters,
    forward({ count }: Pass) {
      if (hasBias) vectors.repeatRow(output.value, places.bias, count, units);
      const accumulate = hasBias ? 1 : 0;
      matrix.gemm(
        count,
        units,
        features,
        input.value,
        features,
        1,
        places.weight,
        units,
        1,
        output.value,
        units,
        accumulate,
        scratch,
      );
    },
    backward({ count }: Pass) {
      if (input.gradient === 0) return;
      // dx = δ·Wᵀ
      matrix.gemm(
        count,
        features,
        units,
        output.gradient,
        units,
        1,
        places.weight,
        1,
        units,
        input.gradient,
        features,
        0,
        scratch,
      );
    },
  };
}
