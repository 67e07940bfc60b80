// Between our order of weights, channels fastest, and ONNX's, channels first.

export interface ImageSize {
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
}

/** rows × columns × channels → channels × rows × columns */
export function channelsFirst(data: Float32Array, { rows, columns, channels }: ImageSize): Float32Array {
  const pixels = rows * columns;
  return Float32Array.from({ length: data.length }, (_, i) => data[(i % pixels) * channels + Math.floor(i / pixels)]);
}

/** channels × rows × columns → rows × columns × channels */
export function channelsLast(data: Float32Array, { rows, columns, channels }: ImageSize): Float32Array {
  const pixels = rows * columns;
  return Float32Array.from({ length: data.length }, (_, i) => data[(i % channels) * pixels + Math.floor(i / channels)]);
}

export interface KernelSize {
  readonly kernel: number;
  /** Of one group. */
  readonly channels: number;
  readonly filters: number;
}

/** Ours, kernel × kernel × channels × filters, to ONNX's, filters × channels × kernel × kernel; or back. */
export function convolutionWeights(
  data: Float32Array,
  { kernel, channels, filters }: KernelSize,
  from: 'ours' | 'onnx',
): Float32Array {
  const out = new Float32Array(data.length);
  const taps = kernel * kernel;
  for (let tap = 0; tap < taps; tap++) {
    for (let c = 0; c < channels; c++) {
      for (let f = 0; f < filters; f++) {
        const ours = (tap * channels + c) * filters + f;
        const onnx = (f * channels + c) * taps + tap;
        if (from === 'ours') out[onnx] = data[ours];
        else out[ours] = data[onnx];
      }
    }
  }
  return out;
}

/** Rows of a dense layer's weights that follow a flatten of channels × rows × columns, put into the order of ours. */
export function denseRows(data: Float32Array, { rows, columns, channels }: ImageSize, units: number): Float32Array {
  const out = new Float32Array(data.length);
  const pixels = rows * columns;
  for (let i = 0; i < pixels * channels; i++) {
    const from = (i % channels) * pixels + Math.floor(i / channels);
    out.set(data.subarray(from * units, (from + 1) * units), i * units);
  }
  return out;
}
