// The group of Ed25519 (RFC 8032 section 5.1) in plain big integers: only what deciding on a *public* key needs.
// Variable time by nature, so it never sees a secret. The slow engine, a millisecond a decision; prime-order.ts runs the fast one, and one
// contract suite holds both (prime-order.contract.ts).

/** p = 2^255 − 19, the field's prime. */
const p = 2n ** 255n - 19n;
/** L, the prime order of the base point. */
export const groupOrder: bigint = 2n ** 252n + 27742317777372353535851937790883648493n;
/** L in 32 bytes, little-endian. */
export const groupOrderBytes: Uint8Array = Uint8Array.from({ length: 32 }, (_, i) =>
  Number((groupOrder >> BigInt(8 * i)) & 0xffn),
);

const modulo = (a: bigint): bigint => ((a % p) + p) % p;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let e = exponent; e > 0n; e >>= 1n) {
    if ((e & 1n) === 1n) result = (result * square) % p;
    square = (square * square) % p;
  }
  return result;
}

/** d = −121665/121666 of −x² + y² = 1 + d·x²·y². */
export const d: bigint = modulo(-121665n * power(121666n, p - 2n));
export const squareRootOfMinusOne: bigint = power(2n, (p - 1n) / 4n);

/** Extended coordinates (RFC 8032 section 5.1.4): x = X/Z, y = Y/Z, x·y = T/Z. */
interface Point {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
  readonly t: bigint;
}

const neutral: Point = { x: 0n, y: 1n, z: 1n, t: 0n };

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i -= 1) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return value;
}

/** RFC 8032 section 5.1.3; undefined when `encoding` (32 bytes) is not canonical or not on the curve. */
function decode(encoding: Uint8Array): Point | undefined {
  const bits = littleEndian(encoding);
  const sign = bits >> 255n;
  const y = bits & (2n ** 255n - 1n);
  if (y >= p) return undefined;
  // x² = u/v with u = y² − 1 and v = d·y² + 1; the candidate root is u·v³·(u·v⁷)^((p − 5)/8).
  const u = modulo(y * y - 1n);
  const v = modulo(d * y * y + 1n);
  const v3 = (v * v * v) % p;
  let x = (u * v3 * power((u * v3 * v3 * v) % p, (p - 5n) / 8n)) % p;
  const check = (v * x * x) % p;
  if (check === modulo(-u)) x = (x * squareRootOfMinusOne) % p;
  else if (check !== u) return undefined;
  if (x === 0n && sign === 1n) return undefined;
  if ((x & 1n) !== sign) x = p - x;
  return { x, y, z: 1n, t: (x * y) % p };
}

/** RFC 8032 section 5.1.4, complete on this curve: it adds, doubles and takes the neutral element alike. */
function add(a: Point, b: Point): Point {
  const A = ((a.y - a.x) * (b.y - b.x)) % p;
  const B = ((a.y + a.x) * (b.y + b.x)) % p;
  const C = (((2n * d * a.t) % p) * b.t) % p;
  const D = (2n * a.z * b.z) % p;
  const [E, F, G, H] = [B - A, D - C, D + C, B + A];
  return { x: (E * F) % p, y: (G * H) % p, z: (F * G) % p, t: (E * H) % p };
}

function multiply(scalar: bigint, point: Point): Point {
  let result = neutral;
  for (let bit = BigInt(scalar.toString(2).length) - 1n; bit >= 0n; bit -= 1n) {
    result = add(result, result);
    if (((scalar >> bit) & 1n) === 1n) result = add(result, point);
  }
  return result;
}

function isNeutral(point: Point): boolean {
  return modulo(point.x) === 0n && modulo(point.y - point.z) === 0n;
}

/**
 * Is this 32-byte encoding canonical, on the curve, and a point of order exactly L? ([L]A = 0 and A ≠ 0.) That shuts out small
 * order, where one signature fits any message, and mixed order, where verifiers with and without the cofactor disagree.
 */
export function isPrimeOrderPoint(encoding: Uint8Array): boolean {
  const point = decode(encoding);
  return point !== undefined && !isNeutral(point) && isNeutral(multiply(groupOrder, point));
}
