// Convolution with zero padding, steps and groups. Each example's filter gradient is one product that the batch gradient needs anyway, so
// its norm costs one pass over it; the gradients of a batch are kept until they are weighted. Filters are stored
// kernel × kernel × channels of a group × filters.

import type { Engine } from '../engine/engine.ts';
import type { Extent } from '../model/shapes.ts';
import type { Layer, ParameterGradients, Pass, Tensor } from './layer.ts';

export interface ConvolutionGeometry {
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  readonly filters: number;
  readonly kernel: number;
  readonly step: number;
  readonly groups: number;
  readonly vertical: Extent;
  readonly horizontal: Extent;
  /** Whether negative outputs are cut to zero: a relu that follows, done in the same pass. */
  readonly rectified: boolean;
}

export interface ConvolutionPlaces {
  readonly weight: number;
  readonly bias: number;
  readonly weightOffset: number;
  readonly biasOffset: number;
}

const roundUp = (n: number): number => Math.ceil(n / 8) * 8;

export function conv2dLayer(
  engine: Engine,
  input: Tensor,
  geometry: ConvolutionGeometry,
  places: ConvolutionPlaces,
  maxBatch: number,
): Layer {
  const { convolution, memory, vectors } = engine;
  const { rows, columns, channels, filters, kernel, step, groups, vertical, horizontal } = geometry;
  const positions = vertical.output * horizontal.output;
  const output: Tensor = {
    value: memory.reserveFloats(maxBatch * positions * filters),
    gradient: memory.reserveFloats(maxBatch * positions * filters),
    size: positions * filters,
  };
  const floor = geometry.rectified ? 0 : Number.NEGATIVE_INFINITY;
  const groupChannels = channels / groups;
  const groupFilters = filters / groups;
  const patch = kernel * kernel * groupChannels;
  const weightLength = patch * filters;
  const edge = memory.reserveFloats(32);

  // The padded image of one example and one group; without padding and groups the input itself serves.
  const padded = groups > 1 || vertical.before + vertical.after + horizontal.before + horizontal.after > 0;
  const imageColumns = padded ? columns + horizontal.before + horizontal.after : columns;
  const imageRow = imageColumns * groupChannels;
  const imageLength = (padded ? rows + vertical.before + vertical.after : rows) * imageRow;
  const image = padded ? memory.reserveFloats(imageLength) : 0;
  const packedLength = (patch + 1) * roundUp(groupFilters);
  const packed = memory.reserveFloats(groups * packedLength);
  const panels = memory.reserveFloats(positions * roundUp(groupFilters));

  const placedInput = (example: number, group: number): number => {
    const source = input.value + 4 * (example * input.size + group * groupChannels);
    if (!padded) return source;
    const target = image + 4 * (vertical.before * imageRow + horizontal.before * groupChannels);
    convolution.placeImage(target, imageRow, groupChannels, source, channels, rows, columns, groupChannels);
    return image;
  };

  /** Filters of example's gradient, stored or added at `target`. */
  const filterGradients = (target: number, example: number, accumulate: number): void => {
    for (let group = 0; group < groups; group++) {
      convolution.filterGradient(
        target + 4 * group * groupFilters,
        filters,
        placedInput(example, group),
        imageRow,
        imageRow * step,
        groupChannels * step,
        vertical.output,
        horizontal.output,
        kernel,
        kernel * groupChannels,
        output.gradient + 4 * (example * output.size + group * groupFilters),
        filters,
        groupFilters,
        accumulate,
        panels,
        edge,
      );
    }
  };

  const inputGradient = inputGradientOf(engine, input, output, geometry, places, edge);

  // One example's gradient: the filters, then the biases. Reserved when norms are first asked for.
  const exampleLength = weightLength + (places.bias === 0 ? 0 : filters);
  let examples = 0;

  const parameters: ParameterGradients = {
    sum(target, first, count, fresh) {
      for (let example = first; example < first + count; example++) {
        filterGradients(target + 4 * places.weightOffset, example, fresh && example === first ? 0 : 1);
      }
      if (places.bias !== 0) {
        if (fresh) memory.f32(target + 4 * places.biasOffset, filters).fill(0);
        const gradient = output.gradient + 4 * first * output.size;
        vectors.addRows(target + 4 * places.biasOffset, gradient, count * positions, filters, filters);
      }
    },
    addSquaredNorms(norms, count) {
      if (examples === 0) examples = memory.reserveFloats(maxBatch * exampleLength);
      if (places.bias !== 0) {
        // Biases first: they are added up, so their places must be zero.
        for (let example = 0; example < count; example++) {
          const bias = examples + 4 * (example * exampleLength + weightLength);
          memory.f32(bias, filters).fill(0);
          vectors.addRows(bias, output.gradient + 4 * example * output.size, positions, filters, filters);
        }
      }
      for (let example = 0; example < count; example++) {
        const gradient = examples + 4 * example * exampleLength;
        filterGradients(gradient, example, 0);
        norms[example] += vectors.sumOfSquares(gradient, exampleLength);
      }
    },
    addWeightedSum(target, factors, count) {
      const weights = target + 4 * places.weightOffset;
      vectors.addWeightedRows(weights, examples, factors, count, weightLength, exampleLength);
      if (places.bias !== 0) {
        const bias = target + 4 * places.biasOffset;
        vectors.addWeightedRows(bias, examples + 4 * weightLength, factors, count, filters, exampleLength);
      }
    },
  };

  return {
    output,
    parameters,
    forward({ count }: Pass) {
      for (let group = 0; group < groups; group++) {
        const first = group * groupFilters;
        const bias = places.bias === 0 ? 0 : places.bias + 4 * first;
        const target = packed + 4 * group * packedLength;
        convolution.packFilters(target, places.weight + 4 * first, filters, patch, groupFilters, bias);
      }
      for (let example = 0; example < count; example++) {
        for (let group = 0; group < groups; group++) {
          convolution.convolve(
            output.value + 4 * (example * output.size + group * groupFilters),
            filters,
            placedInput(example, group),
            imageRow,
            imageRow * step,
            groupChannels * step,
            vertical.output,
            horizontal.output,
            kernel,
            kernel * groupChannels,
            packed + 4 * group * packedLength,
            groupFilters,
            floor,
            edge,
          );
        }
      }
    },
    backward({ count }: Pass) {
      inputGradient(count);
    },
  };
}

