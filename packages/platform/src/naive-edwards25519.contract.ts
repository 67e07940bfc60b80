// Ed25519's curve the slow and obvious way, for tests: affine points, Euclid's inverses, nothing shared with the source.
// It forges what an attacker would send: signatures by keys and nonces of small and mixed order.

const p = 2n ** 255n - 19n;
export const order = 2n ** 252n + 27742317777372353535851937790883648493n;

const mod = (a: bigint, m: bigint = p): bigint => ((a % m) + m) % m;

function pow(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % p;
    if (bit === '1') result = (result * base) % p;
  }
  return result;
}

/** Of a ≠ 0 modulo p, by Euclid. */
export function inverse(a: bigint): bigint {
  let [r0, r1, s0, s1] = [p, mod(a), 0n, 1n];
  while (r1 > 0n) {
    const quotient = r0 / r1;
    [r0, r1, s0, s1] = [r1, r0 - quotient * r1, s1, s0 - quotient * s1];
  }
  return mod(s0);
}

const d = mod(-121665n * inverse(121666n));

export interface AffinePoint {
  readonly x: bigint;
  readonly y: bigint;
}

export const neutral: AffinePoint = { x: 0n, y: 1n };

/** The addition law of RFC 8032 section 5.1, as it stands in affine coordinates. */
export function plus(a: AffinePoint, b: AffinePoint): AffinePoint {
  const product = mod(d * a.x * b.x * a.y * b.y);
  return {
    x: mod((a.x * b.y + b.x * a.y) * inverse(1n + product)),
    y: mod((a.y * b.y + a.x * b.x) * inverse(1n - product)),
  };
}

export function times(scalar: bigint, point: AffinePoint): AffinePoint {
  let result = neutral;
  for (const bit of scalar.toString(2)) {
    result = plus(result, result);
    if (bit === '1') result = plus(result, point);
  }
  return result;
}

/** Both points with this y, if any: x² = (y² − 1)/(d·y² + 1), by trying both candidate roots. */
export function pointsAt(y: bigint): AffinePoint[] {
  const square = mod((y * y - 1n) * inverse(d * y * y + 1n));
  const candidate = pow(square, (p + 3n) / 8n);
  for (const x of [candidate, mod(candidate * pow(2n, (p - 1n) / 4n))]) {
    if (mod(x * x) === square)
      return x === 0n
        ? [{ x, y }]
        : [
            { x, y },
            { x: p - x, y },
          ];
  }
  return [];
}

export const base: AffinePoint = pointsAt(mod(4n * inverse(5n))).find(({ x }) => x % 2n === 0n)!;

/** The eight points of small order, the neutral one first: the multiples of one of order 8. */
export const smallOrderPoints: readonly AffinePoint[] = findSmallOrderPoints();

function findSmallOrderPoints(): AffinePoint[] {
  for (let y = 2n; ; y += 1n) {
    for (const point of pointsAt(y)) {
      const torsion = times(order, point);
      const four = times(4n, torsion);
      if (four.x !== neutral.x || four.y !== neutral.y)
        return Array.from({ length: 8 }, (_, k) => times(BigInt(k), torsion));
    }
  }
}

export function bytesOf(value: bigint): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

export function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

export const encode = ({ x, y }: AffinePoint): Uint8Array<ArrayBuffer> => bytesOf(y | ((x & 1n) << 255n));

/** Every 32 bytes that some lenient decoder takes for this point: y or y + p, and for x = 0 either sign. */
export function allEncodings({ x, y }: AffinePoint): Uint8Array<ArrayBuffer>[] {
  const ys = y + p < 2n ** 255n ? [y, y + p] : [y];
  const signs = x === 0n ? [0n, 1n] : [x & 1n];
  return ys.flatMap((value) => signs.map((sign) => bytesOf(value | (sign << 255n))));
}

/** S = r + h·a mod L with h = SHA-512(R ‖ A ‖ M), for R and A of the forger's choice. */
export async function forge(
  { R, A }: { readonly R: Uint8Array; readonly A: Uint8Array },
  { r, a }: { readonly r: bigint; readonly a: bigint },
  message: Uint8Array,
): Promise<{ readonly signature: Uint8Array<ArrayBuffer>; readonly h: bigint }> {
  const digest = await crypto.subtle.digest('SHA-512', Uint8Array.from([...R, ...A, ...message]));
  const h = mod(numberOf(new Uint8Array(digest)), order);
  return { signature: Uint8Array.from([...R, ...bytesOf(mod(r + h * a, order))]), h };
}
