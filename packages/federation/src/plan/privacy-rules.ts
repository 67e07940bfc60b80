// What a plan may not promise: rules of consistency about differential privacy. Each holds because some step of the argument from noise
// to ε would be missing otherwise; the reason stands in its text.

import { centredOneHotNorm, statisticsSensitivity } from '@sumus/differential-privacy/sensitivity';
import type { Plan, Promised } from './plan.ts';
import type { Rule } from './rule.ts';
import { contributionsInSum, noiseOf, partialSumOf } from './sums.ts';

export type PrivacyRule =
  | 'amplified-against-the-server'
  | 'amplified-without-sampling'
  | 'noise-of-nobody'
  | 'noise-of-partial-sums'
  | 'noise-without-protection'
  | 'clips-differ'
  | 'records-need-one-step'
  | 'records-choose-nothing'
  | 'records-keep-no-state'
  | 'records-change-places'
  | 'presence-is-known'
  | 'statistics-clip-too-small'
  | 'weights-tell'
  | 'metrics-without-noise'
  | 'sparse-vector-needs-clamp'
  | 'delta-too-large'
  | 'records-counted-as-people';

const promised = ({ privacy }: Plan): Promised | undefined => (privacy.kind === 'none' ? undefined : privacy);
const isOfRecords = (plan: Plan): boolean => promised(plan)?.unit === 'record';
const hasRounds = ({ exchange }: Plan): boolean => exchange.schedule !== 'one-round';

/** What one record moves (XᵀX, XᵀY) by, under the plan's adjacency: the sensitivity that noise has to cover. */
export function statisticsNorm({ exchange, privacy }: Plan): number {
  if (exchange.schedule !== 'one-round' || privacy.kind === 'none') return 0;
  return statisticsSensitivity({
    radius: exchange.radius,
    targetNorm: centredOneHotNorm(exchange.classes),
    // The clipping norm bounds one record's statistics; what replacing one does is added by the accounting.
    adjacency: 'add-remove',
  });
}

const leastPartialSum = (plan: Plan, members: readonly number[]): number =>
  Math.min(...members.map((count) => partialSumOf(plan, count) ?? Number.POSITIVE_INFINITY));

