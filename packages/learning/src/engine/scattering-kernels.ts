/** Wavelet scattering of one 28×28 image and normalisation in groups; contracts in kernels/scattering.ts. */
export interface ScatteringKernels {
  scatter(out: number, image: number, tables: number, scratch: number): void;
  normaliseGroups(x: number, groups: number, length: number, epsilon: number): void;
}

/** Where `tables` holds what, in floats, and how much room the kernel takes. */
export const SCATTERING_LAYOUT = {
  twiddles36: 0,
  twiddles18: 72,
  average36: 108,
  average18: 360,
  firstWavelets: 488,
  secondWavelets: 10856,
  secondWaveletPlanes: 21224,
  tableLength: 31592,
  scratchBytes: 213504,
} as const;
