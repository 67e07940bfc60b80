// Exact arithmetic modulo numbers below 2^32 in doubles, without BigInt: for tables and for the reference engine.

/** a·b mod q for integers 0 ≤ a, b < 2^32 and 0 < q < 2^32; 16-bit halves keep every intermediate below 2^49. */
export function multiplyModulo(a: number, b: number, q: number): number {
  const high = Math.floor(a / 65536);
  const low = a - high * 65536;
  return (((high * b) % q) * 65536 + low * b) % q;
}

/** base^exponent mod q, for public exponents. */
export function powerModulo(base: number, exponent: number, q: number): number {
  let result = 1 % q;
  let square = base % q;
  for (let e = exponent; e > 0; e = Math.floor(e / 2)) {
    if (e % 2 === 1) result = multiplyModulo(result, square, q);
    square = multiplyModulo(square, square, q);
  }
  return result;
}

/** The inverse of a modulo a prime q (Fermat); a must not be a multiple of q. */
export function invertModulo(a: number, q: number): number {
  return powerModulo(a, q - 2, q);
}

/** ⌊w·2^32 / q⌋ for 0 ≤ w < q: the quotient that Shoup's product needs (kernels/arithmetic/lanes.ts). */
export function shoupQuotient(w: number, q: number): number {
  const high = Math.floor((w * 65536) / q);
  const remainder = w * 65536 - high * q;
  return high * 65536 + Math.floor((remainder * 65536) / q);
}