export const PRIVACY_RULES: readonly Rule<PrivacyRule>[] = [
  {
    rule: 'amplified-against-the-server',
    path: 'privacy.amplification.against',
    broken: ({ privacy }) =>
      privacy.kind === 'central' && privacy.amplification.by === 'cohort' && privacy.amplification.against === 'server',
    what: () => 'is server, who sees the cohort: against it every member of the cohort is in the round for sure',
    next: 'write "outsiders"; or amplification by "nothing"',
  },
  {
    rule: 'amplified-without-sampling',
    path: 'privacy.amplification.by',
    broken: ({ privacy, batching, exchange }) => {
      if (privacy.kind !== 'central') return false;
      switch (privacy.amplification.by) {
        case 'nothing':
          return false;
        case 'own-batches':
          return privacy.unit !== 'record' || batching.sampling.kind !== 'poisson' || exchange.schedule === 'one-round';
        case 'cohort':
          return (
            privacy.unit !== 'participant' || exchange.schedule !== 'synchronous' || exchange.cohort.kind !== 'sampled'
          );
        default:
          return privacy.amplification satisfies never;
      }
    },
    what: ({ privacy }) =>
      privacy.kind === 'central' && privacy.amplification.by === 'cohort'
        ? 'is cohort, which needs unit "participant" and a sampled cohort'
        : 'is own-batches, which needs unit "record" and Poisson batches: a shuffled order amplifies nothing that can be proved',
    next: 'sample as it says; or write "nothing"',
  },
  {
    rule: 'noise-of-nobody',
    path: 'privacy.corruptContributors',
    broken: (plan) => (noiseOf(plan)?.shares ?? 1) < 1,
    what: () => 'leaves no honest contributor in the smallest sum, and so no noise',
    next: 'write fewer than the contributors of the smallest sum',
  },
  {
    rule: 'noise-of-partial-sums',
    path: 'protection.graph',
    // Between these two numbers of members every participant looks when it knows how many they are (sum/participant/mask.ts).
    broken: (plan) => {
      const { fewest, most } = contributionsInSum(plan);
      return plan.privacy.kind === 'central' && leastPartialSum(plan, [fewest, most]) < (noiseOf(plan)?.shares ?? 0);
    },
    what: (plan) => {
      const { fewest, most } = contributionsInSum(plan);
      return `is sparse, where a sum of ${leastPartialSum(plan, [fewest, most])} honest contributors can be opened; the noise is made by ${noiseOf(plan)?.shares}`;
    },
    next: 'write "complete"; or so many privacy.corruptContributors that fewer make all of the noise; or protection.kind "one-shot"',
  },
  {
    rule: 'noise-without-protection',
    path: 'privacy.kind',
    broken: ({ privacy, protection }) => privacy.kind === 'central' && protection.kind === 'none',
    what: () =>
      'is central: each contribution has only a share of the noise, and without protection it is read by itself',
    next: 'write protection.kind "mask", "one-shot" or "threshold"; or privacy.kind "local"',
  },
  {
    rule: 'clips-differ',
    path: 'privacy.clippingNorm',
    broken: ({ privacy, encoding }) =>
      (privacy.kind === 'central' || privacy.kind === 'local') &&
      privacy.unit === 'participant' &&
      privacy.clippingNorm !== encoding.clippingNorm,
    what: ({ encoding }) => `is not the ${encoding.clippingNorm} that a participant's vector is clipped to`,
    next: 'write the same number as encoding.clippingNorm',
  },
  {
    rule: 'records-need-one-step',
    path: 'exchange.localWork',
    broken: (plan) => {
      if (!isOfRecords(plan) || plan.exchange.schedule === 'one-round') return false;
      const { unit, count, optimiser, correction } = plan.exchange.localWork;
      const isPlainStep = optimiser.kind === 'sgd' && optimiser.momentum === 0 && optimiser.weightDecay === 0;
      return unit !== 'batches' || count !== 1 || !isPlainStep || correction.kind !== 'none';
    },
    what: () =>
      'is more than one plain gradient step: clipping a record bounds what it adds to one gradient, not what it does over several',
    next: 'write 1 batch of "sgd" without momentum, decay or correction; or privacy.unit "participant"',
  },
  {
    rule: 'records-choose-nothing',
    path: 'sharing.upload.selection',
    broken: (plan) => isOfRecords(plan) && plan.sharing.upload.selection.kind !== 'all',
    what: () => 'chooses by the values: one record can change the choice, and so far more than its own gradient',
    next: 'write "all" inside a random or guided support; or privacy.unit "participant"',
  },
  {
    rule: 'records-keep-no-state',
    path: 'sharing',
    broken: (plan) => isOfRecords(plan) && (plan.sharing.errorFeedback || plan.sharing.download.fraction !== 1),
    what: () =>
      'keeps residuals or own weights from round to round, through which a record comes back without being charged',
    next: 'write errorFeedback false and download.fraction 1; or privacy.unit "participant"',
  },
  {
    rule: 'records-change-places',
    path: 'privacy.adjacency',
    // A batch of so many has another record less when it has one more: it moves by two clips, and one is charged.
    broken: (plan) =>
      isOfRecords(plan) &&
      hasRounds(plan) &&
      plan.batching.sampling.kind === 'shuffled' &&
      promised(plan)?.adjacency === 'add-remove',
    what: () =>
      'is add-remove with batches of a fixed size: one record more pushes another one out of its batch, and both move the sum',
    next: 'write "replace-one"; or batching.sampling "poisson" or "full"',
  },
  {
    rule: 'presence-is-known',
    path: 'privacy.adjacency',
    broken: (plan) => {
      const unit = promised(plan);
      return unit?.unit === 'participant' && unit.adjacency === 'add-remove';
    },
    what: () =>
      'is add-remove for a participant: who takes part is in every roster and receipt, and who is away adds no noise; what it has is hidden, not that it is there',
    next: 'write "zero-out" or "replace-one"',
  },
  {
    rule: 'statistics-clip-too-small',
    path: 'privacy.clippingNorm',
    broken: (plan) =>
      (plan.privacy.kind === 'central' || plan.privacy.kind === 'local') &&
      !hasRounds(plan) &&
      (plan.privacy.unit !== 'record' || plan.privacy.clippingNorm < statisticsNorm(plan)),
    what: (plan) =>
      `is below the ${statisticsNorm(plan)} by which one record moves the statistics, or not of unit "record"`,
    next: 'write that number and unit "record"',
  },
  {
    rule: 'weights-tell',
    path: 'exchange.combine.kind',
    broken: (plan) =>
      plan.privacy.kind !== 'none' &&
      plan.exchange.schedule !== 'one-round' &&
      plan.exchange.combine.kind === 'weighted-mean',
    what: () => 'is weighted-mean: a sum of sample counts has no noise, and the ε would not hold for it',
    next: 'write "mean"',
  },
  {
    rule: 'metrics-without-noise',
    path: 'metrics',
    broken: (plan) => plan.privacy.kind !== 'none' && plan.metrics.length > 0,
    what: () => 'leave without noise, and the ε would not hold for them',
    next: 'write []; and measure released models on data that nobody has to protect',
  },
  {
    rule: 'sparse-vector-needs-clamp',
    path: 'sharing.clamp',
    broken: ({ privacy, sharing, exchange, protection }) =>
      privacy.kind === 'sparse-vector' &&
      (sharing.clamp === null ||
        sharing.upload.selection.kind !== 'random-above-threshold' ||
        sharing.upload.selection.threshold !== privacy.threshold ||
        privacy.unit !== 'participant' ||
        privacy.adjacency !== 'replace-one' ||
        sharing.errorFeedback ||
        exchange.schedule === 'one-round' ||
        (protection.kind !== 'none' && sharing.support.kind !== 'all')),
    what: () =>
      'or what goes with it is not that of the sparse vector technique, whose noise is for values in [−γ, γ] above a threshold',
    next: 'write a clamp, selection "random-above-threshold" with the same threshold, unit "participant", adjacency "replace-one"',
  },
  {
    rule: 'delta-too-large',
    path: 'privacy.delta',
    broken: ({ privacy }) => privacy.kind !== 'none' && privacy.kind !== 'sparse-vector' && privacy.delta > 1e-3,
    what: ({ privacy }) =>
      `is ${privacy.kind === 'none' ? 0 : privacy.delta}: with that chance everything about somebody may be told`,
    next: 'write well below one over the number of units, such as 1e-6',
  },
  {
    rule: 'records-counted-as-people',
    path: 'privacy.unit',
    broken: (plan) => isOfRecords(plan) && plan.batching.countedIn === 'people',
    what: () => 'is record, and the data has several rows a person: hiding a row does not hide a person',
    next: 'write privacy.unit "participant"; or one row a person, and batching.countedIn "rows"',
  },
];
