// Tiles of the image into the transformed domain, and products back to pixels.

import { evaluate } from './evaluate';

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
