// Pointwise arithmetic on residues modulo one prime q < 2^30, and the basis conversions between sets of primes.
// Vectors are 16-byte aligned, their length n is a multiple of 4 and positive; residues in [0, q) unless a line says else.
// `out` may be any operand. Constant-time in the data: no branch and no address depends on a residue.

import { highHalves, lowHalves, multiplyHigh, multiplyShoup, reduceOnce, reduceWide } from './arithmetic/lanes';

export function addResidues(out: usize, a: usize, b: usize, n: u32, q: u32): void {
  const qs: v128 = v128.splat<u32>(q);
  const end: usize = out + ((n as usize) << 2);
  do {
    v128.store(out, reduceOnce(v128.add<u32>(v128.load(a), v128.load(b)), qs));
    out += 16;
    a += 16;
    b += 16;
  } while (out < end);
}

export function subtractResidues(out: usize, a: usize, b: usize, n: u32, q: u32): void {
  const qs: v128 = v128.splat<u32>(q);
  const end: usize = out + ((n as usize) << 2);
  do {
    const difference: v128 = v128.sub<u32>(v128.load(a), v128.load(b));
    v128.store(out, v128.min<u32>(difference, v128.add<u32>(difference, qs)));
    out += 16;
    a += 16;
    b += 16;
  } while (out < end);
}

export function negateResidues(out: usize, a: usize, n: u32, q: u32): void {
  const qs: v128 = v128.splat<u32>(q);
  const end: usize = out + ((n as usize) << 2);
  do {
    v128.store(out, reduceOnce(v128.sub<u32>(qs, v128.load(a)), qs));
    out += 16;
    a += 16;
  } while (out < end);
}

/** Signed 32-bit integers in (−q, q) → residues. */
export function residuesFromSigned(out: usize, a: usize, n: u32, q: u32): void {
  const qs: v128 = v128.splat<u32>(q);
  const end: usize = out + ((n as usize) << 2);
  do {
    const x: v128 = v128.load(a);
    v128.store(out, v128.add<u32>(x, v128.and(v128.shr<i32>(x, 31), qs)));
    out += 16;
    a += 16;
  } while (out < end);
}

/** Any 32-bit words → residues; reciprocal = ⌊2^32 / q⌋. */
export function reduceWords(out: usize, a: usize, n: u32, q: u32, reciprocal: u32): void {
  const qs: v128 = v128.splat<u32>(q);
  const mu: v128 = v128.splat<u32>(reciprocal);
  const end: usize = out + ((n as usize) << 2);
  do {
    const x: v128 = v128.load(a);
    v128.store(out, reduceOnce(v128.sub<u32>(x, v128.mul<u32>(multiplyHigh(x, mu), qs)), qs));
    out += 16;
    a += 16;
  } while (out < end);
}

/**
 * x·y mod q for two variables (Barrett, one shift): with q of k bits, shift = k − 2 and mu = ⌊2^(k+30) / q⌋ the estimate
 * ⌊((x·y) >> shift)·mu / 2^32⌋ is at most 2.5 below the true quotient, so the remainder lies in [0, 4q).
 */
function multiplyBarrett(x: v128, y: v128, shift: i32, mu: v128, q: v128, q2: v128): v128 {
  const low: v128 = v128.extmul_low<u32>(x, y);
  const high: v128 = v128.extmul_high<u32>(x, y);
  const leading: v128 = lowHalves(v128.shr<u64>(low, shift), v128.shr<u64>(high, shift));
  const remainder: v128 = v128.sub<u32>(lowHalves(low, high), v128.mul<u32>(multiplyHigh(leading, mu), q));
  return reduceOnce(reduceOnce(remainder, q2), q);
}

export function multiplyResidues(out: usize, a: usize, b: usize, n: u32, q: u32, shift: u32, mu: u32): void {
  const qs: v128 = v128.splat<u32>(q);
  const q2: v128 = v128.splat<u32>(q << (1 as u32));
  const mus: v128 = v128.splat<u32>(mu);
  const end: usize = out + ((n as usize) << 2);
  do {
    v128.store(out, multiplyBarrett(v128.load(a), v128.load(b), shift as i32, mus, qs, q2));
    out += 16;
    a += 16;
    b += 16;
  } while (out < end);
}

/** out ← out + a·b. */
export function multiplyAddResidues(out: usize, a: usize, b: usize, n: u32, q: u32, shift: u32, mu: u32): void {
  const qs: v128 = v128.splat<u32>(q);
  const q2: v128 = v128.splat<u32>(q << (1 as u32));
  const mus: v128 = v128.splat<u32>(mu);
  const end: usize = out + ((n as usize) << 2);
  do {
    const product: v128 = multiplyBarrett(v128.load(a), v128.load(b), shift as i32, mus, qs, q2);
    v128.store(out, reduceOnce(v128.add<u32>(v128.load(out), product), qs));
    out += 16;
    a += 16;
    b += 16;
  } while (out < end);
}

