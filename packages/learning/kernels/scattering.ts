// A two-layer wavelet scattering of one 28×28 image (Bruna and Mallat 2013; J = 2 octaves, L = 8 orientations): 81 maps of 7×7.
//
// With x the image in the middle of a torus of 36×36 and zero elsewhere, φ a Gaussian, ψ(j,θ) Morlet wavelets, ↓d every d-th sample:
//   S0 = (x∗φ)↓4,  U1(j,θ) = |x∗ψ(j,θ)|↓2^j,  S1 = (U1∗φ)↓4,  U2(θ,θ') = |U1(0,θ)∗ψ(1,θ')|↓2,  S2 = (U2∗φ)↓4.
// Convolutions with wavelets are products in the frequency domain; those with φ are A·U·Aᵀ, because a Gaussian is separable.
//
// Nothing here ever crosses lanes but one unpacking: the four lanes of a vector are four orientations (or four copies of the image), so
// a transform of a plane is four transforms. A complex number is 32 bytes: four real parts, four imaginary parts. Every wavelet
// is real in the frequency domain, and a modulus does not see a conjugation: spectra are kept conjugated and only ever transformed
// forwards. Order of additions: as written; no table is read that was not handed in (src/features/scattering-tables.ts says which).
//
// Offsets in `tables`, in floats: twiddles of 36 at 0 (36 pairs), of 18 at 72 (18 pairs), A for 36 columns at 108 (7×36), for 18 at
// 360 (7×18), ψ(0,·) at 488 (1296 × 8 orientations), ψ(1,·) at 10856 (the same), ψ(1,·) again at 21224 (8 × 1296); in all 31592.
// Offsets in `scratch`, in bytes: one line 0, spectrum of the image 2048, of U1(0,·) 43520 and 84992, plane 126464,
// moduli 167936 and 188672, half of A·U·Aᵀ 209408; in all 213504.

/** Three-point transform of complex numbers `step` bytes apart, to numbers `outStep` bytes apart. */
function transform3(from: usize, step: usize, out: usize, outStep: usize): void {
  const half: v128 = v128.splat<f32>(0.5);
  const root: v128 = v128.splat<f32>(0.8660254037844386);
  const ar: v128 = v128.load(from);
  const ai: v128 = v128.load(from, 16);
  const br: v128 = v128.load(from + step);
  const bi: v128 = v128.load(from + step, 16);
  const cr: v128 = v128.load(from + 2 * step);
  const ci: v128 = v128.load(from + 2 * step, 16);
  const sr: v128 = v128.add<f32>(br, cr);
  const si: v128 = v128.add<f32>(bi, ci);
  const dr: v128 = v128.mul<f32>(root, v128.sub<f32>(br, cr));
  const di: v128 = v128.mul<f32>(root, v128.sub<f32>(bi, ci));
  const mr: v128 = v128.sub<f32>(ar, v128.mul<f32>(half, sr));
  const mi: v128 = v128.sub<f32>(ai, v128.mul<f32>(half, si));
  v128.store(out, v128.add<f32>(ar, sr));
  v128.store(out, v128.add<f32>(ai, si), 16);
  v128.store(out + outStep, v128.add<f32>(mr, di));
  v128.store(out + outStep, v128.sub<f32>(mi, dr), 16);
  v128.store(out + 2 * outStep, v128.sub<f32>(mr, di));
  v128.store(out + 2 * outStep, v128.add<f32>(mi, dr), 16);
}

/** out ← (re + i·im)·(c + i·s), the factor a pair of floats that all lanes share. */
function storeTurned(out: usize, re: v128, im: v128, factor: usize): void {
  const c: v128 = v128.load32_splat(factor);
  const s: v128 = v128.load32_splat(factor, 4);
  v128.store(out, v128.sub<f32>(v128.mul<f32>(re, c), v128.mul<f32>(im, s)));
  v128.store(out, v128.add<f32>(v128.mul<f32>(re, s), v128.mul<f32>(im, c)), 16);
}

/**
 * Six-point transform: three-point transforms of (x0, x2, x4) and (x3, x5, x1), then sums and differences (Good 1958, no twiddles
 * between). Output k is multiplied by the factor at twiddle + k·twiddleStep, unless twiddleStep is 0.
 */
