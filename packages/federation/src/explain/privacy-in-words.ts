// What is promised at the end of a run: ε at δ by the tightest accountant, for whom, against whom, and what it does not cover.

import { sumsBeforeRounds } from '../plan/column-sums.ts';
import type { Plan } from '../plan/plan.ts';
import { epsilonAfter, roundsWithinBudget, sparseVectorEpsilon } from '../plan/price.ts';

export interface PrivacyInWords {
  /** After the rounds that are affordable; null where nothing is promised, or no bound is known. Never below the true one. */
  readonly epsilon: number | null;
  readonly delta: number | null;
  readonly accountant: string | null;
  /** Rounds that epsilonAtMost pays for. */
  readonly rounds: number;
  readonly sentences: readonly string[];
}

export function privacyInWords(plan: Plan): PrivacyInWords {
  const { privacy, stopping } = plan;
  if (privacy.kind === 'none') {
    return {
      epsilon: null,
      delta: null,
      accountant: null,
      rounds: stopping.rounds,
      sentences: [
        `No differential privacy: nothing is promised about what sums and models tell. The reason given: ${privacy.reason}`,
      ],
    };
  }
  const rounds = roundsWithinBudget(plan);
  const before = sumsBeforeRounds(plan);
  const whole = epsilonAfter(plan, before + stopping.rounds);
  const answer = rounds === stopping.rounds || rounds === 0 ? whole : epsilonAfter(plan, before + rounds);
  const whose = privacy.unit === 'record' ? 'one record' : 'everything that one participant has';
  const sentences: string[] = [];
  if (answer?.kind === 'bound' && rounds > 0) {
    sentences.push(
      `ε ≤ ${upwards(answer.epsilon)} at δ = ${privacy.delta} after ${before === 0 ? '' : 'the sum of columns and '}${rounds} rounds, for ${whose} (${privacy.adjacency}), by ${answer.accountant}.`,
    );
  } else {
    sentences.push(`Not one round is paid for by ε = ${privacy.epsilonAtMost} at δ = ${privacy.delta}.`);
  }
  if (whole?.kind === 'bound' && rounds < stopping.rounds) {
    sentences.push(
      `All ${stopping.rounds} rounds would cost ε = ${upwards(whole.epsilon)}; ${privacy.epsilonAtMost} is the most.`,
    );
  }
  switch (privacy.kind) {
    case 'central':
      sentences.push('The noise is in the sum: it counts against everybody who sees sums and models, the server too.');
      if (privacy.amplification.by === 'own-batches') {
        sentences.push(
          'Batches are drawn by each participant from its own randomness, which nobody else sees: this is part of the bound.',
        );
      } else if (privacy.amplification.by === 'cohort') {
        sentences.push(
          'Those who do not see who is in the cohort learn less than this bound; the server sees it, and for it every member is in the round (q = 1).',
        );
      }
      break;
    case 'local':
      sentences.push(
        'Every contribution has all of its noise: it counts against whoever reads it, whatever the protection.',
      );
      break;
    case 'sparse-vector':
      sentences.push(
        `ε = ${privacy.epsilonPerUpload} an upload is ε = ${upwards(sparseVectorEpsilon(plan))} a round and participant, for all uploads together: no meaningful guarantee where it is large.`,
      );
      break;
    default:
      privacy satisfies never;
  }
  const bound = answer?.kind === 'bound' && rounds > 0 ? answer : undefined;
  return {
    epsilon: bound?.epsilon ?? null,
    delta: privacy.delta,
    accountant: bound?.accountant ?? null,
    rounds,
    sentences,
  };
}

/** Four digits, rounded up: what is said is never below what was computed. */
export function upwards(epsilon: number): string {
  if (!(epsilon > 0) || !Number.isFinite(epsilon)) return String(epsilon);
  const unit = 10 ** (Math.floor(Math.log10(epsilon)) - 3);
  const shown = Number((Math.ceil(epsilon / unit) * unit).toPrecision(4));
  return String(shown >= epsilon ? shown : Number((shown + unit).toPrecision(4)));
}
