// Convolution of one image, rows × columns × channels, without im2col: the matrix of patches is only ever *read through*.
//
// Patch p = (y, x) of a padded image starts at image + y·rowStep + x·pixelStep, and its entries (ky, kx, c) lie at
// ky·imageRow + (kx·channels + c), so each kernel row is one contiguous segment. The forward pass multiplies patches by filters;
// the gradient with respect to the input is the same function on the padded output gradient with the filters flipped
// (Dumoulin and Visin 2016, relationship 14); the gradient with respect to the filters is patchesᵀ · output gradient.
// Order of additions: kernel rows, then columns, then channels, upwards; for filters, positions upwards.

import { packPanels, packTransposed8 } from './matrix/panels';

/** Copies rows×columns pixels of `channels` floats out of pixels of `inPixel` floats into an image with other strides (in floats). */
export function placeImage(
  out: usize,
  outRow: u32,
  outPixel: u32,
  image: usize,
  inPixel: u32,
  rows: u32,
  columns: u32,
  channels: u32,
): void {
  const contiguous: bool = outPixel === channels && inPixel === channels;
  for (let y: u32 = 0; y < rows; y++) {
    let to: usize = out + (((y * outRow) as usize) << 2);
    if (contiguous) {
      const bytes: usize = ((columns * channels) as usize) << 2;
      memory.copy(to, image, bytes);
      image += bytes;
      continue;
    }
    for (let x: u32 = 0; x < columns; x++) {
      for (let c: u32 = 0; c < channels; c++)
        store<f32>(to + ((c as usize) << 2), load<f32>(image + ((c as usize) << 2)));
      to += (outPixel as usize) << 2;
      image += (inPixel as usize) << 2;
    }
  }
}

/** `rows`×n filters (row stride in floats) as panels of eight, each headed by its eight biases (zero where `bias` is 0). */
export function packFilters(out: usize, filters: usize, rowStride: u32, rows: u32, n: u32, bias: usize): void {
  for (let j: u32 = 0; j < n; j += 8) {
    const width: u32 = min<u32>(8, n - j);
    for (let x: u32 = 0; x < (8 as u32); x++) {
      const from: usize = bias + (((j + x) as usize) << 2);
      store<f32>(out + ((x as usize) << 2), bias !== (0 as usize) && x < width ? load<f32>(from) : 0);
    }
    packPanels(out + 32, filters + ((j as usize) << 2), rowStride, 1, rows, width);
    out += ((rows as usize) + 1) << 5;
  }
}

/** taps×channels×n filters, the taps in reverse and channels and filters exchanged, as packFilters without bias. */
export function packFlippedFilters(out: usize, filters: usize, rowStride: u32, taps: u32, channels: u32, n: u32): void {
  const tapBytes: usize = ((channels * rowStride) as usize) << 2;
  const last: usize = filters + ((taps as usize) - 1) * tapBytes;
  for (let j: u32 = 0; j < channels; j += 8) {
    const width: u32 = min<u32>(8, channels - j);
    v128.store(out, v128.splat<f32>(0));
    v128.store(out, v128.splat<f32>(0), 16);
    out += 32;
    let source: usize = last + (((j * rowStride) as usize) << 2);
    for (let t: u32 = 0; t < taps; t++) {
      if (width === (8 as u32)) packTransposed8(out, source, (rowStride as usize) << 2, n);
      else packPanels(out, source, 1, rowStride, n, width);
      out += (n as usize) << 5;
      source -= tapBytes;
    }
  }
}

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

function copyTile(target: usize, rowBytes: usize, edge: usize, height: u32, width: u32): void {
  for (let y: u32 = 0; y < height; y++) {
    for (let x: u32 = 0; x < width; x++)
      store<f32>(target + ((x as usize) << 2), load<f32>(edge + ((x as usize) << 2)));
    target += rowBytes;
    edge += 32;
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

function addTile(target: usize, rowBytes: usize, edge: usize, height: u32, width: u32): void {
  for (let y: u32 = 0; y < height; y++) {
    for (let x: u32 = 0; x < width; x++) {
      const at: usize = target + ((x as usize) << 2);
      store<f32>(at, load<f32>(at) + load<f32>(edge + ((x as usize) << 2)));
    }
    target += rowBytes;
    edge += 32;
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
