// ChaCha20 (RFC 8439 section 2.3), four blocks at once: one WebAssembly module of packages/platform, used by web.ts.
// Lane i of every vector belongs to block counter + i; each vector is one word of the state in the four blocks.
// It refuses nothing: lengths, alignment and the counter's end are web-kernels.ts' business. No branch and no address
// depends on a secret. Memory is the caller's; nothing static is kept here.

function rotl16(x: v128): v128 {
  return v128.shuffle<u8>(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}

function rotl12(x: v128): v128 {
  return v128.or(i32x4.shl(x, 12), i32x4.shr_u(x, 20));
}

function rotl8(x: v128): v128 {
  return v128.shuffle<u8>(x, x, 3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14);
}

function rotl7(x: v128): v128 {
  return v128.or(i32x4.shl(x, 7), i32x4.shr_u(x, 25));
}

/** Adds word `index` of the first state to `x` in all four blocks. */
function plus(x: v128, state: usize, index: usize): v128 {
  return i32x4.add(x, v128.load32_splat(state + (index << 2)));
}

/** Four words (a, b, c, d) of four blocks, one block a lane → 16 consecutive bytes of each block, 64 bytes apart. */
function storeTransposed(out: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab01 = v128.shuffle<u32>(a, b, 0, 4, 1, 5);
  const ab23 = v128.shuffle<u32>(a, b, 2, 6, 3, 7);
  const cd01 = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
  const cd23 = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<u64>(ab01, cd01, 0, 2));
  v128.store(out + 64, v128.shuffle<u64>(ab01, cd01, 1, 3));
  v128.store(out + 128, v128.shuffle<u64>(ab23, cd23, 0, 2));
  v128.store(out + 192, v128.shuffle<u64>(ab23, cd23, 1, 3));
}

/**
 * Writes `quadruples` times four blocks of keystream to `out` and leaves the state's counter (word 12) behind the last.
 * `state` holds the sixteen words of RFC 8439 section 2.3 (secret); the counter wraps at 2^32, which the caller forbids.
 */
