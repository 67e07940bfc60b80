// Convolution with fewer multiplications: Winograd's minimal filtering F(2×2, 5×5) and F(4×4, 3×3) (Lavin and Gray, arXiv 1509.09308 §4).
//
// Both work on 6×6 tiles of the image: Y = Aᵀ[(G·g·Gᵀ) ⊙ (Bᵀ·d·B)]A, summed over channels before A, so that the middle is 36 products
// of (tiles × channels) by (channels × filters), which `convolve` of convolution.ts does. The points are 0, ±1, ±2 and ∞ for both
// sizes, so Bᵀ is the same; G evaluates a filter's polynomial at them, Aᵀ evaluates back. Steps of 1 only; channels and filters
// are multiples of four. Rounding errors are a few times those of the plain sum (tested).

import { packPanels } from './matrix/panels';

/** Bᵀ on six vectors `stride` bytes apart, to six places `outStride` apart. */
function transformImage(out: usize, outStride: usize, from: usize, stride: usize): void {
  const d0: v128 = v128.load(from);
  const d1: v128 = v128.load(from + stride);
  const d2: v128 = v128.load(from + (stride << 1));
  const d3: v128 = v128.load(from + stride * (3 as usize));
  const d4: v128 = v128.load(from + (stride << 2));
  const d5: v128 = v128.load(from + stride * (5 as usize));
  const two: v128 = v128.splat<f32>(2);
  const four: v128 = v128.splat<f32>(4);
  const five: v128 = v128.splat<f32>(5);
  // 4d₀ - 5d₂ + d₄
  v128.store(out, v128.add<f32>(v128.sub<f32>(v128.mul<f32>(four, d0), v128.mul<f32>(five, d2)), d4));
  // (d₄ - 4d₂) ± (d₃ - 4d₁)
  let even: v128 = v128.sub<f32>(d4, v128.mul<f32>(four, d2));
  let odd: v128 = v128.sub<f32>(d3, v128.mul<f32>(four, d1));
  v128.store(out + outStride, v128.add<f32>(even, odd));
  v128.store(out + (outStride << 1), v128.sub<f32>(even, odd));
  // (d₄ - d₂) ± 2(d₃ - d₁)
  even = v128.sub<f32>(d4, d2);
  odd = v128.mul<f32>(two, v128.sub<f32>(d3, d1));
  v128.store(out + outStride * (3 as usize), v128.add<f32>(even, odd));
  v128.store(out + (outStride << 2), v128.sub<f32>(even, odd));
  // 4d₁ - 5d₃ + d₅
  v128.store(
    out + outStride * (5 as usize),
    v128.add<f32>(v128.sub<f32>(v128.mul<f32>(four, d1), v128.mul<f32>(five, d3)), d5),
  );
}

/**
 * Bᵀ·d·B of tileRows×tileColumns tiles whose corners lie `advance` pixels apart: out is 36 matrices of tiles × channels.
 * `imageRow` in floats; `scratch` holds 36 vectors.
 */
export function transformTiles(
  out: usize,
  image: usize,
  imageRow: u32,
  channels: u32,
  tileRows: u32,
  tileColumns: u32,
  advance: u32,
  scratch: usize,
): void {
  const rowBytes: usize = (imageRow as usize) << 2;
  const pixelBytes: usize = (channels as usize) << 2;
  const matrix: usize = ((tileRows * tileColumns) as usize) * pixelBytes;
  for (let ty: u32 = 0; ty < tileRows; ty++) {
    for (let tx: u32 = 0; tx < tileColumns; tx++) {
      const corner: usize = image + ((ty * advance) as usize) * rowBytes + ((tx * advance) as usize) * pixelBytes;
      for (let c: usize = 0; c < pixelBytes; c += 16) {
        // Down the columns into scratch (row i of the result at i·96 bytes), then along the rows.
        for (let x: usize = 0; x < (6 as usize); x++) {
          transformImage(scratch + (x << 4), 96, corner + x * pixelBytes + c, rowBytes);
        }
        let target: usize = out + c;
        for (let y: usize = 0; y < (6 as usize); y++) {
          transformImage(target, matrix, scratch + y * (96 as usize), 16);
          target += matrix * (6 as usize);
        }
      }
      out += pixelBytes;
    }
  }
}

