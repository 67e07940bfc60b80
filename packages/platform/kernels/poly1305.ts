// Poly1305 (RFC 8439 section 2.5): one WebAssembly module of packages/platform, used by web.ts for ChaCha20-Poly1305.
// Numbers modulo p = 2^130 − 5 are five limbs of 26 bits, products sums of five u32 × u32 → u64.
// It refuses nothing: padding and lengths are web-aead.ts' business. No branch and no address depends on a secret.
//
// The state (secret, 56 bytes): r at 0, accumulator h at 20, the key's half s at 40
// (16 bytes). Between calls every limb of h is < 2^26, but for h1, which may reach 2^26 + 2^11.

/** Takes the 32-byte one-time key at `key`: r clamped (RFC 8439 section 2.5.1) and cut into limbs, s copied, h = 0. */
export function begin(state: usize, key: usize): void {
  store<u32>(state, load<u32>(key) & 0x3ffffff);
  store<u32>(state + 4, (load<u32>(key + 3) >> 2) & 0x3ffff03);
  store<u32>(state + 8, (load<u32>(key + 6) >> 4) & 0x3ffc0ff);
  store<u32>(state + 12, (load<u32>(key + 9) >> 6) & 0x3f03fff);
  store<u32>(state + 16, (load<u32>(key + 12) >> 8) & 0x00fffff);
  store<u64>(state + 20, 0);
  store<u64>(state + 28, 0);
  store<u32>(state + 36, 0);
  store<u64>(state + 40, load<u64>(key + 16));
  store<u64>(state + 48, load<u64>(key + 24));
}

/** h ← (h + block + 2^128) · r mod p for `blockCount` whole blocks of 16 bytes. Limbs: h < 2^27 + 2^11, 5r < 2^29, sums < 2^59. */
export function absorb(state: usize, blocks: usize, blockCount: u32): void {
  const r0: u64 = load<u32>(state);
  const r1: u64 = load<u32>(state + 4);
  const r2: u64 = load<u32>(state + 8);
  const r3: u64 = load<u32>(state + 12);
  const r4: u64 = load<u32>(state + 16);
  // 2^130 ≡ 5 (mod p): what overflows the top comes back times five.
  const s1: u64 = r1 * 5;
  const s2: u64 = r2 * 5;
  const s3: u64 = r3 * 5;
  const s4: u64 = r4 * 5;
  let h0: u64 = load<u32>(state + 20);
  let h1: u64 = load<u32>(state + 24);
  let h2: u64 = load<u32>(state + 28);
  let h3: u64 = load<u32>(state + 32);
  let h4: u64 = load<u32>(state + 36);
  const mask: u64 = 0x3ffffff;
  const topBit: u64 = 1 << 24;
  const end: usize = blocks + ((blockCount as usize) << 4);
  while (blocks < end) {
    const low: u64 = load<u64>(blocks);
    const high: u64 = load<u64>(blocks + 8);
    h0 += low & mask;
    h1 += (low >> 26) & mask;
    h2 += ((low >> 52) | (high << 12)) & mask;
    h3 += (high >> 14) & mask;
    h4 += (high >> 40) | topBit;
    const d0: u64 = h0 * r0 + h1 * s4 + h2 * s3 + h3 * s2 + h4 * s1;
    let d1: u64 = h0 * r1 + h1 * r0 + h2 * s4 + h3 * s3 + h4 * s2;
    let d2: u64 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * s4 + h4 * s3;
    let d3: u64 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s4;
    let d4: u64 = h0 * r4 + h1 * r3 + h2 * r2 + h3 * r1 + h4 * r0;
    d1 += d0 >> 26;
    d2 += d1 >> 26;
    d3 += d2 >> 26;
    d4 += d3 >> 26;
    h0 = (d0 & mask) + (d4 >> 26) * 5;
    h1 = (d1 & mask) + (h0 >> 26);
    h0 &= mask;
    h2 = d2 & mask;
    h3 = d3 & mask;
    h4 = d4 & mask;
    blocks += 16;
  }
  store<u32>(state + 20, h0 as u32);
  store<u32>(state + 24, h1 as u32);
  store<u32>(state + 28, h2 as u32);
  store<u32>(state + 32, h3 as u32);
  store<u32>(state + 36, h4 as u32);
}

/** tag ← (h mod p) + s mod 2^128, 16 bytes. The state stays secret: the caller wipes it. */
export function finish(state: usize, tag: usize): void {
  const mask: u32 = 0x3ffffff;
  const twoTo26: u32 = 1 << 26;
  let h0: u32 = load<u32>(state + 20);
  let h1: u32 = load<u32>(state + 24);
  let h2: u32 = load<u32>(state + 28);
  let h3: u32 = load<u32>(state + 32);
  let h4: u32 = load<u32>(state + 36);
  // Two passes of carries: after the first, h1 may hold one bit too many, after the second no limb does.
  let pass: u32 = 0;
  do {
    h2 += h1 >> 26;
    h1 &= mask;
    h3 += h2 >> 26;
    h2 &= mask;
    h4 += h3 >> 26;
    h3 &= mask;
    h0 += (h4 >> 26) * 5;
    h4 &= mask;
    h1 += h0 >> 26;
    h0 &= mask;
    pass += 1;
  } while (pass < 2);
  // g = h + 5 − 2^130; it is not negative exactly when h ≥ p, and then it is the answer. Chosen by mask, not by branch.
  let g0: u32 = h0 + 5;
  let g1: u32 = h1 + (g0 >> 26);
  g0 &= mask;
  let g2: u32 = h2 + (g1 >> 26);
  g1 &= mask;
  let g3: u32 = h3 + (g2 >> 26);
  g2 &= mask;
  const g4: u32 = h4 + (g3 >> 26) - twoTo26;
  g3 &= mask;
  const keep: u32 = 0 - (g4 >> 31);
  h0 = (h0 & keep) | (g0 & ~keep);
  h1 = (h1 & keep) | (g1 & ~keep);
  h2 = (h2 & keep) | (g2 & ~keep);
  h3 = (h3 & keep) | (g3 & ~keep);
  h4 = (h4 & keep) | (g4 & ~keep);
  // Back to four words of 32 bits, and s added with carries.
  let sum: u64 = ((h0 | (h1 << 26)) as u64) + (load<u32>(state + 40) as u64);
  store<u32>(tag, sum as u32);
  sum = (sum >> 32) + (((h1 >> 6) | (h2 << 20)) as u64) + (load<u32>(state + 44) as u64);
  store<u32>(tag + 4, sum as u32);
  sum = (sum >> 32) + (((h2 >> 12) | (h3 << 14)) as u64) + (load<u32>(state + 48) as u64);
  store<u32>(tag + 8, sum as u32);
  sum = (sum >> 32) + (((h3 >> 18) | (h4 << 8)) as u64) + (load<u32>(state + 52) as u64);
  store<u32>(tag + 12, sum as u32);
}
