// Activations, four elements at a time. Buffers are multiples of four floats long: callers round n up and own the padding.
// Forward reads x and writes y. Backward writes dx = dy · f′, from x or from y, whichever is cheaper; `x` is the input, `y` the output.

import { exp4, log4, sigmoid4, softplus4, tanh4 } from './elementary/exponential';

export function relu(y: usize, x: usize, n: u32): void {
  const zero: v128 = v128.splat<f32>(0);
  const end: usize = y + ((n as usize) << 2);
  for (; y < end; y += 16, x += 16) v128.store(y, v128.pmax<f32>(v128.load(x), zero));
}

/** From the output: f′ = 1 where y > 0, else 0. */
export function reluGradient(dx: usize, dy: usize, y: usize, n: u32): void {
  const zero: v128 = v128.splat<f32>(0);
  const end: usize = dx + ((n as usize) << 2);
  for (; dx < end; dx += 16, dy += 16, y += 16) {
    v128.store(dx, v128.and(v128.load(dy), v128.gt<f32>(v128.load(y), zero)));
  }
}

export function leakyRelu(y: usize, x: usize, n: u32, slope: f32): void {
  const zero: v128 = v128.splat<f32>(0);
  const s: v128 = v128.splat<f32>(slope);
  const end: usize = y + ((n as usize) << 2);
  for (; y < end; y += 16, x += 16) {
    const v: v128 = v128.load(x);
    v128.store(y, v128.bitselect(v, v128.mul<f32>(v, s), v128.gt<f32>(v, zero)));
  }
}

export function leakyReluGradient(dx: usize, dy: usize, x: usize, n: u32, slope: f32): void {
  const zero: v128 = v128.splat<f32>(0);
  const s: v128 = v128.splat<f32>(slope);
  const end: usize = dx + ((n as usize) << 2);
  for (; dx < end; dx += 16, dy += 16, x += 16) {
    const d: v128 = v128.load(dy);
    v128.store(dx, v128.bitselect(d, v128.mul<f32>(d, s), v128.gt<f32>(v128.load(x), zero)));
  }
}

export function tanh(y: usize, x: usize, n: u32): void {
  const end: usize = y + ((n as usize) << 2);
  for (; y < end; y += 16, x += 16) v128.store(y, tanh4(v128.load(x)));
}

/** From the output: f′ = 1 - y². */
export function tanhGradient(dx: usize, dy: usize, y: usize, n: u32): void {
  const one: v128 = v128.splat<f32>(1);
  const end: usize = dx + ((n as usize) << 2);
  for (; dx < end; dx += 16, dy += 16, y += 16) {
    const v: v128 = v128.load(y);
    v128.store(dx, v128.mul<f32>(v128.load(dy), v128.sub<f32>(one, v128.mul<f32>(v, v))));
  }
}

export function sigmoid(y: usize, x: usize, n: u32): void {
  const end: usize = y + ((n as usize) << 2);
  for (; y < end; y += 16, x += 16) v128.store(y, sigmoid4(v128.load(x)));
}

/** From the output: f′ = y(1 - y). */
export function sigmoidGradient(dx: usize, dy: usize, y: usize, n: u32): void {
  const one: v128 = v128.splat<f32>(1);
  const end: usize = dx + ((n as usize) << 2);
  for (; dx < end; dx += 16, dy += 16, y += 16) {
    const v: v128 = v128.load(y);
    v128.store(dx, v128.mul<f32>(v128.load(dy), v128.mul<f32>(v, v128.sub<f32>(one, v))));
  }
}

export function softplus(y: usize, x: usize, n: u32): void {
  const end: usize = y + ((n as usize) << 2);
  for (; y < end; y += 16, x += 16) v128.store(y, softplus4(v128.load(x)));
}

/** f′ = sigmoid(x). */
export function softplusGradient(dx: usize, dy: usize, x: usize, n: u32): void {
  const end: usize = dx + ((n as usize) << 2);
  for (; dx < end; dx += 16, dy += 16, x += 16) {
    v128.store(dx, v128.mul<f32>(v128.load(dy), sigmoid4(v128.load(x))));
  }
}

