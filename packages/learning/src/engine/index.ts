// The door `@sumus/learning/engine`.
export type { Engine } from './engine.ts';
export { referenceEngine } from './engine-reference.ts';
export { wasmEngine } from './engine-wasm.ts';
