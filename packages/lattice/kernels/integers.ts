// Exact integers in coefficients: lanes packed to residues and back, and the size of what remains as noise.
//
// A coefficient holds several lanes; lanes lie plane after plane (all coefficients' lane 0, then lane 1, …), so every access is a
// plain vector load. Vectors are 16-byte aligned, their length n is a multiple of 4 and positive.
// Constant-time in the data: no branch and no address depends on a value.

import { highHalves, lowHalves, multiplyHigh, reduceWide } from './arithmetic/lanes';

/**
 * out[i] ← Σ_l (x_l[i] + bias)·weights[l] + constant mod q: the residues of Σ_l x_l·weights[l] when constant = −bias·Σ weights.
 * x_l + bias must be a natural number below 2^32 (bias 0: x unsigned; bias 2^31: any signed word). Sums are folded to a residue
 * every `group` lanes: group·2^30·(the largest x + bias) + 2^30 must stay below 2^64.
 * wordResidue = 2^32 mod q with its Shoup quotient, reciprocal = ⌊2^32 / q⌋.
 */
export function packLanes(
  out: usize,
  lanes: usize,
  laneStride: u32,
  laneCount: u32,
  weights: usize,
  bias: u32,
  constant: u32,
  group: u32,
  n: u32,
  q: u32,
  wordResidue: u32,
  wordResidueQuotient: u32,
  reciprocal: u32,
): void {
  const qs: v128 = v128.splat<u32>(q);
  const q2: v128 = v128.splat<u32>(q << (1 as u32));
  const word: v128 = v128.splat<u32>(wordResidue);
  const wordQuotient: v128 = v128.splat<u32>(wordResidueQuotient);
  const mu: v128 = v128.splat<u32>(reciprocal);
  const offset: v128 = v128.splat<u32>(bias);
  const start: v128 = v128.splat<u64>(constant as u64);
  const end: usize = out + ((n as usize) << 2);
  do {
    let low: v128 = start;
    let high: v128 = start;
    let p: usize = lanes;
    let w: usize = weights;
    let left: u32 = laneCount;
    do {
      let t: u32 = min<u32>(left, group);
      left -= t;
      do {
        const x: v128 = v128.add<u32>(v128.load(p), offset);
        const weight: v128 = v128.load32_splat(w);
        low = v128.add<u64>(low, v128.extmul_low<u32>(x, weight));
        high = v128.add<u64>(high, v128.extmul_high<u32>(x, weight));
        p += laneStride as usize;
        w += 4;
        t -= 1;
      } while (t !== (0 as u32));
      const folded: v128 = reduceWide(highHalves(low, high), lowHalves(low, high), word, wordQuotient, mu, qs, q2);
      low = v128.extend_low<u32>(folded);
      high = v128.extend_high<u32>(folded);
    } while (left !== (0 as u32));
    v128.store(out, lowHalves(low, high));
    out += 16;
    lanes += 16;
  } while (out < end);
}

/**
 * max_i |x[i]| / Q in units of 2^-24, where x = Σ_t y_t·(Q/q_t) centred: the distance of Σ_t y_t/q_t from the nearest integer.
 * reciprocals[t] = ⌊2^56 / q_t⌋. Each term falls short by less than 1.25 units, so the true value lies within 1.25·terms of this.
 */
export function largestResidual(y: usize, yStride: u32, terms: u32, reciprocals: usize, n: u32): u32 {
  let largest: v128 = v128.splat<u32>(0);
  const end: usize = y + ((n as usize) << 2);
  do {
    let sum: v128 = v128.splat<u32>(0);
    let p: usize = y;
    let k: usize = reciprocals;
    let t: u32 = terms;
    do {
      sum = v128.add<u32>(sum, multiplyHigh(v128.load(p), v128.load32_splat(k)));
      p += yStride as usize;
      k += 4;
      t -= 1;
    } while (t !== (0 as u32));
    // The fraction moved to the top of the word is signed there: the nearest integer is subtracted by dropping bits.
    largest = v128.max<u32>(largest, v128.abs<i32>(v128.shr<i32>(v128.shl<i32>(sum, 8), 8)));
    y += 16;
  } while (y < end);
  const pairs: v128 = v128.max<u32>(largest, v128.shuffle<u32>(largest, largest, 2, 3, 0, 1));
  return max<u32>(v128.extract_lane<u32>(pairs, 0), v128.extract_lane<u32>(pairs, 1));
}

