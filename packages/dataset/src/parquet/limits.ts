// How much of a Parquet file is read before it is refused: what a file may claim, and what may be decoded at once.

export interface ParquetLimits {
  /** Of one row group. */
  readonly groupRows: number;
  /** To which one page may decompress. */
  readonly pageBytes: number;
  readonly columns: number;
  /** Of the file's description of itself. */
  readonly footerBytes: number;
  /** Structures, fields and entries of lists in it. */
  readonly footerEntries: number;
  /** Decoded at once; and eight more for each byte of the row group, for a run of equal values takes next to none. */
  readonly values: number;
  /** Rows times columns of the whole file; and 64 more for each of its bytes. */
  readonly cells: number;
}

export const usualParquetLimits: ParquetLimits = {
  groupRows: 1 << 24,
  pageBytes: 1 << 26,
  columns: 1 << 15,
  footerBytes: 1 << 25,
  footerEntries: 1 << 21,
  values: 1 << 22,
  cells: 1 << 26,
};
