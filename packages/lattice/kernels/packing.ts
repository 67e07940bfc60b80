// Bit packing: words below 2^bits as a stream of bits, 1 ≤ bits ≤ 32, value after value, lowest bit of a value first, lowest bit of
// a byte first. The last byte is filled with zeros. Counts are positive. Addresses of words are 16-byte aligned, of bytes arbitrary.
// Constant-time in the values: branches depend on positions only.

/**
 * Groups of eight values of 24 ≤ bits ≤ 31 bits: four pairs of 2·bits, of which four 64-bit words are made. A group's last word
 * reaches into the bytes of the next group, which is written after it.
 */
function packGroups(out: usize, values: usize, groups: u32, bits: u32): void {
  const b: u64 = bits as u64;
  const pairBits: u64 = b * (2 as u64);
  const lowHalf: v128 = v128.splat<u64>(0xffffffff);
  const step: usize = bits as usize;
  do {
    const first: v128 = v128.load(values);
    const second: v128 = v128.load(values, 16);
    const ab: v128 = v128.or(v128.and(first, lowHalf), v128.shl<u64>(v128.shr<u64>(first, 32), bits as i32));
    const cd: v128 = v128.or(v128.and(second, lowHalf), v128.shl<u64>(v128.shr<u64>(second, 32), bits as i32));
    const p1: u64 = v128.extract_lane<u64>(ab, 1);
    const p2: u64 = v128.extract_lane<u64>(cd, 0);
    const p3: u64 = v128.extract_lane<u64>(cd, 1);
    store<u64>(out, v128.extract_lane<u64>(ab, 0) | (p1 << pairBits));
    store<u64>(out, (p1 >> ((64 as u64) - pairBits)) | (p2 << (pairBits * (2 as u64) - (64 as u64))), 8);
    store<u64>(
      out,
      (p2 >> ((128 as u64) - pairBits * (2 as u64))) | (p3 << (pairBits * (3 as u64) - (128 as u64))),
      16,
    );
    store<u64>(out, p3 >> ((192 as u64) - pairBits * (3 as u64)), 24);
    values += 32;
    out += step;
    groups -= 1;
  } while (groups !== (0 as u32));
}

/** The inverse of packGroups. */
function unpackGroups(out: usize, packed: usize, groups: u32, bits: u32): void {
  const b: u64 = bits as u64;
  const pairBits: u64 = b * (2 as u64);
  const mask: u64 = ((1 as u64) << b) - (1 as u64);
  const even: v128 = v128.splat<u64>(mask);
  const odd: v128 = v128.splat<u64>(mask << (32 as u64));
  const lift: i32 = (32 as i32) - (bits as i32);
  const step: usize = bits as usize;
  do {
    const w0: u64 = load<u64>(packed);
    const w1: u64 = load<u64>(packed, 8);
    const w2: u64 = load<u64>(packed, 16);
    const w3: u64 = load<u64>(packed, 24);
    const p1: u64 = (w0 >> pairBits) | (w1 << ((64 as u64) - pairBits));
    const p2: u64 = (w1 >> (pairBits * (2 as u64) - (64 as u64))) | (w2 << ((128 as u64) - pairBits * (2 as u64)));
    const p3: u64 = (w2 >> (pairBits * (3 as u64) - (128 as u64))) | (w3 << ((192 as u64) - pairBits * (3 as u64)));
    const ab: v128 = v128.replace_lane<u64>(v128.splat<u64>(w0), 1, p1);
    const cd: v128 = v128.replace_lane<u64>(v128.splat<u64>(p2), 1, p3);
    v128.store(out, v128.or(v128.and(ab, even), v128.and(v128.shl<u64>(ab, lift), odd)));
    v128.store(out, v128.or(v128.and(cd, even), v128.and(v128.shl<u64>(cd, lift), odd)), 16);
    out += 32;
    packed += step;
    groups -= 1;
  } while (groups !== (0 as u32));
}

