// The door `@sumus/federation/contribution`: what leaves a participant, and what stays with it. Participants.
export { columnsOf, columnVector, recipeOf, sumsOfColumns } from './columns.ts';
export {
  type Contribution,
  type ContributionTools,
  contribute,
  type LocalStatistics,
  type ToContribute,
} from './contribution.ts';
export { bytesOfKeptInTheClear, type KeptInTheClear, keptFromBytes, NOTHING_KEPT, startOfWork } from './kept.ts';
