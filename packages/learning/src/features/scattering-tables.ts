// The filters of the scattering transform (kernels/scattering.ts), computed once in doubles and rounded to floats.
//
// Averaging: a Gaussian of standard deviation 0.8·2^(J-1) = 1.6 pixels. Wavelets, j = 0, 1, θ = 0 … 7 (Bruna and Mallat 2013, §3;
// Andreux et al. 2020 for the constants): Morlet, of σ = 0.8·2^j pixels along the direction πθ/8 and twice that across, frequency
// ξ = 3π/4 · 2^-j. In the frequency domain, with G(u, v) = exp(-½(σ²u² + (2σ)²v²)) and u along, v across the direction:
//   ψ̂(u, v) = G(u - ξ, v) - κ·G(u, v), repeated with period 2π, κ such that ψ̂(0) = 0.
// All are real. All are then multiplied by one `gain`, chosen so that the transform is not expansive: see `frameBound`.

import { SCATTERING_LAYOUT as layout } from '../engine/scattering-kernels.ts';
import { circle, exponential } from './elementary.ts';

export interface ScatteringTables {
  /** Laid out as SCATTERING_LAYOUT says. */
  readonly values: Float32Array<ArrayBuffer>;
  /** What the filters were multiplied by; a constant image of ones, far from its border, has S0 = gain. */
  readonly gain: number;
}

const SIDE = 36;
const AREA: number = SIDE * SIDE;
const ORIENTATIONS = 8;
const CENTRE = Math.PI * 0.75;
/** The across deviation is 1/slant times the along one; 4/L. */
const SLANT = 0.5;

/** Index in a cube of wavelets: all frequencies of θ = 0, then of θ = 1, … */
type Wavelets = readonly Float64Array[];

export function scatteringTables(): ScatteringTables {
  const first = wavelets(0);
  const second = wavelets(1);
  const fine = averagingRow(SIDE, 1.6);
  const coarse = averagingRow(SIDE / 2, 0.8);
  const gain = 1 / Math.sqrt(frameBound(first, second, fine, coarse));
  // A·U·Aᵀ multiplies twice.
  const edge = Math.sqrt(gain);

  const values = new Float32Array(layout.tableLength);
  const put = (start: number, length: number, at: (i: number) => number): void => {
    for (let i = 0; i < length; i++) values[start + i] = at(i);
  };
  for (const [start, side] of [
    [layout.twiddles36, SIDE],
    [layout.twiddles18, SIDE / 2],
  ] as const) {
    put(start, 2 * side, (i) => {
      const { cosine, sine } = circle((2 * Math.PI * (i >> 1)) / side);
      return i % 2 === 0 ? cosine : -sine;
    });
  }
  // Output o stands at pixel 4·o of the image, which is 4·o + 4 on the torus.
  put(layout.average36, 7 * SIDE, (i) => edge * fine[(i % SIDE) - 4 * (Math.floor(i / SIDE) + 1) + SIDE]);
  const half = SIDE / 2;
  put(layout.average18, 7 * half, (i) => edge * coarse[(i % half) - 2 * (Math.floor(i / half) + 1) + half]);
  // An inverse transform divides by the number of points; every second sample of 36×36 likewise.
  const scale = gain / AREA;
  put(layout.firstWavelets, 8 * AREA, (i) => scale * first[i % 8][i >> 3]);
  put(layout.secondWavelets, 8 * AREA, (i) => scale * second[i % 8][i >> 3]);
  // Half: the spectra they meet are doubled (kernels/scattering.ts, unpack).
  put(layout.secondWaveletPlanes, 8 * AREA, (i) => (scale / 2) * second[Math.floor(i / AREA)][i % AREA]);
  return { values, gain };
}

