// Pooling. Both kinds are linear where they are differentiable, so tangents go the way of values and their gradients the way of gradients:
// an average of its window, or the one entry that was the largest.

import { makeRows, type Rows, type TwiceLayer } from './rows.ts';

/** Places of every output's window in one example. */
export interface Windows {
  readonly outputSize: number;
  /** outputSize × windowSize. */
  readonly entries: Int32Array;
}

export function windowsOf(
  [, columns, channels]: readonly number[],
  [outRows, outColumns]: readonly number[],
  window: readonly [number, number],
  step: number,
): Windows {
  const outputSize = outRows * outColumns * channels;
  const [high, wide] = window;
  const entries = new Int32Array(outputSize * high * wide);
  let at = 0;
  for (let y = 0; y < outRows; y++) {
    for (let x = 0; x < outColumns; x++) {
      for (let c = 0; c < channels; c++) {
        for (let ky = 0; ky < high; ky++) {
          for (let kx = 0; kx < wide; kx++) {
            entries[at++] = ((y * step + ky) * columns + x * step + kx) * channels + c;
          }
        }
      }
    }
  }
  return { outputSize, entries };
}

export function poolingLayer(input: Rows, { outputSize, entries }: Windows, kind: 'largest' | 'average'): TwiceLayer {
  const count = input.value.length / input.size;
  const output = makeRows(count, outputSize);
  const window = entries.length / outputSize;
  // What an output is the mean of: its window, or the first of the largest entries.
  const taken = kind === 'largest' ? 1 : window;
  const sources = new Int32Array(count * outputSize * taken);
  const spread = (to: Float64Array, from: Float64Array): void => {
    to.fill(0);
    for (let i = 0; i < sources.length; i++) to[sources[i]] += from[Math.floor(i / taken)] / taken;
  };
  const collect = (to: Float64Array, from: Float64Array): void => {
    to.fill(0);
    for (let i = 0; i < sources.length; i++) to[Math.floor(i / taken)] += from[sources[i]] / taken;
  };
  return {
    output,
    forward() {
      for (let example = 0; example < count; example++) {
        const start = example * input.size;
        for (let one = 0; one < outputSize; one++) {
          const place = example * outputSize + one;
          if (kind === 'average') {
            for (let i = 0; i < window; i++) sources[place * window + i] = start + entries[one * window + i];
            continue;
          }
          let best = start + entries[one * window];
          for (let i = 1; i < window; i++) {
            const at = start + entries[one * window + i];
            if (input.value[at] > input.value[best]) best = at;
          }
          sources[place] = best;
        }
      }
      collect(output.value, input.value);
    },
    backward: () => spread(input.gradient, output.gradient),
    forwardTangent: () => collect(output.tangent, input.tangent),
    backwardTangent: () => spread(input.gradientTangent, output.gradientTangent),
  };
}
