// From slots to coefficients: coefficients-to-slots.ts backwards, with conjugate factors and without the division by s. Its conventions
// and tables hold here.

import { conjugateImaginary, conjugateReal, RECORD } from './complex-lanes';

/** Slots at `real` and `imaginary` (s doubles each, neither inside `data`) → s times their coefficients at `data`. */
export function slotsToCoefficients(
  data: usize,
  real: usize,
  imaginary: usize,
  middle: usize,
  last: usize,
  s: u32,
): void {
  const layers: u32 = ctz<u32>(s);
  inverseFirst(data, real, imaginary, last + (RECORD << 1) * ((s as usize) >> 3), s);
  let layer: u32 = layers - (2 as u32);
  while (layer > (1 as u32)) {
    layer -= 2;
    inversePass(data, middle, layer, s);
  }
  if (layer !== (0 as u32)) inverseLast(data, middle + RECORD, s);
}

/** The layers at distances 1 and 2, from slots in order to bit-reversed blocks. */
function inverseFirst(data: usize, real: usize, imaginary: usize, table: usize, s: u32): void {
  const apart: usize = (s as usize) << 2;
  const parts: usize = (s as usize) << 3;
  const quarter: usize = (s as usize) << 1;
  const pairs: u32 = s >> (3 as u32);
  let block: u32 = 0;
  let c: u32 = 0;
  do {
    const y0r: v128 = v128.load(real);
    const y0i: v128 = v128.load(imaginary);
    const y2r: v128 = v128.load(real + quarter);
    const y2i: v128 = v128.load(imaginary + quarter);
    const y1r: v128 = v128.load(real + (quarter << 1));
    const y1i: v128 = v128.load(imaginary + (quarter << 1));
    const y3r: v128 = v128.load(real + quarter * 3);
    const y3i: v128 = v128.load(imaginary + quarter * 3);
    const ar: v128 = v128.add<f64>(y0r, y1r);
    const ai: v128 = v128.add<f64>(y0i, y1i);
    const br: v128 = v128.add<f64>(y2r, y3r);
    const bi: v128 = v128.add<f64>(y2i, y3i);
    const er: v128 = v128.sub<f64>(ar, br);
    const ei: v128 = v128.sub<f64>(ai, bi);
    const vr: v128 = v128.load(table, 32);
    const vi: v128 = v128.load(table, 48);
    const x0r: v128 = v128.add<f64>(ar, br);
    const x0i: v128 = v128.add<f64>(ai, bi);
    const x2r: v128 = conjugateReal(er, ei, vr, vi);
    const x2i: v128 = conjugateImaginary(er, ei, vr, vi);
    const cr: v128 = v128.sub<f64>(y0r, y1r);
    const ci: v128 = v128.sub<f64>(y0i, y1i);
    const dr: v128 = v128.sub<f64>(y3i, y2i);
    const di: v128 = v128.sub<f64>(y2r, y3r);
    const fr: v128 = v128.add<f64>(cr, dr);
    const fi: v128 = v128.add<f64>(ci, di);
    const gr: v128 = v128.sub<f64>(cr, dr);
    const gi: v128 = v128.sub<f64>(ci, di);
    const ur: v128 = v128.load(table);
    const ui: v128 = v128.load(table, 16);
    const wr: v128 = v128.load(table, 64);
    const wi: v128 = v128.load(table, 80);
    const x1r: v128 = conjugateReal(fr, fi, ur, ui);
    const x1i: v128 = conjugateImaginary(fr, fi, ur, ui);
    const x3r: v128 = conjugateReal(gr, gi, wr, wi);
    const x3i: v128 = conjugateImaginary(gr, gi, wr, wi);
    const p: usize = data + ((block as usize) << 5);
    const pi: usize = p + parts;
    v128.store(p, v128.shuffle<f64>(x0r, x1r, 0, 2));
    v128.store(p, v128.shuffle<f64>(x2r, x3r, 0, 2), 16);
    v128.store(p + apart, v128.shuffle<f64>(x0r, x1r, 1, 3));
    v128.store(p + apart, v128.shuffle<f64>(x2r, x3r, 1, 3), 16);
    v128.store(pi, v128.shuffle<f64>(x0i, x1i, 0, 2));
    v128.store(pi, v128.shuffle<f64>(x2i, x3i, 0, 2), 16);
    v128.store(pi + apart, v128.shuffle<f64>(x0i, x1i, 1, 3));
    v128.store(pi + apart, v128.shuffle<f64>(x2i, x3i, 1, 3), 16);
    real += 16;
    imaginary += 16;
    table += 96;
    c += 1;
    block ^= pairs - (pairs >> (ctz<u32>(c) + (1 as u32)));
  } while (c < pairs);
}

