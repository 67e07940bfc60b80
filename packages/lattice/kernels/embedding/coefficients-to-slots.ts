// The transform between the coefficients and the slots of CKKS: s complex numbers w_k = m_k + i·m_(k+s), which are a real
// polynomial m(Y) of degree below 2s, evaluated at the s roots ω^(5^j) of Y^s = i, ω = exp(2πi/4s) (CKKS17, §3.2).
// The tree is that of the negacyclic transform.
//
// Coefficients → slots splits Y^(2h) − r² into Y^h − r and Y^h + r, layer by layer from h = s/2 down to 1. Group g of layer l
// serves the slots j ≡ rev_l(g) mod 2^l, and its r is the root t(l, j) = exp(2πi·5^j / 2^(l+3)): it depends on neither s nor
// the ring, so one table serves every size. Two layers are one pass of radix 4: with u = t(l + 1, j) the first layer's factor
// is u², and those of the two groups of the second are u and −i·u (for l ≥ 1; u and i·u for l = 0, which is why the pass over
// layers 0 and 1 stores its last two results crosswise). The last pass reads from bit-reversed blocks and writes slots in
// order; slots → coefficients runs everything backwards with conjugate factors and leaves out the division by s.
//
// Tables (src/ckks/encoding-embedding.ts), six doubles u, u², u³ a record: `middle`, record 2^l + g for the passes that start
// at layer l; `last`, record 2^(l−1) + c with every double twice, for slots 2c and 2c + 1 of the pass that starts at layer l.
// Data: s real parts, then s imaginary parts; s = 2^k ≥ 8. Every operation is one IEEE addition, subtraction or
// multiplication in a fixed order, so that all engines and runtimes give the same bits. No branch depends on the data.

import { productImaginary, productReal, RECORD } from './complex-lanes';

/** `data` → slots at `real` and `imaginary` (s doubles each, neither inside `data`); overwrites `data`. */
export function coefficientsToSlots(
  real: usize,
  imaginary: usize,
  data: usize,
  middle: usize,
  last: usize,
  s: u32,
): void {
  const layers: u32 = ctz<u32>(s);
  let layer: u32 = layers & (1 as u32);
  if (layer !== (0 as u32)) forwardFirst(data, middle + RECORD, s);
  while (layer < layers - (2 as u32)) {
    forwardPass(data, middle, layer, s);
    layer += 2;
  }
  forwardLast(real, imaginary, data, last + (RECORD << 1) * ((s as usize) >> 3), s);
}

/** Layer 0 alone, when the number of layers is odd: factor exp(2πi/8), the square in the first record. */
function forwardFirst(data: usize, record: usize, s: u32): void {
  const wr: v128 = v128.load64_splat(record, 16);
  const wi: v128 = v128.load64_splat(record, 24);
  const half: usize = (s as usize) << 2;
  const imaginary: usize = (s as usize) << 3;
  let p: usize = data;
  const end: usize = data + half;
  do {
    const xr: v128 = v128.load(p + half);
    const xi: v128 = v128.load(p + imaginary + half);
    const yr: v128 = productReal(xr, xi, wr, wi);
    const yi: v128 = productImaginary(xr, xi, wr, wi);
    const zr: v128 = v128.load(p);
    const zi: v128 = v128.load(p + imaginary);
    v128.store(p, v128.add<f64>(zr, yr));
    v128.store(p + imaginary, v128.add<f64>(zi, yi));
    v128.store(p + half, v128.sub<f64>(zr, yr));
    v128.store(p + imaginary + half, v128.sub<f64>(zi, yi));
    p += 16;
  } while (p < end);
}

/** Layers l and l + 1 over 2^l groups, in place. */
function forwardPass(data: usize, middle: usize, layer: u32, s: u32): void {
  const groups: u32 = (1 as u32) << layer;
  const quarter: usize = ((s as usize) << 1) >> (layer as usize);
  const crosswise: bool = layer === (0 as u32);
  const second: usize = crosswise ? quarter * 3 : quarter << 1;
  const third: usize = crosswise ? quarter << 1 : quarter * 3;
  const imaginary: usize = (s as usize) << 3;
  let record: usize = middle + RECORD * (groups as usize);
  let p: usize = data;
  let group: u32 = 0;
  do {
    const ur: v128 = v128.load64_splat(record);
    const ui: v128 = v128.load64_splat(record, 8);
    const vr: v128 = v128.load64_splat(record, 16);
    const vi: v128 = v128.load64_splat(record, 24);
    const wr: v128 = v128.load64_splat(record, 32);
    const wi: v128 = v128.load64_splat(record, 40);
    const end: usize = p + quarter;
    do {
      const pi: usize = p + imaginary;
      const x1r: v128 = v128.load(p + quarter);
      const x1i: v128 = v128.load(pi + quarter);
      const x3r: v128 = v128.load(p + quarter * 3);
      const x3i: v128 = v128.load(pi + quarter * 3);
      const y1r: v128 = productReal(x1r, x1i, ur, ui);
      const y1i: v128 = productImaginary(x1r, x1i, ur, ui);
      const y3r: v128 = productReal(x3r, x3i, wr, wi);
      const y3i: v128 = productImaginary(x3r, x3i, wr, wi);
      const cr: v128 = v128.add<f64>(y1r, y3r);
      const ci: v128 = v128.add<f64>(y1i, y3i);
      const dr: v128 = v128.sub<f64>(y1r, y3r);
      const di: v128 = v128.sub<f64>(y1i, y3i);
      const x2r: v128 = v128.load(p + (quarter << 1));
      const x2i: v128 = v128.load(pi + (quarter << 1));
      const y2r: v128 = productReal(x2r, x2i, vr, vi);
      const y2i: v128 = productImaginary(x2r, x2i, vr, vi);
      const x0r: v128 = v128.load(p);
      const x0i: v128 = v128.load(pi);
      const ar: v128 = v128.add<f64>(x0r, y2r);
      const ai: v128 = v128.add<f64>(x0i, y2i);
      const br: v128 = v128.sub<f64>(x0r, y2r);
      const bi: v128 = v128.sub<f64>(x0i, y2i);
      v128.store(p, v128.add<f64>(ar, cr));
      v128.store(pi, v128.add<f64>(ai, ci));
      v128.store(p + quarter, v128.sub<f64>(ar, cr));
      v128.store(pi + quarter, v128.sub<f64>(ai, ci));
      v128.store(p + second, v128.add<f64>(br, di));
      v128.store(pi + second, v128.sub<f64>(bi, dr));
      v128.store(p + third, v128.sub<f64>(br, di));
      v128.store(pi + third, v128.add<f64>(bi, dr));
      p += 16;
    } while (p < end);
    p += quarter * 3;
    record += RECORD;
    group += 1;
  } while (group < groups);
}