function transform6(from: usize, step: usize, out: usize, outStep: usize, twiddle: usize, twiddleStep: usize): void {
  const half: v128 = v128.splat<f32>(0.5);
  const root: v128 = v128.splat<f32>(0.8660254037844386);
  const step2: usize = step + step;
  const step3: usize = step2 + step;

  const ar: v128 = v128.load(from);
  const ai: v128 = v128.load(from, 16);
  const br: v128 = v128.load(from + step2);
  const bi: v128 = v128.load(from + step2, 16);
  const cr: v128 = v128.load(from + step2 + step2);
  const ci: v128 = v128.load(from + step2 + step2, 16);
  const sr: v128 = v128.add<f32>(br, cr);
  const si: v128 = v128.add<f32>(bi, ci);
  const dr: v128 = v128.mul<f32>(root, v128.sub<f32>(br, cr));
  const di: v128 = v128.mul<f32>(root, v128.sub<f32>(bi, ci));
  const mr: v128 = v128.sub<f32>(ar, v128.mul<f32>(half, sr));
  const mi: v128 = v128.sub<f32>(ai, v128.mul<f32>(half, si));

  const pr: v128 = v128.load(from + step3);
  const pi: v128 = v128.load(from + step3, 16);
  const qr: v128 = v128.load(from + step3 + step2);
  const qi: v128 = v128.load(from + step3 + step2, 16);
  const or: v128 = v128.load(from + step);
  const oi: v128 = v128.load(from + step, 16);
  const tr: v128 = v128.add<f32>(qr, or);
  const ti: v128 = v128.add<f32>(qi, oi);
  const er: v128 = v128.mul<f32>(root, v128.sub<f32>(qr, or));
  const ei: v128 = v128.mul<f32>(root, v128.sub<f32>(qi, oi));
  const nr: v128 = v128.sub<f32>(pr, v128.mul<f32>(half, tr));
  const ni: v128 = v128.sub<f32>(pi, v128.mul<f32>(half, ti));

  const e0r: v128 = v128.add<f32>(ar, sr);
  const e0i: v128 = v128.add<f32>(ai, si);
  const o0r: v128 = v128.add<f32>(pr, tr);
  const o0i: v128 = v128.add<f32>(pi, ti);
  const e1r: v128 = v128.add<f32>(mr, di);
  const e1i: v128 = v128.sub<f32>(mi, dr);
  const o1r: v128 = v128.add<f32>(nr, ei);
  const o1i: v128 = v128.sub<f32>(ni, er);
  const e2r: v128 = v128.sub<f32>(mr, di);
  const e2i: v128 = v128.add<f32>(mi, dr);
  const o2r: v128 = v128.sub<f32>(nr, ei);
  const o2i: v128 = v128.add<f32>(ni, er);

  v128.store(out, v128.add<f32>(e0r, o0r));
  v128.store(out, v128.add<f32>(e0i, o0i), 16);
  let to: usize = out + outStep;
  if (twiddleStep === (0 as usize)) {
    v128.store(to, v128.sub<f32>(e1r, o1r));
    v128.store(to, v128.sub<f32>(e1i, o1i), 16);
    to += outStep;
    v128.store(to, v128.add<f32>(e2r, o2r));
    v128.store(to, v128.add<f32>(e2i, o2i), 16);
    to += outStep;
    v128.store(to, v128.sub<f32>(e0r, o0r));
    v128.store(to, v128.sub<f32>(e0i, o0i), 16);
    to += outStep;
    v128.store(to, v128.add<f32>(e1r, o1r));
    v128.store(to, v128.add<f32>(e1i, o1i), 16);
    to += outStep;
    v128.store(to, v128.sub<f32>(e2r, o2r));
    v128.store(to, v128.sub<f32>(e2i, o2i), 16);
    return;
  }
  twiddle += twiddleStep;
  storeTurned(to, v128.sub<f32>(e1r, o1r), v128.sub<f32>(e1i, o1i), twiddle);
  to += outStep;
  twiddle += twiddleStep;
  storeTurned(to, v128.add<f32>(e2r, o2r), v128.add<f32>(e2i, o2i), twiddle);
  to += outStep;
  twiddle += twiddleStep;
  storeTurned(to, v128.sub<f32>(e0r, o0r), v128.sub<f32>(e0i, o0i), twiddle);
  to += outStep;
  twiddle += twiddleStep;
  storeTurned(to, v128.add<f32>(e1r, o1r), v128.add<f32>(e1i, o1i), twiddle);
  to += outStep;
  twiddle += twiddleStep;
  storeTurned(to, v128.sub<f32>(e2r, o2r), v128.sub<f32>(e2i, o2i), twiddle);
}

