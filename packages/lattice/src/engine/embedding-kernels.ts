/** Contracts are stated in kernels/embedding.ts. */
// biome-ignore lint/suspicious/noEmptyInterface: kernels are added below as they come.
export interface EmbeddingKernels {}
