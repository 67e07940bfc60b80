// Who learns what, sentence by sentence: the server, the other participants, and those who put their heads together.

import { columnSumsOf } from '../plan/column-sums.ts';
import { metricsInSum } from '../plan/metrics.ts';
import type { Plan } from '../plan/plan.ts';
import { contributionsInSum, maskParametersOf, oneShotOf } from '../plan/sums.ts';
import { counted } from './counted.ts';

export function whatTheServerLearns(plan: Plan): readonly string[] {
  const { protection, openedTo } = plan;
  const { fewest } = contributionsInSum(plan);
  const sentences = ['Who takes part in which round, when, and how many bytes it sends.'];
  switch (protection.kind) {
    case 'mask':
      sentences.push(
        `Of an update: masked words, which are uniform whatever the update is. It learns the sum, once at least ${fewest} contributions are in it.`,
      );
      break;
    case 'one-shot':
      sentences.push(
        openedTo === 'participants'
          ? 'Of an update: a ciphertext. It sees neither a sum nor a model: the committee boxes its answers to the contributors.'
          : `Of an update: a ciphertext. It learns the sum that the committee opens, of at least ${fewest} contributions.`,
      );
      break;
    case 'threshold':
      sentences.push(
        `Of an update: a ciphertext under a key that nobody holds. It learns the sum that ${protection.threshold} of ${protection.members} members open, of at least ${fewest} contributions.`,
      );
      break;
    case 'none':
      sentences.push('Every update of every participant, in clear.');
      break;
    default:
      protection satisfies never;
  }
  // Counters are in each cohort's own sum, which is opened by itself.
  const whose = plan.robustness.kind === 'cohorts' ? `each cohort's sum of ${fewest} contributors or more` : 'a sum';
  for (const { name, resolution, minimumUnits } of metricsInSum(plan)) {
    sentences.push(
      `The ${name} of ${whose}, in steps of ${resolution}, over at least ${minimumUnits} ${plan.batching.countedIn} of each contributor.`,
    );
  }
  return sentences;
}

export function whatParticipantsLearn(plan: Plan): readonly string[] {
  const { exchange, sharing, openedTo } = plan;
  const { fewest } = contributionsInSum(plan);
  const what = exchange.schedule === 'one-round' ? 'the statistics' : 'the model';
  const sentences = [
    openedTo === 'participants'
      ? `Every sum of a flush that they are in, and ${what} after it; server optimisers run at the participants.`
      : `Every published sum, and ${what} after it.`,
  ];
  if (columnSumsOf(plan) > 0) {
    sentences.push('The means, deviations and most frequent categories that were summed, as everybody applies them.');
  }
  if (exchange.schedule !== 'one-round' && 'release' in exchange && exchange.release.after === 'turn') {
    sentences.push('The update of the one before, by subtraction.');
  } else {
    sentences.push(`Of another participant: what a sum of at least ${fewest} contributions, minus their own, tells.`);
  }
  if (sharing.download.fraction < 1) {
    sentences.push(
      `${percent(sharing.download.fraction)} of the parameters each round, those updated most; the rest stays their own.`,
    );
  }
  return sentences;
}

export function whatCollusionLearns(plan: Plan): readonly string[] {
  const { protection, privacy } = plan;
  const { fewest } = contributionsInSum(plan);
  const sentences: string[] = [];
  if (fewest > 1) {
    sentences.push(
      `${fewest - 1} of ${fewest} contributors who tell each other their updates learn the last one's: no protocol can prevent it, ${
        privacy.kind === 'none' ? 'and nothing here blurs it' : 'and only its own share of the noise is left'
      }.`,
    );
  }
  switch (protection.kind) {
    case 'mask': {
      const { sharingSet, threshold, corrupt, graph } = maskParametersOf(plan, fewest);
      sentences.push(
        `A hostile server with up to ${corrupt} of each ${graph === 'complete' ? '' : 'neighbourhood of '}${sharingSet} participants learns only ${graph === 'complete' ? 'the sum of the others' : `sums of ${threshold - corrupt + 1} or more of the others, so that several parts of a sum may be opened`}; ${threshold} shares open a mask.`,
      );
      break;
    }
    case 'one-shot': {
      const { members, corrupt, quorum } = oneShotOf(plan).oneTime.committee;
      sentences.push(
        `The server with up to ${corrupt} of the ${members} committee members learns only sums. With more than that many it may learn single updates; ${quorum} must answer to open.`,
      );
      break;
    }
    case 'threshold':
      sentences.push(
        `${protection.threshold} of ${protection.members} members together can open any contribution, and participants are trusted to follow the protocol: for institutions that know each other.`,
      );
      break;
    case 'none':
      sentences.push('Nobody needs to collude with the server: it has everything.');
      break;
    default:
      protection satisfies never;
  }
  if (privacy.kind === 'central') {
    sentences.push(
      `Up to ${counted(privacy.corruptContributors, 'contributor')} who give their noise away leave all of the promised noise in the sum; with more of them the bound does not hold. They are counted among all who may take part: a hostile server chooses whose contributions are in the smallest sum.`,
    );
  }
  return sentences;
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;