/**
 * A line of 36 complex numbers `step` bytes apart, in place. With n = 6·n1 + n2 and k = k1 + 6·k2 (Cooley and Tukey 1965):
 * X[k] = Σ_n2 w6^(n2·k2) · w36^(n2·k1) · Σ_n1 w6^(n1·k1) x[n].
 */
function transform36(at: usize, step: usize, twiddles: usize, line: usize): void {
  const step6: usize = 6 * step;
  for (let n2: u32 = 0; n2 < (6 as u32); n2++) {
    transform6(at + (n2 as usize) * step, step6, line + ((n2 as usize) << 5), 6 * 32, twiddles, (n2 as usize) << 3);
  }
  for (let k1: u32 = 0; k1 < (6 as u32); k1++) {
    transform6(line + (k1 as usize) * (6 * 32), 32, at + (k1 as usize) * step, step6, 0, 0);
  }
}

/** A line of 18, in place: n = 3·n1 + n2, k = k1 + 6·k2. */
function transform18(at: usize, step: usize, twiddles: usize, line: usize): void {
  for (let n2: u32 = 0; n2 < (3 as u32); n2++) {
    transform6(at + (n2 as usize) * step, 3 * step, line + ((n2 as usize) << 5), 3 * 32, twiddles, (n2 as usize) << 3);
  }
  for (let k1: u32 = 0; k1 < (6 as u32); k1++) {
    transform3(line + (k1 as usize) * (3 * 32), 32, at + (k1 as usize) * step, 6 * step);
  }
}

/** All lines of a 36×36 plane, rows from `firstRow` to `lastRow` (the others are zero), then all columns. */
function transformPlane36(plane: usize, firstRow: u32, lastRow: u32, tables: usize, line: usize): void {
  for (let y: u32 = firstRow; y < lastRow; y++) transform36(plane + (y as usize) * (36 * 32), 32, tables, line);
  for (let x: u32 = 0; x < (36 as u32); x++) transform36(plane + ((x as usize) << 5), 36 * 32, tables, line);
}

function transformPlane18(plane: usize, tables: usize, line: usize): void {
  const twiddles: usize = tables + 72 * 4;
  for (let y: u32 = 0; y < (18 as u32); y++) transform18(plane + (y as usize) * (18 * 32), 32, twiddles, line);
  for (let x: u32 = 0; x < (18 as u32); x++) transform18(plane + ((x as usize) << 5), 18 * 32, twiddles, line);
}

/** out (vectors) ← the moduli of `count` complex vectors. */
function moduli(out: usize, plane: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++, out += 16, plane += 32) {
    const re: v128 = v128.load(plane);
    const im: v128 = v128.load(plane, 16);
    v128.store(out, v128.sqrt<f32>(v128.add<f32>(v128.mul<f32>(re, re), v128.mul<f32>(im, im))));
  }
}

/** Four maps of 7×7, one a lane, at out, out + mapStep, …: A·U·Aᵀ for a side×side plane U of real vectors. */
function average(out: usize, mapStep: usize, plane: usize, side: u32, weights: usize, half: usize): void {
  const rowBytes: usize = (side as usize) << 4;
  const weightBytes: usize = (side as usize) << 2;
  for (let i: u32 = 0; i < (7 as u32); i++) {
    const w: usize = weights + (i as usize) * weightBytes;
    for (let x: u32 = 0; x < side; x++) {
      let from: usize = plane + ((x as usize) << 4);
      let total: v128 = v128.mul<f32>(v128.load32_splat(w), v128.load(from));
      for (let y: usize = 4; y < weightBytes; y += 4) {
        from += rowBytes;
        total = v128.add<f32>(total, v128.mul<f32>(v128.load32_splat(w + y), v128.load(from)));
      }
      v128.store(half + ((x as usize) << 4), total);
    }
    for (let j: u32 = 0; j < (7 as u32); j++) {
      const v: usize = weights + (j as usize) * weightBytes;
      let total: v128 = v128.mul<f32>(v128.load32_splat(v), v128.load(half));
      for (let x: usize = 4; x < weightBytes; x += 4) {
        total = v128.add<f32>(total, v128.mul<f32>(v128.load32_splat(v + x), v128.load(half + (x << 2))));
      }
      v128.store32_lane(out, total, 0);
      v128.store32_lane(out + mapStep, total, 1);
      v128.store32_lane(out + 2 * mapStep, total, 2);
      v128.store32_lane(out + 3 * mapStep, total, 3);
      out += 4;
    }
  }
}

