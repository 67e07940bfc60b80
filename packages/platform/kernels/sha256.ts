// SHA-256 (FIPS 180-4 section 6.2.2): the compression function, one WebAssembly module of packages/platform, used by web.ts.
// The message schedule is computed four words at a time in a vector, the rounds in scalar registers.
// It refuses nothing: padding and lengths are web-sha256.ts' business. No branch and no address depends on the message.
// The 64 round constants are handed in (`constants`), because a kernel holds no static data.

function bigSigma0(x: u32): u32 {
  return rotr<u32>(x, 2) ^ rotr<u32>(x, 13) ^ rotr<u32>(x, 22);
}

function bigSigma1(x: u32): u32 {
  return rotr<u32>(x, 6) ^ rotr<u32>(x, 11) ^ rotr<u32>(x, 25);
}

/** Ch(x, y, z) = (x ∧ y) ⊕ (¬x ∧ z), with one operation fewer. */
function choose(x: u32, y: u32, z: u32): u32 {
  return z ^ (x & (y ^ z));
}

/** Maj(x, y, z) = (x ∧ y) ⊕ (x ∧ z) ⊕ (y ∧ z): y, unless x and z agree on something else. */
function majority(x: u32, y: u32, z: u32): u32 {
  return ((x ^ y) & (y ^ z)) ^ y;
}

/** σ0(x) = rotr 7 ⊕ rotr 18 ⊕ shr 3, in four lanes. */
function smallSigma0(x: v128): v128 {
  const rotated7 = v128.or(i32x4.shr_u(x, 7), i32x4.shl(x, 25));
  const rotated18 = v128.or(i32x4.shr_u(x, 18), i32x4.shl(x, 14));
  return v128.xor(v128.xor(rotated7, rotated18), i32x4.shr_u(x, 3));
}

/** σ1(x) = rotr 17 ⊕ rotr 19 ⊕ shr 10, in four lanes. */
function smallSigma1(x: v128): v128 {
  const rotated17 = v128.or(i32x4.shr_u(x, 17), i32x4.shl(x, 15));
  const rotated19 = v128.or(i32x4.shr_u(x, 19), i32x4.shl(x, 13));
  return v128.xor(v128.xor(rotated17, rotated19), i32x4.shr_u(x, 10));
}

/**
 * The next four words of the schedule from the last sixteen, w0 … w3, oldest first:
 * W_t = σ1(W_(t−2)) + W_(t−7) + σ0(W_(t−15)) + W_(t−16). Lanes 2 and 3 need σ1 of lanes 0 and 1, hence two steps.
 */
function nextFour(w0: v128, w1: v128, w2: v128, w3: v128): v128 {
  const back15 = v128.shuffle<u32>(w0, w1, 1, 2, 3, 4);
  const back7 = v128.shuffle<u32>(w2, w3, 1, 2, 3, 4);
  const partial = i32x4.add(i32x4.add(w0, smallSigma0(back15)), back7);
  const zero = i32x4.splat(0);
  const firstTwo = i32x4.add(partial, v128.shuffle<u32>(smallSigma1(w3), zero, 2, 3, 4, 4));
  return i32x4.add(firstTwo, v128.shuffle<u32>(smallSigma1(firstTwo), zero, 4, 4, 0, 1));
}

