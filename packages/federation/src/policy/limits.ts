// What holds in a run that a policy accepted: the stricter of file and plan, member by member. The training worker and secure-sum's
// participants are given these, never the plan's own numbers.

import { defineFloors, type Floors } from '@sumus/secure-sum/floors';
import { FEWEST_CONTRIBUTORS } from '../plan/consistency.ts';
import type { Plan } from '../plan/plan.ts';
import { contributionsInSum, vectorLengthOf, wordEncodingOf } from '../plan/sums.ts';
import type { Policy } from './policy.ts';

export interface Limits {
  /** Of one sum: of a cohort, where the plan has cohorts. */
  readonly minimumContributors: number;
  readonly minimumUnits: number;
  /** People, where either says people. */
  readonly countedIn: 'people' | 'rows';
  /** No more rounds than this a day. */
  readonly roundsPerDayAtMost: number;
}

export function limitsOf(policy: Policy, plan: Plan): Limits {
  const { batching } = plan;
  return Object.freeze({
    minimumContributors: Math.max(policy.minimumContributors, contributionsInSum(plan).fewest),
    minimumUnits: Math.max(policy.minimumUnits, batching.minimumUnits),
    countedIn: policy.countedIn === 'people' || batching.countedIn === 'people' ? 'people' : 'rows',
    roundsPerDayAtMost: policy.roundsPerDayAtMost,
  });
}

/** The floors under every round of secure-sum. Length and width are those of the plan, which judge has held against the file. */
export function floorsOf(policy: Policy, plan: Plan): Floors {
  const words = wordEncodingOf(plan);
  return defineFloors({
    minimumContributors: limitsOf(policy, plan).minimumContributors,
    corruptFraction: policy.corruptFraction,
    minimumWordBits: words.wordBits,
    maximumVectorLength: Math.max(words.words, vectorLengthOf(plan)),
    maximumRoundsPerDay: policy.roundsPerDayAtMost,
    minimumCommittee: FEWEST_CONTRIBUTORS,
    minimumBeaconContributors: policy.minimumContributors,
  });
}
