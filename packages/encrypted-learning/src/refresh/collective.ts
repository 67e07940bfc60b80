// Refresh by the members of a shared key: the machine that computes asks t of them, each answers with one message, nobody sees the numbers
// (lattice: shared-keys/refreshing.ts has the protocol and what it hides). Messages travel as the caller likes: `ask` gathers the answers.

import { type Ciphertext, type CkksContext, freshSymmetric } from '@sumus/lattice/ckks';
import type { CkksParameters } from '@sumus/lattice/parameters';
import {
  type ActiveSet,
  authoriseCkksRefresh,
  combineRefresh,
  type DecryptionLedger,
  type KeyEpoch,
  type KeyShare,
  type RefreshAnswer,
  type RefreshRule,
  type RefreshTarget,
  refreshAnswer,
  refreshOperandLevel,
} from '@sumus/lattice/shared-keys';
import { ParameterError } from '../errors.ts';
import type { RefreshModel } from './model.ts';
import type { Refresher } from './refresher.ts';

export interface CollectiveModel {
  /** t: how many members answer. */
  readonly answers: number;
  /** How many refreshes the key makes in all. */
  readonly refreshes: number;
  /** Bound on the numbers that are refreshed. */
  readonly magnitude: number;
  /** Default 40. */
  readonly statisticalBits?: number;
}

/** What a plan needs to know; the rule itself is refreshRule({ ckks: plan.parameters, …model }). */
export function collectiveRefresh(model: CollectiveModel): RefreshModel {
  const { answers, magnitude } = model;
  return Object.freeze({
    kind: 'collective',
    operandLevel: (ckks: CkksParameters, numbers: number) => {
      if (numbers > magnitude) {
        throw new ParameterError(`numbers up to ${numbers} are refreshed, the masks are made for up to ${magnitude}`);
      }
      return refreshOperandLevel({ ...model, ckks });
    },
    resultLevel: ({ topLevel }: CkksParameters) => topLevel,
    errorStddev: (parameters: CkksParameters, level: number, numbers: number) =>
      (answers + 1) * freshSymmetric(parameters, parameters.scales[level].value, numbers).errorStddev,
  });
}

export interface CollectiveRefresh {
  readonly epoch: KeyEpoch;
  readonly context: CkksContext;
  readonly rule: RefreshRule;
  readonly activeSet: ActiveSet;
  /** Asks every member of the set for its answer. */
  ask(spent: Ciphertext, target: RefreshTarget): Promise<readonly RefreshAnswer[]>;
}

export function collectiveRefresher({ epoch, context, rule, activeSet, ask }: CollectiveRefresh): Refresher {
  return Object.freeze({
    refresh: async (spent: Ciphertext, level: number): Promise<Ciphertext> => {
      const target: RefreshTarget = { rule, context, from: spent.level, to: level };
      return combineRefresh(epoch, spent, activeSet, target, await ask(spent, target));
    },
  });
}

export interface RefreshMember {
  readonly share: KeyShare;
  readonly ledger: DecryptionLedger;
  readonly activeSet: ActiveSet;
  /** Puts the record into durable storage; the answer is made only then. */
  store(record: Uint8Array): Promise<void>;
  /** The member's own bound on the noise, where the machine's estimate is a claim (it came as bytes, or is typical and no bound). */
  readonly noiseStddev?: number;
}

/** One member's part: at most one answer for a ciphertext, and its record is stored before the answer leaves. */
export async function answerRefresh(
  { share, ledger, activeSet, store, noiseStddev }: RefreshMember,
  spent: Ciphertext,
  target: RefreshTarget,
): Promise<RefreshAnswer> {
  const request = noiseStddev === undefined ? {} : { noiseStddev };
  const token = authoriseCkksRefresh(ledger, share.epoch, target.rule, spent, activeSet, request);
  await store(token.record);
  return refreshAnswer(share, token, target);
}