/**
 * The gradient with respect to the input: the output's gradient, spread by `step` and padded, convolved with the flipped filters
 * (Dumoulin and Visin, arXiv 1603.07285, relationship 14).
 */
function inputGradientOf(
  { convolution, memory }: Engine,
  input: Tensor,
  output: Tensor,
  { rows, columns, channels, filters, kernel, step, groups, vertical, horizontal }: ConvolutionGeometry,
  places: ConvolutionPlaces,
  edge: number,
): (count: number) => void {
  if (input.gradient === 0) return () => {};
  const groupChannels = channels / groups;
  const groupFilters = filters / groups;
  const row = (columns + kernel - 1) * groupFilters;
  // Positions that no output reaches stay zero for ever: the buffer is written at the same places every time. Where the kernel leaves a
  // remainder of the image unread, outputs end before it, and the gradient there comes out as zero.
  const spread = memory.reserveFloats((rows + kernel - 1) * row);
  const packedLength = (kernel * kernel * groupFilters + 1) * roundUp(groupChannels);
  const packed = memory.reserveFloats(groups * packedLength);
  const corner = spread + 4 * ((kernel - 1 - vertical.before) * row + (kernel - 1 - horizontal.before) * groupFilters);
  return (count) => {
    for (let group = 0; group < groups; group++) {
      const filtersAt = places.weight + 4 * group * groupFilters;
      const target = packed + 4 * group * packedLength;
      convolution.packFlippedFilters(target, filtersAt, filters, kernel * kernel, groupChannels, groupFilters);
    }
    for (let example = 0; example < count; example++) {
      for (let group = 0; group < groups; group++) {
        const source = output.gradient + 4 * (example * output.size + group * groupFilters);
        const [outRow, outPixel] = [step * row, step * groupFilters];
        convolution.placeImage(
          corner,
          outRow,
          outPixel,
          source,
          filters,
          vertical.output,
          horizontal.output,
          groupFilters,
        );
        convolution.convolve(
          input.gradient + 4 * (example * input.size + group * groupChannels),
          channels,
          spread,
          row,
          row,
          groupFilters,
          rows,
          columns,
          kernel,
          kernel * groupFilters,
          packed + 4 * group * packedLength,
          groupChannels,
          Number.NEGATIVE_INFINITY,
          edge,
        );
      }
    }
  };
}
