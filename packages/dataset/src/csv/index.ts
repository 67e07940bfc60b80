// The door of src/csv: look at a CSV, read it, write one.
export { type Encoding, encodings } from '../text/encoding.ts';
export { type Dialect, nameOfSeparator, usualMissing } from './dialect.ts';
export {
  type CsvLimits,
  type CsvPlan,
  type CsvReport,
  GuessContradicted,
  type RejectedRow,
  type Tolerance,
  usualLimits,
} from './parser.ts';
export {
  type ByteStream,
  type CsvDeclarations,
  type CsvInspection,
  type CsvOptions,
  type CsvReading,
  inspectCsv,
  readCsv,
  readCsvBatches,
  readCsvBytes,
} from './read.ts';
export { CsvWriter, type CsvWriting, csvOf, isFormula } from './write.ts';
