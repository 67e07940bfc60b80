// Patchesᵀ times the output's gradient: the gradient with respect to the filters.

import { packPanels } from '../matrix/panels';
import { addTile, copyTile } from './tiles';

/**
 * out (+)= patchesᵀ · gradient: (kernelRows·segment)×n with row stride `outRow`, the gradient (positions × n, row stride
 * `gradientRow`) packed into `panels` first (positions × n rounded up to 8 floats). Reads up to three floats past a segment, so the
 * image buffer ends with three spare floats. Geometry as in convolve.
 */
export function filterGradient(
  out: usize,
  outRow: u32,
  image: usize,
  imageRow: u32,
  rowStep: u32,
  pixelStep: u32,
  rows: u32,
  columns: u32,
  kernelRows: u32,
  segment: u32,
  gradient: usize,
  gradientRow: u32,
  n: u32,
  accumulate: u32,
  panels: usize,
  edge: usize,
): void {
  packPanels(panels, gradient, gradientRow, 1, rows * columns, n);
  const outBytes: usize = (outRow as usize) << 2;
  const rowBytes: usize = (rowStep as usize) << 2;
  const pixelBytes: usize = (pixelStep as usize) << 2;
  for (let j: u32 = 0; j < n; j += 8) {
    const width: u32 = min<u32>(8, n - j);
    for (let ky: u32 = 0; ky < kernelRows; ky++) {
      const line: usize = image + (((ky * imageRow) as usize) << 2);
      let target: usize = out + (((ky * segment * outRow + j) as usize) << 2);
      for (let k: u32 = 0; k < segment; k += 4) {
        const height: u32 = min<u32>(4, segment - k);
        const from: usize = line + ((k as usize) << 2);
        if (width === (8 as u32) && height === (4 as u32)) {
          filterTile(from, rowBytes, pixelBytes, rows, columns, panels, target, outBytes, accumulate);
        } else {
          filterTile(from, rowBytes, pixelBytes, rows, columns, panels, edge, 32, 0);
          if (accumulate !== (0 as u32)) addTile(target, outBytes, edge, height, width);
          else copyTile(target, outBytes, edge, height, width);
        }
        target += outBytes << 2;
      }
    }
    panels += ((rows * columns) as usize) << 5;
  }
}

/** Four consecutive entries of every patch by eight columns of the gradient. */
function filterTile(
  a: usize,
  rowBytes: usize,
  pixelBytes: usize,
  rows: u32,
  columns: u32,
  b: usize,
  c: usize,
  outBytes: usize,
  accumulate: u32,
): void {
  let c00: v128 = v128.splat<f32>(0);
  let c01: v128 = v128.splat<f32>(0);
  let c10: v128 = v128.splat<f32>(0);
  let c11: v128 = v128.splat<f32>(0);
  let c20: v128 = v128.splat<f32>(0);
  let c21: v128 = v128.splat<f32>(0);
  let c30: v128 = v128.splat<f32>(0);
  let c31: v128 = v128.splat<f32>(0);
  let b0: v128 = c00;
  let b1: v128 = c00;
  let av: v128 = c00;
  const skip: usize = rowBytes - (columns as usize) * pixelBytes;
  for (let y: u32 = 0; y < rows; y++) {
    const end: usize = b + ((columns as usize) << 5);
    const last: usize = end - 32;
    do {
      b0 = v128.load(b);
      b1 = v128.load(b, 16);
      av = v128.load32_splat(a);
      c00 = v128.add<f32>(c00, v128.mul<f32>(av, b0));
      c01 = v128.add<f32>(c01, v128.mul<f32>(av, b1));
      av = v128.load32_splat(a, 4);
      c10 = v128.add<f32>(c10, v128.mul<f32>(av, b0));
      c11 = v128.add<f32>(c11, v128.mul<f32>(av, b1));
      av = v128.load32_splat(a, 8);
      c20 = v128.add<f32>(c20, v128.mul<f32>(av, b0));
      c21 = v128.add<f32>(c21, v128.mul<f32>(av, b1));
      av = v128.load32_splat(a, 12);
      c30 = v128.add<f32>(c30, v128.mul<f32>(av, b0));
      c31 = v128.add<f32>(c31, v128.mul<f32>(av, b1));
      a += pixelBytes;
      if (b === last) {
        b += 32;
        break;
      }
      b0 = v128.load(b, 32);
      b1 = v128.load(b, 48);
      av = v128.load32_splat(a);
      c00 = v128.add<f32>(c00, v128.mul<f32>(av, b0));
      c01 = v128.add<f32>(c01, v128.mul<f32>(av, b1));
      av = v128.load32_splat(a, 4);
      c10 = v128.add<f32>(c10, v128.mul<f32>(av, b0));
      c11 = v128.add<f32>(c11, v128.mul<f32>(av, b1));
      av = v128.load32_splat(a, 8);
      c20 = v128.add<f32>(c20, v128.mul<f32>(av, b0));
      c21 = v128.add<f32>(c21, v128.mul<f32>(av, b1));
      av = v128.load32_splat(a, 12);
      c30 = v128.add<f32>(c30, v128.mul<f32>(av, b0));
      c31 = v128.add<f32>(c31, v128.mul<f32>(av, b1));
      a += pixelBytes;
      b += 64;
    } while (b < end);
    a += skip;
  }
  const r1: usize = c + outBytes;
  const r2: usize = r1 + outBytes;
  const r3: usize = r2 + outBytes;
  if (accumulate !== (0 as u32)) {
    c00 = v128.add<f32>(c00, v128.load(c));
    c01 = v128.add<f32>(c01, v128.load(c, 16));
    c10 = v128.add<f32>(c10, v128.load(r1));
    c11 = v128.add<f32>(c11, v128.load(r1, 16));
    c20 = v128.add<f32>(c20, v128.load(r2));
    c21 = v128.add<f32>(c21, v128.load(r2, 16));
    c30 = v128.add<f32>(c30, v128.load(r3));
    c31 = v128.add<f32>(c31, v128.load(r3, 16));
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(r1, c10);
  v128.store(r1, c11, 16);
  v128.store(r2, c20);
  v128.store(r2, c21, 16);
  v128.store(r3, c30);
  v128.store(r3, c31, 16);
}
