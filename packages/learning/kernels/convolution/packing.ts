// Images placed among zeros, and filters packed for `convolve`.

import { packPanels, packTransposed8 } from '../matrix/panels';

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
