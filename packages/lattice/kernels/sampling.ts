// Samplers: from bytes of keystream to residues, small secrets and errors. What each consumes is part of every seeded format.
//
// Constant-time in what is drawn: no branch and no address depends on a value that is kept. `keepBelow` does branch-free
// compaction by the pattern of REJECTED words; the words are independent, and a word that is kept is uniform below the bound
// whatever the pattern, so the pattern is independent of everything that is kept and may be seen.
// Counts are positive multiples of 16 unless a line says else; addresses are 16-byte aligned.

import { multiplyHigh, reduceOnce } from './arithmetic/lanes';

/**
 * Keeps, in order, the random 32-bit words below the largest multiple of `bound` under 2^32, reduced modulo `bound`: unbiased,
 * at least four of five words are kept for bounds below 2^30. Stops when `capacity` words are kept or all are looked at.
 * Returns how many were looked at, stores how many were kept at `kept`. `bound` is no power of two, reciprocal = ⌊2^32 / bound⌋;
 * `shuffles`: for each of 16 patterns the byte shuffle that moves the chosen lanes to the front (random/uniform.ts).
 * Any counts; what lies between the kept words and the end of `out` is unspecified.
 */
export function keepBelow(
  out: usize,
  capacity: u32,
  words: usize,
  available: u32,
  bound: u32,
  reciprocal: u32,
  shuffles: usize,
  kept: usize,
): u32 {
  const limit: u32 = bound * reciprocal;
  const limits: v128 = v128.splat<u32>(limit);
  const bounds: v128 = v128.splat<u32>(bound);
  const mu: v128 = v128.splat<u32>(reciprocal);
  const wordsEnd: usize = words + ((available as usize) << 2);
  const outEnd: usize = out + ((capacity as usize) << 2);
  let w: usize = words;
  let o: usize = out;
  while (w + 16 <= wordsEnd && o + 16 <= outEnd) {
    const x: v128 = v128.load(w);
    const r: v128 = reduceOnce(v128.sub<u32>(x, v128.mul<u32>(multiplyHigh(x, mu), bounds)), bounds);
    const pattern: u32 = v128.bitmask<i32>(v128.lt<u32>(x, limits)) as u32;
    v128.store(o, v128.swizzle(r, v128.load(shuffles + ((pattern as usize) << 4))));
    o += (popcnt<u32>(pattern) as usize) << 2;
    w += 16;
  }
  while (w < wordsEnd && o < outEnd) {
    const x: u32 = load<u32>(w);
    const estimate: u32 = (((x as u64) * (reciprocal as u64)) >> (32 as u64)) as u32;
    const r: u32 = x - estimate * bound;
    store<u32>(o, min<u32>(r, r - bound));
    o += select<usize>(4, 0, x < limit);
    w += 4;
  }
  store<u32>(kept, ((o - out) >> 2) as u32);
  return ((w - words) >> 2) as u32;
}

/** The digits of x < 3^10 in base three, minus one: x ← ⌊x/3⌋, exact because x / (3·2^17) < 1/3. */
function third(x: v128): v128 {
  return v128.shr<u32>(v128.mul<u32>(x, v128.splat<u32>(43691)), 17);
}

function digit(x: v128, rest: v128): v128 {
  return v128.sub<i32>(v128.sub<i32>(x, v128.add<i32>(rest, v128.shl<i32>(rest, 1))), v128.splat<i32>(1));
}

/**
 * Twenty values in {−1, 0, 1} from each word below 3^20, exactly uniform when the words are. Four words w_c = high_c·3^10 + low_c
 * give 80 values: at 8i + c digit i of low_c, at 8i + 4 + c digit i of high_c. Reads whole groups of four words.
 */
export function ternaryDigits(out: usize, words: usize, count: u32): void {
  // ⌊w / 3^10⌋ by ⌊2^47 / 3^10⌋ = 2383401723: short by at most one, put right without a branch.
  const halves: v128 = v128.splat<u32>(59049);
  const end: usize = out + ((count as usize) << 2);
  do {
    const w: v128 = v128.load(words);
    const approximate: v128 = v128.shr<u32>(multiplyHigh(w, v128.splat<u32>(2383401723)), 15);
    const remainder: v128 = v128.sub<u32>(w, v128.mul<u32>(approximate, halves));
    const short: v128 = v128.ge<i32>(remainder, halves);
    let high: v128 = v128.sub<u32>(approximate, short);
    let low: v128 = v128.sub<u32>(remainder, v128.and(short, halves));
    words += 16;
    let left: u32 = 10;
    do {
      const lowRest: v128 = third(low);
      const highRest: v128 = third(high);
      v128.store(out, digit(low, lowRest));
      v128.store(out, digit(high, highRest), 16);
      low = lowRest;
      high = highRest;
      out += 32;
      left -= 1;
    } while (left !== (0 as u32) && out < end);
  } while (out < end);
}

