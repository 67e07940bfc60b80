// The door `@sumus/learning/engine`. The reference engine has a door of its own, `@sumus/learning/engine/reference`: programs that run do not
// load it.
export type { Engine } from './engine.ts';
export { wasmEngine } from './engine-wasm.ts';
