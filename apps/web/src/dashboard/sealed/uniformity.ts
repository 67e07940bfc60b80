// Whether bytes look like noise: their histogram, the entropy of it, and the χ² test that every byte is as likely as any other.
//
//   entropy = −Σ p_b log2 p_b in bits a byte: 8 for noise, up to what a finite sample loses
//   χ² = Σ (n_b − n/256)² / (n/256), 255 degrees of freedom; p = Q(255/2, χ²/2), the regularised upper incomplete gamma function
//   (Numerical Recipes, §6.2: a series below a + 1, a continued fraction above it)

export interface Uniformity {
  readonly bytes: number;
  readonly histogram: Uint32Array;
  readonly entropyBits: number;
  readonly chiSquare: number;
  /** That noise shows a histogram at least this uneven: small means structure. */
  readonly pValue: number;
}

export function uniformityOf(bytes: Uint8Array): Uniformity {
  const histogram = new Uint32Array(256);
  for (const byte of bytes) histogram[byte] = (histogram[byte] ?? 0) + 1;
  const expected = bytes.length / 256;
  let [entropyBits, chiSquare] = [0, 0];
  for (const found of histogram) {
    const share = found / bytes.length;
    if (found > 0) entropyBits -= share * Math.log2(share);
    chiSquare += (found - expected) ** 2 / expected;
  }
  const pValue = bytes.length === 0 ? Number.NaN : upperGamma(255 / 2, chiSquare / 2);
  return { bytes: bytes.length, histogram, entropyBits, chiSquare, pValue };
}

const TERMS_AT_MOST = 10_000;
const TINY = 1e-300;

/** Q(a, x) = Γ(a, x) / Γ(a), for a > 0 and x ≥ 0. */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const scale = Math.exp(-x + a * Math.log(x) - logGamma(a));
  if (x < a + 1) {
    let [term, sum] = [1 / a, 1 / a];
    for (let n = 1; n < TERMS_AT_MOST && term > sum * 1e-16; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - sum * scale;
  }
  // Lentz's method.
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < TERMS_AT_MOST; n++) {
    const factor = -n * (n - a);
    b += 2;
    d = 1 / nonZero(factor * d + b);
    c = nonZero(b + factor / c);
    const step = c * d;
    fraction *= step;
    if (Math.abs(step - 1) < 1e-15) break;
  }
  return fraction * scale;
}

const nonZero = (value: number): number => (Math.abs(value) < TINY ? TINY : value);

/** ln Γ(a): Stirling's series above 10, the recurrence below. */
function logGamma(a: number): number {
  if (a < 10) return logGamma(a + 1) - Math.log(a);
  const inverse = 1 / (a * a);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / a;
  return (a - 0.5) * Math.log(a) - a + 0.5 * Math.log(2 * Math.PI) + series;
}

/** Fewer bytes than this are too few for a χ² of 256 cells: five in each are expected. */
export const ENOUGH_BYTES: number = 5 * 256;
const SIGNATURE_BYTES = 80;

/**
 * Where the words of an update stand in what was sent: its ends are names, hashes and signatures. `vectorBytes`: how long the words are, where
 * that is known and they stand last but for a signature.
 */
export function middleOf(body: Uint8Array, vectorBytes?: number, atMost: number = 2 ** 18): Uint8Array {
  const edge = Math.min(2048, Math.floor(body.length / 8));
  const isKnown = vectorBytes !== undefined && vectorBytes + SIGNATURE_BYTES < body.length;
  const [from, to] = isKnown ? [body.length - vectorBytes, body.length - SIGNATURE_BYTES] : [edge, body.length - edge];
  return body.subarray(from, Math.min(to, from + atMost));
}
