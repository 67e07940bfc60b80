// Masks: words of a key stream added to and subtracted from words modulo 2^32, and words of so many bits packed into a stream of bits
// and added from one; and words as signed numbers again. Who works modulo 2^bits with bits < 32 reduces when packing: carries run upwards only.
//
//   stream word i = bytes [size·i, size·(i + 1)) of the key stream, lowest byte first, size in [1, 4]
//   packed word i = bits [bits·i, bits·(i + 1)) of the stream of bits, lowest bit of a byte first, bits in [1, 32]
//
// Words are 16-byte aligned. Reads up to 16 bytes behind a stream or packed words, whose values do not matter; pack writes exactly
// ⌈count·bits/8⌉ bytes. count·bits < 2^32. Constant-time: branches depend on counts and positions only.

/** Four stream words of 4, 3, 2 or 1 bytes each. */
function fourOf4(stream: usize): v128 {
  return v128.load(stream);
}

/** Indices beyond a vector give zeros: one instruction where a shuffle with a vector of zeros is several. */
function fourOf3(stream: usize): v128 {
  return v128.swizzle(v128.load(stream), i8x16(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1));
}

function fourOf2(stream: usize): v128 {
  return v128.load_ext<u16>(stream);
}

function fourOf1(stream: usize): v128 {
  const bytes: v128 = v128.load_splat<u32>(stream);
  return v128.extend_low<u16>(v128.extend_low<u8>(bytes));
}

/** words += stream words. */
export function addStream(words: usize, stream: usize, count: u32, size: u32): void {
  const end: usize = words + ((count as usize) << 2);
  const foursEnd: usize = words + (((count & ~(3 as u32)) as usize) << 2);
  if (size === (4 as u32)) {
    while (words < foursEnd) {
      v128.store(words, v128.add<u32>(v128.load(words), fourOf4(stream)));
      words += 16;
      stream += 16;
    }
  } else if (size === (3 as u32)) {
    while (words < foursEnd) {
      v128.store(words, v128.add<u32>(v128.load(words), fourOf3(stream)));
      words += 16;
      stream += 12;
    }
  } else if (size === (2 as u32)) {
    while (words < foursEnd) {
      v128.store(words, v128.add<u32>(v128.load(words), fourOf2(stream)));
      words += 16;
      stream += 8;
    }
  } else {
    while (words < foursEnd) {
      v128.store(words, v128.add<u32>(v128.load(words), fourOf1(stream)));
      words += 16;
      stream += 4;
    }
  }
  const rest: u32 = restMask(size);
  while (words < end) {
    store<u32>(words, load<u32>(words) + (load<u32>(stream) & rest));
    words += 4;
    stream += size as usize;
  }
}

/** words −= stream words. */
export function subtractStream(words: usize, stream: usize, count: u32, size: u32): void {
  const end: usize = words + ((count as usize) << 2);
  const foursEnd: usize = words + (((count & ~(3 as u32)) as usize) << 2);
  if (size === (4 as u32)) {
    while (words < foursEnd) {
      v128.store(words, v128.sub<u32>(v128.load(words), fourOf4(stream)));
      words += 16;
      stream += 16;
    }
  } else if (size === (3 as u32)) {
    while (words < foursEnd) {
      v128.store(words, v128.sub<u32>(v128.load(words), fourOf3(stream)));
      words += 16;
      stream += 12;
    }
  } else if (size === (2 as u32)) {
    while (words < foursEnd) {
      v128.store(words, v128.sub<u32>(v128.load(words), fourOf2(stream)));
      words += 16;
      stream += 8;
    }
  } else {
    while (words < foursEnd) {
      v128.store(words, v128.sub<u32>(v128.load(words), fourOf1(stream)));
      words += 16;
      stream += 4;
    }
  }
  const rest: u32 = restMask(size);
  while (words < end) {
    store<u32>(words, load<u32>(words) - (load<u32>(stream) & rest));
    words += 4;
    stream += size as usize;
  }
}

/** The `bits` lowest bits of a word; bits in [1, 32]. */
function lowBits(bits: u32): u32 {
  return (0xffffffff as u32) >> ((32 as u32) - bits);
}

function restMask(size: u32): u32 {
  return lowBits(size * (8 as u32));
}

/** out = words modulo 2^bits, packed. */
export function pack(out: usize, words: usize, count: u32, bits: u32): void {
  const mask: u32 = lowBits(bits);
  const width: u64 = bits as u64;
  const end: usize = words + ((count as usize) << 2);
  let held: u64 = 0;
  let used: u64 = 0;
  while (words < end) {
    held |= ((load<u32>(words) & mask) as u64) << used;
    used += width;
    words += 4;
    if (used >= (32 as u64)) {
      store<u32>(out, held as u32);
      out += 4;
      held >>= 32;
      used -= 32;
    }
  }
  while (used > (0 as u64)) {
    store<u8>(out, held as u8);
    out += 1;
    held >>= 8;
    used = used > (8 as u64) ? used - (8 as u64) : (0 as u64);
  }
}

/** Which four bytes hold the bits of four words that begin at bit `first`, as a vector for swizzle. */
function bytesOfFour(first: u32, bits: u32): v128 {
  let low: u64 = 0;
  let high: u64 = 0;
  for (let lane: u32 = 0; lane < (4 as u32); lane++) {
    const byte: u64 = ((first + lane * bits) >> (3 as u32)) as u64;
    const four: u64 = byte | ((byte + (1 as u64)) << 8) | ((byte + (2 as u64)) << 16) | ((byte + (3 as u64)) << 24);
    const place: u64 = ((lane & (1 as u32)) as u64) << 5;
    if (lane < (2 as u32)) low |= four << place;
    else high |= four << place;
  }
  return v128.replace_lane<u64>(v128.splat<u64>(low), 1, high);
}

