// C ← op(A)·op(B) (+ C), row-major float32: packed panels and a 4×8 register tile (Goto and van de Geijn 2008).
//
// op is "as stored" or "transposed", chosen by strides: element (i, p) of op(A) lies at a + 4·(i·aRow + p·aColumn), so a
// transpose is a swap of strides and costs nothing but the packing. The order of additions depends on the shape alone: p runs
// upwards in equal blocks of at most KC, so results are the same bits in every runtime (no relaxed operations, no fused multiply-add).
// `scratch` holds one packed block of A (MC×KC), one packed panel of B (KC×N rounded up to 8) and an edge tile.

import { packPanels, transpose4 } from './matrix/panels';

/** Rows of A per block, columns of A (rows of B) per block. */
const MC: u32 = 128;
const KC: u32 = 256;

/** Bytes of scratch for products with n columns. */
export function gemmScratchBytes(n: u32): u32 {
  const panels: u32 = (n + (7 as u32)) >> (3 as u32);
  return (MC * KC + panels * (8 as u32) * KC + (32 as u32)) << (2 as u32);
}

export function gemm(
  m: u32,
  n: u32,
  k: u32,
  a: usize,
  aRow: u32,
  aColumn: u32,
  b: usize,
  bRow: u32,
  bColumn: u32,
  c: usize,
  cRow: u32,
  accumulate: u32,
  scratch: usize,
): void {
  const packedA: usize = scratch;
  const packedB: usize = packedA + ((MC * KC) << (2 as u32));
  const edge: usize = packedB + ((((n + (7 as u32)) >> (3 as u32)) * (8 as u32) * KC) << (2 as u32));
  // Blocks of equal depth: a last one of a few steps would pay for a whole pass over C.
  const blocks: u32 = (k + KC - (1 as u32)) / KC;
  const depth: u32 = (k + blocks - (1 as u32)) / blocks;
  for (let p: u32 = 0; p < k; p += depth) {
    const kc: u32 = min<u32>(depth, k - p);
    packPanels(packedB, b + (((p * bRow) as usize) << 2), bRow, bColumn, kc, n);
    const add: u32 = p === (0 as u32) ? accumulate : (1 as u32);
    for (let i: u32 = 0; i < m; i += MC) {
      const mc: u32 = min<u32>(MC, m - i);
      packA(packedA, a + (((i * aRow + p * aColumn) as usize) << 2), aRow, aColumn, mc, kc);
      multiplyBlock(packedA, packedB, c + (((i * cRow) as usize) << 2), cRow, mc, n, kc, add, edge);
    }
  }
}

/** mc×kc of A as panels of four rows, zero-filled at the bottom: panel, then column, then row. */
function packA(out: usize, a: usize, row: u32, column: u32, mc: u32, kc: u32): void {
  const rowBytes: usize = (row as usize) << 2;
  const columnBytes: usize = (column as usize) << 2;
  for (let i: u32 = 0; i < mc; i += 4) {
    const height: u32 = min<u32>(4, mc - i);
    let source: usize = a + (i as usize) * rowBytes;
    let p: u32 = 0;
    if (height === (4 as u32) && row === (1 as u32)) {
      for (; p < kc; p++) {
        v128.store(out, v128.load(source));
        out += 16;
        source += columnBytes;
      }
    } else if (height === (4 as u32) && column === (1 as u32)) {
      for (; p + (4 as u32) <= kc; p += 4) {
        transpose4(out, 16, source, rowBytes);
        out += 64;
        source += 16;
      }
    }
    for (; p < kc; p++) {
      let q: usize = source;
      let y: u32 = 0;
      for (; y < height; y++) {
        store<f32>(out, load<f32>(q));
        out += 4;
        q += rowBytes;
      }
      for (; y < (4 as u32); y++) {
        store<f32>(out, 0);
        out += 4;
      }
      source += columnBytes;
    }
  }
}

