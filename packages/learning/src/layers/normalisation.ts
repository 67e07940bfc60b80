// Layer and group normalisation: ŷ = (x - mean)/√(variance + ε) over an example, or over each group of its channels; y = gain·ŷ + bias.
// Neither looks at other examples, so each example keeps a gradient of its own.

import type { Engine } from '../engine/engine.ts';
import type { Layer, ParameterGradients, Tensor } from './layer.ts';

export interface NormalisationGeometry {
  /** An example is positions × channels; statistics are taken over groups of channels; gain and bias are one a channel. */
  readonly positions: number;
  readonly channels: number;
  readonly groups: number;
  readonly epsilon: number;
}

export interface NormalisationPlaces {
  readonly gain: number;
  readonly bias: number;
  readonly gainOffset: number;
  readonly biasOffset: number;
}

export function normalisationLayer(
  engine: Engine,
  input: Tensor,
  { positions, channels, groups, epsilon }: NormalisationGeometry,
  places: NormalisationPlaces,
  maxBatch: number,
): Layer {
  const { memory, normalisation, vectors } = engine;
  const { size } = input;
  const output: Tensor = {
    value: memory.reserveFloats(maxBatch * size),
    gradient: memory.reserveFloats(maxBatch * size),
    size,
  };
  const hat = memory.reserveFloats(maxBatch * size);
  const scales = new Float32Array(maxBatch * groups);
  const width = channels / groups;
  const exampleLength = 2 * channels;
  let examples = 0;

  /** Adds example's gain and bias gradients at two places. */
  const addExample = (gain: number, bias: number, example: number): void => {
    const gradient = output.gradient + 4 * example * size;
    normalisation.addProductRows(gain, gradient, hat + 4 * example * size, positions, channels);
    vectors.addRows(bias, gradient, positions, channels, channels);
  };

  const parameters: ParameterGradients = {
    sum(target, first, count, fresh) {
      if (fresh) {
        memory.f32(target + 4 * places.gainOffset, channels).fill(0);
        memory.f32(target + 4 * places.biasOffset, channels).fill(0);
      }
      for (let example = first; example < first + count; example++) {
        addExample(target + 4 * places.gainOffset, target + 4 * places.biasOffset, example);
      }
    },
    addSquaredNorms(norms, count) {
      if (examples === 0) examples = memory.reserveFloats(maxBatch * exampleLength);
      memory.f32(examples, count * exampleLength).fill(0);
      for (let example = 0; example < count; example++) {
        const gradient = examples + 4 * example * exampleLength;
        addExample(gradient, gradient + 4 * channels, example);
        norms[example] += vectors.sumOfSquares(gradient, exampleLength);
      }
    },
    addWeightedSum(target, factors, count) {
      const [gain, bias] = [target + 4 * places.gainOffset, target + 4 * places.biasOffset];
      vectors.addWeightedRows(gain, examples, factors, count, channels, exampleLength);
      vectors.addWeightedRows(bias, examples + 4 * channels, factors, count, channels, exampleLength);
    },
  };

  return {
    output,
    parameters,
    forward({ count }) {
      for (let example = 0; example < count; example++) {
        for (let group = 0; group < groups; group++) {
          const at = 4 * (example * size + group * width);
          scales[example * groups + group] = normalisation.standardise(
            hat + at,
            input.value + at,
            positions,
            width,
            channels,
            epsilon,
          );
        }
      }
      normalisation.affine(output.value, hat, places.gain, places.bias, count * positions, channels);
    },
    backward({ count }) {
      if (input.gradient === 0) return;
      for (let example = 0; example < count; example++) {
        for (let group = 0; group < groups; group++) {
          const at = 4 * (example * size + group * width);
          normalisation.standardiseGradient(
            input.gradient + at,
            output.gradient + at,
            places.gain + 4 * group * width,
            hat + at,
            positions,
            width,
            channels,
            scales[example * groups + group],
          );
        }
      }
    },
  };
}
