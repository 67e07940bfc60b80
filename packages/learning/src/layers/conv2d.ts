// Convolution with zero padding, steps and groups. Each example's filter gradient is one product that the batch gradient needs anyway, so
// its norm costs one pass over it; the gradients of a batch are kept until they are weighted. Filters are stored
// kernel × kernel × channels of a group × filters.

import type { Engine } from '../engine/engine.ts';
import type { Extent } from '../model/shapes.ts';
import { type FilterGradient, filterGradient } from './filter-gradient.ts';
import { type Filtering, type FilteringShape, filtering, imageSize } from './filtering.ts';
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

  const shape: FilteringShape = {
    rows: vertical.output,
    columns: horizontal.output,
    channels: groupChannels,
    filters: groupFilters,
    kernel,
    step,
    outPixel: filters,
    floor,
  };
  // The padded image of one example and one group; without padding and groups the input itself serves, unless tiles want more.
  const imageRows = Math.max(rows + vertical.before + vertical.after, imageSize(vertical.output, shape));
  const wantedColumns = Math.max(columns + horizontal.before + horizontal.after, imageSize(horizontal.output, shape));
  const padded = groups > 1 || imageRows > rows || wantedColumns > columns;
  const imageRow = wantedColumns * groupChannels;
  const image = padded ? memory.reserveFloats(imageRows * imageRow) : 0;
  const strides = { tap: groupChannels * filters, channel: filters, filter: 1 };
  const filterings: readonly Filtering[] = Array.from({ length: groups }, () =>
    filtering(engine, shape, strides, 'forward', imageRow),
  );

  const placedInput = (example: number, group: number): number => {
    const source = input.value + 4 * (example * input.size + group * groupChannels);
    if (!padded) return source;
    const target = image + 4 * (vertical.before * imageRow + horizontal.before * groupChannels);
    convolution.placeImage(target, imageRow, groupChannels, source, channels, rows, columns, groupChannels);
    return image;
  };

  const gradients: readonly FilterGradient[] = Array.from({ length: groups }, () =>
    filterGradient(engine, { ...shape, imageRow, filterRow: filters }),
  );
  /** The filters' gradient of `count` examples, stored or added at `target`. */
  const filterGradients = (target: number, first: number, count: number, fresh: boolean): void => {
    gradients.forEach((one, group) => {
      const gradientOf = (i: number): number =>
        output.gradient + 4 * ((first + i) * output.size + group * groupFilters);
      one.sum(target + 4 * group * groupFilters, count, fresh, (i) => placedInput(first + i, group), gradientOf);
    });
  };

  const inputGradient = inputGradientOf(engine, input, output, geometry, places);

  // One example's gradient: the filters, then the biases. Reserved when norms are first asked for.
  const exampleLength = weightLength + (places.bias === 0 ? 0 : filters);
  let examples = 0;

  const parameters: ParameterGradients = {
    sum(target, first, count, fresh) {
      filterGradients(target + 4 * places.weightOffset, first, count, fresh);
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
        filterGradients(gradient, example, 1, true);
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
      filterings.forEach((one, group) => {
        const first = group * groupFilters;
        one.pack(places.weight + 4 * first, places.bias === 0 ? 0 : places.bias + 4 * first);
      });
      for (let example = 0; example < count; example++) {
        filterings.forEach((one, group) => {
          const out = output.value + 4 * (example * output.size + group * groupFilters);
          one.run(out, placedInput(example, group));
        });
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
  engine: Engine,
  input: Tensor,
  output: Tensor,
  { rows, columns, channels, filters, kernel, step, groups, vertical, horizontal }: ConvolutionGeometry,
  places: ConvolutionPlaces,
): (count: number) => void {
  if (input.gradient === 0) return () => {};
  const { convolution, memory } = engine;
  const groupChannels = channels / groups;
  const groupFilters = filters / groups;
  const shape: FilteringShape = {
    rows,
    columns,
    channels: groupFilters,
    filters: groupChannels,
    kernel,
    step: 1,
    outPixel: channels,
    floor: Number.NEGATIVE_INFINITY,
  };
  const row = imageSize(columns, shape) * groupFilters;
  // Positions that no output reaches stay zero for ever: the buffer is written at the same places every time. Where the kernel leaves a
  // remainder of the image unread, outputs end before it, and the gradient there comes out as zero.
  const spread = memory.reserveFloats(imageSize(rows, shape) * row);
  const strides = { tap: groupChannels * filters, channel: 1, filter: filters };
  const filterings: readonly Filtering[] = Array.from({ length: groups }, () =>
    filtering(engine, shape, strides, 'flipped', row),
  );
  const corner = spread + 4 * ((kernel - 1 - vertical.before) * row + (kernel - 1 - horizontal.before) * groupFilters);
  return (count) => {
    filterings.forEach((one, group) => {
      one.pack(places.weight + 4 * group * groupFilters, 0);
    });
    for (let example = 0; example < count; example++) {
      filterings.forEach((one, group) => {
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
        one.run(input.gradient + 4 * (example * input.size + group * groupChannels), spread);
      });
    }
  };
}
