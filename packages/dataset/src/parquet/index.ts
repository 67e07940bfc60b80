// The door of src/parquet.
export type { RandomAccess } from './footer.ts';
export { type ParquetLimits, usualParquetLimits } from './limits.ts';
export { inspectParquet, type ParquetInspection, type ParquetOptions, readParquetBatches } from './parquet.ts';
