// Sums of products over several vectors, as inner products and basis conversions need them: 64-bit sums, reduced rarely.
// Part of the module kernels/residues.ts, and under its rules; here the length n is a multiple of 16. Sixteen words are worked on
// at a time, which hides the bookkeeping of the inner loop (twice as fast as four at twelve terms).

import {
  highHalves,
  inverseModuloWord,
  liftNegative,
  liftWord,
  lowHalves,
  multiplyHigh,
  reduceWide,
  reduceWord,
} from './lanes';

/**
 * out ← Σ_t a_t·b_t over `terms` ≤ 16 pairs of vectors that lie `aStride`, `bStride` bytes apart: (2^30 − 1)^2·16 < 2^64.
 * wordResidue = 2^32 mod q with its Shoup quotient, reciprocal = ⌊2^32 / q⌋.
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
    let low0: v128 = v128.splat<u64>(0);
    let high0: v128 = v128.splat<u64>(0);
    let low1: v128 = v128.splat<u64>(0);
    let high1: v128 = v128.splat<u64>(0);
    let low2: v128 = v128.splat<u64>(0);
    let high2: v128 = v128.splat<u64>(0);
    let low3: v128 = v128.splat<u64>(0);
    let high3: v128 = v128.splat<u64>(0);
    let pa: usize = a;
    let pb: usize = b;
    let t: u32 = terms;
    do {
      const x0: v128 = v128.load(pa);
      const y0: v128 = v128.load(pb);
      low0 = v128.add<u64>(low0, v128.extmul_low<u32>(x0, y0));
      high0 = v128.add<u64>(high0, v128.extmul_high<u32>(x0, y0));
      const x1: v128 = v128.load(pa, 16);
      const y1: v128 = v128.load(pb, 16);
      low1 = v128.add<u64>(low1, v128.extmul_low<u32>(x1, y1));
      high1 = v128.add<u64>(high1, v128.extmul_high<u32>(x1, y1));
      const x2: v128 = v128.load(pa, 32);
      const y2: v128 = v128.load(pb, 32);
      low2 = v128.add<u64>(low2, v128.extmul_low<u32>(x2, y2));
      high2 = v128.add<u64>(high2, v128.extmul_high<u32>(x2, y2));
      const x3: v128 = v128.load(pa, 48);
      const y3: v128 = v128.load(pb, 48);
      low3 = v128.add<u64>(low3, v128.extmul_low<u32>(x3, y3));
      high3 = v128.add<u64>(high3, v128.extmul_high<u32>(x3, y3));
      pa += aStride as usize;
      pb += bStride as usize;
      t -= 1;
    } while (t !== (0 as u32));
    v128.store(out, reduceWide(highHalves(low0, high0), lowHalves(low0, high0), word, wordQuotient, mu, qs, q2));
    v128.store(out, reduceWide(highHalves(low1, high1), lowHalves(low1, high1), word, wordQuotient, mu, qs, q2), 16);
    v128.store(out, reduceWide(highHalves(low2, high2), lowHalves(low2, high2), word, wordQuotient, mu, qs, q2), 32);
    v128.store(out, reduceWide(highHalves(low3, high3), lowHalves(low3, high3), word, wordQuotient, mu, qs, q2), 48);
    out += 64;
    a += 64;
    b += 64;
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
    let sum0: v128 = half;
    let sum1: v128 = half;
    let sum2: v128 = half;
    let sum3: v128 = half;
    let p: usize = y;
    let k: usize = reciprocals;
    let t: u32 = terms;
    do {
      const kappa: v128 = v128.load32_splat(k);
      sum0 = v128.add<u32>(sum0, multiplyHigh(v128.load(p), kappa));
      sum1 = v128.add<u32>(sum1, multiplyHigh(v128.load(p, 16), kappa));
      sum2 = v128.add<u32>(sum2, multiplyHigh(v128.load(p, 32), kappa));
      sum3 = v128.add<u32>(sum3, multiplyHigh(v128.load(p, 48), kappa));
      p += yStride as usize;
      k += 4;
      t -= 1;
    } while (t !== (0 as u32));
    v128.store(out, v128.shr<u32>(sum0, 24));
    v128.store(out, v128.shr<u32>(sum1, 24), 16);
    v128.store(out, v128.shr<u32>(sum2, 24), 32);
    v128.store(out, v128.shr<u32>(sum3, 24), 48);
    out += 64;
    y += 64;
  } while (out < end);
}

/**
 * out ← Σ_t y_t·weights[t] + overflow·overflowWeight mod q: one target prime of a basis conversion. y_t are residues of any
 * primes below 2^30, overflow below 2^30; weights[t] = Q/q_t mod q, overflowWeight = −Q mod q. q may be any number below 2^30.
 * Sums are folded to a residue every 15 terms, and none may reach 2^64.
 *
 * With exactly four terms and overflow 1, three of the y_t may be any 32-bit words (3·2^62 + 2^60 + 2^30 < 2^64): that is how
 * smudging noise becomes residues (src/random/smudging.ts), and the contract suite tests it. With fewer terms they may not.
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
  if (terms < (4 as u32) && (q & (1 as u32)) !== (0 as u32)) {
    convertFew(out, y, yStride, terms, weights, overflow, overflowWeight, n, q);
    return;
  }
  const qs: v128 = v128.splat<u32>(q);
  const q2: v128 = v128.splat<u32>(q << (1 as u32));
  const word: v128 = v128.splat<u32>(wordResidue);
  const wordQuotient: v128 = v128.splat<u32>(wordResidueQuotient);
  const mu: v128 = v128.splat<u32>(reciprocal);
  const centre: v128 = v128.splat<u32>(overflowWeight);
  const end: usize = out + ((n as usize) << 2);
  do {
    const c0: v128 = v128.load(overflow);
    let low0: v128 = v128.extmul_low<u32>(c0, centre);
    let high0: v128 = v128.extmul_high<u32>(c0, centre);
    const c1: v128 = v128.load(overflow, 16);
    let low1: v128 = v128.extmul_low<u32>(c1, centre);
    let high1: v128 = v128.extmul_high<u32>(c1, centre);
    const c2: v128 = v128.load(overflow, 32);
    let low2: v128 = v128.extmul_low<u32>(c2, centre);
    let high2: v128 = v128.extmul_high<u32>(c2, centre);
    const c3: v128 = v128.load(overflow, 48);
    let low3: v128 = v128.extmul_low<u32>(c3, centre);
    let high3: v128 = v128.extmul_high<u32>(c3, centre);
    let p: usize = y;
    let w: usize = weights;
    let left: u32 = terms;
    while (true) {
      let t: u32 = min<u32>(left, 15);
      left -= t;
      do {
        const weight: v128 = v128.load32_splat(w);
        const x0: v128 = v128.load(p);
        low0 = v128.add<u64>(low0, v128.extmul_low<u32>(x0, weight));
        high0 = v128.add<u64>(high0, v128.extmul_high<u32>(x0, weight));
        const x1: v128 = v128.load(p, 16);
        low1 = v128.add<u64>(low1, v128.extmul_low<u32>(x1, weight));
        high1 = v128.add<u64>(high1, v128.extmul_high<u32>(x1, weight));
        const x2: v128 = v128.load(p, 32);
        low2 = v128.add<u64>(low2, v128.extmul_low<u32>(x2, weight));
        high2 = v128.add<u64>(high2, v128.extmul_high<u32>(x2, weight));
        const x3: v128 = v128.load(p, 48);
        low3 = v128.add<u64>(low3, v128.extmul_low<u32>(x3, weight));
        high3 = v128.add<u64>(high3, v128.extmul_high<u32>(x3, weight));
        p += yStride as usize;
        w += 4;
        t -= 1;
      } while (t !== (0 as u32));
      const f0: v128 = reduceWide(highHalves(low0, high0), lowHalves(low0, high0), word, wordQuotient, mu, qs, q2);
      const f1: v128 = reduceWide(highHalves(low1, high1), lowHalves(low1, high1), word, wordQuotient, mu, qs, q2);
      const f2: v128 = reduceWide(highHalves(low2, high2), lowHalves(low2, high2), word, wordQuotient, mu, qs, q2);
      const f3: v128 = reduceWide(highHalves(low3, high3), lowHalves(low3, high3), word, wordQuotient, mu, qs, q2);
      if (left === (0 as u32)) {
        v128.store(out, f0);
        v128.store(out, f1, 16);
        v128.store(out, f2, 32);
        v128.store(out, f3, 48);
        break;
      }
      low0 = v128.extend_low<u32>(f0);
      high0 = v128.extend_high<u32>(f0);
      low1 = v128.extend_low<u32>(f1);
      high1 = v128.extend_high<u32>(f1);
      low2 = v128.extend_low<u32>(f2);
      high2 = v128.extend_high<u32>(f2);
      low3 = v128.extend_low<u32>(f3);
      high3 = v128.extend_high<u32>(f3);
    }
    out += 64;
    y += 64;
    overflow += 64;
  } while (out < end);
}

/**
 * convertBasis for one to three terms and an odd q: with counts below 2^30 the sum is below 2^32·(q − 1), its high word below q, so
 * Montgomery's reduction takes it at once; the weights carry its factor 2^32, and stay in registers.
 */
