// The door of src/idx.
export { type IdxArray, type IdxOptions, readIdx, writeIdx } from './idx.ts';
