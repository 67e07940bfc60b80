// The door `@sumus/lattice/engine`: what computes, and the Lattice that every other door takes: an engine and a platform's primitives.
export type { Lattice, LatticePrimitives } from '../lattice.ts';
export type { Engine } from './engine.ts';
export { referenceEngine } from './engine-reference.ts';
export { wasmEngine } from './engine-wasm.ts';
