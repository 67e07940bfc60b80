// Pointwise arithmetic on residues modulo one prime q < 2^30; the sums over several vectors are in arithmetic/wide-sums.ts.
// Vectors are 16-byte aligned, their length n is a multiple of 4 and positive; residues in [0, q) unless a line says else.
// `out` may be any operand. Constant-time in the data: no branch and no address depends on a residue.

import {
  highHalves,
  inverseModuloWord,
  liftNegative,
  lowHalves,
  multiplyHigh,
  multiplyShoup,
  reduceOnce,
  reduceWord,
  subtractReduced,
} from './arithmetic/lanes';

export { basisOverflow, convertBasis, innerProductResidues } from './arithmetic/wide-sums';

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

/** out ← a + signed, the signed 32-bit integers in (−q, q): a message and its error. */
export function addSignedResidues(out: usize, a: usize, signed: usize, n: u32, q: u32): void {
  const qs: v128 = v128.splat<u32>(q);
  const end: usize = out + ((n as usize) << 2);
  do {
    const x: v128 = v128.load(signed);
    const residue: v128 = v128.add<u32>(x, v128.and(v128.shr<i32>(x, 31), qs));
    v128.store(out, reduceOnce(v128.add<u32>(v128.load(a), residue), qs));
    out += 16;
    a += 16;
    signed += 16;
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

/** Signed 32-bit integers in (−q, q) → residues times 2^32: lifted operands. word = 2^32 mod q with its Shoup quotient. */
export function liftSignedResidues(out: usize, a: usize, n: u32, q: u32, word: u32, wordQuotient: u32): void {
  const qs: v128 = v128.splat<u32>(q);
  const words: v128 = v128.splat<u32>(word);
  const quotients: v128 = v128.splat<u32>(wordQuotient);
  const end: usize = out + ((n as usize) << 2);
  do {
    const x: v128 = v128.load(a);
    const residue: v128 = v128.add<u32>(x, v128.and(v128.shr<i32>(x, 31), qs));
    v128.store(out, reduceOnce(multiplyShoup(residue, words, quotients, qs), qs));
    out += 16;
    a += 16;
  } while (out < end);
}

/** x·y·2^-32 mod q in (−q, q), modulo 2^32: the product where one operand is lifted. A third cheaper than Barrett's. */
function multiplyMontgomery(x: v128, y: v128, inverse: v128, q: v128): v128 {
  const low: v128 = v128.extmul_low<u32>(x, y);
  const high: v128 = v128.extmul_high<u32>(x, y);
  return reduceWord(highHalves(low, high), lowHalves(low, high), inverse, q);
}

/** out ← out + a·b·2^-32: the product of residues one of which is lifted. */
export function multiplyLiftedAddResidues(out: usize, a: usize, b: usize, n: u32, q: u32): void {
  const qs: v128 = v128.splat<u32>(q);
  const inverse: v128 = v128.splat<u32>(inverseModuloWord(q));
  const end: usize = out + ((n as usize) << 2);
  do {
    const product: v128 = liftNegative(multiplyMontgomery(v128.load(a), v128.load(b), inverse, qs), qs);
    v128.store(out, reduceOnce(v128.add<u32>(v128.load(out), product), qs));
    out += 16;
    a += 16;
    b += 16;
  } while (out < end);
}

/** out ← out − a·b·2^-32. */
export function multiplyLiftedSubtractResidues(out: usize, a: usize, b: usize, n: u32, q: u32): void {
  const qs: v128 = v128.splat<u32>(q);
  const inverse: v128 = v128.splat<u32>(inverseModuloWord(q));
  const end: usize = out + ((n as usize) << 2);
  do {
    const product: v128 = liftNegative(multiplyMontgomery(v128.load(a), v128.load(b), inverse, qs), qs);
    v128.store(out, subtractReduced(v128.load(out), product, qs));
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
