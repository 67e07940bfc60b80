// The negacyclic number-theoretic transform over Z_q[X]/(X^n + 1), q < 2^30 prime, q ≡ 1 mod 2n, n = 2^k ≥ 16.
//
// Forward: Cooley–Tukey with the powers of ψ in bit-reversed order (Longa–Naehrig 2016), two layers a pass, values lazily
// in [0, 4q) (Harvey 2014). Inverse: Gentleman–Sande with the inverse powers, values lazily in [0, 2q).
//
// Tables (see src/ring/ntt-tables.ts): roots[i] = ψ^bitreverse(i) for 0 < i < n, quotients[i] = ⌊roots[i]·2^32 / q⌋; in the
// upper half (i ≥ n/2, the last layer) every block of eight is stored evens first, then odds, so that a vector load gives
// the twiddles of four groups. Output order: bit-reversed, then within every block of 16 transposed as a 4×4 matrix
// (position 4r + c holds bit-reversed index 4c + r), because the last two layers work on transposed registers.
//
// Bound by the number of vector operations (15 a butterfly of four, ten of them Shoup's product), not by memory: a butterfly takes
// as long at n = 65536 as at 1024. Tried without gain: two vectors an iteration, quotients from 16-bit products (dot), blends
// for shuffles. Three layers a pass would save loads and stores only.

import { multiplyShoup, reduceOnce, subtractReduced } from './arithmetic/lanes';

/** In place; values in [0, 2q) → [0, q). `values`, `roots`, `quotients` are 16-byte aligned addresses. */
export function forwardNtt(values: usize, roots: usize, quotients: usize, n: u32, q: u32): void {
  const qs: v128 = v128.splat<u32>(q);
  const q2: v128 = v128.splat<u32>(q << (1 as u32));
  let m: u32 = 1;
  let t: u32 = n >> (1 as u32);
  // The layers above the last two, in pairs; a single one first when their number is odd.
  if ((ctz<u32>(n) & (1 as u32)) === (1 as u32)) {
    forwardLayer(values, roots, quotients, t, qs, q2);
    m = 2;
    t = t >> (1 as u32);
  }
  while (t > (2 as u32)) {
    forwardPair(values, roots, quotients, m, t, qs, q2);
    m = m << (2 as u32);
    t = t >> (2 as u32);
  }
  forwardLast(values, roots, quotients, n, qs, q2);
}

/** The first layer alone: one group, butterflies at distance t = n/2. */
function forwardLayer(values: usize, roots: usize, quotients: usize, t: u32, q: v128, q2: v128): void {
  const w: v128 = v128.load32_splat(roots + 4);
  const wq: v128 = v128.load32_splat(quotients + 4);
  const distance: usize = (t as usize) << 2;
  let p: usize = values;
  const end: usize = values + distance;
  do {
    const x: v128 = v128.load(p);
    const y: v128 = multiplyShoup(v128.load(p + distance), w, wq, q);
    v128.store(p, v128.add<u32>(x, y));
    v128.store(p + distance, v128.add<u32>(v128.sub<u32>(x, y), q2));
    p += 16;
  } while (p < end);
}

/** Two layers at distances t and t/2 over m groups. */
function forwardPair(values: usize, roots: usize, quotients: usize, m: u32, t: u32, q: v128, q2: v128): void {
  const half: usize = ((t >> (1 as u32)) as usize) << 2;
  const full: usize = (t as usize) << 2;
  const both: usize = half + full;
  let base: usize = values;
  let i: u32 = 0;
  do {
    const at: usize = ((m + i) as usize) << 2;
    const at2: usize = at << 1;
    const w1: v128 = v128.load32_splat(roots + at);
    const w1q: v128 = v128.load32_splat(quotients + at);
    const w2: v128 = v128.load32_splat(roots + at2);
    const w2q: v128 = v128.load32_splat(quotients + at2);
    const w3: v128 = v128.load32_splat(roots + at2, 4);
    const w3q: v128 = v128.load32_splat(quotients + at2, 4);
    let p: usize = base;
    const end: usize = base + half;
    do {
      const a0: v128 = reduceOnce(v128.load(p), q2);
      const a1: v128 = reduceOnce(v128.load(p + half), q2);
      const b2: v128 = multiplyShoup(v128.load(p + full), w1, w1q, q);
      const b3: v128 = multiplyShoup(v128.load(p + both), w1, w1q, q);
      const c0: v128 = reduceOnce(v128.add<u32>(a0, b2), q2);
      const c1: v128 = multiplyShoup(v128.add<u32>(a1, b3), w2, w2q, q);
      const c2: v128 = subtractReduced(a0, b2, q2);
      const c3: v128 = multiplyShoup(v128.add<u32>(v128.sub<u32>(a1, b3), q2), w3, w3q, q);
      v128.store(p, v128.add<u32>(c0, c1));
      v128.store(p + half, v128.add<u32>(v128.sub<u32>(c0, c1), q2));
      v128.store(p + full, v128.add<u32>(c2, c3));
      v128.store(p + both, v128.add<u32>(v128.sub<u32>(c2, c3), q2));
      p += 16;
    } while (p < end);
    base += full << 1;
    i += 1;
  } while (i < m);
}

