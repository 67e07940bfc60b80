// The door of src/json-lines.
export type { RecordReport } from '../values/records.ts';
export {
  inspectJsonLines,
  type JsonLinesInspection,
  type JsonLinesOptions,
  readJsonLinesBatches,
} from './json-lines.ts';