/** out ← a·w for a fixed vector w with its Shoup quotients; a may be any 32-bit words. */
export function multiplyFixedResidues(out: usize, a: usize, w: usize, quotients: usize, n: u32, q: u32): void {
  const qs: v128 = v128.splat<u32>(q);
  const end: usize = out + ((n as usize) << 2);
  do {
    v128.store(out, reduceOnce(multiplyShoup(v128.load(a), v128.load(w), v128.load(quotients), qs), qs));
    out += 16;
    a += 16;
    w += 16;
    quotients += 16;
  } while (out < end);
}

/** out ← out + a·w for a fixed vector w with its Shoup quotients; a may be any 32-bit words. */
export function multiplyFixedAddResidues(out: usize, a: usize, w: usize, quotients: usize, n: u32, q: u32): void {
  const qs: v128 = v128.splat<u32>(q);
  const q2: v128 = v128.splat<u32>(q << (1 as u32));
  const end: usize = out + ((n as usize) << 2);
  do {
    const product: v128 = multiplyShoup(v128.load(a), v128.load(w), v128.load(quotients), qs);
    v128.store(out, reduceOnce(reduceOnce(v128.add<u32>(v128.load(out), product), q2), qs));
    out += 16;
    a += 16;
    w += 16;
    quotients += 16;
  } while (out < end);
}

/** out ← a·w for one scalar w with its Shoup quotient; a may be any 32-bit words. */
export function multiplyScalarResidues(out: usize, a: usize, n: u32, q: u32, w: u32, quotient: u32): void {
  const qs: v128 = v128.splat<u32>(q);
  const ws: v128 = v128.splat<u32>(w);
  const wq: v128 = v128.splat<u32>(quotient);
  const end: usize = out + ((n as usize) << 2);
  do {
    v128.store(out, reduceOnce(multiplyShoup(v128.load(a), ws, wq, qs), qs));
    out += 16;
    a += 16;
  } while (out < end);
}

/** out ← out + a·w for one scalar w with its Shoup quotient; a may be any 32-bit words. */
export function multiplyScalarAddResidues(out: usize, a: usize, n: u32, q: u32, w: u32, quotient: u32): void {
  const qs: v128 = v128.splat<u32>(q);
  const q2: v128 = v128.splat<u32>(q << (1 as u32));
  const ws: v128 = v128.splat<u32>(w);
  const wq: v128 = v128.splat<u32>(quotient);
  const end: usize = out + ((n as usize) << 2);
  do {
    const product: v128 = multiplyShoup(v128.load(a), ws, wq, qs);
    v128.store(out, reduceOnce(reduceOnce(v128.add<u32>(v128.load(out), product), q2), qs));
    out += 16;
    a += 16;
  } while (out < end);
}

/** out ← (a − b)·w for one scalar w with its Shoup quotient: the step of rescaling and of dividing by special primes. */
export function subtractScaleResidues(out: usize, a: usize, b: usize, n: u32, q: u32, w: u32, quotient: u32): void {
  const qs: v128 = v128.splat<u32>(q);
  const ws: v128 = v128.splat<u32>(w);
  const wq: v128 = v128.splat<u32>(quotient);
  const end: usize = out + ((n as usize) << 2);
  do {
    const difference: v128 = v128.add<u32>(v128.sub<u32>(v128.load(a), v128.load(b)), qs);
    v128.store(out, reduceOnce(multiplyShoup(difference, ws, wq, qs), qs));
    out += 16;
    a += 16;
    b += 16;
  } while (out < end);
}

/**
 * out ← Σ_t a_t·b_t over `terms` ≤ 16 pairs of vectors that lie `aStride`, `bStride` bytes apart: 64-bit sums, one reduction.
 * (2^30 − 1)^2·16 < 2^64. wordResidue = 2^32 mod q with its Shoup quotient, reciprocal = ⌊2^32 / q⌋.
 */
export function innerProductResidues(
  out: usize,
  a: usize,
  aStride: u32,
  b: usize,
  bStride: u32,
  terms: u32,
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
  const end: usize = out + ((n as usize) << 2);
  do {
    let low: v128 = v128.splat<u64>(0);
    let high: v128 = v128.splat<u64>(0);
    let pa: usize = a;
    let pb: usize = b;
    let t: u32 = terms;
    do {
      const x: v128 = v128.load(pa);
      const y: v128 = v128.load(pb);
      low = v128.add<u64>(low, v128.extmul_low<u32>(x, y));
      high = v128.add<u64>(high, v128.extmul_high<u32>(x, y));
      pa += aStride as usize;
      pb += bStride as usize;
      t -= 1;
    } while (t !== (0 as u32));
    v128.store(out, reduceWide(highHalves(low, high), lowHalves(low, high), word, wordQuotient, mu, qs, q2));
    out += 16;
    a += 16;
    b += 16;
  } while (out < end);
}

