// The door of src/parquet.
export {
  inspectParquet,
  type ParquetInspection,
  type ParquetLimits,
  type ParquetOptions,
  type RandomAccess,
  readParquetBatches,
  usualParquetLimits,
} from './parquet.ts';