/** The last two layers (distances 2 and 1) on blocks of 16, transposed in registers; the result is fully reduced. */
function forwardLast(values: usize, roots: usize, quotients: usize, n: u32, q: v128, q2: v128): void {
  let p: usize = values;
  const end: usize = values + ((n as usize) << 2);
  let w2: usize = roots + (n as usize); // index n/4, four bytes each
  let w2q: usize = quotients + (n as usize);
  let w1: usize = roots + ((n as usize) << 1); // index n/2
  let w1q: usize = quotients + ((n as usize) << 1);
  do {
    const r0: v128 = v128.load(p);
    const r1: v128 = v128.load(p, 16);
    const r2: v128 = v128.load(p, 32);
    const r3: v128 = v128.load(p, 48);
    const s0: v128 = v128.shuffle<u32>(r0, r1, 0, 4, 1, 5);
    const s1: v128 = v128.shuffle<u32>(r0, r1, 2, 6, 3, 7);
    const s2: v128 = v128.shuffle<u32>(r2, r3, 0, 4, 1, 5);
    const s3: v128 = v128.shuffle<u32>(r2, r3, 2, 6, 3, 7);
    const a0: v128 = reduceOnce(v128.shuffle<u64>(s0, s2, 0, 2), q2);
    const a1: v128 = reduceOnce(v128.shuffle<u64>(s0, s2, 1, 3), q2);
    const u: v128 = v128.load(w2);
    const uq: v128 = v128.load(w2q);
    const b2: v128 = multiplyShoup(v128.shuffle<u64>(s1, s3, 0, 2), u, uq, q);
    const b3: v128 = multiplyShoup(v128.shuffle<u64>(s1, s3, 1, 3), u, uq, q);
    const c0: v128 = reduceOnce(v128.add<u32>(a0, b2), q2);
    const c1: v128 = multiplyShoup(v128.add<u32>(a1, b3), v128.load(w1), v128.load(w1q), q);
    const c2: v128 = subtractReduced(a0, b2, q2);
    const c3: v128 = multiplyShoup(v128.add<u32>(v128.sub<u32>(a1, b3), q2), v128.load(w1, 16), v128.load(w1q, 16), q);
    v128.store(p, reduceOnce(reduceOnce(v128.add<u32>(c0, c1), q2), q));
    v128.store(p, reduceOnce(subtractReduced(c0, c1, q2), q), 16);
    v128.store(p, reduceOnce(reduceOnce(v128.add<u32>(c2, c3), q2), q), 32);
    v128.store(p, reduceOnce(subtractReduced(c2, c3, q2), q), 48);
    p += 64;
    w2 += 16;
    w2q += 16;
    w1 += 32;
    w1q += 32;
  } while (p < end);
}

/**
 * In place; values in [0, 2q) → [0, q). Multiplies by 1/n on the way: `scale` = n^-1 and `scaledRoot` = n^-1·ψ^-bitreverse(1),
 * each with its Shoup quotient.
 */
