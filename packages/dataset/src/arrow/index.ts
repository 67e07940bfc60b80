// The door of src/arrow.
export { type ArrowOptions, type ArrowReading, readArrow } from './arrow.ts';
