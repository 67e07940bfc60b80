// The door `@sumus/federation/contribution`: what leaves a participant, and what stays with it. Participants.
export {
  type Contribution,
  type ContributionTools,
  contribute,
  type LocalStatistics,
  type ToContribute,
} from './contribution.ts';
export { bytesOfKeptInTheClear, type KeptInTheClear, keptFromBytes, NOTHING_KEPT, startOfWork } from './kept.ts';
export {
  contributeToPreparation,
  type Preparation,
  type PreparedWords,
  preparationEncoding,
  priceOfPreparation,
  recipeOfSum,
  rowNorm,
} from './shared-statistics.ts';