/**
 * The last two layers. Blocks b and b + s/8 of four numbers give slots j and j + 1 of each quarter, j = 2c with b the
 * bit-reversed c, so slots are written in order and only reads jump.
 */
function forwardLast(real: usize, imaginary: usize, data: usize, table: usize, s: u32): void {
  const apart: usize = (s as usize) << 2;
  const parts: usize = (s as usize) << 3;
  const quarter: usize = (s as usize) << 1;
  const pairs: u32 = s >> (3 as u32);
  let block: u32 = 0;
  let c: u32 = 0;
  do {
    const p: usize = data + ((block as usize) << 5);
    const pi: usize = p + parts;
    const r0: v128 = v128.load(p);
    const r1: v128 = v128.load(p + apart);
    const r2: v128 = v128.load(p, 16);
    const r3: v128 = v128.load(p + apart, 16);
    const i0: v128 = v128.load(pi);
    const i1: v128 = v128.load(pi + apart);
    const i2: v128 = v128.load(pi, 16);
    const i3: v128 = v128.load(pi + apart, 16);
    const x1r: v128 = v128.shuffle<f64>(r0, r1, 1, 3);
    const x1i: v128 = v128.shuffle<f64>(i0, i1, 1, 3);
    const x3r: v128 = v128.shuffle<f64>(r2, r3, 1, 3);
    const x3i: v128 = v128.shuffle<f64>(i2, i3, 1, 3);
    const ur: v128 = v128.load(table);
    const ui: v128 = v128.load(table, 16);
    const wr: v128 = v128.load(table, 64);
    const wi: v128 = v128.load(table, 80);
    const y1r: v128 = productReal(x1r, x1i, ur, ui);
    const y1i: v128 = productImaginary(x1r, x1i, ur, ui);
    const y3r: v128 = productReal(x3r, x3i, wr, wi);
    const y3i: v128 = productImaginary(x3r, x3i, wr, wi);
    const cr: v128 = v128.add<f64>(y1r, y3r);
    const ci: v128 = v128.add<f64>(y1i, y3i);
    const dr: v128 = v128.sub<f64>(y1r, y3r);
    const di: v128 = v128.sub<f64>(y1i, y3i);
    const x2r: v128 = v128.shuffle<f64>(r2, r3, 0, 2);
    const x2i: v128 = v128.shuffle<f64>(i2, i3, 0, 2);
    const vr: v128 = v128.load(table, 32);
    const vi: v128 = v128.load(table, 48);
    const y2r: v128 = productReal(x2r, x2i, vr, vi);
    const y2i: v128 = productImaginary(x2r, x2i, vr, vi);
    const x0r: v128 = v128.shuffle<f64>(r0, r1, 0, 2);
    const x0i: v128 = v128.shuffle<f64>(i0, i1, 0, 2);
    const ar: v128 = v128.add<f64>(x0r, y2r);
    const ai: v128 = v128.add<f64>(x0i, y2i);
    const br: v128 = v128.sub<f64>(x0r, y2r);
    const bi: v128 = v128.sub<f64>(x0i, y2i);
    v128.store(real, v128.add<f64>(ar, cr));
    v128.store(imaginary, v128.add<f64>(ai, ci));
    v128.store(real + quarter, v128.add<f64>(br, di));
    v128.store(imaginary + quarter, v128.sub<f64>(bi, dr));
    v128.store(real + (quarter << 1), v128.sub<f64>(ar, cr));
    v128.store(imaginary + (quarter << 1), v128.sub<f64>(ai, ci));
    v128.store(real + quarter * 3, v128.sub<f64>(br, di));
    v128.store(imaginary + quarter * 3, v128.add<f64>(bi, dr));
    real += 16;
    imaginary += 16;
    table += 96;
    c += 1;
    // Adds one to a number written backwards in log2(pairs) bits: flips its leading ones and the zero after them.
    block ^= pairs - (pairs >> (ctz<u32>(c) + (1 as u32)));
  } while (c < pairs);
}
