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
