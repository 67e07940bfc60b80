// The door of src/risk: how likely somebody is found again, and the check of a release from its texts alone.
export { type Checked, type Violation, violationsOf } from '../check/check.ts';
export { type PopulationUniques, populationUniques, type UniquenessModel } from './population-uniques.ts';
export { type AttackerRisk, type Risk, type RiskInput, riskOf } from './risk.ts';