function wavelets(octave: 0 | 1): Wavelets {
  const sigma = octave === 0 ? 0.8 : 1.6;
  const frequency = octave === 0 ? CENTRE : CENTRE / 2;
  return Array.from({ length: ORIENTATIONS }, (_, theta) => {
    const { cosine, sine } = circle((Math.PI * theta) / ORIENTATIONS);
    /** G at (2π/36)·(kx, ky), its centre moved by `shift` along the direction, and its periods; those left out are below 1e-13. */
    const gaussian = (kx: number, ky: number, shift: number): number => {
      let total = 0;
      for (let row = -2; row <= 1; row++) {
        for (let column = -2; column <= 1; column++) {
          const x = 2 * Math.PI * (kx / SIDE + column);
          const y = 2 * Math.PI * (ky / SIDE + row);
          const along = sigma * (x * cosine + y * sine - shift);
          const across = (sigma / SLANT) * (y * cosine - x * sine);
          total += exponential(-(along * along + across * across) / 2);
        }
      }
      return total;
    };
    const kappa = gaussian(0, 0, frequency) / gaussian(0, 0, 0);
    return Float64Array.from({ length: AREA }, (_unused, p) => {
      const kx = p % SIDE;
      const ky = Math.floor(p / SIDE);
      return p === 0 ? 0 : gaussian(kx, ky, frequency) - kappa * gaussian(kx, ky, 0);
    });
  });
}

/** A Gaussian of deviation sigma at 0 on a ring, of sum 1, twice over: entry i and entry i + side are the same. */
function averagingRow(side: number, sigma: number): Float64Array {
  const weight = (distance: number): number => exponential(-(distance * distance) / (2 * sigma * sigma));
  const row = Float64Array.from({ length: side }, (_, i) => weight(i) + weight(side - i));
  const total = row.reduce((a, b) => a + b, 0);
  return Float64Array.from({ length: 2 * side }, (_, i) => row[i % side] / total);
}

/**
 * An upper bound of Σ d²‖(x∗h)↓d‖² / ‖x‖² over real x, for the filters of the first layer (averaging with d = 4, ψ(0,·) with 1, ψ(1,·) with
 * 2) and for averaging of what was halved already (d = 2). By Parseval the sum is a quadratic form of the spectrum that joins a
 * frequency with its aliases only; its largest eigenvalue is at most the largest row sum of its moduli (Gershgorin), and because x is
 * real, rows of ω and -ω may be averaged. With filters divided by its square root every layer, hence the transform, is not
 * expansive: 16·‖S(x) - S(y)‖² ≤ ‖x - y‖², as ||a| - |b|| ≤ |a - b|.
 */
function frameBound(first: Wavelets, second: Wavelets, fine: Float64Array, coarse: Float64Array): number {
  const rows = new Float64Array(AREA);
  const addFilter = (filter: (p: number) => number, down: number): void => {
    for (let p = 0; p < AREA; p++) {
      let aliases = 0;
      for (let row = 0; row < down; row++) {
        for (let column = 0; column < down; column++) {
          const y = (Math.floor(p / SIDE) + (row * SIDE) / down) % SIDE;
          const x = ((p % SIDE) + (column * SIDE) / down) % SIDE;
          aliases += Math.abs(filter(y * SIDE + x));
        }
      }
      rows[p] += Math.abs(filter(p)) * aliases;
    }
  };
  const fineSpectrum = ringSpectrum(fine, SIDE);
  addFilter((p) => fineSpectrum[p % SIDE] * fineSpectrum[Math.floor(p / SIDE)], 4);
  for (const wavelet of first) addFilter((p) => wavelet[p], 1);
  for (const wavelet of second) addFilter((p) => wavelet[p], 2);
  let bound = 0;
  for (let p = 0; p < AREA; p++) {
    const mirror = ((SIDE - Math.floor(p / SIDE)) % SIDE) * SIDE + ((SIDE - (p % SIDE)) % SIDE);
    bound = Math.max(bound, (rows[p] + rows[mirror]) / 2);
  }

  // Separable: the bound of a plane is that of a row, squared.
  const half = SIDE / 2;
  const coarseSpectrum = ringSpectrum(coarse, half).map((value) => Math.abs(value));
  const halved = coarseSpectrum.map((value, k) => value * (value + coarseSpectrum[(k + half / 2) % half]));
  return Math.max(bound, Math.max(...halved) ** 2);
}

/** The transform of an even row on a ring, which is real. */
function ringSpectrum(row: Float64Array, side: number): Float64Array {
  return Float64Array.from({ length: side }, (_, k) => {
    let total = 0;
    for (let i = 0; i < side; i++) total += row[i] * circle((2 * Math.PI * ((i * k) % side)) / side).cosine;
    return total;
  });
}
