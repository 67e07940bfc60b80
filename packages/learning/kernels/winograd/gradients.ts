// The output's gradient into the transformed domain, and the filters' gradient back out of it.

import { evaluate } from './evaluate';

/** A on `size` vectors `stride` bytes apart: value p is Σ_i p^i·y_i at the five points, and y_last at ∞; six places `outStride` apart. */
function transformGradient(out: usize, outStride: usize, from: usize, stride: usize, size: u32): void {
  const y0: v128 = v128.load(from);
  const y1: v128 = v128.load(from + stride);
  let even: v128 = y0;
  let odd: v128 = y1;
  let even2: v128 = y0;
  let odd2: v128 = v128.mul<f32>(v128.splat<f32>(2), y1);
  let last: v128 = y1;
  if (size > (2 as u32)) {
    const y2: v128 = v128.load(from + (stride << 1));
    last = v128.load(from + stride * (3 as usize));
    even = v128.add<f32>(even, y2);
    odd = v128.add<f32>(odd, last);
    even2 = v128.add<f32>(even2, v128.mul<f32>(v128.splat<f32>(4), y2));
    odd2 = v128.add<f32>(odd2, v128.mul<f32>(v128.splat<f32>(8), last));
  }
  v128.store(out, y0);
  v128.store(out + outStride, v128.add<f32>(even, odd));
  v128.store(out + (outStride << 1), v128.sub<f32>(even, odd));
  v128.store(out + outStride * (3 as usize), v128.add<f32>(even2, odd2));
  v128.store(out + (outStride << 2), v128.sub<f32>(even2, odd2));
  v128.store(out + outStride * (5 as usize), last);
}

/**
 * A·y·Aᵀ of tiles of size×size pixels of the output's gradient, zero beyond rows×columns: out is 36 matrices of tiles × filters. This and
 * transformFiltersBack give the gradient with respect to the filters: Gᵀ[Σ over tiles (Bᵀ·d·B) ⊙ (A·y·Aᵀ)]G, the transpose of the
 * forward map. `gradientPixel` in floats; `scratch` holds 40 vectors.
 */
export function transformGradients(
  out: usize,
  gradient: usize,
  gradientPixel: u32,
  rows: u32,
  columns: u32,
  filters: u32,
  tileRows: u32,
  tileColumns: u32,
  size: u32,
  scratch: usize,
): void {
  const pixelBytes: usize = (gradientPixel as usize) << 2;
  const rowBytes: usize = (columns as usize) * pixelBytes;
  const filterBytes: usize = (filters as usize) << 2;
  const matrix: usize = ((tileRows * tileColumns) as usize) * filterBytes;
  const column: usize = scratch + (576 as usize);
  for (let ty: u32 = 0; ty < tileRows; ty++) {
    for (let tx: u32 = 0; tx < tileColumns; tx++) {
      const corner: usize = gradient + ((ty * size) as usize) * rowBytes + ((tx * size) as usize) * pixelBytes;
      for (let f: usize = 0; f < filterBytes; f += 16) {
        // Down each column of the tile into six rows of `size` vectors (96 bytes apart), then along each row.
        for (let x: u32 = 0; x < size; x++) {
          for (let y: u32 = 0; y < size; y++) {
            const inside: boolean = ty * size + y < rows && tx * size + x < columns;
            const at: usize = corner + (y as usize) * rowBytes + (x as usize) * pixelBytes + f;
            v128.store(column + ((y as usize) << 4), inside ? v128.load(at) : v128.splat<f32>(0));
          }
          transformGradient(scratch + ((x as usize) << 4), 96, column, 16, size);
        }
        let target: usize = out + f;
        for (let y: usize = 0; y < (6 as usize); y++) {
          transformGradient(target, matrix, scratch + y * (96 as usize), 16, size);
          target += matrix * (6 as usize);
        }
      }
      out += filterBytes;
    }
  }
}

/** Gᵀ on six vectors `stride` bytes apart, to `taps` places `outStride` apart. */
function transformFilterBack(out: usize, outStride: usize, from: usize, stride: usize, taps: u32): void {
  const one: v128 = v128.splat<f32>(-0.16666667);
  const two: v128 = v128.splat<f32>(0.041666668);
  const m0: v128 = v128.mul<f32>(v128.load(from), v128.splat<f32>(0.25));
  const m1: v128 = v128.mul<f32>(v128.load(from + stride), one);
  const m2: v128 = v128.mul<f32>(v128.load(from + (stride << 1)), one);
  const m3: v128 = v128.mul<f32>(v128.load(from + stride * (3 as usize)), two);
  const m4: v128 = v128.mul<f32>(v128.load(from + (stride << 2)), two);
  const m5: v128 = v128.load(from + stride * (5 as usize));
  const s: v128 = v128.add<f32>(m1, m2);
  const d: v128 = v128.sub<f32>(m1, m2);
  const t: v128 = v128.add<f32>(m3, m4);
  const e: v128 = v128.sub<f32>(m3, m4);
  v128.store(out, evaluate(m0, s, t, m5, 0, 9));
  v128.store(out + outStride, evaluate(m0, d, e, m5, 1, 9));
  if (taps === (3 as u32)) {
    v128.store(out + (outStride << 1), evaluate(m0, s, t, m5, 2, 2));
  } else {
    v128.store(out + (outStride << 1), evaluate(m0, s, t, m5, 2, 9));
    v128.store(out + outStride * (3 as usize), evaluate(m0, d, e, m5, 3, 9));
    v128.store(out + (outStride << 2), evaluate(m0, s, t, m5, 4, 4));
  }
}

/**
 * out (+)= Gᵀ·m·G of 36 matrices of channels × n, channels·n + 16 floats apart (a distance that is a power of two would put all 36 into the
 * same few lines of the cache): kernel×kernel taps `tapStride` floats apart, channels `channelStride` apart, filters
 * contiguous. `scratch` holds 66 vectors.
 */
export function transformFiltersBack(
  out: usize,
  tapStride: u32,
  channelStride: u32,
  matrices: usize,
  kernel: u32,
  channels: u32,
  n: u32,
  accumulate: u32,
  scratch: usize,
): void {
  const matrix: usize = ((channels * n + (16 as u32)) as usize) << 2;
  const results: usize = scratch + (576 as usize);
  for (let c: u32 = 0; c < channels; c++) {
    for (let j: u32 = 0; j < n; j += 4) {
      const from: usize = matrices + (((c * n + j) as usize) << 2);
      // Down the columns: `kernel` rows of six vectors, 96 bytes apart; then along each row.
      for (let x: usize = 0; x < (6 as usize); x++) {
        transformFilterBack(scratch + (x << 4), 96, from + x * matrix, matrix * (6 as usize), kernel);
      }
      let target: usize = out + (((c * channelStride + j) as usize) << 2);
      for (let y: u32 = 0; y < kernel; y++) {
        transformFilterBack(results, 16, scratch + (y as usize) * (96 as usize), 16, kernel);
        for (let x: u32 = 0; x < kernel; x++) {
          const value: v128 = v128.load(results + ((x as usize) << 4));
          v128.store(target, accumulate !== (0 as u32) ? v128.add<f32>(v128.load(target), value) : value);
          target += (tapStride as usize) << 2;
        }
      }
    }
  }
}
