// Patches times filters: the forward pass, and on flipped filters the gradient with respect to the input.

import { copyTile } from './tiles';

/**
 * out ← max(patches · filters + bias, floor): `rows`×`columns` patches of kernelRows segments of `segment` floats, n filters packed by
 * packFilters. Strides in floats. `edge` is scratch for one tile. floor is 0 (relu) or -∞ (none).
 */
export function convolve(
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
  packed: usize,
  n: u32,
  floor: f32,
  edge: usize,
): void {
  const positions: u32 = rows * columns;
  const panelBytes: usize = (((kernelRows * segment) as usize) + 1) << 5;
  const outBytes: usize = (outRow as usize) << 2;
  const rowBytes: usize = (rowStep as usize) << 2;
  const pixelBytes: usize = (pixelStep as usize) << 2;
  const lowest: v128 = v128.splat<f32>(floor);
  for (let j: u32 = 0; j < n; j += 8) {
    const width: u32 = min<u32>(8, n - j);
    let target: usize = out + ((j as usize) << 2);
    let x: u32 = 0;
    let line: usize = image;
    for (let p: u32 = 0; p < positions; p += 4) {
      const height: u32 = min<u32>(4, positions - p);
      const a0: usize = line + (x as usize) * pixelBytes;
      if (++x === columns) {
        x = 0;
        line += rowBytes;
      }
      const a1: usize = height > (1 as u32) ? line + (x as usize) * pixelBytes : a0;
      if (++x === columns) {
        x = 0;
        line += rowBytes;
      }
      const a2: usize = height > (2 as u32) ? line + (x as usize) * pixelBytes : a0;
      if (++x === columns) {
        x = 0;
        line += rowBytes;
      }
      const a3: usize = height > (3 as u32) ? line + (x as usize) * pixelBytes : a0;
      if (++x === columns) {
        x = 0;
        line += rowBytes;
      }
      if (width === (8 as u32) && height === (4 as u32)) {
        patchTile(a0, a1, a2, a3, imageRow, kernelRows, segment, packed, target, outBytes, lowest);
      } else {
        patchTile(a0, a1, a2, a3, imageRow, kernelRows, segment, packed, edge, 32, lowest);
        copyTile(target, outBytes, edge, height, width);
      }
      target += outBytes << 2;
    }
    packed += panelBytes;
  }
}

/** Four patches by eight filters. The exit between two steps is there for the reason given at `tile` in gemm.ts. */
function patchTile(
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  imageRow: u32,
  kernelRows: u32,
  segment: u32,
  b: usize,
  c: usize,
  rowBytes: usize,
  lowest: v128,
): void {
  let c00: v128 = v128.load(b);
  let c01: v128 = v128.load(b, 16);
  let c10: v128 = c00;
  let c11: v128 = c01;
  let c20: v128 = c00;
  let c21: v128 = c01;
  let c30: v128 = c00;
  let c31: v128 = c01;
  b += 32;
  const segmentBytes: usize = (segment as usize) << 2;
  const skip: usize = ((imageRow as usize) << 2) - segmentBytes;
  let b0: v128 = c00;
  let b1: v128 = c00;
  let av: v128 = c00;
  for (let ky: u32 = 0; ky < kernelRows; ky++) {
    const end: usize = a0 + segmentBytes;
    const last: usize = end - 4;
    do {
      b0 = v128.load(b);
      b1 = v128.load(b, 16);
      av = v128.load32_splat(a0);
      c00 = v128.add<f32>(c00, v128.mul<f32>(av, b0));
      c01 = v128.add<f32>(c01, v128.mul<f32>(av, b1));
      av = v128.load32_splat(a1);
      c10 = v128.add<f32>(c10, v128.mul<f32>(av, b0));
      c11 = v128.add<f32>(c11, v128.mul<f32>(av, b1));
      av = v128.load32_splat(a2);
      c20 = v128.add<f32>(c20, v128.mul<f32>(av, b0));
      c21 = v128.add<f32>(c21, v128.mul<f32>(av, b1));
      av = v128.load32_splat(a3);
      c30 = v128.add<f32>(c30, v128.mul<f32>(av, b0));
      c31 = v128.add<f32>(c31, v128.mul<f32>(av, b1));
      if (a0 === last) {
        a0 += 4;
        a1 += 4;
        a2 += 4;
        a3 += 4;
        b += 32;
        break;
      }
      b0 = v128.load(b, 32);
      b1 = v128.load(b, 48);
      av = v128.load32_splat(a0, 4);
      c00 = v128.add<f32>(c00, v128.mul<f32>(av, b0));
      c01 = v128.add<f32>(c01, v128.mul<f32>(av, b1));
      av = v128.load32_splat(a1, 4);
      c10 = v128.add<f32>(c10, v128.mul<f32>(av, b0));
      c11 = v128.add<f32>(c11, v128.mul<f32>(av, b1));
      av = v128.load32_splat(a2, 4);
      c20 = v128.add<f32>(c20, v128.mul<f32>(av, b0));
      c21 = v128.add<f32>(c21, v128.mul<f32>(av, b1));
      av = v128.load32_splat(a3, 4);
      c30 = v128.add<f32>(c30, v128.mul<f32>(av, b0));
      c31 = v128.add<f32>(c31, v128.mul<f32>(av, b1));
      a0 += 8;
      a1 += 8;
      a2 += 8;
      a3 += 8;
      b += 64;
    } while (a0 < end);
    a0 += skip;
    a1 += skip;
    a2 += skip;
    a3 += skip;
  }
  const r1: usize = c + rowBytes;
  const r2: usize = r1 + rowBytes;
  const r3: usize = r2 + rowBytes;
  v128.store(c, v128.pmax<f32>(c00, lowest));
  v128.store(c, v128.pmax<f32>(c01, lowest), 16);
  v128.store(r1, v128.pmax<f32>(c10, lowest));
  v128.store(r1, v128.pmax<f32>(c11, lowest), 16);
  v128.store(r2, v128.pmax<f32>(c20, lowest));
  v128.store(r2, v128.pmax<f32>(c21, lowest), 16);
  v128.store(r3, v128.pmax<f32>(c30, lowest));
  v128.store(r3, v128.pmax<f32>(c31, lowest), 16);
}