/** Row i of Aᵀ on six vectors: Σ_p p^i·m_p, with m₅ (the point ∞) in row `last` only. `s` = m₁ ± m₂, `t` = m₃ ± m₄. */
function evaluate(m0: v128, s: v128, t: v128, m5: v128, i: u32, last: u32): v128 {
  let sum: v128 = v128.add<f32>(s, v128.mul<f32>(v128.splat<f32>(((1 as u32) << i) as f32), t));
  if (i === (0 as u32)) sum = v128.add<f32>(sum, m0);
  if (i === last) sum = v128.add<f32>(sum, m5);
  return sum;
}

/** Aᵀ on six vectors `stride` bytes apart, to `size` places `outStride` apart. */
function transformBack(out: usize, outStride: usize, from: usize, stride: usize, size: u32): void {
  const m0: v128 = v128.load(from);
  const m1: v128 = v128.load(from + stride);
  const m2: v128 = v128.load(from + (stride << 1));
  const m3: v128 = v128.load(from + stride * (3 as usize));
  const m4: v128 = v128.load(from + (stride << 2));
  const m5: v128 = v128.load(from + stride * (5 as usize));
  const s: v128 = v128.add<f32>(m1, m2);
  const d: v128 = v128.sub<f32>(m1, m2);
  const t: v128 = v128.add<f32>(m3, m4);
  const e: v128 = v128.sub<f32>(m3, m4);
  const last: u32 = size - (1 as u32);
  v128.store(out, evaluate(m0, s, t, m5, 0, last));
  v128.store(out + outStride, evaluate(m0, d, e, m5, 1, last));
  if (size > (2 as u32)) {
    v128.store(out + (outStride << 1), evaluate(m0, s, t, m5, 2, last));
    v128.store(out + outStride * (3 as usize), evaluate(m0, d, e, m5, 3, last));
  }
}

/**
 * out ← max(AᵀmA + bias, floor) of tileRows×tileColumns tiles; products is 36 matrices of tiles × filters; tiles give size×size
 * pixels, of which those beyond rows×columns are dropped. `bias` may be 0; `outPixel` is in floats; `scratch` holds 36 vectors.
 */
export function transformTilesBack(
  out: usize,
  outPixel: u32,
  rows: u32,
  columns: u32,
  products: usize,
  filters: u32,
  tileRows: u32,
  tileColumns: u32,
  size: u32,
  bias: usize,
  floor: f32,
  scratch: usize,
): void {
  const pixelBytes: usize = (outPixel as usize) << 2;
  const rowBytes: usize = (columns as usize) * pixelBytes;
  const filterBytes: usize = (filters as usize) << 2;
  const matrix: usize = ((tileRows * tileColumns) as usize) * filterBytes;
  const lowest: v128 = v128.splat<f32>(floor);
  const results: usize = scratch + (384 as usize);
  for (let ty: u32 = 0; ty < tileRows; ty++) {
    const height: u32 = min<u32>(size, rows - ty * size);
    for (let tx: u32 = 0; tx < tileColumns; tx++) {
      const width: u32 = min<u32>(size, columns - tx * size);
      const corner: usize = out + ((ty * size) as usize) * rowBytes + ((tx * size) as usize) * pixelBytes;
      for (let f: usize = 0; f < filterBytes; f += 16) {
        // Along the 36 products: down (size rows of six vectors, 96 bytes each), then along each row.
        for (let x: usize = 0; x < (6 as usize); x++) {
          transformBack(scratch + (x << 4), 96, products + f + x * matrix, matrix * (6 as usize), size);
        }
        const b: v128 = bias !== (0 as usize) ? v128.load(bias + f) : v128.splat<f32>(0);
        for (let y: u32 = 0; y < height; y++) {
          transformBack(results, 16, scratch + (y as usize) * (96 as usize), 16, size);
          const line: usize = corner + (y as usize) * rowBytes + f;
          for (let x: u32 = 0; x < width; x++) {
            const value: v128 = v128.add<f32>(v128.load(results + ((x as usize) << 4)), b);
            v128.store(line + (x as usize) * pixelBytes, v128.pmax<f32>(value, lowest));
          }
        }
      }
      products += filterBytes;
    }
  }
}

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