function convertFew(
  out: usize,
  y: usize,
  yStride: u32,
  terms: u32,
  weights: usize,
  overflow: usize,
  overflowWeight: u32,
  n: u32,
  q: u32,
): void {
  const qs: v128 = v128.splat<u32>(q);
  const inverse: v128 = v128.splat<u32>(inverseModuloWord(q));
  const centre: v128 = v128.splat<u32>(liftWord(overflowWeight, q));
  const w0: v128 = v128.splat<u32>(liftWord(load<u32>(weights), q));
  let w1: v128 = w0;
  let w2: v128 = w0;
  if (terms > (1 as u32)) w1 = v128.splat<u32>(liftWord(load<u32>(weights, 4), q));
  if (terms > (2 as u32)) w2 = v128.splat<u32>(liftWord(load<u32>(weights, 8), q));
  const stride: usize = yStride as usize;
  const end: usize = out + ((n as usize) << 2);
  do {
    const count: v128 = v128.load(overflow);
    const x0: v128 = v128.load(y);
    let low: v128 = v128.add<u64>(v128.extmul_low<u32>(count, centre), v128.extmul_low<u32>(x0, w0));
    let high: v128 = v128.add<u64>(v128.extmul_high<u32>(count, centre), v128.extmul_high<u32>(x0, w0));
    if (terms > (1 as u32)) {
      const x1: v128 = v128.load(y + stride);
      low = v128.add<u64>(low, v128.extmul_low<u32>(x1, w1));
      high = v128.add<u64>(high, v128.extmul_high<u32>(x1, w1));
    }
    if (terms > (2 as u32)) {
      const x2: v128 = v128.load(y + (stride << 1));
      low = v128.add<u64>(low, v128.extmul_low<u32>(x2, w2));
      high = v128.add<u64>(high, v128.extmul_high<u32>(x2, w2));
    }
    v128.store(out, liftNegative(reduceWord(highHalves(low, high), lowHalves(low, high), inverse, qs), qs));
    out += 16;
    y += 16;
    overflow += 16;
  } while (out < end);
}