/** Sixteen signed bytes as 32-bit integers. */
function storeSignedBytes(out: usize, bytes: v128): void {
  const low: v128 = v128.extend_low<i8>(bytes);
  const high: v128 = v128.extend_high<i8>(bytes);
  v128.store(out, v128.extend_low<i16>(low));
  v128.store(out, v128.extend_high<i16>(low), 16);
  v128.store(out, v128.extend_low<i16>(high), 32);
  v128.store(out, v128.extend_high<i16>(high), 48);
}

/**
 * Centred binomial: the number of ones among 2·eta fair bits, minus eta, 1 ≤ eta ≤ 64. A block of 64 values takes 16·eta bytes:
 * for each sixteen of them ⌊eta/4⌋ vectors, one byte a value; then eta mod 4 vectors, two bits a value (value 16g + i has bits
 * 2g, 2g + 1 of byte i). A shorter last block reads what it needs of the same layout.
 */
export function centredBinomial(out: usize, random: usize, count: u32, eta: u32): void {
  const end: usize = out + ((count as usize) << 2);
  const wholeBytes: usize = ((eta >> (2 as u32)) as usize) << 4;
  const pairBytes: usize = ((eta & (3 as u32)) as usize) << 4;
  const pairMask: v128 = v128.splat<u8>(3);
  const centre: v128 = v128.splat<u8>(eta as u8);
  let p: usize = random;
  do {
    const pairs: usize = p + (wholeBytes << 2);
    const pairsEnd: usize = pairs + pairBytes;
    let shift: i32 = 0;
    do {
      let sum: v128 = v128.splat<u8>(0);
      const wholeEnd: usize = p + wholeBytes;
      while (p < wholeEnd) {
        sum = v128.add<u8>(sum, v128.popcnt<i8>(v128.load(p)));
        p += 16;
      }
      let r: usize = pairs;
      while (r < pairsEnd) {
        sum = v128.add<u8>(sum, v128.popcnt<i8>(v128.and(v128.shr<u16>(v128.load(r), shift), pairMask)));
        r += 16;
      }
      storeSignedBytes(out, v128.sub<u8>(sum, centre));
      out += 64;
      shift += 2;
    } while (shift < (8 as i32) && out < end);
    p = pairsEnd;
  } while (out < end);
}

/** The entries of a byte table that sixteen indices choose, read by register shuffles: no address depends on an index. */
function lookUp(table: usize, columns: u32, index: v128): v128 {
  const sixteen: v128 = v128.splat<u8>(16);
  const end: usize = table + (columns as usize);
  let found: v128 = v128.splat<u8>(0);
  do {
    // A shuffle gives zero for an index outside 0…15, so exactly one of the tables answers.
    const second: v128 = v128.sub<u8>(index, sixteen);
    const beyond: v128 = v128.sub<u8>(second, sixteen);
    const last: v128 = v128.sub<u8>(beyond, sixteen);
    const a: v128 = v128.or(v128.swizzle(v128.load(table), index), v128.swizzle(v128.load(table, 16), second));
    const b: v128 = v128.or(v128.swizzle(v128.load(table, 32), beyond), v128.swizzle(v128.load(table, 48), last));
    found = v128.or(found, v128.or(a, b));
    index = v128.sub<u8>(last, sixteen);
    table += 64;
  } while (table < end);
  return found;
}

/**
 * A symmetric distribution by Walker's alias method, magnitude then sign. `columns` is 64, 128 or 256. Sixteen values take
 * planes + 1 vectors of random bytes: byte i of vector 0 is the column of value i (its low bits), byte i of vectors 1 … planes
 * its fraction, most significant first, whose last bit is the sign. The magnitude is the column where the fraction (last bit
 * cleared) is below the column's threshold, else the column's alias. `table`: for each plane the columns' threshold bytes, most
 * significant plane first, then the aliases (random/discrete-gaussian.ts).
 */