/** Four words of the message, big-endian in memory. */
function loadBigEndian(at: usize): v128 {
  const bytes = v128.load(at);
  return v128.shuffle<u8>(bytes, bytes, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

/** schedule ← W_t + K_t for t = 0 … 63 of the block at `block`. */
function expand(block: usize, constants: usize, schedule: usize): void {
  let w0 = loadBigEndian(block);
  let w1 = loadBigEndian(block + 16);
  let w2 = loadBigEndian(block + 32);
  let w3 = loadBigEndian(block + 48);
  let t: usize = 0;
  do {
    v128.store(schedule + t, i32x4.add(w0, v128.load(constants + t)));
    v128.store(schedule + t + 16, i32x4.add(w1, v128.load(constants + t + 16)));
    v128.store(schedule + t + 32, i32x4.add(w2, v128.load(constants + t + 32)));
    v128.store(schedule + t + 48, i32x4.add(w3, v128.load(constants + t + 48)));
    w0 = nextFour(w0, w1, w2, w3);
    w1 = nextFour(w1, w2, w3, w0);
    w2 = nextFour(w2, w3, w0, w1);
    w3 = nextFour(w3, w0, w1, w2);
    t += 64;
  } while (t < 192);
  v128.store(schedule + 192, i32x4.add(w0, v128.load(constants + 192)));
  v128.store(schedule + 208, i32x4.add(w1, v128.load(constants + 208)));
  v128.store(schedule + 224, i32x4.add(w2, v128.load(constants + 224)));
  v128.store(schedule + 240, i32x4.add(w3, v128.load(constants + 240)));
}

/**
 * Folds `blockCount` blocks of 64 bytes at `blocks` into the eight words at `state`. `constants` holds K_0 … K_63;
 * `schedule` is 256 bytes of room and keeps what depends on the last block: the caller wipes it.
 */
export function compress(state: usize, blocks: usize, blockCount: u32, constants: usize, schedule: usize): void {
  const end: usize = blocks + ((blockCount as usize) << 6);
  while (blocks < end) {
    expand(blocks, constants, schedule);
    let a: u32 = load<u32>(state);
    let b: u32 = load<u32>(state + 4);
    let c: u32 = load<u32>(state + 8);
    let d: u32 = load<u32>(state + 12);
    let e: u32 = load<u32>(state + 16);
    let f: u32 = load<u32>(state + 20);
    let g: u32 = load<u32>(state + 24);
    let h: u32 = load<u32>(state + 28);
    let t: usize = 0;
    do {
      // One round of step 3: h becomes T1, then T1 + T2; the letters rotate by renaming, so eight rounds return to themselves.
      h += bigSigma1(e) + choose(e, f, g) + load<u32>(schedule + t);
      d += h;
      h += bigSigma0(a) + majority(a, b, c);
      g += bigSigma1(d) + choose(d, e, f) + load<u32>(schedule + t + 4);
      c += g;
      g += bigSigma0(h) + majority(h, a, b);
      f += bigSigma1(c) + choose(c, d, e) + load<u32>(schedule + t + 8);
      b += f;
      f += bigSigma0(g) + majority(g, h, a);
      e += bigSigma1(b) + choose(b, c, d) + load<u32>(schedule + t + 12);
      a += e;
      e += bigSigma0(f) + majority(f, g, h);
      d += bigSigma1(a) + choose(a, b, c) + load<u32>(schedule + t + 16);
      h += d;
      d += bigSigma0(e) + majority(e, f, g);
      c += bigSigma1(h) + choose(h, a, b) + load<u32>(schedule + t + 20);
      g += c;
      c += bigSigma0(d) + majority(d, e, f);
      b += bigSigma1(g) + choose(g, h, a) + load<u32>(schedule + t + 24);
      f += b;
      b += bigSigma0(c) + majority(c, d, e);
      a += bigSigma1(f) + choose(f, g, h) + load<u32>(schedule + t + 28);
      e += a;
      a += bigSigma0(b) + majority(b, c, d);
      t += 32;
    } while (t < 256);
    store<u32>(state, load<u32>(state) + a);
    store<u32>(state + 4, load<u32>(state + 4) + b);
    store<u32>(state + 8, load<u32>(state + 8) + c);
    store<u32>(state + 12, load<u32>(state + 12) + d);
    store<u32>(state + 16, load<u32>(state + 16) + e);
    store<u32>(state + 20, load<u32>(state + 20) + f);
    store<u32>(state + 24, load<u32>(state + 24) + g);
    store<u32>(state + 28, load<u32>(state + 28) + h);
    blocks += 64;
  }
}
