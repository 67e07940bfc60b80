/** Contracts are stated in kernels/sampling.ts. */
// biome-ignore lint/suspicious/noEmptyInterface: kernels are added below as they come.
export interface SamplingKernels {}
