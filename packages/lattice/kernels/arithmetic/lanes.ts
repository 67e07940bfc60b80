// Modular arithmetic on four 32-bit lanes. Primes are below 2^30, so 4q < 2^32 and lazy values fit a lane.
// Nothing here branches on a value: reductions are unsigned minima, hence constant-time in the data.

/** The high halves of the four 32×32-bit products. */
export function multiplyHigh(a: v128, b: v128): v128 {
  return v128.shuffle<u32>(v128.extmul_low<u32>(a, b), v128.extmul_high<u32>(a, b), 1, 3, 5, 7);
}

/** Subtracts `bound` from every lane that is ≥ bound, for lanes < 2·bound: x − bound wraps to a large value otherwise. */
export function reduceOnce(x: v128, bound: v128): v128 {
  return v128.min<u32>(x, v128.sub<u32>(x, bound));
}

/**
 * Shoup's product x·w mod q, lazily: result in [0, 2q) for ANY 32-bit x, with w in [0, q) and quotient = ⌊w·2^32 / q⌋.
 * x·w − ⌊x·quotient / 2^32⌋·q, computed modulo 2^32. (Harvey 2014, algorithm 2.)
 */
export function multiplyShoup(x: v128, w: v128, quotient: v128, q: v128): v128 {
  return v128.sub<u32>(v128.mul<u32>(x, w), v128.mul<u32>(multiplyHigh(x, quotient), q));
}

/**
 * A 64-bit accumulator modulo q, split in lanes of high and low halves: high·2^32 + low → [0, q).
 * `wordResidue` = 2^32 mod q with its Shoup quotient; `reciprocal` = ⌊2^32 / q⌋.
 * high·(2^32 mod q) in [0, 2q), low mod q in [0, 2q) (its quotient estimate is short by at most one): the sum is below 4q.
 */
export function reduceWide(
  high: v128,
  low: v128,
  wordResidue: v128,
  wordResidueQuotient: v128,
  reciprocal: v128,
  q: v128,
  q2: v128,
): v128 {
  const fromHigh: v128 = multiplyShoup(high, wordResidue, wordResidueQuotient, q);
  const fromLow: v128 = v128.sub<u32>(low, v128.mul<u32>(multiplyHigh(low, reciprocal), q));
  return reduceOnce(reduceOnce(v128.add<u32>(fromHigh, fromLow), q2), q);
}

/** The low halves of two vectors of two 64-bit values each. */
export function lowHalves(a: v128, b: v128): v128 {
  return v128.shuffle<u32>(a, b, 0, 2, 4, 6);
}

/** The high halves of two vectors of two 64-bit values each. */
export function highHalves(a: v128, b: v128): v128 {
  return v128.shuffle<u32>(a, b, 1, 3, 5, 7);
}

/** x − y for x, y in [0, bound): the difference, plus bound where it is negative. */
export function subtractReduced(x: v128, y: v128, bound: v128): v128 {
  const difference: v128 = v128.sub<u32>(x, y);
  return v128.min<u32>(difference, v128.add<u32>(difference, bound));
}

/** q^-1 mod 2^32 for odd q: q·q ≡ 1 mod 8, and each of Newton's steps doubles the bits that are right. */
export function inverseModuloWord(q: u32): u32 {
  let inverse: u32 = q;
  for (let bits: u32 = 3; bits < (32 as u32); bits <<= 1) inverse *= (2 as u32) - q * inverse;
  return inverse;
}

/** w·2^32 mod q: the form of an operand whose products are reduced by reduceWord. */
export function liftWord(w: u32, q: u32): u32 {
  return (((w as u64) << (32 as u64)) % (q as u64)) as u32;
}

/**
 * Montgomery's reduction: (high·2^32 + low)·2^-32 mod q in (−q, q), modulo 2^32, for high in [0, q). With inverse = q^-1 mod 2^32,
 * low·inverse·q has the low word `low`, so subtracting it leaves a multiple of 2^32. (Montgomery 1985, signed as in Seiler 2018.)
 */
export function reduceWord(high: v128, low: v128, inverse: v128, q: v128): v128 {
  return v128.sub<u32>(high, multiplyHigh(v128.mul<u32>(low, inverse), q));
}

/** Brings (−q, q) to [0, q). */
export function liftNegative(x: v128, q: v128): v128 {
  return v128.min<u32>(x, v128.add<u32>(x, q));
}