/** Undoes forwardPass, up to a factor of four. */
function inversePass(data: usize, middle: usize, layer: u32, s: u32): void {
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
      const y0r: v128 = v128.load(p);
      const y0i: v128 = v128.load(pi);
      const y1r: v128 = v128.load(p + quarter);
      const y1i: v128 = v128.load(pi + quarter);
      const y2r: v128 = v128.load(p + second);
      const y2i: v128 = v128.load(pi + second);
      const y3r: v128 = v128.load(p + third);
      const y3i: v128 = v128.load(pi + third);
      const ar: v128 = v128.add<f64>(y0r, y1r);
      const ai: v128 = v128.add<f64>(y0i, y1i);
      const br: v128 = v128.add<f64>(y2r, y3r);
      const bi: v128 = v128.add<f64>(y2i, y3i);
      v128.store(p, v128.add<f64>(ar, br));
      v128.store(pi, v128.add<f64>(ai, bi));
      const er: v128 = v128.sub<f64>(ar, br);
      const ei: v128 = v128.sub<f64>(ai, bi);
      v128.store(p + (quarter << 1), conjugateReal(er, ei, vr, vi));
      v128.store(pi + (quarter << 1), conjugateImaginary(er, ei, vr, vi));
      const cr: v128 = v128.sub<f64>(y0r, y1r);
      const ci: v128 = v128.sub<f64>(y0i, y1i);
      const dr: v128 = v128.sub<f64>(y3i, y2i);
      const di: v128 = v128.sub<f64>(y2r, y3r);
      const fr: v128 = v128.add<f64>(cr, dr);
      const fi: v128 = v128.add<f64>(ci, di);
      v128.store(p + quarter, conjugateReal(fr, fi, ur, ui));
      v128.store(pi + quarter, conjugateImaginary(fr, fi, ur, ui));
      const gr: v128 = v128.sub<f64>(cr, dr);
      const gi: v128 = v128.sub<f64>(ci, di);
      v128.store(p + quarter * 3, conjugateReal(gr, gi, wr, wi));
      v128.store(pi + quarter * 3, conjugateImaginary(gr, gi, wr, wi));
      p += 16;
    } while (p < end);
    p += quarter * 3;
    record += RECORD;
    group += 1;
  } while (group < groups);
}

/** Undoes forwardFirst, up to a factor of two. */
function inverseLast(data: usize, record: usize, s: u32): void {
  const wr: v128 = v128.load64_splat(record, 16);
  const wi: v128 = v128.load64_splat(record, 24);
  const half: usize = (s as usize) << 2;
  const imaginary: usize = (s as usize) << 3;
  let p: usize = data;
  const end: usize = data + half;
  do {
    const xr: v128 = v128.load(p);
    const xi: v128 = v128.load(p + imaginary);
    const yr: v128 = v128.load(p + half);
    const yi: v128 = v128.load(p + imaginary + half);
    v128.store(p, v128.add<f64>(xr, yr));
    v128.store(p + imaginary, v128.add<f64>(xi, yi));
    const dr: v128 = v128.sub<f64>(xr, yr);
    const di: v128 = v128.sub<f64>(xi, yi);
    v128.store(p + half, conjugateReal(dr, di, wr, wi));
    v128.store(p + imaginary + half, conjugateImaginary(dr, di, wr, wi));
    p += 16;
  } while (p < end);
}