/** Writes ⌈count·bits / 8⌉ bytes, and up to 8 bytes of rubbish behind them. Values are below 2^bits. */
export function packBits(out: usize, values: usize, count: u32, bits: u32): void {
  const groups: u32 = count >> (3 as u32);
  if (bits >= (24 as u32) && bits <= (31 as u32) && groups !== (0 as u32)) {
    packGroups(out, values, groups, bits);
    out += (groups as usize) * (bits as usize);
    values += (groups as usize) << 5;
    count &= 7;
    if (count === (0 as u32)) return;
  }
  const width: u64 = bits as u64;
  const end: usize = values + ((count as usize) << 2);
  let word: u64 = 0;
  let used: u64 = 0;
  while (values < end) {
    const value: u64 = load<u32>(values) as u64;
    values += 4;
    word |= value << used;
    used += width;
    if (used >= (64 as u64)) {
      store<u64>(out, word);
      out += 8;
      used -= 64;
      // What did not fit; the shift is by 1 to 32.
      word = value >> (width - used);
    }
  }
  store<u64>(out, word);
}

/** Reads ⌈count·bits / 8⌉ bytes, and touches up to 8 bytes behind them. */
export function unpackBits(out: usize, packed: usize, count: u32, bits: u32): void {
  const groups: u32 = count >> (3 as u32);
  if (bits >= (24 as u32) && bits <= (31 as u32) && groups !== (0 as u32)) {
    unpackGroups(out, packed, groups, bits);
    packed += (groups as usize) * (bits as usize);
    out += (groups as usize) << 5;
    count &= 7;
  }
  const mask: u32 = (0xffffffff as u32) >> ((32 as u32) - bits);
  const step: usize = bits as usize;
  const end: usize = out + ((count as usize) << 2);
  let bit: usize = 0;
  while (out < end) {
    store<u32>(out, ((load<u64>(packed + (bit >> 3)) >> ((bit & 7) as u64)) as u32) & mask);
    bit += step;
    out += 4;
  }
}

/**
 * Values of 30 bits in quads: value i goes to lane i mod 4 and there to bit 30·⌊i / 4⌋ of that lane's stream of 32-bit words; the
 * lanes' words are interleaved. So 64 values are 240 bytes, and one shift moves four values: twice as fast to read as the dense
 * stream of packBits. `count` is a multiple of 64.
 */
export function packQuads30(out: usize, values: usize, count: u32): void {
  const end: usize = values + ((count as usize) << 2);
  do {
    const v1: v128 = v128.load(values, 16);
    v128.store(out, v128.or(v128.load(values), v128.shl<u32>(v1, 30)));
    const v2: v128 = v128.load(values, 32);
    v128.store(out, v128.or(v128.shr<u32>(v1, 2), v128.shl<u32>(v2, 28)), 16);
    const v3: v128 = v128.load(values, 48);
    v128.store(out, v128.or(v128.shr<u32>(v2, 4), v128.shl<u32>(v3, 26)), 32);
    const v4: v128 = v128.load(values, 64);
    v128.store(out, v128.or(v128.shr<u32>(v3, 6), v128.shl<u32>(v4, 24)), 48);
    const v5: v128 = v128.load(values, 80);
    v128.store(out, v128.or(v128.shr<u32>(v4, 8), v128.shl<u32>(v5, 22)), 64);
    const v6: v128 = v128.load(values, 96);
    v128.store(out, v128.or(v128.shr<u32>(v5, 10), v128.shl<u32>(v6, 20)), 80);
    const v7: v128 = v128.load(values, 112);
    v128.store(out, v128.or(v128.shr<u32>(v6, 12), v128.shl<u32>(v7, 18)), 96);
    const v8: v128 = v128.load(values, 128);
    v128.store(out, v128.or(v128.shr<u32>(v7, 14), v128.shl<u32>(v8, 16)), 112);
    const v9: v128 = v128.load(values, 144);
    v128.store(out, v128.or(v128.shr<u32>(v8, 16), v128.shl<u32>(v9, 14)), 128);
    const v10: v128 = v128.load(values, 160);
    v128.store(out, v128.or(v128.shr<u32>(v9, 18), v128.shl<u32>(v10, 12)), 144);
    const v11: v128 = v128.load(values, 176);
    v128.store(out, v128.or(v128.shr<u32>(v10, 20), v128.shl<u32>(v11, 10)), 160);
    const v12: v128 = v128.load(values, 192);
    v128.store(out, v128.or(v128.shr<u32>(v11, 22), v128.shl<u32>(v12, 8)), 176);
    const v13: v128 = v128.load(values, 208);
    v128.store(out, v128.or(v128.shr<u32>(v12, 24), v128.shl<u32>(v13, 6)), 192);
    const v14: v128 = v128.load(values, 224);
    v128.store(out, v128.or(v128.shr<u32>(v13, 26), v128.shl<u32>(v14, 4)), 208);
    v128.store(out, v128.or(v128.shr<u32>(v14, 28), v128.shl<u32>(v128.load(values, 240), 2)), 224);
    values += 256;
    out += 240;
  } while (values < end);
}

