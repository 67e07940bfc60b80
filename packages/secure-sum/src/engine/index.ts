// The door `@sumus/secure-sum/engine`: what computes, and the lattice's own for one-shot and threshold. Public: it holds nothing but what its caller copies in for a moment.
export { type Engine as LatticeEngine, wasmEngine as latticeEngine } from '@sumus/lattice/engine';
export type { Engine } from './engine.ts';
export { referenceEngine } from './engine-reference.ts';
export { wasmEngine } from './engine-wasm.ts';
export type { MaskBench } from './masks-kernels.ts';
