// The door of src/anonymise: a table and a policy in, a table that satisfies the policy out.

export { featuresOf, type ReleaseFeatures } from '../information-loss/features.ts';
export { type MeasureName, measureNames } from '../information-loss/measures.ts';
export { type ColumnQuality, type Quality, qualityOf } from '../information-loss/quality.ts';
export {
  type AnonymiseInput,
  anonymise,
  type Impossible,
  type MethodReport,
  type Released,
} from './anonymise.ts';
export { GuaranteeBroken } from './guarantee.ts';
export { type Microaggregation, microaggregate, type NumbersToAggregate } from './microaggregation.ts';
export type { NoiseReport } from './noise.ts';
export type { HierarchyFiles } from './prepare.ts';
export { withTails } from './prepare.ts';
export { classesOfLabels, type RecodedColumn, type Release } from './release.ts';