export function keystream(state: usize, out: usize, quadruples: u32): void {
  let counter: u32 = load<u32>(state + 48);
  const end: usize = out + ((quadruples as usize) << 8);
  while (out < end) {
    let x0: v128 = v128.load32_splat(state + 0);
    let x1: v128 = v128.load32_splat(state + 4);
    let x2: v128 = v128.load32_splat(state + 8);
    let x3: v128 = v128.load32_splat(state + 12);
    let x4: v128 = v128.load32_splat(state + 16);
    let x5: v128 = v128.load32_splat(state + 20);
    let x6: v128 = v128.load32_splat(state + 24);
    let x7: v128 = v128.load32_splat(state + 28);
    let x8: v128 = v128.load32_splat(state + 32);
    let x9: v128 = v128.load32_splat(state + 36);
    let x10: v128 = v128.load32_splat(state + 40);
    let x11: v128 = v128.load32_splat(state + 44);
    const counters = i32x4.add(i32x4.splat(counter), i32x4(0, 1, 2, 3));
    let x12: v128 = counters;
    let x13: v128 = v128.load32_splat(state + 52);
    let x14: v128 = v128.load32_splat(state + 56);
    let x15: v128 = v128.load32_splat(state + 60);
    let doubleRound: u32 = 0;
    do {
      // columns
      x0 = i32x4.add(x0, x4);
      x1 = i32x4.add(x1, x5);
      x2 = i32x4.add(x2, x6);
      x3 = i32x4.add(x3, x7);
      x12 = rotl16(v128.xor(x12, x0));
      x13 = rotl16(v128.xor(x13, x1));
      x14 = rotl16(v128.xor(x14, x2));
      x15 = rotl16(v128.xor(x15, x3));
      x8 = i32x4.add(x8, x12);
      x9 = i32x4.add(x9, x13);
      x10 = i32x4.add(x10, x14);
      x11 = i32x4.add(x11, x15);
      x4 = rotl12(v128.xor(x4, x8));
      x5 = rotl12(v128.xor(x5, x9));
      x6 = rotl12(v128.xor(x6, x10));
      x7 = rotl12(v128.xor(x7, x11));
      x0 = i32x4.add(x0, x4);
      x1 = i32x4.add(x1, x5);
      x2 = i32x4.add(x2, x6);
      x3 = i32x4.add(x3, x7);
      x12 = rotl8(v128.xor(x12, x0));
      x13 = rotl8(v128.xor(x13, x1));
      x14 = rotl8(v128.xor(x14, x2));
      x15 = rotl8(v128.xor(x15, x3));
      x8 = i32x4.add(x8, x12);
      x9 = i32x4.add(x9, x13);
      x10 = i32x4.add(x10, x14);
      x11 = i32x4.add(x11, x15);
      x4 = rotl7(v128.xor(x4, x8));
      x5 = rotl7(v128.xor(x5, x9));
      x6 = rotl7(v128.xor(x6, x10));
      x7 = rotl7(v128.xor(x7, x11));
      // diagonals
      x0 = i32x4.add(x0, x5);
      x1 = i32x4.add(x1, x6);
      x2 = i32x4.add(x2, x7);
      x3 = i32x4.add(x3, x4);
      x15 = rotl16(v128.xor(x15, x0));
      x12 = rotl16(v128.xor(x12, x1));
      x13 = rotl16(v128.xor(x13, x2));
      x14 = rotl16(v128.xor(x14, x3));
      x10 = i32x4.add(x10, x15);
      x11 = i32x4.add(x11, x12);
      x8 = i32x4.add(x8, x13);
      x9 = i32x4.add(x9, x14);
      x5 = rotl12(v128.xor(x5, x10));
      x6 = rotl12(v128.xor(x6, x11));
      x7 = rotl12(v128.xor(x7, x8));
      x4 = rotl12(v128.xor(x4, x9));
      x0 = i32x4.add(x0, x5);
      x1 = i32x4.add(x1, x6);
      x2 = i32x4.add(x2, x7);
      x3 = i32x4.add(x3, x4);
      x15 = rotl8(v128.xor(x15, x0));
      x12 = rotl8(v128.xor(x12, x1));
      x13 = rotl8(v128.xor(x13, x2));
      x14 = rotl8(v128.xor(x14, x3));
      x10 = i32x4.add(x10, x15);
      x11 = i32x4.add(x11, x12);
      x8 = i32x4.add(x8, x13);
      x9 = i32x4.add(x9, x14);
      x5 = rotl7(v128.xor(x5, x10));
      x6 = rotl7(v128.xor(x6, x11));
      x7 = rotl7(v128.xor(x7, x8));
      x4 = rotl7(v128.xor(x4, x9));
      doubleRound += 1;
    } while (doubleRound < 10);
    storeTransposed(out, plus(x0, state, 0), plus(x1, state, 1), plus(x2, state, 2), plus(x3, state, 3));
    storeTransposed(out + 16, plus(x4, state, 4), plus(x5, state, 5), plus(x6, state, 6), plus(x7, state, 7));
    storeTransposed(out + 32, plus(x8, state, 8), plus(x9, state, 9), plus(x10, state, 10), plus(x11, state, 11));
    storeTransposed(
      out + 48,
      i32x4.add(x12, counters),
      plus(x13, state, 13),
      plus(x14, state, 14),
      plus(x15, state, 15),
    );
    counter += 4;
    out += 256;
  }
  store<u32>(state + 48, counter);
}

/** target ← target ⊕ source over `length` bytes, rounded up to whole vectors: both must have room for it. */
export function xorInPlace(target: usize, source: usize, length: u32): void {
  const end: usize = target + (length as usize);
  while (target < end) {
    v128.store(target, v128.xor(v128.load(target), v128.load(source)));
    target += 16;
    source += 16;
  }
}
