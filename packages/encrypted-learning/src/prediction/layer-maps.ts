// What the linear layers of `learning` are as affine maps. Images are rows × columns × channels, channels fastest, as there.

import { ParameterError } from '../errors.ts';
import { type AffineMap, type AffineRow, affineMap } from './affine-map.ts';

export interface Image {
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
}

/** weight: inputs × units, row by row. */
export function denseMap(
  inputs: number,
  units: number,
  weight: ArrayLike<number>,
  bias?: ArrayLike<number>,
): AffineMap {
  const rows = Array.from({ length: units }, (_, unit): AffineRow => {
    const terms = new Map<number, number>();
    for (let input = 0; input < inputs; input++) terms.set(input, weight[input * units + unit]);
    return { terms, bias: bias?.[unit] ?? 0 };
  });
  return affineMap(inputs, rows);
}

export interface Filters {
  readonly count: number;
  readonly kernel: number;
  readonly step: number;
  /** Rows and columns of zeros before the image; after it as many as the output asks for. */
  readonly before: readonly [number, number];
  readonly output: readonly [number, number];
  readonly groups: number;
  /** kernel × kernel × channels/groups × count. */
  readonly weight: ArrayLike<number>;
  readonly bias?: ArrayLike<number>;
}

export function convolutionMap(image: Image, filters: Filters): AffineMap {
  const { count, kernel, step, before, output, groups, weight, bias } = filters;
  const perGroup = image.channels / groups;
  const filtersPerGroup = count / groups;
  const rows: AffineRow[] = [];
  for (let r = 0; r < output[0]; r++) {
    for (let c = 0; c < output[1]; c++) {
      for (let filter = 0; filter < count; filter++) {
        const firstChannel = Math.floor(filter / filtersPerGroup) * perGroup;
        const terms = new Map<number, number>();
        for (let u = 0; u < kernel; u++) {
          for (let v = 0; v < kernel; v++) {
            const row = r * step - before[0] + u;
            const column = c * step - before[1] + v;
            if (row < 0 || row >= image.rows || column < 0 || column >= image.columns) continue;
            const site = (row * image.columns + column) * image.channels + firstChannel;
            for (let ch = 0; ch < perGroup; ch++) {
              terms.set(site + ch, weight[((u * kernel + v) * perGroup + ch) * count + filter]);
            }
          }
        }
        rows.push({ terms, bias: bias?.[filter] ?? 0 });
      }
    }
  }
  return affineMap(image.rows * image.columns * image.channels, rows);
}

export function averagePoolMap(image: Image, window: readonly [number, number], step: number): AffineMap {
  const [height, width] = window;
  if (height > image.rows || width > image.columns) {
    throw new ParameterError(`a ${height}×${width} window on ${image.rows}×${image.columns}`);
  }
  const share = 1 / (height * width);
  const rows: AffineRow[] = [];
  for (let r = 0; r + height <= image.rows; r += step) {
    for (let c = 0; c + width <= image.columns; c += step) {
      for (let ch = 0; ch < image.channels; ch++) {
        const terms = new Map<number, number>();
        for (let u = 0; u < height; u++) {
          for (let v = 0; v < width; v++) {
            terms.set(((r + u) * image.columns + c + v) * image.channels + ch, share);
          }
        }
        rows.push({ terms, bias: 0 });
      }
    }
  }
  return affineMap(image.rows * image.columns * image.channels, rows);
}
