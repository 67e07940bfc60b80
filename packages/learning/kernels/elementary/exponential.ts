// exp, log, tanh and sigmoid of four floats: our own, because the runtime's Math differs between runtimes, and these bits are replayed.
//
// exp: x = n·ln 2 + r with |r| ≤ ln 2 / 2, e^r by its Taylor polynomial of degree 7 (remainder < 5e-9), 2^n by the exponent field.
// Inputs are clamped to [-87, 88]. log: x = m·2^e with m in [√½, √2), atanh series in s = (m - 1)/(m + 1) to s⁹ (remainder < 3e-9).
// Relative errors of a few 1e-7 (tested against doubles). NaN in gives NaN out.

export function exp4(x: v128): v128 {
  const clamped: v128 = v128.pmax<f32>(v128.pmin<f32>(x, v128.splat<f32>(88)), v128.splat<f32>(-87));
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: log₂ e to float precision; kernels have no Math
  const n: v128 = v128.nearest<f32>(v128.mul<f32>(clamped, v128.splat<f32>(1.442695)));
  // ln 2 in two parts, the first with few bits, so that n times it is exact.
  let r: v128 = v128.sub<f32>(clamped, v128.mul<f32>(n, v128.splat<f32>(0.693359375)));
  r = v128.sub<f32>(r, v128.mul<f32>(n, v128.splat<f32>(-2.1219444e-4)));
  let p: v128 = v128.splat<f32>(1.984126984126984e-4);
  p = v128.add<f32>(v128.mul<f32>(p, r), v128.splat<f32>(1.388888888888889e-3));
  p = v128.add<f32>(v128.mul<f32>(p, r), v128.splat<f32>(8.333333333333333e-3));
  p = v128.add<f32>(v128.mul<f32>(p, r), v128.splat<f32>(4.1666666666666664e-2));
  p = v128.add<f32>(v128.mul<f32>(p, r), v128.splat<f32>(0.16666666666666666));
  p = v128.add<f32>(v128.mul<f32>(p, r), v128.splat<f32>(0.5));
  p = v128.add<f32>(v128.mul<f32>(p, r), v128.splat<f32>(1));
  p = v128.add<f32>(v128.mul<f32>(p, r), v128.splat<f32>(1));
  const power: v128 = v128.shl<i32>(v128.add<i32>(v128.trunc_sat<i32>(n), v128.splat<i32>(127)), 23);
  return v128.mul<f32>(p, power);
}

/** The natural logarithm of positive normal floats. */
export function log4(x: v128): v128 {
  // Shifting the exponent's border to √½ makes m lie in [√½, √2).
  const border: v128 = v128.splat<i32>(0x3f3504f3);
  const bits: v128 = v128.sub<i32>(x, border);
  const e: v128 = v128.shr<i32>(bits, 23);
  const m: v128 = v128.add<i32>(v128.and(bits, v128.splat<i32>(0x007fffff)), border);
  const one: v128 = v128.splat<f32>(1);
  const s: v128 = v128.div<f32>(v128.sub<f32>(m, one), v128.add<f32>(m, one));
  const z: v128 = v128.mul<f32>(s, s);
  let p: v128 = v128.splat<f32>(0.2222222222222222);
  p = v128.add<f32>(v128.mul<f32>(p, z), v128.splat<f32>(0.2857142857142857));
  p = v128.add<f32>(v128.mul<f32>(p, z), v128.splat<f32>(0.4));
  p = v128.add<f32>(v128.mul<f32>(p, z), v128.splat<f32>(0.6666666666666666));
  p = v128.add<f32>(v128.mul<f32>(p, z), v128.splat<f32>(2));
  const exponent: v128 = v128.convert<i32>(e);
  const low: v128 = v128.add<f32>(v128.mul<f32>(p, s), v128.mul<f32>(exponent, v128.splat<f32>(-2.1219444e-4)));
  return v128.add<f32>(low, v128.mul<f32>(exponent, v128.splat<f32>(0.693359375)));
}

/** 1/(1 + e^-x), through e^-|x| so that nothing overflows. */
export function sigmoid4(x: v128): v128 {
  const one: v128 = v128.splat<f32>(1);
  const e: v128 = exp4(v128.neg<f32>(v128.abs<f32>(x)));
  const below: v128 = v128.div<f32>(e, v128.add<f32>(one, e));
  return v128.bitselect(v128.sub<f32>(one, below), below, v128.ge<f32>(x, v128.splat<f32>(0)));
}

/** tanh x: its series where |x| < 0.3, else 1 - 2/(e^2|x| + 1) with the sign of x. */
export function tanh4(x: v128): v128 {
  const magnitude: v128 = v128.abs<f32>(x);
  const one: v128 = v128.splat<f32>(1);
  const two: v128 = v128.splat<f32>(2);
  const large: v128 = v128.sub<f32>(one, v128.div<f32>(two, v128.add<f32>(exp4(v128.mul<f32>(magnitude, two)), one)));
  const z: v128 = v128.mul<f32>(magnitude, magnitude);
  let p: v128 = v128.splat<f32>(2.1869488536155203e-2);
  p = v128.sub<f32>(v128.mul<f32>(p, z), v128.splat<f32>(5.396825396825397e-2));
  p = v128.add<f32>(v128.mul<f32>(p, z), v128.splat<f32>(0.13333333333333333));
  p = v128.sub<f32>(v128.mul<f32>(p, z), v128.splat<f32>(0.3333333333333333));
  p = v128.add<f32>(v128.mul<f32>(p, z), one);
  const small: v128 = v128.mul<f32>(p, magnitude);
  const result: v128 = v128.bitselect(small, large, v128.lt<f32>(magnitude, v128.splat<f32>(0.3)));
  return v128.bitselect(x, result, v128.splat<i32>(0x80000000));
}

/** log(1 + e^x) = max(x, 0) + log1p(e^-|x|), log1p(z) = log(u)·z/(u - 1) with u = 1 + z (Goldberg 1991, theorem 4). */
export function softplus4(x: v128): v128 {
  const one: v128 = v128.splat<f32>(1);
  const z: v128 = exp4(v128.neg<f32>(v128.abs<f32>(x)));
  const u: v128 = v128.add<f32>(one, z);
  const excess: v128 = v128.sub<f32>(u, one);
  const none: v128 = v128.eq<f32>(excess, v128.splat<f32>(0));
  const quotient: v128 = v128.div<f32>(v128.mul<f32>(log4(u), z), v128.bitselect(one, excess, none));
  return v128.add<f32>(v128.pmax<f32>(x, v128.splat<f32>(0)), v128.bitselect(z, quotient, none));
}