/** Every 4×8 tile of an mc×n block of C. */
function multiplyBlock(
  packedA: usize,
  packedB: usize,
  c: usize,
  cRow: u32,
  mc: u32,
  n: u32,
  kc: u32,
  add: u32,
  edge: usize,
): void {
  const rowBytes: usize = (cRow as usize) << 2;
  const panelA: usize = (kc as usize) << 4;
  const panelB: usize = (kc as usize) << 5;
  for (let j: u32 = 0; j < n; j += 8) {
    const width: u32 = min<u32>(8, n - j);
    let pa: usize = packedA;
    let target: usize = c + ((j as usize) << 2);
    for (let i: u32 = 0; i < mc; i += 4) {
      const height: u32 = min<u32>(4, mc - i);
      if (width === (8 as u32) && height === (4 as u32)) {
        tile(pa, packedB, target, rowBytes, kc, add);
      } else {
        tile(pa, packedB, edge, 32, kc, 0);
        copyEdge(target, rowBytes, edge, height, width, add);
      }
      pa += panelA;
      target += rowBytes << 2;
    }
    packedB += panelB;
  }
}

function copyEdge(target: usize, rowBytes: usize, edge: usize, height: u32, width: u32, add: u32): void {
  for (let y: u32 = 0; y < height; y++) {
    for (let x: u32 = 0; x < width; x++) {
      const at: usize = (x as usize) << 2;
      const value: f32 = load<f32>(edge + at);
      store<f32>(target + at, add !== (0 as u32) ? load<f32>(target + at) + value : value);
    }
    target += rowBytes;
    edge += 32;
  }
}

/**
 * One 4×8 tile: eight accumulators, two loads of B and four splats of A a step. Two steps a turn, with an exit between them:
 * the exit keeps the optimiser from merging the steps, which would need more than sixteen registers and spill (27 GF/s, not 44).
 */
function tile(a: usize, b: usize, c: usize, rowBytes: usize, kc: u32, add: u32): void {
  let c00: v128 = v128.splat<f32>(0);
  let c01: v128 = v128.splat<f32>(0);
  let c10: v128 = v128.splat<f32>(0);
  let c11: v128 = v128.splat<f32>(0);
  let c20: v128 = v128.splat<f32>(0);
  let c21: v128 = v128.splat<f32>(0);
  let c30: v128 = v128.splat<f32>(0);
  let c31: v128 = v128.splat<f32>(0);
  const end: usize = a + ((kc as usize) << 4);
  let b0: v128 = v128.splat<f32>(0);
  let b1: v128 = v128.splat<f32>(0);
  let av: v128 = v128.splat<f32>(0);
  const last: usize = end - 16;
  do {
    b0 = v128.load(b, 0);
    b1 = v128.load(b, 16);
    av = v128.load32_splat(a, 0);
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
    if (a === last) break;
    b0 = v128.load(b, 32);
    b1 = v128.load(b, 48);
    av = v128.load32_splat(a, 16);
    c00 = v128.add<f32>(c00, v128.mul<f32>(av, b0));
    c01 = v128.add<f32>(c01, v128.mul<f32>(av, b1));
    av = v128.load32_splat(a, 20);
    c10 = v128.add<f32>(c10, v128.mul<f32>(av, b0));
    c11 = v128.add<f32>(c11, v128.mul<f32>(av, b1));
    av = v128.load32_splat(a, 24);
    c20 = v128.add<f32>(c20, v128.mul<f32>(av, b0));
    c21 = v128.add<f32>(c21, v128.mul<f32>(av, b1));
    av = v128.load32_splat(a, 28);
    c30 = v128.add<f32>(c30, v128.mul<f32>(av, b0));
    c31 = v128.add<f32>(c31, v128.mul<f32>(av, b1));
    a += 32;
    b += 64;
  } while (a < end);
  const r1: usize = c + rowBytes;
  const r2: usize = r1 + rowBytes;
  const r3: usize = r2 + rowBytes;
  if (add !== (0 as u32)) {
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