/** √(2/π)·(x + 0.044715·x³) */
function geluArgument(x: v128): v128 {
  const cubic: v128 = v128.mul<f32>(v128.splat<f32>(0.044715), v128.mul<f32>(x, x));
  const inner: v128 = v128.mul<f32>(x, v128.add<f32>(v128.splat<f32>(1), cubic));
  return v128.mul<f32>(v128.splat<f32>(0.7978845608028654), inner);
}

/** y = ½·x·(1 + tanh(√(2/π)(x + 0.044715·x³))): the tanh form of arXiv 1606.08415 §2. */
export function gelu(y: usize, x: usize, n: u32): void {
  const half: v128 = v128.splat<f32>(0.5);
  const one: v128 = v128.splat<f32>(1);
  const end: usize = y + ((n as usize) << 2);
  for (; y < end; y += 16, x += 16) {
    const v: v128 = v128.load(x);
    v128.store(y, v128.mul<f32>(v128.mul<f32>(half, v), v128.add<f32>(one, tanh4(geluArgument(v)))));
  }
}

/** f′ = ½(1 + t) + ½·x·(1 - t²)·√(2/π)(1 + 3·0.044715·x²) */
export function geluGradient(dx: usize, dy: usize, x: usize, n: u32): void {
  const half: v128 = v128.splat<f32>(0.5);
  const one: v128 = v128.splat<f32>(1);
  const end: usize = dx + ((n as usize) << 2);
  for (; dx < end; dx += 16, dy += 16, x += 16) {
    const v: v128 = v128.load(x);
    const t: v128 = tanh4(geluArgument(v));
    const slope: v128 = v128.mul<f32>(
      v128.splat<f32>(0.7978845608028654),
      v128.add<f32>(one, v128.mul<f32>(v128.splat<f32>(0.134145), v128.mul<f32>(v, v))),
    );
    const second: v128 = v128.mul<f32>(v128.mul<f32>(v, slope), v128.sub<f32>(one, v128.mul<f32>(t, t)));
    const derivative: v128 = v128.mul<f32>(half, v128.add<f32>(v128.add<f32>(one, t), second));
    v128.store(dx, v128.mul<f32>(v128.load(dy), derivative));
  }
}

/** y = Σ c_i·x^i by Horner; `count` coefficients from c_0 up. */
export function polynomial(y: usize, x: usize, n: u32, coefficients: usize, count: u32): void {
  const end: usize = y + ((n as usize) << 2);
  for (; y < end; y += 16, x += 16) {
    const v: v128 = v128.load(x);
    let p: v128 = v128.splat<f32>(0);
    for (let i: u32 = count; i > (0 as u32); i--) {
      p = v128.add<f32>(v128.mul<f32>(p, v), v128.load32_splat(coefficients + (((i - (1 as u32)) as usize) << 2)));
    }
    v128.store(y, p);
  }
}

/** f′ = Σ i·c_i·x^(i-1) */
export function polynomialGradient(dx: usize, dy: usize, x: usize, n: u32, coefficients: usize, count: u32): void {
  const end: usize = dx + ((n as usize) << 2);
  for (; dx < end; dx += 16, dy += 16, x += 16) {
    const v: v128 = v128.load(x);
    let p: v128 = v128.splat<f32>(0);
    for (let i: u32 = count - (1 as u32); i > (0 as u32); i--) {
      const c: v128 = v128.mul<f32>(v128.load32_splat(coefficients + ((i as usize) << 2)), v128.splat<f32>(i as f32));
      p = v128.add<f32>(v128.mul<f32>(p, v), c);
    }
    v128.store(dx, v128.mul<f32>(v128.load(dy), p));
  }
}

/** Plain exp and log, elementwise. */
export function exponential(y: usize, x: usize, n: u32): void {
  const end: usize = y + ((n as usize) << 2);
  for (; y < end; y += 16, x += 16) v128.store(y, exp4(v128.load(x)));
}

export function logarithm(y: usize, x: usize, n: u32): void {
  const end: usize = y + ((n as usize) << 2);
  for (; y < end; y += 16, x += 16) v128.store(y, log4(v128.load(x)));
}
