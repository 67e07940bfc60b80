// Between doubles and residues: rounding scaled coefficients to integers modulo every prime, and composing centred values from
// residues. No branch and no address depends on a value. Vectors are 16-byte aligned, lengths positive multiples of 4.

import { lowHalves, multiplyHigh, multiplyShoup, reduceOnce } from '../arithmetic/lanes';

/** 1.5·2^52: a double of magnitude up to 2^51 added to it is rounded to an integer (half to even), found in its low bits. */
const ROUNDER: f64 = 6755399441055744.0;
const HIGH_OFFSET: f64 = 2147483648.0;
const LOW_OFFSET: f64 = 536870912.0;

/**
 * 1 when one of n doubles (n even) is not a number or its magnitude exceeds `bound`, else 0; bound is finite and positive.
 * Magnitudes compare as their bits do, infinities and NaN above every finite number.
 */
export function exceedsMagnitude(values: usize, n: u32, bound: f64): u32 {
  const limit: v128 = v128.splat<f64>(bound);
  let beyond: v128 = v128.splat<u64>(0);
  const end: usize = values + ((n as usize) << 3);
  do {
    beyond = v128.or(beyond, v128.gt<i64>(v128.abs<f64>(v128.load(values)), limit));
    values += 16;
  } while (values < end);
  return v128.any_true(beyond) ? 1 : 0;
}

/**
 * x = values[i]·factor, |x| ≤ 2^61 − 2^31, rounded to the nearest integer (half to even) = high·2^30 + low:
 * highs[i] = high + 2^31, high in [−2^31, 2^31); lows[i] = low + 2^29, low in [−2^29, 2^29].
 * high = ⌊x·2^-30⌉ is exact, so is x − high·2^30, because both are multiples of the last bit of x: 53 bits suffice for each half.
 */
export function splitCoefficients(highs: usize, lows: usize, values: usize, n: u32, factor: f64): void {
  const factors: v128 = v128.splat<f64>(factor);
  const down: v128 = v128.splat<f64>(1.0 / 1073741824.0);
  const up: v128 = v128.splat<f64>(1073741824.0);
  const highRounder: v128 = v128.splat<f64>(ROUNDER + HIGH_OFFSET);
  const lowRounder: v128 = v128.splat<f64>(ROUNDER + LOW_OFFSET);
  const end: usize = highs + ((n as usize) << 2);
  do {
    const x: v128 = v128.mul<f64>(v128.load(values), factors);
    const y: v128 = v128.mul<f64>(v128.load(values, 16), factors);
    const xh: v128 = v128.add<f64>(v128.mul<f64>(x, down), highRounder);
    const yh: v128 = v128.add<f64>(v128.mul<f64>(y, down), highRounder);
    const xl: v128 = v128.sub<f64>(x, v128.mul<f64>(v128.sub<f64>(xh, highRounder), up));
    const yl: v128 = v128.sub<f64>(y, v128.mul<f64>(v128.sub<f64>(yh, highRounder), up));
    v128.store(highs, lowHalves(xh, yh));
    v128.store(lows, lowHalves(v128.add<f64>(xl, lowRounder), v128.add<f64>(yl, lowRounder)));
    highs += 16;
    lows += 16;
    values += 32;
  } while (highs < end);
}

/**
 * out ← the integers of splitCoefficients modulo q. shift = 2^30 mod q with its Shoup quotient, offset = −2^61 − 2^29 mod q,
 * reciprocal = ⌊2^32 / q⌋. [0, 2q) + [0, 2^30] + [0, q) < 2^32.
 */
export function residuesFromHalves(
  out: usize,
  highs: usize,
  lows: usize,
  n: u32,
  q: u32,
  shift: u32,
  shiftQuotient: u32,
  offset: u32,
  reciprocal: u32,
): void {
  const qs: v128 = v128.splat<u32>(q);
  const shifts: v128 = v128.splat<u32>(shift);
  const quotients: v128 = v128.splat<u32>(shiftQuotient);
  const offsets: v128 = v128.splat<u32>(offset);
  const mu: v128 = v128.splat<u32>(reciprocal);
  const end: usize = out + ((n as usize) << 2);
  do {
    const low: v128 = v128.add<u32>(v128.load(lows), offsets);
    const sum: v128 = v128.add<u32>(multiplyShoup(v128.load(highs), shifts, quotients, qs), low);
    v128.store(out, reduceOnce(v128.sub<u32>(sum, v128.mul<u32>(multiplyHigh(sum, mu), qs)), qs));
    out += 16;
    highs += 16;
    lows += 16;
  } while (out < end);
}

/**
 * Completes a polynomial that X → 1/X leaves as it is (real slots): m_(n−k) = −m_k for 0 < k < n/2, m_(n/2) = 0. n ≥ 16.
 */
export function mirrorResidues(values: usize, n: u32, q: u32): void {
  const qs: v128 = v128.splat<u32>(q);
  const middle: usize = values + ((n as usize) << 1);
  let p: usize = values;
  let out: usize = values + ((n as usize) << 2);
  // m_0 would land behind the end, so each vector of four starts at m_1, m_5, … and the last reaches into the middle.
  v128.store(middle, v128.splat<u32>(0));
  do {
    out -= 16;
    const negated: v128 = reduceOnce(v128.sub<u32>(qs, v128.load(p, 4)), qs);
    v128.store(out, v128.shuffle<u32>(negated, negated, 3, 2, 1, 0));
    p += 16;
  } while (p < middle);
}

