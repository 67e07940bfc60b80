// From floats to the integers that are summed and back: norms in a fixed order of additions, stochastic rounding with random words
// handed in, noise added within bounds. Every engine gives the same bits. Counts are positive multiples of 4, addresses 16-byte
// aligned. Constant-time: nothing branches on a value.

/** Eight partial sums, of the squares at indices 0 … 7 modulo 8, and how they are added up. */
function addPartialSums(sum01: v128, sum23: v128, sum45: v128, sum67: v128): f64 {
  const sums: v128 = v128.add<f64>(v128.add<f64>(sum01, sum45), v128.add<f64>(sum23, sum67));
  return v128.extract_lane<f64>(sums, 0) + v128.extract_lane<f64>(sums, 1);
}

/** Two squares on top of `sum`. */
function addSquares(sum: v128, x: v128): v128 {
  return v128.add<f64>(sum, v128.mul<f64>(x, x));
}

/** Lanes 2 and 3 in the places of 0 and 1. */
function upperHalf(x: v128): v128 {
  return v128.shuffle<u64>(x, x, 1, 1);
}

/** Σ x² of floats. Not a number, or infinite, exactly when some float is: a square of a finite float never overflows a double. */
export function squaredNorm(values: usize, count: u32): f64 {
  let sum01: v128 = v128.splat<f64>(0);
  let sum23: v128 = sum01;
  let sum45: v128 = sum01;
  let sum67: v128 = sum01;
  const end: usize = values + ((count as usize) << 2);
  const eightsEnd: usize = values + (((count & ~(7 as u32)) as usize) << 2);
  while (values < eightsEnd) {
    const a: v128 = v128.load(values);
    const b: v128 = v128.load(values, 16);
    sum01 = addSquares(sum01, f64x2.promote_low_f32x4(a));
    sum23 = addSquares(sum23, f64x2.promote_low_f32x4(upperHalf(a)));
    sum45 = addSquares(sum45, f64x2.promote_low_f32x4(b));
    sum67 = addSquares(sum67, f64x2.promote_low_f32x4(upperHalf(b)));
    values += 32;
  }
  if (values < end) {
    const a: v128 = v128.load(values);
    sum01 = addSquares(sum01, f64x2.promote_low_f32x4(a));
    sum23 = addSquares(sum23, f64x2.promote_low_f32x4(upperHalf(a)));
  }
  return addPartialSums(sum01, sum23, sum45, sum67);
}

/** Σ q² of signed words, in doubles. */
export function squaredNormOfWords(words: usize, count: u32): f64 {
  let sum01: v128 = v128.splat<f64>(0);
  let sum23: v128 = sum01;
  let sum45: v128 = sum01;
  let sum67: v128 = sum01;
  const end: usize = words + ((count as usize) << 2);
  const eightsEnd: usize = words + (((count & ~(7 as u32)) as usize) << 2);
  while (words < eightsEnd) {
    const a: v128 = v128.load(words);
    const b: v128 = v128.load(words, 16);
    sum01 = addSquares(sum01, f64x2.convert_low_i32x4_s(a));
    sum23 = addSquares(sum23, f64x2.convert_low_i32x4_s(upperHalf(a)));
    sum45 = addSquares(sum45, f64x2.convert_low_i32x4_s(b));
    sum67 = addSquares(sum67, f64x2.convert_low_i32x4_s(upperHalf(b)));
    words += 32;
  }
  if (words < end) {
    const a: v128 = v128.load(words);
    sum01 = addSquares(sum01, f64x2.convert_low_i32x4_s(a));
    sum23 = addSquares(sum23, f64x2.convert_low_i32x4_s(upperHalf(a)));
  }
  return addPartialSums(sum01, sum23, sum45, sum67);
}

/** The sum of four lanes. */
function total(lanes: v128): u32 {
  return (
    v128.extract_lane<u32>(lanes, 0) +
    v128.extract_lane<u32>(lanes, 1) +
    v128.extract_lane<u32>(lanes, 2) +
    v128.extract_lane<u32>(lanes, 3)
  );
}

