// The door `@sumus/differential-privacy/audit`.
export { type BlackBox, type BlackBoxVerdict, type Claim, type Trial, testBlackBox } from './black-box.ts';
export { type Feature, lowestBit, standardFeatures } from './features.ts';
export {
  auditOneRun,
  auditOneRunGaussian,
  auditScores,
  type Confidence,
  type Guesses,
  guessFromScores,
  oneRunPValue,
  type ScoreAudit,
} from './one-run.ts';
export { auditPairedRuns, type PairedAudit, type PairedCounts } from './paired-runs.ts';
