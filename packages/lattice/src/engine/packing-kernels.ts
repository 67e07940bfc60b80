/** Contracts are stated in kernels/packing.ts. */
// biome-ignore lint/suspicious/noEmptyInterface: kernels are added below as they come.
export interface PackingKernels {}