/**
 * How often the product Q of the source primes is contained in Σ_t y_t·(Q/q_t), rounded to nearest, in 24-bit fixed point:
 * round(Σ_t y_t / q_t). `reciprocals`[t] = ⌊2^56 / q_t⌋ < 2^32 (q_t > 2^24). A count is off by one only when the fraction is within
 * terms·2^-23 of one half, where x and x − Q are equally good representatives. (Halevi, Polyakov, Shoup 2019, §2.2, in integers.)
 */
export function basisOverflow(out: usize, y: usize, yStride: u32, terms: u32, reciprocals: usize, n: u32): void {
  const half: v128 = v128.splat<u32>((1 as u32) << (23 as u32));
  const end: usize = out + ((n as usize) << 2);
  do {
    let sum: v128 = half;
    let p: usize = y;
    let k: usize = reciprocals;
    let t: u32 = terms;
    do {
      sum = v128.add<u32>(sum, multiplyHigh(v128.load(p), v128.load32_splat(k)));
      p += yStride as usize;
      k += 4;
      t -= 1;
    } while (t !== (0 as u32));
    v128.store(out, v128.shr<u32>(sum, 24));
    out += 16;
    y += 16;
  } while (out < end);
}

/**
 * out ← Σ_t y_t·weights[t] + overflow·overflowWeight mod q: one target prime of a basis conversion. y_t are residues of any
 * primes below 2^30; weights[t] = Q/q_t mod q, overflowWeight = −Q mod q. Sums are folded to a residue every 15 terms.
 */
export function convertBasis(
  out: usize,
  y: usize,
  yStride: u32,
  terms: u32,
  weights: usize,
  overflow: usize,
  overflowWeight: u32,
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
  const centre: v128 = v128.splat<u32>(overflowWeight);
  const end: usize = out + ((n as usize) << 2);
  do {
    const count: v128 = v128.load(overflow);
    let low: v128 = v128.extmul_low<u32>(count, centre);
    let high: v128 = v128.extmul_high<u32>(count, centre);
    let p: usize = y;
    let w: usize = weights;
    let left: u32 = terms;
    do {
      let t: u32 = min<u32>(left, 15);
      left -= t;
      do {
        const x: v128 = v128.load(p);
        const weight: v128 = v128.load32_splat(w);
        low = v128.add<u64>(low, v128.extmul_low<u32>(x, weight));
        high = v128.add<u64>(high, v128.extmul_high<u32>(x, weight));
        p += yStride as usize;
        w += 4;
        t -= 1;
      } while (t !== (0 as u32));
      const folded: v128 = reduceWide(highHalves(low, high), lowHalves(low, high), word, wordQuotient, mu, qs, q2);
      low = v128.extend_low<u32>(folded);
      high = v128.extend_high<u32>(folded);
    } while (left !== (0 as u32));
    v128.store(out, lowHalves(low, high));
    out += 16;
    y += 16;
    overflow += 16;
  } while (out < end);
}

/** out[i] ← a[index[i]]: an automorphism in evaluation form. The index is public. `out` must not be `a`. */
export function permuteResidues(out: usize, a: usize, index: usize, n: u32): void {
  const end: usize = out + ((n as usize) << 2);
  do {
    store<u32>(out, load<u32>(a + ((load<u32>(index) as usize) << 2)));
    store<u32>(out, load<u32>(a + ((load<u32>(index, 4) as usize) << 2)), 4);
    store<u32>(out, load<u32>(a + ((load<u32>(index, 8) as usize) << 2)), 8);
    store<u32>(out, load<u32>(a + ((load<u32>(index, 12) as usize) << 2)), 12);
    out += 16;
    index += 16;
  } while (out < end);
}

/**
 * out[i] ← ±a[index[i] >> 1], negated where index[i] is odd: an automorphism in coefficient form. The index is public.
 * `out` must not be `a`.
 */
export function permuteSignedResidues(out: usize, a: usize, index: usize, n: u32, q: u32): void {
  const end: usize = out + ((n as usize) << 2);
  do {
    const entry: u32 = load<u32>(index);
    const x: u32 = load<u32>(a + ((entry >> (1 as u32)) << (2 as u32)));
    const negated: u32 = q - x;
    const sign: u32 = entry & (1 as u32);
    const chosen: u32 = x ^ ((x ^ negated) & ((0 as u32) - sign));
    store<u32>(out, min<u32>(chosen, chosen - q));
    out += 4;
    index += 4;
  } while (out < end);
}