/** plane (18×18) ← spectrum (36×36) · filter, aliases added: convolution and every second sample. Each lane has its own filter. */
function filterLanes(plane: usize, spectrum: usize, filter: usize): void {
  const down: usize = 18 * 36;
  for (let y: u32 = 0; y < (18 as u32); y++) {
    for (let x: u32 = 0; x < (18 as u32); x++, plane += 32) {
      let re: v128 = v128.splat<f32>(0);
      let im: v128 = v128.splat<f32>(0);
      for (let alias: u32 = 0; alias < (4 as u32); alias++) {
        const p: usize = ((y * 36 + x) as usize) + ((alias >> 1) as usize) * down + ((alias & 1) as usize) * 18;
        const w: v128 = v128.load(filter + (p << 5));
        re = v128.add<f32>(re, v128.mul<f32>(w, v128.load(spectrum + (p << 5))));
        im = v128.add<f32>(im, v128.mul<f32>(w, v128.load(spectrum + (p << 5), 16)));
      }
      v128.store(plane, re);
      v128.store(plane, im, 16);
    }
  }
}

/** The same with one filter for all lanes. */
function filterPlane(plane: usize, spectrum: usize, filter: usize): void {
  for (let y: u32 = 0; y < (18 as u32); y++) {
    for (let x: u32 = 0; x < (18 as u32); x++, plane += 32, spectrum += 32, filter += 4) {
      const w0: v128 = v128.load32_splat(filter);
      const w1: v128 = v128.load32_splat(filter, 18 * 4);
      const w2: v128 = v128.load32_splat(filter, 18 * 36 * 4);
      const w3: v128 = v128.load32_splat(filter, 18 * 37 * 4);
      const r01: v128 = v128.add<f32>(
        v128.mul<f32>(w0, v128.load(spectrum)),
        v128.mul<f32>(w1, v128.load(spectrum, 18 * 32)),
      );
      const r23: v128 = v128.add<f32>(
        v128.mul<f32>(w2, v128.load(spectrum, 18 * 36 * 32)),
        v128.mul<f32>(w3, v128.load(spectrum, 18 * 37 * 32)),
      );
      const i01: v128 = v128.add<f32>(
        v128.mul<f32>(w0, v128.load(spectrum, 16)),
        v128.mul<f32>(w1, v128.load(spectrum, 18 * 32 + 16)),
      );
      const i23: v128 = v128.add<f32>(
        v128.mul<f32>(w2, v128.load(spectrum, 18 * 36 * 32 + 16)),
        v128.mul<f32>(w3, v128.load(spectrum, 18 * 37 * 32 + 16)),
      );
      v128.store(plane, v128.add<f32>(r01, r23));
      v128.store(plane, v128.add<f32>(i01, i23), 16);
    }
    spectrum += 18 * 32;
    filter += 18 * 4;
  }
}

/** The image, in all lanes, at the middle of a plane of zeros; as real vectors at `copies` too. */
function place(plane: usize, copies: usize, image: usize): void {
  memory.fill(plane, 0, 36 * 36 * 32);
  memory.fill(copies, 0, 36 * 36 * 16);
  for (let y: u32 = 4; y < (32 as u32); y++) {
    for (let x: u32 = 4; x < (32 as u32); x++, image += 4) {
      const p: usize = (y * 36 + x) as usize;
      const v: v128 = v128.load32_splat(image);
      v128.store(plane + (p << 5), v);
      v128.store(copies + (p << 4), v);
    }
  }
}

/** Conjugates all of a spectrum. */
function conjugate(plane: usize): void {
  for (let p: u32 = 0; p < ((36 * 36) as u32); p++, plane += 32) {
    v128.store(plane, v128.neg<f32>(v128.load(plane, 16)), 16);
  }
}

/**
 * The conjugated spectra of the real planes a and b from the spectrum Z of a + i·b: with Z' the conjugate of Z(-k),
 * A = (Z + Z')/2 and B = (Z - Z')/2i. The halves are in the filters that come next: here are 2·conj A and 2·conj B.
 */
function unpack(a: usize, b: usize, z: usize): void {
  for (let y: u32 = 0; y < (36 as u32); y++) {
    const mirrorRow: u32 = y === (0 as u32) ? 0 : (36 as u32) - y;
    for (let x: u32 = 0; x < (36 as u32); x++, a += 32, b += 32) {
      const mirror: usize = z + (((mirrorRow * 36 + (x === (0 as u32) ? 0 : (36 as u32) - x)) as usize) << 5);
      const at: usize = z + (((y * 36 + x) as usize) << 5);
      const zr: v128 = v128.load(at);
      const zi: v128 = v128.load(at, 16);
      const mr: v128 = v128.load(mirror);
      const mi: v128 = v128.load(mirror, 16);
      v128.store(a, v128.add<f32>(zr, mr));
      v128.store(a, v128.sub<f32>(mi, zi), 16);
      v128.store(b, v128.add<f32>(zi, mi));
      v128.store(b, v128.sub<f32>(zr, mr), 16);
    }
  }
}

