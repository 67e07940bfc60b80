// The scattering of kernels/scattering.ts by plain sums in doubles, from the same tables.

import { SCATTERING_LAYOUT as layout, type ScatteringKernels } from '../scattering-kernels.ts';

const SIDE = 36;

interface Plane {
  readonly side: number;
  readonly re: Float64Array;
  readonly im: Float64Array;
}

const plane = (side: number): Plane => ({
  side,
  re: new Float64Array(side * side),
  im: new Float64Array(side * side),
});

/** Transforms along rows, writes the transpose: twice this is a transform of the plane. Only the moduli's order of signs matters. */
function transformRows({ side, re, im }: Plane): Plane {
  const out = plane(side);
  const cosine = Float64Array.from({ length: side }, (_, i) => Math.cos((2 * Math.PI * i) / side));
  const sine = Float64Array.from({ length: side }, (_, i) => -Math.sin((2 * Math.PI * i) / side));
  for (let y = 0; y < side; y++) {
    for (let k = 0; k < side; k++) {
      let real = 0;
      let imaginary = 0;
      for (let x = 0; x < side; x++) {
        const [c, s] = [cosine[(k * x) % side], sine[(k * x) % side]];
        real += c * re[y * side + x] - s * im[y * side + x];
        imaginary += c * im[y * side + x] + s * re[y * side + x];
      }
      out.re[k * side + y] = real;
      out.im[k * side + y] = imaginary;
    }
  }
  return out;
}

const transform = (from: Plane): Plane => transformRows(transformRows(from));

/** |the transform of (spectrum · weights, aliases added for every `down`-th sample)|, of a conjugated spectrum. */
function filteredModulus(spectrum: Plane, weight: (p: number) => number, down: number): Plane {
  const product = plane(SIDE / down);
  for (let p = 0; p < SIDE * SIDE; p++) {
    const y = Math.floor(p / SIDE) % product.side;
    const x = p % product.side;
    product.re[y * product.side + x] += weight(p) * spectrum.re[p];
    product.im[y * product.side + x] -= weight(p) * spectrum.im[p];
  }
  const filtered = transform(product);
  const out = plane(product.side);
  for (let p = 0; p < out.re.length; p++) out.re[p] = Math.hypot(filtered.re[p], filtered.im[p]);
  return out;
}

export function referenceScattering(floats: () => Float32Array): ScatteringKernels {
  return {
    scatter(out, image, tables) {
      const f = floats();
      const at = (offset: number): number => f[tables / 4 + offset];
      const store = (channel: number, { side, re }: Plane): void => {
        const weights = side === SIDE ? layout.average36 : layout.average18;
        for (let i = 0; i < 7; i++) {
          for (let j = 0; j < 7; j++) {
            let total = 0;
            for (let y = 0; y < side; y++) {
              for (let x = 0; x < side; x++) {
                total += at(weights + i * side + y) * at(weights + j * side + x) * re[y * side + x];
              }
            }
            f[out / 4 + channel * 49 + i * 7 + j] = total;
          }
        }
      };
      const padded = plane(SIDE);
      for (let y = 0; y < 28; y++) {
        for (let x = 0; x < 28; x++) padded.re[(y + 4) * SIDE + x + 4] = f[image / 4 + y * 28 + x];
      }
      store(0, padded);
      const spectrum = transform(padded);
      for (let theta = 0; theta < 8; theta++) {
        const first = filteredModulus(spectrum, (p) => at(layout.firstWavelets + 8 * p + theta), 1);
        store(1 + theta, first);
        store(
          9 + theta,
          filteredModulus(spectrum, (p) => at(layout.secondWavelets + 8 * p + theta), 2),
        );
        const again = transform(first);
        for (let other = 0; other < 8; other++) {
          // The planes hold half the wavelet.
          const start = layout.secondWaveletPlanes + other * SIDE * SIDE;
          store(
            17 + 8 * theta + other,
            filteredModulus(again, (p) => 2 * at(start + p), 2),
          );
        }
      }
    },
    normaliseGroups(x, groups, length, epsilon) {
      const f = floats();
      for (let g = 0; g < groups; g++) {
        const group = f.subarray(x / 4 + g * length, x / 4 + (g + 1) * length);
        const mean = group.reduce((a, b) => a + b, 0) / length;
        const variance = group.reduce((a, b) => a + (b - mean) ** 2, 0) / length;
        for (let i = 0; i < length; i++) group[i] = (group[i] - mean) / Math.sqrt(variance + epsilon);
      }
    },
  };
}
