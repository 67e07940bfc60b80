// A complex fast Fourier transform in place, for one purpose: the n-fold convolution of a distribution with itself. Forward by
// decimation in frequency (natural order in, bit-reversed out), back by decimation in time: the order in between does not matter
// to a pointwise product, so nothing is ever reordered. Lengths are powers of two.

export interface ComplexArray {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

export function complexArray(length: number): ComplexArray {
  return { re: new Float64Array(length), im: new Float64Array(length) };
}

const turns = new Map<number, ComplexArray>();

/** e^(-2πi k / length) for k below length / 2, each computed by itself: no error builds up. */
function turnsOf(length: number): ComplexArray {
  const known = turns.get(length);
  if (known !== undefined) return known;
  const made = complexArray(Math.max(1, length >> 1));
  for (let k = 0; k < made.re.length; k += 1) {
    made.re[k] = Math.cos((2 * Math.PI * k) / length);
    made.im[k] = -Math.sin((2 * Math.PI * k) / length);
  }
  turns.set(length, made);
  return made;
}

/** Mutates the array: its discrete Fourier transform, in bit-reversed order. */
export function forwardInPlace({ re, im }: ComplexArray): void {
  const length = re.length;
  const { re: wr, im: wi } = turnsOf(length);
  for (let half = length >> 1, stride = 1; half >= 1; half >>= 1, stride <<= 1) {
    for (let start = 0; start < length; start += 2 * half) {
      for (let at = 0, turn = 0; at < half; at += 1, turn += stride) {
        const a = start + at;
        const b = a + half;
        const dr = re[a] - re[b];
        const di = im[a] - im[b];
        re[a] += re[b];
        im[a] += im[b];
        re[b] = dr * wr[turn] - di * wi[turn];
        im[b] = dr * wi[turn] + di * wr[turn];
      }
    }
  }
}

/** Mutates the array: undoes forwardInPlace, the division by the length included. */
export function inverseInPlace({ re, im }: ComplexArray): void {
  const length = re.length;
  const { re: wr, im: wi } = turnsOf(length);
  for (let half = 1, stride = length >> 1; half < length; half <<= 1, stride >>= 1) {
    for (let start = 0; start < length; start += 2 * half) {
      for (let at = 0, turn = 0; at < half; at += 1, turn += stride) {
        const a = start + at;
        const b = a + half;
        const xr = re[b] * wr[turn] + im[b] * wi[turn];
        const xi = im[b] * wr[turn] - re[b] * wi[turn];
        re[b] = re[a] - xr;
        im[b] = im[a] - xi;
        re[a] += xr;
        im[a] += xi;
      }
    }
  }
  const scale = 1 / length;
  for (let at = 0; at < length; at += 1) {
    re[at] *= scale;
    im[at] *= scale;
  }
}

/** Mutates `product`: multiplies it by factor^count, point by point, by repeated squaring. Mutates `factor` too: it is used up. */
export function multiplyPowerInPlace(product: ComplexArray, factor: ComplexArray, count: number): void {
  const { re, im } = product;
  const { re: fr, im: fi } = factor;
  for (let left = count; left >= 1; left = Math.floor(left / 2)) {
    if (left % 2 === 1) multiplyInPlace(re, im, fr, fi);
    if (left > 1) squareInPlace(fr, fi);
  }
}

function multiplyInPlace(re: Float64Array, im: Float64Array, fr: Float64Array, fi: Float64Array): void {
  for (let at = 0; at < re.length; at += 1) {
    const r = re[at] * fr[at] - im[at] * fi[at];
    im[at] = re[at] * fi[at] + im[at] * fr[at];
    re[at] = r;
  }
}

/** What falls below 1e-140 becomes zero: subnormal numbers would be a hundred times slower and mean nothing here. */
function squareInPlace(re: Float64Array, im: Float64Array): void {
  for (let at = 0; at < re.length; at += 1) {
    const a = re[at];
    const b = im[at];
    const tiny = Math.abs(a) + Math.abs(b) < 1e-70;
    re[at] = tiny ? 0 : a * a - b * b;
    im[at] = tiny ? 0 : 2 * a * b;
  }
}
