// The door of src/describe.
export {
  type CategorySummary,
  type ColumnDescription,
  type DescribeOptions,
  describeTable,
  type NumericSummary,
  TableDescriber,
  type TableDescription,
} from './describe.ts';
export { type DistinctCount, DistinctCounter } from './distinct-count.ts';
export { type Frequency, FrequentTexts } from './frequent-texts.ts';
export { Moments } from './moments.ts';
export { QuantileSketch } from './quantile-sketch.ts';
export { type Identifier, type SensitiveFinding, sensitiveFindings } from './sensitive.ts';
