// What a plan may not say, as named rules: each looks at the whole plan and says where it is wrong, why, and what to do next. Ranges of
// single members are the schema's; these are the combinations that would promise what cannot be kept, or reveal what a reader of the
// plan would not expect. Rules about sums and protection are here, those about what privacy promises in privacy-rules.ts, those about what is done to the
// data in preparation-rules.ts.

import { committeeQuorum } from '@sumus/secure-sum/floors';
import type { Problem } from '../schema/schema.ts';
import type { Plan } from './plan.ts';
import { PREPARATION_RULES, type PreparationRule } from './preparation-rules.ts';
import { PRIVACY_RULES, type PrivacyRule } from './privacy-rules.ts';
import type { Rule } from './rule.ts';
import {
  contributionsInSum,
  maskParametersOf,
  oneShotOf,
  vectorLengthOf,
  wordBitsFor,
  wordEncodingOf,
} from './sums.ts';

export type SumRule =
  | 'too-few-contributors'
  | 'contributors-out-of-order'
  | 'cohort-out-of-range'
  | 'buffer-out-of-range'
  | 'small-cohorts'
  | 'trimming-everything'
  | 'cohorts-need-synchronous'
  | 'cohorts-opened-to-participants'
  | 'turn-release-without-noise'
  | 'mask-needs-synchronous'
  | 'threshold-with-devices'
  | 'threshold-below-quorum'
  | 'committee-may-be-blocked'
  | 'sum-opened-to-participants'
  | 'index-lists-under-protection'
  | 'selection-outside-support'
  | 'guide-explores-nothing'
  | 'guide-in-buffers'
  | 'values-too-wide'
  | 'one-round-shares-everything'
  | 'one-round-is-one'
  | 'metrics-of-too-few'
  | 'metric-twice'
  | 'patience-without-loss'
  | 'does-not-fit';

export type RuleName = SumRule | PreparationRule | PrivacyRule;

export interface Inconsistency extends Problem {
  readonly rule: RuleName;
}

/** Fewer would let one, or two who compare notes, subtract themselves. */
export const FEWEST_CONTRIBUTORS = 3;

const hasRounds = ({ exchange }: Plan): boolean => exchange.schedule !== 'one-round';
const releasesTurns = ({ exchange }: Plan): boolean => 'release' in exchange && exchange.release.after === 'turn';

