// Filters into the transformed domain, packed for `convolve`.

import { packPanels } from '../matrix/panels';

/** Row p of G on `taps` vectors `stride` bytes apart: a factor times the polynomial's value at the point, by Horner from the top. */
function transformFilter(from: usize, stride: usize, taps: u32, point: f32, factor: f32): v128 {
  const x: v128 = v128.splat<f32>(point);
  let at: usize = from + ((taps as usize) - 1) * stride;
  let sum: v128 = v128.load(at);
  for (let i: u32 = 1; i < taps; i++) {
    at -= stride;
    sum = v128.add<f32>(v128.mul<f32>(sum, x), v128.load(at));
  }
  return v128.mul<f32>(sum, v128.splat<f32>(factor));
}

/** All six rows of G, to places `outStride` bytes apart. */
function transformFilters(out: usize, outStride: usize, from: usize, stride: usize, taps: u32): void {
  v128.store(out, v128.mul<f32>(v128.load(from), v128.splat<f32>(0.25)));
  v128.store(out + outStride, transformFilter(from, stride, taps, 1, -0.16666667));
  v128.store(out + (outStride << 1), transformFilter(from, stride, taps, -1, -0.16666667));
  v128.store(out + outStride * (3 as usize), transformFilter(from, stride, taps, 2, 0.041666668));
  v128.store(out + (outStride << 2), transformFilter(from, stride, taps, -2, 0.041666668));
  v128.store(out + outStride * (5 as usize), v128.load(from + ((taps as usize) - 1) * stride));
}

/**
 * out ← 36 matrices of channels × n, each packed as `convolve` reads it (panels of eight headed by zeros), from kernel×kernel taps
 * `tapStride` floats apart; element (c, j) of a tap lies c·channelStride + j·filterStride floats from its start. For the gradient with
 * respect to the input, start at the last tap with a negative tapStride. `plain` holds 36 matrices of channels × n,
 * `scratch` 72 vectors.
 */
export function packTransformedFilters(
  out: usize,
  filters: usize,
  tapStride: i32,
  channelStride: u32,
  filterStride: u32,
  kernel: u32,
  channels: u32,
  n: u32,
  plain: usize,
  scratch: usize,
): void {
  const matrix: usize = ((channels * n) as usize) << 2;
  const taps: usize = scratch + (576 as usize);
  const half: usize = scratch;
  const filterBytes: usize = (filterStride as usize) << 2;
  for (let c: u32 = 0; c < channels; c++) {
    for (let j: u32 = 0; j < n; j += 4) {
      let source: usize = filters + (((c * channelStride + j * filterStride) as usize) << 2);
      for (let t: u32 = 0; t < kernel * kernel; t++) {
        const at: usize = taps + ((t as usize) << 4);
        store<f32>(at, load<f32>(source));
        store<f32>(at, load<f32>(source + filterBytes), 4);
        store<f32>(at, load<f32>(source + (filterBytes << 1)), 8);
        store<f32>(at, load<f32>(source + filterBytes * (3 as usize)), 12);
        source += (tapStride << (2 as i32)) as usize;
      }
      // Down the columns: 6 rows of `kernel` vectors; then along each row.
      for (let x: u32 = 0; x < kernel; x++) {
        transformFilters(half + ((x as usize) << 4), 96, taps + ((x as usize) << 4), (kernel as usize) << 4, kernel);
      }
      let target: usize = plain + (((c * n + j) as usize) << 2);
      for (let y: usize = 0; y < (6 as usize); y++) {
        transformFilters(target, matrix, half + y * (96 as usize), 16, kernel);
        target += matrix * (6 as usize);
      }
    }
  }
  for (let p: u32 = 0; p < (36 as u32); p++) {
    for (let j: u32 = 0; j < n; j += 8) {
      const width: u32 = min<u32>(8, n - j);
      v128.store(out, v128.splat<f32>(0));
      v128.store(out, v128.splat<f32>(0), 16);
      packPanels(out + 32, plain + ((j as usize) << 2), n, 1, channels, width);
      out += ((channels as usize) + 1) << 5;
    }
    plain += matrix;
  }
}
