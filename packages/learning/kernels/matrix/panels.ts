// Panels of eight columns, the form in which every product reads its right-hand matrix, and transposes of 4×4 blocks.
// Scratch only: what is packed lives as long as one product or one batch.

/** kc×n of B as panels of eight columns, zero-filled at the right edge: panel, then row, then column. */
export function packPanels(out: usize, b: usize, row: u32, column: u32, kc: u32, n: u32): void {
  const rowBytes: usize = (row as usize) << 2;
  const columnBytes: usize = (column as usize) << 2;
  for (let j: u32 = 0; j < n; j += 8) {
    const width: u32 = min<u32>(8, n - j);
    let source: usize = b + (j as usize) * columnBytes;
    if (width === (8 as u32) && column === (1 as u32)) {
      for (let p: u32 = 0; p < kc; p++) {
        v128.store(out, v128.load(source));
        v128.store(out, v128.load(source, 16), 16);
        out += 32;
        source += rowBytes;
      }
    } else if (width === (8 as u32) && row === (1 as u32)) {
      out = packTransposed8(out, source, columnBytes, kc);
    } else {
      for (let p: u32 = 0; p < kc; p++) {
        let q: usize = source;
        let x: u32 = 0;
        for (; x < width; x++) {
          store<f32>(out, load<f32>(q));
          out += 4;
          q += columnBytes;
        }
        for (; x < (8 as u32); x++) {
          store<f32>(out, 0);
          out += 4;
        }
        source += rowBytes;
      }
    }
  }
}

/** Eight rows that lie `stride` bytes apart, transposed to kc rows of eight. */
export function packTransposed8(out: usize, source: usize, stride: usize, kc: u32): usize {
  const upper: usize = source + (stride << 2);
  let p: u32 = 0;
  let at: usize = 0;
  for (; p + (4 as u32) <= kc; p += 4) {
    transpose4(out, 32, source + at, stride);
    transpose4(out + 16, 32, upper + at, stride);
    out += 128;
    at += 16;
  }
  for (; p < kc; p++) {
    let q: usize = source + at;
    for (let x: u32 = 0; x < (8 as u32); x++) {
      store<f32>(out, load<f32>(q));
      out += 4;
      q += stride;
    }
    at += 4;
  }
  return out;
}

/** A 4×4 block of rows `stride` bytes apart, transposed to rows `outStride` bytes apart. */
export function transpose4(out: usize, outStride: usize, source: usize, stride: usize): void {
  const r0: v128 = v128.load(source);
  const r1: v128 = v128.load(source + stride);
  const r2: v128 = v128.load(source + (stride << 1));
  const r3: v128 = v128.load(source + (stride << 1) + stride);
  const s0: v128 = v128.shuffle<u32>(r0, r1, 0, 4, 1, 5);
  const s1: v128 = v128.shuffle<u32>(r0, r1, 2, 6, 3, 7);
  const s2: v128 = v128.shuffle<u32>(r2, r3, 0, 4, 1, 5);
  const s3: v128 = v128.shuffle<u32>(r2, r3, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<u64>(s0, s2, 0, 2));
  v128.store(out + outStride, v128.shuffle<u64>(s0, s2, 1, 3));
  v128.store(out + (outStride << 1), v128.shuffle<u64>(s1, s3, 0, 2));
  v128.store(out + (outStride << 1) + outStride, v128.shuffle<u64>(s1, s3, 1, 3));
}