/**
 * q = ⌊v⌋ + [U < v − ⌊v⌋] with U = ⌊r / 2^8⌋ / 2^24, r the random word of the same place: the expectation is v, exactly where v is a
 * multiple of 2^-24 (always for |v| ≥ 1), otherwise less than 2^-24 above. v is first brought into [−bound, bound]; answers how many were outside.
 * `bound` is whole and below 2^22, floats are finite. `out` may be `random`.
 */
export function roundAtRandom(out: usize, values: usize, random: usize, count: u32, bound: f32): u32 {
  const upper: v128 = v128.splat<f32>(bound);
  const lower: v128 = v128.splat<f32>(-bound);
  const unit: v128 = v128.splat<f32>(0.000000059604644775390625);
  // 1.5 · 2^23: a float of that size has its last bit worth 1, so adding it writes a whole number into the mantissa.
  const magic: v128 = v128.splat<f32>(12582912.0);
  let outside: v128 = v128.splat<u32>(0);
  const end: usize = values + ((count as usize) << 2);
  while (values < end) {
    const v: v128 = v128.load(values);
    outside = v128.sub<u32>(outside, v128.gt<f32>(v128.abs<f32>(v), upper));
    const inside: v128 = v128.pmax<f32>(v128.pmin<f32>(v, upper), lower);
    const below: v128 = v128.floor<f32>(inside);
    const fraction: v128 = v128.sub<f32>(inside, below);
    const uniform: v128 = v128.mul<f32>(f32x4.convert_i32x4_s(v128.shr<u32>(v128.load(random), 8)), unit);
    const whole: v128 = v128.sub<u32>(v128.add<f32>(below, magic), magic);
    v128.store(out, v128.sub<u32>(whole, v128.lt<f32>(uniform, fraction)));
    values += 16;
    random += 16;
    out += 16;
  }
  return total(outside);
}

/** word += noise, brought into [−bound, bound]; answers how many were outside. `bound` is below 2^29, words are within it. */
export function addWithin(words: usize, noise: usize, count: u32, bound: i32): u32 {
  const upper: v128 = v128.splat<i32>(bound);
  const lower: v128 = v128.splat<i32>(-bound);
  const one: v128 = v128.splat<i32>(1);
  const far: v128 = v128.add<i32>(v128.add<i32>(upper, upper), one);
  const farBelow: v128 = v128.sub<i32>(v128.add<i32>(lower, lower), one);
  let outside: v128 = v128.splat<u32>(0);
  const end: usize = words + ((count as usize) << 2);
  while (words < end) {
    // Past twice the bound every sum is outside, and this one cannot overflow.
    const added: v128 = v128.max<i32>(v128.min<i32>(v128.load(noise), far), farBelow);
    const sum: v128 = v128.add<i32>(v128.load(words), added);
    outside = v128.sub<u32>(outside, v128.gt<i32>(v128.abs<i32>(sum), upper));
    v128.store(words, v128.max<i32>(v128.min<i32>(sum, upper), lower));
    words += 16;
    noise += 16;
  }
  return total(outside);
}

/** max |q| of signed words; 2^31 for the lowest. */
export function largestMagnitude(words: usize, count: u32): u32 {
  let largest: v128 = v128.splat<u32>(0);
  const end: usize = words + ((count as usize) << 2);
  while (words < end) {
    largest = v128.max<u32>(largest, v128.abs<i32>(v128.load(words)));
    words += 16;
  }
  const halves: v128 = v128.max<u32>(largest, upperHalf(largest));
  const low: u32 = v128.extract_lane<u32>(halves, 0);
  const high: u32 = v128.extract_lane<u32>(halves, 1);
  return low > high ? low : high;
}

/** Signed words as floats, to nearest even. In place is allowed. */
export function wordsToFloats(out: usize, words: usize, count: u32): void {
  const end: usize = words + ((count as usize) << 2);
  while (words < end) {
    v128.store(out, f32x4.convert_i32x4_s(v128.load(words)));
    words += 16;
    out += 16;
  }
}