export function inverseNtt(
  values: usize,
  roots: usize,
  quotients: usize,
  n: u32,
  q: u32,
  scale: u32,
  scaleQuotient: u32,
  scaledRoot: u32,
  scaledRootQuotient: u32,
): void {
  const qs: v128 = v128.splat<u32>(q);
  const q2: v128 = v128.splat<u32>(q << (1 as u32));
  inverseFirst(values, roots, quotients, n, qs, q2);
  let m: u32 = n >> (3 as u32); // groups of the layer at distance 4
  let t: u32 = 4;
  const odd: bool = (ctz<u32>(n) & (1 as u32)) === (1 as u32);
  // Pairs of layers at distances t and 2t, up to the pair or single layer that ends the transform.
  while (m > (2 as u32)) {
    inversePair(values, roots, quotients, m, t, qs, q2);
    m = m >> (2 as u32);
    t = t << (2 as u32);
  }
  const s: v128 = v128.splat<u32>(scale);
  const sq: v128 = v128.splat<u32>(scaleQuotient);
  const r: v128 = v128.splat<u32>(scaledRoot);
  const rq: v128 = v128.splat<u32>(scaledRootQuotient);
  if (odd) inverseLayerLast(values, n, qs, q2, s, sq, r, rq);
  else inversePairLast(values, roots, quotients, n, qs, q2, s, sq, r, rq);
}

/** The first two layers (distances 1 and 2) on blocks of 16: undoes forwardLast and its transposition. */
function inverseFirst(values: usize, roots: usize, quotients: usize, n: u32, q: v128, q2: v128): void {
  let p: usize = values;
  const end: usize = values + ((n as usize) << 2);
  let w2: usize = roots + (n as usize);
  let w2q: usize = quotients + (n as usize);
  let w1: usize = roots + ((n as usize) << 1);
  let w1q: usize = quotients + ((n as usize) << 1);
  do {
    const a0: v128 = v128.load(p);
    const a1: v128 = v128.load(p, 16);
    const a2: v128 = v128.load(p, 32);
    const a3: v128 = v128.load(p, 48);
    const b0: v128 = reduceOnce(v128.add<u32>(a0, a1), q2);
    const b1: v128 = multiplyShoup(v128.add<u32>(v128.sub<u32>(a0, a1), q2), v128.load(w1), v128.load(w1q), q);
    const b2: v128 = reduceOnce(v128.add<u32>(a2, a3), q2);
    const b3: v128 = multiplyShoup(v128.add<u32>(v128.sub<u32>(a2, a3), q2), v128.load(w1, 16), v128.load(w1q, 16), q);
    const u: v128 = v128.load(w2);
    const uq: v128 = v128.load(w2q);
    const c0: v128 = reduceOnce(v128.add<u32>(b0, b2), q2);
    const c1: v128 = reduceOnce(v128.add<u32>(b1, b3), q2);
    const c2: v128 = multiplyShoup(v128.add<u32>(v128.sub<u32>(b0, b2), q2), u, uq, q);
    const c3: v128 = multiplyShoup(v128.add<u32>(v128.sub<u32>(b1, b3), q2), u, uq, q);
    const s0: v128 = v128.shuffle<u32>(c0, c1, 0, 4, 1, 5);
    const s1: v128 = v128.shuffle<u32>(c0, c1, 2, 6, 3, 7);
    const s2: v128 = v128.shuffle<u32>(c2, c3, 0, 4, 1, 5);
    const s3: v128 = v128.shuffle<u32>(c2, c3, 2, 6, 3, 7);
    v128.store(p, v128.shuffle<u64>(s0, s2, 0, 2));
    v128.store(p, v128.shuffle<u64>(s0, s2, 1, 3), 16);
    v128.store(p, v128.shuffle<u64>(s1, s3, 0, 2), 32);
    v128.store(p, v128.shuffle<u64>(s1, s3, 1, 3), 48);
    p += 64;
    w2 += 16;
    w2q += 16;
    w1 += 32;
    w1q += 32;
  } while (p < end);
}