/** out (81×7×7) ← the scattering of an image (28×28). Channels: S0; S1 by octave, then θ; S2 by θ, then θ'. */
export function scatter(out: usize, image: usize, tables: usize, scratch: usize): void {
  const line: usize = scratch;
  const spectrum: usize = scratch + 2048;
  const first: usize = scratch + 43520;
  const second: usize = scratch + 84992;
  const plane: usize = scratch + 126464;
  const moduliFirst: usize = scratch + 167936;
  const moduliSecond: usize = scratch + 188672;
  const half: usize = scratch + 209408;
  const average36: usize = tables + 108 * 4;
  const average18: usize = tables + 360 * 4;
  const map: usize = 49 * 4;

  place(spectrum, moduliFirst, image);
  // Four equal maps: they overwrite S1, which is not there yet.
  average(out, map, moduliFirst, 36, average36, half);
  transformPlane36(spectrum, 4, 32, tables, line);
  conjugate(spectrum);

  for (let group: u32 = 0; group < (2 as u32); group++) {
    const filter: usize = tables + 488 * 4 + ((group as usize) << 4);
    for (let p: usize = 0; p < 36 * 36; p++) {
      const w: v128 = v128.load(filter + (p << 5));
      v128.store(plane + (p << 5), v128.mul<f32>(w, v128.load(spectrum + (p << 5))));
      v128.store(plane + (p << 5), v128.mul<f32>(w, v128.load(spectrum + (p << 5), 16)), 16);
    }
    transformPlane36(plane, 0, 36, tables, line);
    const target: usize = group === (0 as u32) ? moduliFirst : moduliSecond;
    moduli(target, plane, 36 * 36);
    average(out + map * (1 + 4 * (group as usize)), map, target, 36, average36, half);
  }
  for (let p: usize = 0; p < 36 * 36; p++) {
    v128.store(plane + (p << 5), v128.load(moduliFirst + (p << 4)));
    v128.store(plane + (p << 5), v128.load(moduliSecond + (p << 4)), 16);
  }
  transformPlane36(plane, 0, 36, tables, line);
  unpack(first, second, plane);

  for (let group: u32 = 0; group < (2 as u32); group++) {
    filterLanes(plane, spectrum, tables + 10856 * 4 + ((group as usize) << 4));
    transformPlane18(plane, tables, line);
    moduli(moduliFirst, plane, 18 * 18);
    average(out + map * (9 + 4 * (group as usize)), map, moduliFirst, 18, average18, half);
  }
  for (let theta: u32 = 0; theta < (8 as u32); theta++) {
    const filter: usize = tables + 21224 * 4 + (theta as usize) * (36 * 36 * 4);
    for (let group: u32 = 0; group < (2 as u32); group++) {
      filterPlane(plane, group === (0 as u32) ? first : second, filter);
      transformPlane18(plane, tables, line);
      moduli(moduliFirst, plane, 18 * 18);
      const channel: usize = 17 + 32 * (group as usize) + (theta as usize);
      average(out + map * channel, 8 * map, moduliFirst, 18, average18, half);
    }
  }
}

/** Every run of `length` floats ← (x - mean)/√(variance + epsilon), the variance over `length`; sums in doubles, first to last. */
export function normaliseGroups(x: usize, groups: u32, length: u32, epsilon: f64): void {
  for (let g: u32 = 0; g < groups; g++) {
    let total: f64 = 0;
    for (let i: u32 = 0; i < length; i++) total += load<f32>(x + ((i as usize) << 2)) as f64;
    const mean: f64 = total / (length as f64);
    let squares: f64 = 0;
    for (let i: u32 = 0; i < length; i++) {
      const d: f64 = (load<f32>(x + ((i as usize) << 2)) as f64) - mean;
      squares += d * d;
    }
    const factor: f64 = 1 / Math.sqrt(squares / (length as f64) + epsilon);
    for (let i: u32 = 0; i < length; i++, x += 4) {
      store<f32>(x, (((load<f32>(x) as f64) - mean) * factor) as f32);
    }
  }
}