/**
 * The lanes of x = Σ_t y_t·(Q/q_t) − count·Q modulo 2^(laneBits·laneCount), as doubles, plane after plane (8·n bytes each).
 * A lane of at most 28 bits is one digit (lowBits 0, highBits = laneBits), a wider one two digits (laneBits = lowBits + highBits,
 * each at most 28). `weights`: for every digit, lowest first, `terms` words (Q/q_t mod 2^(all)) cut to this digit and then one
 * word of −Q mod 2^(all) cut likewise. Signed lanes are balanced: a lane in [−2^(laneBits−1), 2^(laneBits−1)) borrows from the next.
 * terms ≤ 62: every sum of 30 + 28 bits stays below 2^64.
 */
export function unpackLanes(
  out: usize,
  y: usize,
  yStride: u32,
  terms: u32,
  counts: usize,
  weights: usize,
  laneCount: u32,
  lowBits: u32,
  highBits: u32,
  isSigned: u32,
  n: u32,
): void {
  const lowMask: v128 = v128.splat<u64>(((1 as u64) << (lowBits as u64)) - (1 as u64));
  const highMask: v128 = v128.splat<u64>(((1 as u64) << (highBits as u64)) - (1 as u64));
  const scale: v128 = v128.splat<f64>(((1 as u64) << (lowBits as u64)) as f64);
  const signMask: v128 = v128.splat<u32>(isSigned);
  const signShift: i32 = (highBits - (1 as u32)) as i32;
  const digitBytes: usize = ((terms + (1 as u32)) as usize) << 2;
  const plane: usize = (n as usize) << 3;
  const end: usize = y + ((n as usize) << 2);
  do {
    const count: v128 = v128.load(counts);
    let low: v128 = v128.splat<u64>(0);
    let high: v128 = v128.splat<u64>(0);
    let w: usize = weights;
    let target: usize = out;
    let left: u32 = laneCount;
    do {
      let lowest: v128 = v128.splat<u32>(0);
      if (lowBits !== (0 as u32)) {
        let p: usize = y;
        let k: usize = w;
        const stop: usize = w + ((terms as usize) << 2);
        do {
          const x: v128 = v128.load(p);
          const weight: v128 = v128.load32_splat(k);
          low = v128.add<u64>(low, v128.extmul_low<u32>(x, weight));
          high = v128.add<u64>(high, v128.extmul_high<u32>(x, weight));
          p += yStride as usize;
          k += 4;
        } while (k < stop);
        const negative: v128 = v128.load32_splat(k);
        low = v128.add<u64>(low, v128.extmul_low<u32>(count, negative));
        high = v128.add<u64>(high, v128.extmul_high<u32>(count, negative));
        lowest = lowHalves(v128.and(low, lowMask), v128.and(high, lowMask));
        low = v128.shr<u64>(low, lowBits as i32);
        high = v128.shr<u64>(high, lowBits as i32);
        w += digitBytes;
      }
      let p: usize = y;
      let k: usize = w;
      const stop: usize = w + ((terms as usize) << 2);
      do {
        const x: v128 = v128.load(p);
        const weight: v128 = v128.load32_splat(k);
        low = v128.add<u64>(low, v128.extmul_low<u32>(x, weight));
        high = v128.add<u64>(high, v128.extmul_high<u32>(x, weight));
        p += yStride as usize;
        k += 4;
      } while (k < stop);
      const negative: v128 = v128.load32_splat(k);
      low = v128.add<u64>(low, v128.extmul_low<u32>(count, negative));
      high = v128.add<u64>(high, v128.extmul_high<u32>(count, negative));
      const digit: v128 = lowHalves(v128.and(low, highMask), v128.and(high, highMask));
      low = v128.shr<u64>(low, highBits as i32);
      high = v128.shr<u64>(high, highBits as i32);
      w += digitBytes;
      // Balanced: a digit with its top bit set stands for itself minus 2^highBits, and the next lane gets the one it borrowed.
      const borrow: v128 = v128.and(v128.shr<u32>(digit, signShift), signMask);
      low = v128.add<u64>(low, v128.extend_low<u32>(borrow));
      high = v128.add<u64>(high, v128.extend_high<u32>(borrow));
      const leading: v128 = v128.sub<i32>(digit, v128.shl<i32>(borrow, highBits as i32));
      v128.store(
        target,
        v128.add<f64>(v128.mul<f64>(v128.convert_low<i32>(leading), scale), v128.convert_low<i32>(lowest)),
      );
      v128.store(
        target,
        v128.add<f64>(
          v128.mul<f64>(v128.convert_low<i32>(v128.shuffle<u32>(leading, leading, 2, 3, 0, 1)), scale),
          v128.convert_low<i32>(v128.shuffle<u32>(lowest, lowest, 2, 3, 0, 1)),
        ),
        16,
      );
      target += plane;
      left -= 1;
    } while (left !== (0 as u32));
    out += 32;
    y += 16;
    counts += 16;
  } while (y < end);
}