/** Two layers: m groups at distance t, then m/2 groups at distance 2t. */
function inversePair(values: usize, roots: usize, quotients: usize, m: u32, t: u32, q: v128, q2: v128): void {
  const half: usize = (t as usize) << 2;
  const full: usize = half << 1;
  const both: usize = half + full;
  const groups: u32 = m >> (1 as u32);
  let base: usize = values;
  let i: u32 = 0;
  do {
    const at: usize = ((groups + i) as usize) << 2;
    const at2: usize = at << 1;
    const w1: v128 = v128.load32_splat(roots + at);
    const w1q: v128 = v128.load32_splat(quotients + at);
    const w2: v128 = v128.load32_splat(roots + at2);
    const w2q: v128 = v128.load32_splat(quotients + at2);
    const w3: v128 = v128.load32_splat(roots + at2, 4);
    const w3q: v128 = v128.load32_splat(quotients + at2, 4);
    let p: usize = base;
    const end: usize = base + half;
    do {
      const a0: v128 = v128.load(p);
      const a1: v128 = v128.load(p + half);
      const a2: v128 = v128.load(p + full);
      const a3: v128 = v128.load(p + both);
      const b0: v128 = reduceOnce(v128.add<u32>(a0, a1), q2);
      const b1: v128 = multiplyShoup(v128.add<u32>(v128.sub<u32>(a0, a1), q2), w2, w2q, q);
      const b2: v128 = reduceOnce(v128.add<u32>(a2, a3), q2);
      const b3: v128 = multiplyShoup(v128.add<u32>(v128.sub<u32>(a2, a3), q2), w3, w3q, q);
      v128.store(p, reduceOnce(v128.add<u32>(b0, b2), q2));
      v128.store(p + half, reduceOnce(v128.add<u32>(b1, b3), q2));
      v128.store(p + full, multiplyShoup(v128.add<u32>(v128.sub<u32>(b0, b2), q2), w1, w1q, q));
      v128.store(p + both, multiplyShoup(v128.add<u32>(v128.sub<u32>(b1, b3), q2), w1, w1q, q));
      p += 16;
    } while (p < end);
    base += full << 1;
    i += 1;
  } while (i < groups);
}

/** The final layer at distance n/2 with the factor 1/n in both outputs. */
function inverseLayerLast(
  values: usize,
  n: u32,
  q: v128,
  q2: v128,
  scale: v128,
  scaleQuotient: v128,
  root: v128,
  rootQuotient: v128,
): void {
  const distance: usize = (n as usize) << 1;
  let p: usize = values;
  const end: usize = values + distance;
  do {
    const x: v128 = v128.load(p);
    const y: v128 = v128.load(p + distance);
    v128.store(p, reduceOnce(multiplyShoup(v128.add<u32>(x, y), scale, scaleQuotient, q), q));
    v128.store(
      p + distance,
      reduceOnce(multiplyShoup(v128.add<u32>(v128.sub<u32>(x, y), q2), root, rootQuotient, q), q),
    );
    p += 16;
  } while (p < end);
}

/** The final two layers, distances n/4 and n/2, with the factor 1/n. */
function inversePairLast(
  values: usize,
  roots: usize,
  quotients: usize,
  n: u32,
  q: v128,
  q2: v128,
  scale: v128,
  scaleQuotient: v128,
  root: v128,
  rootQuotient: v128,
): void {
  const half: usize = n as usize;
  const full: usize = half << 1;
  const both: usize = half + full;
  const w2: v128 = v128.load32_splat(roots + 8);
  const w2q: v128 = v128.load32_splat(quotients + 8);
  const w3: v128 = v128.load32_splat(roots + 12);
  const w3q: v128 = v128.load32_splat(quotients + 12);
  let p: usize = values;
  const end: usize = values + half;
  do {
    const a0: v128 = v128.load(p);
    const a1: v128 = v128.load(p + half);
    const a2: v128 = v128.load(p + full);
    const a3: v128 = v128.load(p + both);
    const b0: v128 = reduceOnce(v128.add<u32>(a0, a1), q2);
    const b1: v128 = multiplyShoup(v128.add<u32>(v128.sub<u32>(a0, a1), q2), w2, w2q, q);
    const b2: v128 = reduceOnce(v128.add<u32>(a2, a3), q2);
    const b3: v128 = multiplyShoup(v128.add<u32>(v128.sub<u32>(a2, a3), q2), w3, w3q, q);
    v128.store(p, reduceOnce(multiplyShoup(v128.add<u32>(b0, b2), scale, scaleQuotient, q), q));
    v128.store(p + half, reduceOnce(multiplyShoup(v128.add<u32>(b1, b3), scale, scaleQuotient, q), q));
    v128.store(p + full, reduceOnce(multiplyShoup(v128.add<u32>(v128.sub<u32>(b0, b2), q2), root, rootQuotient, q), q));
    v128.store(p + both, reduceOnce(multiplyShoup(v128.add<u32>(v128.sub<u32>(b1, b3), q2), root, rootQuotient, q), q));
    p += 16;
  } while (p < end);
}
