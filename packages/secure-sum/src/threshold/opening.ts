// What a request to open comes to, checked: enough certified silos, each once, ciphertexts of this epoch and this length, a set of
// exactly t members; and the sum, which every member computes itself. Nothing is promised or spent here.

import { addVectors, type EncryptedVector } from '@sumus/lattice/integers';
import { type ActiveSet, activeSet } from '@sumus/lattice/shared-keys';
import { compareNames, type MemberId } from '../canonical/index.ts';
import type { OpenContext } from '../context/index.ts';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import type { Trust } from '../identity/index.ts';
import type { PublicPrimitives } from '../primitives.ts';
import { type Contribution, decodeRequest, receiveContribution } from './contributions.ts';
import type { CertifiedEpoch } from './epoch.ts';
import { openingStatement } from './statements.ts';
import { vectorOf } from './vectors.ts';

export interface Opening {
  readonly statement: Uint8Array;
  readonly activeSet: ActiveSet;
  readonly contributors: readonly MemberId[];
  readonly summands: readonly EncryptedVector[];
  readonly sum: EncryptedVector;
}

export async function readRequest(
  primitives: PublicPrimitives,
  { epoch, trust, context }: { readonly epoch: CertifiedEpoch; readonly trust: Trust; readonly context: OpenContext },
  bytes: Uint8Array,
): Promise<Opening> {
  const { activeSet: numbers, contributions: encoded } = decodeRequest(bytes);
  const set = activeSetOf(epoch, numbers);
  const { minimumContributors, maximumContributors } = epoch.parameters.proposal;
  if (encoded.length < minimumContributors) {
    throw new ProtocolViolation('E_TOO_FEW', `${encoded.length} contributions, ${minimumContributors} are needed`);
  }
  if (encoded.length > maximumContributors) {
    throw new ProtocolViolation('E_FLOOR', `${encoded.length} contributions, the lanes hold ${maximumContributors}`);
  }
  const { lattice, parameters, hash } = epoch;
  const { integers } = parameters.lattice;
  const shape = { lattice, integers, epoch: hash, vectorLength: parameters.proposal.vectorLength };
  const contributions: Contribution[] = [];
  const summands: EncryptedVector[] = [];
  for (const [i, one] of encoded.entries()) {
    const contribution = await receiveContribution(primitives, trust, context, one);
    const { memberId } = contribution;
    if (i > 0 && compareNames(contributions[i - 1]!.memberId, memberId) >= 0) {
      throw new ProtocolViolation('E_DUPLICATE', `${memberId} contributes twice, or is out of order`);
    }
    contributions.push(contribution);
    summands.push(vectorOf(shape, contribution));
  }
  const statement = openingStatement(primitives, { context, epoch: epoch.hash, contributions, activeSet: set.members });
  const [first, ...rest] = summands;
  const sum = rest.reduce((total, next) => addVectors(epoch.lattice, total, next), first!);
  const contributors = contributions.map(({ memberId }) => memberId);
  return Object.freeze({ statement, activeSet: set, contributors, summands, sum });
}

/** Exactly t distinct members (attack 41): E_COMMITTEE otherwise. */
function activeSetOf({ key }: CertifiedEpoch, numbers: readonly number[]): ActiveSet {
  if (numbers.some((number, i) => i > 0 && number <= numbers[i - 1]!)) {
    throw new ProtocolViolation('E_COMMITTEE', `the active set ${numbers.join(' ')} is not rising`);
  }
  try {
    return activeSet(key.roster, numbers);
  } catch (cause) {
    throw new ProtocolViolation('E_COMMITTEE', `no active set of this key: ${numbers.join(' ')}`, { cause });
  }
}

/** The opened values as the protocols hand them on; undefined where they are more than contributors may have sent: no sum, then. */
export function valuesOf(
  epoch: CertifiedEpoch,
  { contributors }: Opening,
  opened: Float64Array,
): Int32Array | undefined {
  const bound = contributors.length * epoch.parameters.largestValue;
  const values = new Int32Array(opened.length);
  for (let i = 0; i < opened.length; i++) {
    const value = opened[i]!;
    if (!(Math.abs(value) <= bound)) return undefined;
    values[i] = value;
  }
  return values;
}

/** The participants' own values, before they are encrypted. */
export function requireValues(epoch: CertifiedEpoch, values: Int32Array): void {
  const { proposal, largestValue } = epoch.parameters;
  if (values.length !== proposal.vectorLength) {
    throw new ParameterError(`${values.length} values, not ${proposal.vectorLength}`);
  }
  for (const value of values) {
    if (Math.abs(value) > largestValue) throw new ParameterError(`a value of magnitude above ${largestValue}`);
  }
}
