// The door of src/split.
export { type Part, type PartitionRule, partitionRows } from './partition.ts';
export { apportioned, Draws, type RandomBytes } from './randomness.ts';
export { type Split, type SplitOptions, type SplitShares, splitRows } from './split.ts';