export function sampleSymmetric(out: usize, random: usize, count: u32, table: usize, columns: u32, planes: u32): void {
  const end: usize = out + ((count as usize) << 2);
  const columnMask: v128 = v128.splat<u8>((columns - (1 as u32)) as u8);
  const one: v128 = v128.splat<u8>(1);
  const zero: v128 = v128.splat<u8>(0);
  const step: usize = ((planes as usize) << 4) + 16;
  do {
    const column: v128 = v128.and(v128.load(random), columnMask);
    let plane: u32 = planes;
    let fraction: usize = random + ((planes as usize) << 4);
    let thresholds: usize = table + (planes as usize) * (columns as usize);
    const alias: v128 = lookUp(thresholds, columns, column);
    const last: v128 = v128.load(fraction);
    const sign: v128 = v128.sub<u8>(zero, v128.and(last, one));
    // From the least significant byte up: below ≠ 0 where what is compared so far is below its threshold.
    let below: v128 = zero;
    let bytes: v128 = v128.andnot(last, one);
    do {
      thresholds -= columns as usize;
      const threshold: v128 = lookUp(thresholds, columns, column);
      below = v128.or(v128.sub_sat<u8>(threshold, bytes), v128.and(v128.eq<u8>(threshold, bytes), below));
      fraction -= 16;
      bytes = v128.load(fraction);
      plane -= 1;
    } while (plane !== (0 as u32));
    const magnitude: v128 = v128.bitselect(alias, column, v128.eq<u8>(below, zero));
    const signLow: v128 = v128.extend_low<i8>(sign);
    const signHigh: v128 = v128.extend_high<i8>(sign);
    const low: v128 = v128.sub<i16>(v128.xor(v128.extend_low<u8>(magnitude), signLow), signLow);
    const high: v128 = v128.sub<i16>(v128.xor(v128.extend_high<u8>(magnitude), signHigh), signHigh);
    v128.store(out, v128.extend_low<i16>(low));
    v128.store(out, v128.extend_high<i16>(low), 16);
    v128.store(out, v128.extend_low<i16>(high), 32);
    v128.store(out, v128.extend_high<i16>(high), 48);
    out += 64;
    random += step;
  } while (out < end);
}

/**
 * The wide integers (x + 256)·2^shift + u + v as four planes of `count` words, least significant first (sums below 2^128).
 * x: signed words in [−255, 255]; u, v: ⌈shift/32⌉ planes of random words, cut to `shift` bits; 0 ≤ shift ≤ 96.
 */
export function widenNoise(out: usize, x: usize, u: usize, v: usize, count: u32, shift: u32): void {
  const stride: usize = (count as usize) << 2;
  const end: usize = out + stride;
  const wholeWord: u32 = shift >> (5 as u32);
  const bit: i32 = (shift & (31 as u32)) as i32;
  const all: v128 = v128.splat<u32>(0xffffffff);
  const partial: v128 = v128.splat<u32>(((1 as u32) << (bit as u32)) - (1 as u32));
  const none: v128 = v128.splat<u32>(0);
  do {
    const centred: v128 = v128.add<u32>(v128.load(x), v128.splat<u32>(256));
    const shiftedLow: v128 = v128.shl<u32>(centred, bit);
    const shiftedHigh: v128 = v128.shr<u32>(v128.shr<u32>(centred, 1), 31 - bit);
    let carry: v128 = none;
    let word: u32 = 0;
    let o: usize = out;
    let pu: usize = u;
    let pv: usize = v;
    do {
      let a: v128 = none;
      let b: v128 = none;
      let g: v128 = none;
      if (word < wholeWord || (word === wholeWord && bit !== (0 as i32))) {
        const mask: v128 = word < wholeWord ? all : partial;
        a = v128.and(v128.load(pu), mask);
        b = v128.and(v128.load(pv), mask);
      }
      if (word === wholeWord) g = shiftedLow;
      if (word === wholeWord + (1 as u32)) g = shiftedHigh;
      // Three words and a carry of at most two; each wrap is seen as a sum below its last term, and a mask is minus one.
      const first: v128 = v128.add<u32>(a, b);
      const second: v128 = v128.add<u32>(first, g);
      const sum: v128 = v128.add<u32>(second, carry);
      const wraps: v128 = v128.add<u32>(v128.lt<u32>(first, b), v128.lt<u32>(second, g));
      carry = v128.sub<u32>(none, v128.add<u32>(wraps, v128.lt<u32>(sum, carry)));
      v128.store(o, sum);
      o += stride;
      pu += stride;
      pv += stride;
      word += 1;
    } while (word < (4 as u32));
    out += 16;
    x += 16;
    u += 16;
    v += 16;
  } while (out < end);
}