const SUM_RULES: readonly Rule<SumRule>[] = [
  {
    rule: 'too-few-contributors',
    path: 'contributors.minimum',
    broken: ({ contributors }) => contributors.minimum < FEWEST_CONTRIBUTORS,
    what: ({ contributors }) => `is ${contributors.minimum}: of two, each sees the other in the sum`,
    next: `write ${FEWEST_CONTRIBUTORS} or more`,
  },
  {
    rule: 'contributors-out-of-order',
    path: 'contributors.maximum',
    broken: ({ contributors }) => contributors.maximum < contributors.minimum,
    what: ({ contributors }) => `is ${contributors.maximum}, fewer than the minimum of ${contributors.minimum}`,
    next: 'write at least the minimum',
  },
  {
    rule: 'cohort-out-of-range',
    path: 'exchange.cohort.size',
    broken: ({ exchange, contributors: { minimum, maximum } }) =>
      exchange.schedule === 'synchronous' &&
      exchange.cohort.kind === 'sampled' &&
      (exchange.cohort.size < minimum || exchange.cohort.size > maximum),
    what: ({ contributors: { minimum, maximum } }) => `is not between ${minimum} and ${maximum} contributors`,
    next: 'write a size between contributors.minimum and contributors.maximum',
  },
  {
    rule: 'buffer-out-of-range',
    path: 'exchange.buffer',
    broken: ({ exchange, contributors: { minimum, maximum } }) =>
      exchange.schedule === 'asynchronous' &&
      exchange.release.after === 'cycle' &&
      (exchange.buffer < minimum || exchange.buffer > maximum),
    what: ({ contributors: { minimum, maximum } }) =>
      `closes a sum that is not of ${minimum} to ${maximum} contributors, and every release needs at least the minimum`,
    next: 'write a buffer between contributors.minimum and contributors.maximum',
  },
  {
    rule: 'small-cohorts',
    path: 'robustness.cohorts',
    broken: (plan) => plan.robustness.kind === 'cohorts' && contributionsInSum(plan).fewest < FEWEST_CONTRIBUTORS,
    what: (plan) => `leaves ${contributionsInSum(plan).fewest} contributors in a cohort, whose sum is opened by itself`,
    next: `write at most a ${FEWEST_CONTRIBUTORS}rd of contributors.minimum`,
  },
  {
    rule: 'trimming-everything',
    path: 'robustness.trim',
    broken: ({ robustness }) =>
      robustness.kind === 'cohorts' &&
      (robustness.rule === 'trimmed-mean'
        ? robustness.trim < 1 || 2 * robustness.trim >= robustness.cohorts
        : robustness.trim !== 0),
    what: () => 'leaves no cohort, cuts none, or is meant for another rule',
    next: 'write 1 or more and below half of the cohorts for trimmed-mean, else 0',
  },
  {
    rule: 'cohorts-need-synchronous',
    path: 'robustness.kind',
    broken: ({ robustness, exchange }) => robustness.kind === 'cohorts' && exchange.schedule !== 'synchronous',
    what: ({ exchange }) => `needs all cohorts at once, and the schedule is ${exchange.schedule}`,
    next: 'write exchange.schedule "synchronous", or robustness.kind "none"',
  },
  {
    rule: 'cohorts-opened-to-participants',
    path: 'openedTo',
    broken: ({ robustness, openedTo }) => robustness.kind === 'cohorts' && openedTo === 'participants',
    what: () => "is participants, and a participant cannot open another cohort's sum, which the robust mean needs",
    next: 'write openedTo "everyone", or robustness.kind "none"',
  },
  {
    rule: 'turn-release-without-noise',
    path: 'exchange.release.after',
    // Without protection the server has every update anyway, which the reason of that protection and each participant's policy carry.
    broken: (plan) => releasesTurns(plan) && plan.protection.kind !== 'none',
    what: ({ protection, privacy }) =>
      privacy.kind === 'local'
        ? `is "turn": there is no sum that ${protection.kind} could protect`
        : 'is "turn": the next reader gets exactly the update of the one before, without noise of its own',
    next: 'write "cycle"; or protection.kind "none" with its reason, and privacy.kind "local"',
  },
  {
    rule: 'mask-needs-synchronous',
    path: 'protection.kind',
    broken: ({ protection, exchange }) =>
      protection.kind === 'mask' && exchange.schedule !== 'synchronous' && exchange.schedule !== 'one-round',
    what: ({ exchange }) =>
      `is mask, which needs everybody in the same round, and the schedule is ${exchange.schedule}`,
    next: 'write "one-shot", which takes one message at any time; or exchange.schedule "synchronous"',
  },
  {
    rule: 'threshold-with-devices',
    path: 'contributors.population',
    broken: ({ protection, contributors }) => protection.kind === 'threshold' && contributors.population === 'devices',
    what: () =>
      'is devices: threshold sums trust every participant to follow the protocol, and devices cannot be vouched for',
    next: 'write protection.kind "mask" or "one-shot"; or "silos" where each is a known institution',
  },
  {
    rule: 'threshold-below-quorum',
    path: 'protection.threshold',
    // Any two sets that open share an honest member, or one ciphertext could be opened in two sums whose difference it is.
    broken: ({ protection }) =>
      protection.kind === 'threshold' &&
      (protection.threshold > protection.members ||
        protection.threshold < committeeQuorum(protection.members, protection.corruptMembers)),
    what: ({ protection }) =>
      protection.kind === 'threshold'
        ? `is ${protection.threshold} of ${protection.members} with ${protection.corruptMembers} corrupt: two sets of so many need share no honest member`
        : '',
    next: 'write at least ⌊(members + corruptMembers) / 2⌋ + 1 and at most protection.members',
  },
  {
    rule: 'committee-may-be-blocked',
    path: 'protection.committee.mayBeBlocked',
    broken: ({ protection }) =>
      protection.kind === 'one-shot' &&
      !protection.committee.mayBeBlocked &&
      protection.committee.members < 3 * protection.committee.corrupt + 1,
    what: ({ protection }) =>
      protection.kind === 'one-shot'
        ? `is false, but ${protection.committee.corrupt} of ${protection.committee.members} members can block every opening`
        : '',
    next: 'write a committee of 3 · corrupt + 1 members or more; or say true',
  },
  {
    rule: 'sum-opened-to-participants',
    path: 'openedTo',
    broken: ({ openedTo, protection }) => openedTo === 'participants' && protection.kind !== 'one-shot',
    what: ({ protection }) =>
      `is participants, but under ${protection.kind} the server takes part in opening and sees the sum`,
    next: 'write protection.kind "one-shot"; or openedTo "everyone"',
  },
  {
    rule: 'index-lists-under-protection',
    path: 'sharing.support.kind',
    broken: ({ sharing, protection }) => sharing.support.kind === 'own' && protection.kind !== 'none',
    what: () => 'is own: lists of chosen coordinates would show what the sum hides',
    next: 'write "all", "random" or "guided": what is not chosen is zero inside a support that all share',
  },
  {
    rule: 'selection-outside-support',
    path: 'sharing.upload.fraction',
    broken: ({ sharing: { upload, support } }) => {
      const within = support.kind === 'random' || support.kind === 'guided' ? support.fraction : 1;
      return upload.fraction > within || (upload.selection.kind === 'all') !== (upload.fraction === within);
    },
    what: ({ sharing: { upload, support } }) =>
      `is ${upload.fraction} with selection ${upload.selection.kind} and a support of ${'fraction' in support ? support.fraction : 1}`,
    next: 'write the fraction of the support with selection "all", or a smaller one with a selection that chooses',
  },
  {
    rule: 'guide-explores-nothing',
    path: 'sharing.support.explore',
    broken: ({ sharing: { support } }) => support.kind === 'guided' && support.explore === 0,
    what: () => 'is 0: a coordinate that was never published would never be',
    next: 'write a small share, such as 0.1',
  },
  {
    rule: 'guide-in-buffers',
    path: 'sharing.support.kind',
    broken: ({ sharing: { support }, exchange }) => support.kind === 'guided' && exchange.schedule === 'asynchronous',
    what: () => 'is guided by what was published last, and who is late in a buffer chose by what was published before',
    next: 'write "random" or "all"; or another schedule',
  },
  {
    rule: 'values-too-wide',
    path: 'encoding.valueBits',
    broken: (plan) => wordBitsFor(contributionsInSum(plan).most, plan.encoding.valueBits) > 32,
    what: (plan) =>
      `makes sums of ${wordBitsFor(contributionsInSum(plan).most, plan.encoding.valueBits)} bits, more than the 32 of a word`,
    next: 'write fewer bits, or fewer contributors in one sum',
  },
  {
    rule: 'one-round-shares-everything',
    path: 'sharing',
    broken: ({ exchange, sharing, robustness }) =>
      exchange.schedule === 'one-round' &&
      (sharing.upload.fraction !== 1 ||
        sharing.support.kind !== 'all' ||
        sharing.download.fraction !== 1 ||
        sharing.errorFeedback ||
        sharing.clamp !== null ||
        robustness.kind !== 'none'),
    what: () => 'leaves out or bends some of the statistics, and a ridge needs all of them as they are',
    next: 'write upload and download fraction 1, support "all", clamp null, no error feedback',
  },
  {
    rule: 'one-round-is-one',
    path: 'stopping.rounds',
    broken: (plan) => !hasRounds(plan) && plan.stopping.rounds !== 1,
    what: ({ stopping }) => `is ${stopping.rounds}, and the schedule is one-round`,
    next: 'write 1',
  },
  {
    rule: 'metrics-of-too-few',
    path: 'metrics',
    broken: ({ metrics, batching }) => metrics.some(({ minimumUnits }) => minimumUnits < batching.minimumUnits),
    what: ({ batching }) => `has one over fewer units than the ${batching.minimumUnits} of a contribution`,
    next: 'write at least batching.minimumUnits',
  },
  {
    rule: 'metric-twice',
    path: 'metrics',
    broken: ({ metrics }) => new Set(metrics.map(({ name }) => name)).size !== metrics.length,
    what: () => 'names a metric twice: two resolutions of one number are finer than each',
    next: 'keep one of them',
  },
  {
    rule: 'patience-without-loss',
    path: 'stopping.patienceRounds',
    broken: ({ stopping, metrics }) => stopping.patienceRounds !== null && !metrics.some(({ name }) => name === 'loss'),
    what: () => 'waits for a loss that nobody reports',
    next: 'write null; or add the metric "loss"',
  },
];

export const RULES: readonly Rule<RuleName>[] = [...SUM_RULES, ...PREPARATION_RULES, ...PRIVACY_RULES];

/** Everything in the plan that does not go together. */
export function inconsistencies(plan: Plan): readonly Inconsistency[] {
  const found: Inconsistency[] = [];
  for (const { rule, path, broken, what, next } of RULES) {
    if (broken(plan)) found.push({ rule, path, what: what(plan), next });
  }
  return found.length > 0 ? found : misfits(plan);
}

/** What only the libraries that will do it can say: made here once, so that a round does not find it out. */
function misfits(plan: Plan): readonly Inconsistency[] {
  try {
    if (vectorLengthOf(plan) > 2 ** 25) throw new Error(`a vector of ${vectorLengthOf(plan)} values; at most 2^25`);
    wordEncodingOf(plan);
    if (plan.protection.kind === 'one-shot') oneShotOf(plan);
    if (plan.protection.kind === 'mask') maskParametersOf(plan, contributionsInSum(plan).most);
    return [];
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return [
      {
        rule: 'does-not-fit',
        path: 'encoding',
        what: `does not fit this protection and these contributors: ${what}`,
        next: 'change encoding.valueBits, the noise, the contributors or the committee as it says',
      },
    ];
  }
}