/** 1 when every 32-bit word satisfies (word − lowest) mod 2^32 ≤ span, else 0: a range check of signed or unsigned words. */
export function wordsWithin(words: usize, n: u32, lowest: u32, span: u32): u32 {
  const first: v128 = v128.splat<u32>(lowest);
  const width: v128 = v128.splat<u32>(span);
  let good: v128 = v128.splat<u32>(0xffffffff);
  const end: usize = words + ((n as usize) << 2);
  do {
    good = v128.and(good, v128.le<u32>(v128.sub<u32>(v128.load(words), first), width));
    words += 16;
  } while (words < end);
  return v128.all_true<u32>(good) ? 1 : 0;
}

/**
 * Doubles → 32-bit words (two's complement); returns 1 when every double is an integer in [lowest, highest], else 0. Adding
 * 1.5·2^52 to an integer of less than 51 bits leaves it in the low bits of the mantissa, and rounds anything else away from itself.
 */
export function wordsFromDoubles(out: usize, values: usize, n: u32, lowest: f64, highest: f64): u32 {
  const magic: v128 = v128.splat<f64>(6755399441055744.0);
  const least: v128 = v128.splat<f64>(lowest);
  const most: v128 = v128.splat<f64>(highest);
  let good: v128 = v128.splat<u32>(0xffffffff);
  const end: usize = out + ((n as usize) << 2);
  do {
    const a: v128 = v128.load(values);
    const b: v128 = v128.load(values, 16);
    const shiftedA: v128 = v128.add<f64>(a, magic);
    const shiftedB: v128 = v128.add<f64>(b, magic);
    const integerA: v128 = v128.eq<f64>(v128.sub<f64>(shiftedA, magic), a);
    const integerB: v128 = v128.eq<f64>(v128.sub<f64>(shiftedB, magic), b);
    const insideA: v128 = v128.and(v128.ge<f64>(a, least), v128.le<f64>(a, most));
    const insideB: v128 = v128.and(v128.ge<f64>(b, least), v128.le<f64>(b, most));
    good = v128.and(good, v128.and(v128.and(integerA, integerB), v128.and(insideA, insideB)));
    v128.store(out, lowHalves(shiftedA, shiftedB));
    out += 16;
    values += 32;
  } while (out < end);
  return v128.all_true<u32>(good) ? 1 : 0;
}
