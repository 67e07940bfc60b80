// A plan in plain words: who learns what (by protection, by who opens, by the release rule, and by who talks to whom), what the run costs
// in privacy at its end, and what it weighs on the wire. Every number is computed by the package that will do the work. For people who
// decide, so a caveat is as long as the promise it belongs to.

import { columnSumsOf } from '../plan/column-sums.ts';
import type { Plan } from '../plan/plan.ts';
import { roundsWithinBudget } from '../plan/price.ts';
import { contributionsInSum } from '../plan/sums.ts';
import { bytesOfRound, type RoundBytes } from './bytes.ts';
import { counted } from './counted.ts';
import { whatCollusionLearns, whatParticipantsLearn, whatTheServerLearns } from './learns.ts';
import { type PrivacyInWords, privacyInWords } from './privacy-in-words.ts';

export interface Explanation {
  /** What is done, in a sentence or two. */
  readonly run: readonly string[];
  readonly server: readonly string[];
  readonly participants: readonly string[];
  readonly collusion: readonly string[];
  readonly privacy: PrivacyInWords;
  readonly bytes: RoundBytes;
  /** What a careful reader should know before saying yes. */
  readonly warnings: readonly string[];
}

export function explain(plan: Plan): Explanation {
  const privacy = privacyInWords(plan);
  return Object.freeze({
    run: whatIsDone(plan),
    server: whatTheServerLearns(plan),
    participants: whatParticipantsLearn(plan),
    collusion: whatCollusionLearns(plan),
    privacy,
    bytes: bytesOfRound(plan),
    warnings: warningsOf(plan),
  });
}

function whatIsDone(plan: Plan): readonly string[] {
  const { model, exchange, contributors, stopping, batching } = plan;
  const who = `${contributors.minimum} to ${contributors.maximum} ${contributors.population}`;
  const sizes = contributionsInSum(plan);
  const inSum = sizes.fewest === sizes.most ? `${sizes.fewest}` : `${sizes.fewest} to ${sizes.most}`;
  if (exchange.schedule === 'one-round') {
    return [
      `${who} sum the statistics of a ridge classifier over ${exchange.featureCount} ${exchange.features} features once; ${columnSumsOf(plan) === 0 ? `one sum of ${inSum} contributions is all that leaves` : `that and a sum of columns, of ${inSum} contributions each, are all that leaves`}.`,
      ...preparationInWords(plan),
    ];
  }
  const { localWork } = exchange;
  const sentences = [
    `${who} train one network of ${model.parameterCount} parameters, ${exchange.schedule}, in at most ${stopping.rounds} rounds.`,
    `Between two exchanges a participant trains ${counted(localWork.count, localWork.unit === 'epochs' ? 'epoch' : 'batch')}; its contribution is one update, never the gradient of one example, and stands for at least ${batching.minimumUnits} ${batching.countedIn}.`,
    `A release covers ${inSum} contribution${sizes.most === 1 ? '' : 's'}.`,
    ...preparationInWords(plan),
  ];
  return sentences;
}

function preparationInWords(plan: Plan): readonly string[] {
  const { preparation } = plan;
  switch (preparation.kind) {
    case 'as-given':
      return [];
    case 'scattering':
      return [
        `The network is given ${preparation.featureCount} scattering features of each image: fixed filters and a public projection, which cost no privacy.`,
      ];
    case 'table': {
      const { columns, target, rowsAtMost } = preparation;
      const made = `${counted(columns.length, 'column')} of a table become numbers by one recipe for all, and ${target.column} is predicted.`;
      const sums = columnSumsOf(plan);
      if (sums === 0) return [`${made} Bounds and categories are the plan's own: nothing has to be summed for it.`];
      return [
        `${made} Before the first round ${counted(sums, 'sum')} of columns (counts, sums and squares in declared bounds, counts of declared categories) are opened once, under the same protection and noise as a round; one participant counts for at most ${rowsAtMost} rows.`,
      ];
    }
    default:
      return preparation satisfies never;
  }
}

function warningsOf(plan: Plan): readonly string[] {
  const { contributors, protection, exchange, sharing, privacy, stopping, openedTo } = plan;
  const warnings: string[] = [];
  if (protection.kind === 'none')
    warnings.push(`There is no protection: the server reads every update. The reason given: ${protection.reason}`);
  if (exchange.schedule !== 'one-round' && 'release' in exchange && exchange.release.after === 'turn') {
    warnings.push('Every turn is released: whoever reads next gets exactly the update of the one before.');
  }
  if (privacy.kind === 'none') {
    warnings.push(
      'A large batch is data minimisation, not privacy: sums can still tell of single records, and the model can.',
    );
  }
  if (sharing.upload.fraction < 1) {
    warnings.push('Sharing a part of an update is compression, not privacy.');
  }
  if (sharing.support.kind === 'own') warnings.push('Which coordinates a participant chose is sent in clear.');
  if (contributors.admission.kind === 'open') {
    warnings.push(
      'Nobody vouches for identities: one party may come as many and outnumber the minimum of contributors.',
    );
  }
  if (
    protection.kind === 'one-shot' &&
    protection.committee.mayBeBlocked &&
    protection.committee.members < 3 * protection.committee.corrupt + 1
  ) {
    warnings.push(`${protection.committee.corrupt} committee members who refuse can block every opening.`);
  }
  if (privacy.kind !== 'none' && roundsWithinBudget(plan) < stopping.rounds) {
    warnings.push(
      `The budget pays for ${roundsWithinBudget(plan)} of the ${stopping.rounds} rounds: the run ends there.`,
    );
  }
  if (openedTo === 'everyone') warnings.push('Sums and models are open to everybody, the server too.');
  warnings.push(
    'A participant that lies about its own update is bounded by the clipping norm, and cannot be told from an honest one.',
  );
  return warnings;
}
