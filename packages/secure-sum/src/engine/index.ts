// The door `@sumus/secure-sum/engine`: what computes. Public: it holds nothing but what its caller copies in for a moment.
export type { Engine } from './engine.ts';
export { referenceEngine } from './engine-reference.ts';
export { wasmEngine } from './engine-wasm.ts';