/** 2^(most − s) for each of four words that begin at bit s of their first byte: a product brings all of them to bit `most`. */
function liftsOfFour(first: u32, bits: u32, most: u32): v128 {
  const one: u32 = (1 as u32) << most;
  let lifts: v128 = v128.splat<u32>(one >> (first & (7 as u32)));
  lifts = v128.replace_lane<u32>(lifts, 1, one >> ((first + bits) & (7 as u32)));
  lifts = v128.replace_lane<u32>(lifts, 2, one >> ((first + bits * (2 as u32)) & (7 as u32)));
  return v128.replace_lane<u32>(lifts, 3, one >> ((first + bits * (3 as u32)) & (7 as u32)));
}

/** The last bit of a byte at which one of eight words begins: words of an odd number of bits begin at all of them, even ones at fewer. */
function mostOf(bits: u32): u32 {
  if ((bits & (1 as u32)) === (1 as u32)) return 7;
  if ((bits & (2 as u32)) === (2 as u32)) return 6;
  return (bits & (4 as u32)) === (4 as u32) ? (4 as u32) : (0 as u32);
}

/** words += packed words. */
export function addPacked(words: usize, packed: usize, count: u32, bits: u32): void {
  const end: usize = words + ((count as usize) << 2);
  // Eight words are `bits` bytes. The bits in front of a word and the word must fit a lane: up to 25 bits they do, and of 26, 28 and 32.
  const most: u32 = mostOf(bits);
  if (bits + most <= (32 as u32)) {
    const eightsEnd: usize = words + (((count & ~(7 as u32)) as usize) << 2);
    const second: u32 = (bits & (1 as u32)) << (2 as u32);
    const bytesA: v128 = bytesOfFour(0, bits);
    const bytesB: v128 = bytesOfFour(second, bits);
    const liftsA: v128 = liftsOfFour(0, bits, most);
    const liftsB: v128 = liftsOfFour(second, bits, most);
    const mask: v128 = v128.splat<u32>(lowBits(bits));
    const half: usize = (bits >> (1 as u32)) as usize;
    while (words < eightsEnd) {
      const a: v128 = v128.swizzle(v128.load(packed), bytesA);
      const b: v128 = v128.swizzle(v128.load(packed + half), bytesB);
      const wordsA: v128 = v128.and(v128.shr<u32>(v128.mul<u32>(a, liftsA), most as i32), mask);
      const wordsB: v128 = v128.and(v128.shr<u32>(v128.mul<u32>(b, liftsB), most as i32), mask);
      v128.store(words, v128.add<u32>(v128.load(words), wordsA));
      v128.store(words, v128.add<u32>(v128.load(words, 16), wordsB), 16);
      words += 32;
      packed += bits as usize;
    }
  }
  const mask: u64 = lowBits(bits) as u64;
  let bit: u32 = 0;
  while (words < end) {
    const eight: u64 = load<u64>(packed + ((bit >> (3 as u32)) as usize));
    const word: u64 = (eight >> ((bit & (7 as u32)) as u64)) & mask;
    store<u32>(words, load<u32>(words) + (word as u32));
    words += 4;
    bit += bits;
  }
}

/**
 * words modulo 2^bits become signed numbers in [−2^(bits−1), 2^(bits−1)), and the least and the greatest of them are kept: `extremes`
 * holds two signed words, written so before the first call that they are lowered and raised from there.
 */
export function signExtend(words: usize, count: u32, bits: u32, extremes: usize): void {
  const end: usize = words + ((count as usize) << 2);
  const foursEnd: usize = words + (((count & ~(3 as u32)) as usize) << 2);
  const shift: i32 = ((32 as u32) - bits) as i32;
  let least: i32 = load<i32>(extremes);
  let greatest: i32 = load<i32>(extremes, 4);
  let leastOfFour: v128 = v128.splat<i32>(least);
  let greatestOfFour: v128 = v128.splat<i32>(greatest);
  while (words < foursEnd) {
    const four: v128 = v128.shr<i32>(v128.shl<i32>(v128.load(words), shift), shift);
    v128.store(words, four);
    leastOfFour = v128.min<i32>(leastOfFour, four);
    greatestOfFour = v128.max<i32>(greatestOfFour, four);
    words += 16;
  }
  least = min<i32>(
    min<i32>(v128.extract_lane<i32>(leastOfFour, 0), v128.extract_lane<i32>(leastOfFour, 1)),
    min<i32>(v128.extract_lane<i32>(leastOfFour, 2), v128.extract_lane<i32>(leastOfFour, 3)),
  );
  greatest = max<i32>(
    max<i32>(v128.extract_lane<i32>(greatestOfFour, 0), v128.extract_lane<i32>(greatestOfFour, 1)),
    max<i32>(v128.extract_lane<i32>(greatestOfFour, 2), v128.extract_lane<i32>(greatestOfFour, 3)),
  );
  while (words < end) {
    const one: i32 = (load<i32>(words) << shift) >> shift;
    store<i32>(words, one);
    least = min<i32>(least, one);
    greatest = max<i32>(greatest, one);
    words += 4;
  }
  store<i32>(extremes, least);
  store<i32>(extremes, greatest, 4);
}