/** out[i·stride] ← values[i] for i < n: coefficients of a polynomial in X^stride. */
export function spreadResidues(out: usize, values: usize, n: u32, stride: u32): void {
  const end: usize = values + ((n as usize) << 2);
  do {
    store<u32>(out, load<u32>(values));
    out += (stride as usize) << 2;
    values += 4;
  } while (values < end);
}

/** out[i] ← values[i·stride] for i < n. */
export function collectResidues(out: usize, values: usize, n: u32, stride: u32): void {
  const end: usize = out + ((n as usize) << 2);
  do {
    store<u32>(out, load<u32>(values));
    values += (stride as usize) << 2;
    out += 4;
  } while (out < end);
}

/**
 * out[i] ← the centred x of residues modulo one prime, times factor. Centred values are found without comparing: the residue of
 * x + (q − 1)/2 lies in [0, q), so x is that minus (q − 1)/2.
 */
export function composeOne(out: usize, residues: usize, n: u32, q: u32, factor: f64): void {
  const qs: v128 = v128.splat<u32>(q);
  const half: v128 = v128.splat<u32>(q >> (1 as u32));
  const factors: v128 = v128.splat<f64>(factor);
  const end: usize = residues + ((n as usize) << 2);
  do {
    const x: v128 = v128.sub<u32>(reduceOnce(v128.add<u32>(v128.load(residues), half), qs), half);
    v128.store(out, v128.mul<f64>(v128.convert_low<i32>(x), factors));
    v128.store(out, v128.mul<f64>(v128.convert_low<i32>(v128.shuffle<u64>(x, x, 1, 1)), factors), 16);
    out += 32;
    residues += 16;
  } while (residues < end);
}

/**
 * The same for two primes p and q: x + (pq − 1)/2 = u + p·v in mixed radix, so x = (u − (p − 1)/2) + p·(v − (q − 1)/2), and
 * |x| ≤ (pq − 1)/2 exactly. `offset` = (q − 1)/2 + q·⌈2^30 / q⌉ keeps b + offset − u in [0, 2^32); inverse = p^-1 mod q with its
 * Shoup quotient. One rounding of p·v and one of the sum: relative error below 2^-51.
 */
export function composeTwo(
  out: usize,
  a: usize,
  b: usize,
  n: u32,
  p: u32,
  q: u32,
  offset: u32,
  inverse: u32,
  inverseQuotient: u32,
  factor: f64,
): void {
  const ps: v128 = v128.splat<u32>(p);
  const qs: v128 = v128.splat<u32>(q);
  const halfP: v128 = v128.splat<u32>(p >> (1 as u32));
  const halfQ: v128 = v128.splat<u32>(q >> (1 as u32));
  const offsets: v128 = v128.splat<u32>(offset);
  const inverses: v128 = v128.splat<u32>(inverse);
  const quotients: v128 = v128.splat<u32>(inverseQuotient);
  const weights: v128 = v128.splat<f64>(p as f64);
  const factors: v128 = v128.splat<f64>(factor);
  const end: usize = a + ((n as usize) << 2);
  do {
    const u: v128 = reduceOnce(v128.add<u32>(v128.load(a), halfP), ps);
    const difference: v128 = v128.sub<u32>(v128.add<u32>(v128.load(b), offsets), u);
    const v: v128 = reduceOnce(multiplyShoup(difference, inverses, quotients, qs), qs);
    const low: v128 = v128.sub<u32>(u, halfP);
    const high: v128 = v128.sub<u32>(v, halfQ);
    const x: v128 = v128.add<f64>(v128.mul<f64>(v128.convert_low<i32>(high), weights), v128.convert_low<i32>(low));
    const highTop: v128 = v128.convert_low<i32>(v128.shuffle<u64>(high, high, 1, 1));
    const lowTop: v128 = v128.convert_low<i32>(v128.shuffle<u64>(low, low, 1, 1));
    const y: v128 = v128.add<f64>(v128.mul<f64>(highTop, weights), lowTop);
    v128.store(out, v128.mul<f64>(x, factors));
    v128.store(out, v128.mul<f64>(y, factors), 16);
    out += 32;
    a += 16;
    b += 16;
  } while (a < end);
}

/** out[i] ← out[i] + (digits[i] − (q − 1)/2)·weight, digits in [0, q): one digit of the mixed radix. */
export function addDigits(out: usize, digits: usize, n: u32, q: u32, weight: f64): void {
  const half: v128 = v128.splat<u32>(q >> (1 as u32));
  const weights: v128 = v128.splat<f64>(weight);
  const end: usize = digits + ((n as usize) << 2);
  do {
    const d: v128 = v128.sub<u32>(v128.load(digits), half);
    const top: v128 = v128.shuffle<u64>(d, d, 1, 1);
    v128.store(out, v128.add<f64>(v128.load(out), v128.mul<f64>(v128.convert_low<i32>(d), weights)));
    v128.store(out, v128.add<f64>(v128.load(out, 16), v128.mul<f64>(v128.convert_low<i32>(top), weights)), 16);
    out += 32;
    digits += 16;
  } while (digits < end);
}

/** values[i] ← values[i]·factor. */
export function scaleDoubles(values: usize, n: u32, factor: f64): void {
  const factors: v128 = v128.splat<f64>(factor);
  const end: usize = values + ((n as usize) << 3);
  do {
    v128.store(values, v128.mul<f64>(v128.load(values), factors));
    values += 16;
  } while (values < end);
}