/**
 * sums ← sums + values modulo q, the values as packQuads30 writes them; sums below q, 2^29 < q < 2^30. Answers the largest value: when
 * that is not below q, the sums are congruent to what they should be, but may not be reduced.
 */
export function addQuads30(sums: usize, packed: usize, count: u32, q: u32): u32 {
  const qs: v128 = v128.splat<u32>(q);
  const mask: v128 = v128.splat<u32>(0x3fffffff);
  const end: usize = sums + ((count as usize) << 2);
  let largest: v128 = v128.splat<u32>(0);
  do {
    const w0: v128 = v128.load(packed);
    const x0: v128 = v128.and(w0, mask);
    const s0: v128 = v128.add<u32>(v128.load(sums), x0);
    v128.store(sums, v128.min<u32>(s0, v128.sub<u32>(s0, qs)));
    const w1: v128 = v128.load(packed, 16);
    const x1: v128 = v128.and(v128.or(v128.shr<u32>(w0, 30), v128.shl<u32>(w1, 2)), mask);
    const s1: v128 = v128.add<u32>(v128.load(sums, 16), x1);
    v128.store(sums, v128.min<u32>(s1, v128.sub<u32>(s1, qs)), 16);
    const w2: v128 = v128.load(packed, 32);
    const x2: v128 = v128.and(v128.or(v128.shr<u32>(w1, 28), v128.shl<u32>(w2, 4)), mask);
    const s2: v128 = v128.add<u32>(v128.load(sums, 32), x2);
    v128.store(sums, v128.min<u32>(s2, v128.sub<u32>(s2, qs)), 32);
    const w3: v128 = v128.load(packed, 48);
    const x3: v128 = v128.and(v128.or(v128.shr<u32>(w2, 26), v128.shl<u32>(w3, 6)), mask);
    const s3: v128 = v128.add<u32>(v128.load(sums, 48), x3);
    v128.store(sums, v128.min<u32>(s3, v128.sub<u32>(s3, qs)), 48);
    const w4: v128 = v128.load(packed, 64);
    const x4: v128 = v128.and(v128.or(v128.shr<u32>(w3, 24), v128.shl<u32>(w4, 8)), mask);
    const s4: v128 = v128.add<u32>(v128.load(sums, 64), x4);
    v128.store(sums, v128.min<u32>(s4, v128.sub<u32>(s4, qs)), 64);
    const w5: v128 = v128.load(packed, 80);
    const x5: v128 = v128.and(v128.or(v128.shr<u32>(w4, 22), v128.shl<u32>(w5, 10)), mask);
    const s5: v128 = v128.add<u32>(v128.load(sums, 80), x5);
    v128.store(sums, v128.min<u32>(s5, v128.sub<u32>(s5, qs)), 80);
    const w6: v128 = v128.load(packed, 96);
    const x6: v128 = v128.and(v128.or(v128.shr<u32>(w5, 20), v128.shl<u32>(w6, 12)), mask);
    const s6: v128 = v128.add<u32>(v128.load(sums, 96), x6);
    v128.store(sums, v128.min<u32>(s6, v128.sub<u32>(s6, qs)), 96);
    const w7: v128 = v128.load(packed, 112);
    const x7: v128 = v128.and(v128.or(v128.shr<u32>(w6, 18), v128.shl<u32>(w7, 14)), mask);
    const s7: v128 = v128.add<u32>(v128.load(sums, 112), x7);
    v128.store(sums, v128.min<u32>(s7, v128.sub<u32>(s7, qs)), 112);
    const w8: v128 = v128.load(packed, 128);
    const x8: v128 = v128.and(v128.or(v128.shr<u32>(w7, 16), v128.shl<u32>(w8, 16)), mask);
    const s8: v128 = v128.add<u32>(v128.load(sums, 128), x8);
    v128.store(sums, v128.min<u32>(s8, v128.sub<u32>(s8, qs)), 128);
    const w9: v128 = v128.load(packed, 144);
    const x9: v128 = v128.and(v128.or(v128.shr<u32>(w8, 14), v128.shl<u32>(w9, 18)), mask);
    const s9: v128 = v128.add<u32>(v128.load(sums, 144), x9);
    v128.store(sums, v128.min<u32>(s9, v128.sub<u32>(s9, qs)), 144);
    const w10: v128 = v128.load(packed, 160);
    const x10: v128 = v128.and(v128.or(v128.shr<u32>(w9, 12), v128.shl<u32>(w10, 20)), mask);
    const s10: v128 = v128.add<u32>(v128.load(sums, 160), x10);
    v128.store(sums, v128.min<u32>(s10, v128.sub<u32>(s10, qs)), 160);
    const w11: v128 = v128.load(packed, 176);
    const x11: v128 = v128.and(v128.or(v128.shr<u32>(w10, 10), v128.shl<u32>(w11, 22)), mask);
    const s11: v128 = v128.add<u32>(v128.load(sums, 176), x11);
    v128.store(sums, v128.min<u32>(s11, v128.sub<u32>(s11, qs)), 176);
    const w12: v128 = v128.load(packed, 192);
    const x12: v128 = v128.and(v128.or(v128.shr<u32>(w11, 8), v128.shl<u32>(w12, 24)), mask);
    const s12: v128 = v128.add<u32>(v128.load(sums, 192), x12);
    v128.store(sums, v128.min<u32>(s12, v128.sub<u32>(s12, qs)), 192);
    const w13: v128 = v128.load(packed, 208);
    const x13: v128 = v128.and(v128.or(v128.shr<u32>(w12, 6), v128.shl<u32>(w13, 26)), mask);
    const s13: v128 = v128.add<u32>(v128.load(sums, 208), x13);
    v128.store(sums, v128.min<u32>(s13, v128.sub<u32>(s13, qs)), 208);
    const w14: v128 = v128.load(packed, 224);
    const x14: v128 = v128.and(v128.or(v128.shr<u32>(w13, 4), v128.shl<u32>(w14, 28)), mask);
    const s14: v128 = v128.add<u32>(v128.load(sums, 224), x14);
    v128.store(sums, v128.min<u32>(s14, v128.sub<u32>(s14, qs)), 224);
    const x15: v128 = v128.shr<u32>(w14, 2);
    const s15: v128 = v128.add<u32>(v128.load(sums, 240), x15);
    v128.store(sums, v128.min<u32>(s15, v128.sub<u32>(s15, qs)), 240);
    largest = v128.max<u32>(largest, v128.max<u32>(v128.max<u32>(x0, x1), v128.max<u32>(x2, x3)));
    largest = v128.max<u32>(largest, v128.max<u32>(v128.max<u32>(x4, x5), v128.max<u32>(x6, x7)));
    largest = v128.max<u32>(largest, v128.max<u32>(v128.max<u32>(x8, x9), v128.max<u32>(x10, x11)));
    largest = v128.max<u32>(largest, v128.max<u32>(v128.max<u32>(x12, x13), v128.max<u32>(x14, x15)));
    packed += 240;
    sums += 256;
  } while (sums < end);
  const pairs: v128 = v128.max<u32>(largest, v128.shuffle<u32>(largest, largest, 2, 3, 0, 1));
  return max<u32>(v128.extract_lane<u32>(pairs, 0), v128.extract_lane<u32>(pairs, 1));
}

/** 1 when some word is `bound` or more, else 0; looks at all of them. */
export function someAtLeast(values: usize, count: u32, bound: u32): u32 {
  const bounds: v128 = v128.splat<u32>(bound);
  const wholeEnd: usize = values + (((count & ~(3 as u32)) as usize) << 2);
  const end: usize = values + ((count as usize) << 2);
  let found: v128 = v128.splat<u32>(0);
  while (values < wholeEnd) {
    const x: v128 = v128.load(values);
    found = v128.or(found, v128.eq<u32>(v128.max<u32>(x, bounds), x));
    values += 16;
  }
  let rest: u32 = 0;
  while (values < end) {
    rest |= select<u32>(1, 0, load<u32>(values) >= bound);
    values += 4;
  }
  return rest | select<u32>(1, 0, v128.any_true(found));
}
