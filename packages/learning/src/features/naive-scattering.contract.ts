// The scattering transform from its definition: wavelets sampled in space, convolutions as double sums over the torus, all in doubles,
// with the runtime's Math. Shares nothing with the kernel but the names.

const SIDE = 36;

interface Wavelet {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** A Morlet wavelet on the torus: the periods of a Gaussian times (e^{iξu} - κ), of sum 0. */
function morlet(octave: number, theta: number): Wavelet {
  const sigma = 0.8 * 2 ** octave;
  const xi = (0.75 * Math.PI) / 2 ** octave;
  const angle = (Math.PI * theta) / 8;
  const re = new Float64Array(SIDE * SIDE);
  const im = new Float64Array(SIDE * SIDE);
  const envelope = new Float64Array(SIDE * SIDE);
  for (let y = -3 * SIDE; y < 3 * SIDE; y++) {
    for (let x = -3 * SIDE; x < 3 * SIDE; x++) {
      const u = x * Math.cos(angle) + y * Math.sin(angle);
      const v = y * Math.cos(angle) - x * Math.sin(angle);
      const weight = Math.exp(-(u * u + (v * v) / 4) / (2 * sigma * sigma)) / (4 * Math.PI * sigma * sigma);
      const p = ((y + 3 * SIDE) % SIDE) * SIDE + ((x + 3 * SIDE) % SIDE);
      re[p] += weight * Math.cos(xi * u);
      im[p] += weight * Math.sin(xi * u);
      envelope[p] += weight;
    }
  }
  const total = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);
  const kappa = total(re) / total(envelope);
  return { re: re.map((value, p) => value - kappa * envelope[p]), im };
}

/** |x∗wavelet| at every `down`-th pixel of both axes. */
function modulus(x: Float64Array, { re, im }: Wavelet, down: number): Float64Array {
  const side = SIDE / down;
  const out = new Float64Array(side * side);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      let real = 0;
      let imaginary = 0;
      for (let y = 0; y < SIDE; y++) {
        const line = ((row * down - y + SIDE) % SIDE) * SIDE;
        for (let c = 0; c < SIDE; c++) {
          const p = line + ((column * down - c + SIDE) % SIDE);
          real += x[y * SIDE + c] * re[p];
          imaginary += x[y * SIDE + c] * im[p];
        }
      }
      out[row * side + column] = Math.hypot(real, imaginary);
    }
  }
  return out;
}

/** The mean of u under a Gaussian of 1.6 pixels around every fourth pixel of the image; u is `down` pixels apart. */
function averages(u: Float64Array, down: number): number[] {
  const side = SIDE / down;
  const sigma = 1.6 / down;
  const weight = (distance: number): number => {
    const near = Math.min(Math.abs(distance), side - Math.abs(distance));
    return Math.exp(-(near * near) / (2 * sigma * sigma));
  };
  let total = 0;
  for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) total += weight(y) * weight(x);
  return Array.from({ length: 49 }, (_, o) => {
    const row = (4 * (Math.floor(o / 7) + 1)) / down;
    const column = (4 * ((o % 7) + 1)) / down;
    let mean = 0;
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) mean += (weight(y - row) * weight(x - column) * u[y * side + x]) / total;
    }
    return mean;
  });
}

/** 81 maps of 7×7 of a 28×28 image, filters multiplied by `gain`. */
export function naiveScattering(image: Float32Array, gain: number): number[] {
  const padded = new Float64Array(SIDE * SIDE);
  for (let y = 0; y < 28; y++) for (let x = 0; x < 28; x++) padded[(y + 4) * SIDE + x + 4] = image[y * 28 + x];
  const thetas = [0, 1, 2, 3, 4, 5, 6, 7];
  const fine = thetas.map((theta) => morlet(0, theta));
  const coarse = thetas.map((theta) => morlet(1, theta));
  const first = fine.map((wavelet) => modulus(padded, wavelet, 1));
  return [
    averages(padded, 1).map((value) => gain * value),
    ...first.map((u) => averages(u, 1).map((value) => gain ** 2 * value)),
    ...coarse.map((wavelet) => averages(modulus(padded, wavelet, 2), 2).map((value) => gain ** 2 * value)),
    ...first.flatMap((u) =>
      coarse.map((wavelet) => averages(modulus(u, wavelet, 2), 2).map((value) => gain ** 3 * value)),
    ),
  ].flat();
}
