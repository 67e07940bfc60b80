// One member of a consortium over a whole training: it contributes once a step, in the order of the steps, and no more often than was
// accounted for. Beside a coordinator that asks again: for one step at two iterates, or twice at one, so that noise can be averaged away.
//
// Asked again at the same state it gives the same integers, noise and all: nothing new is learnt from them. A member that starts
// again says how many steps it had answered, from durable storage written before the answer left; of a step whose integers are gone it
// gives no others.
//
// Refused: a step that was answered at another state, one out of turn, and what memberContribution refuses. At the opening: a sum of fewer
// contributions than the noise was shared for.

import type { RandomSource } from '@sumus/differential-privacy/noise';
import type { EncryptedVector } from '@sumus/lattice/integers';
import {
  type ActiveSet,
  authoriseVector,
  type DecryptionLedger,
  type KeyEpoch,
  type VectorTokens,
} from '@sumus/lattice/shared-keys';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import { type ConsortiumPlan, type ConsortiumState, memberContribution } from './consortium.ts';
import type { CheckedRows } from './rows.ts';

export interface ConsortiumMemberLiteral {
  readonly plan: ConsortiumPlan;
  readonly rows: CheckedRows;
  readonly source: RandomSource;
  /** Steps answered before a restart; default 0. */
  readonly answered?: number;
}

export class ConsortiumMember {
  readonly #plan: ConsortiumPlan;
  readonly #rows: CheckedRows;
  readonly #source: RandomSource;
  #answered: number;
  #last: { readonly at: Float64Array; readonly values: Int32Array } | undefined;

  constructor({ plan, rows, source, answered = 0 }: ConsortiumMemberLiteral) {
    if (!(Number.isSafeInteger(answered) && answered >= 0)) throw new ParameterError(`${answered} steps answered`);
    this.#plan = plan;
    this.#rows = rows;
    this.#source = source;
    this.#answered = answered;
  }

  /** How many steps have cost privacy so far: what to store before an answer leaves. */
  get answered(): number {
    return this.#answered;
  }

  /** This member's integers for the step, to be encrypted and nothing else. */
  contribute(state: ConsortiumState): Int32Array {
    const { step, ahead } = state;
    if (step === this.#answered - 1) return this.#again(state);
    if (step !== this.#answered) {
      throw new ProtocolViolation(`step ${step} is asked for, and the next one is ${this.#answered}`);
    }
    const values = memberContribution(this.#plan, state, this.#rows, this.#source);
    this.#answered = step + 1;
    this.#last = { at: ahead.slice(), values };
    return values.slice();
  }

  toJSON(): never {
    throw new TypeError('a member holds rows and noise, and is not serialised');
  }

  #again({ step, ahead }: ConsortiumState): Int32Array {
    const last = this.#last;
    if (last === undefined || last.at.length !== ahead.length || !last.at.every((value, j) => value === ahead[j])) {
      throw new ProtocolViolation(`step ${step} was answered already, and costs privacy once`);
    }
    return last.values.slice();
  }
}

export interface NoisySum {
  readonly sum: EncryptedVector;
  /** Whose contributions are in it: one of each member that is there. */
  readonly contributions: ReadonlyMap<number, EncryptedVector>;
}

/**
 * One member's right to help open a step's sum. With more than `missing` shares of noise not in it, a sum has less noise than was
 * accounted for: one member's vector alone has one share. That the summands are those members' own is for whoever carried them to say.
 */
export function authoriseNoisySum(
  { literal: { members, missing } }: ConsortiumPlan,
  { sum, contributions }: NoisySum,
  key: { readonly epoch: KeyEpoch; readonly ledger: DecryptionLedger; readonly activeSet: ActiveSet },
): VectorTokens {
  for (const member of contributions.keys()) {
    if (!members.includes(member)) throw new ProtocolViolation(`${member} is no member of this consortium`);
  }
  const needed = members.length - missing;
  if (contributions.size < needed) {
    throw new ProtocolViolation(
      `a sum of ${contributions.size} contributions has too few shares of noise: ${needed} of ${members.length} are needed`,
    );
  }
  return authoriseVector(key.ledger, key.epoch, sum, key.activeSet, [...contributions.values()]);
}
