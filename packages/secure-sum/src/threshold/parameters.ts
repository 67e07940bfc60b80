// Parameters of a threshold sum: a literal goes in, and out come the lattice's parameter set, what participants hold against their
// floors, and the names under which the configuration of every round lists them.
//
// How many ciphertexts a vector takes depends on the room that the flooding leaves, the flooding on how many ciphertexts a key
// opens, and that on how many a vector takes: found by going round until it stands still (more decryptions never leave more room).

import {
  insecureSharedIntegerParameters,
  type SharedIntegerLiteral,
  type SharedIntegerParameters,
  sharedIntegerParameters,
} from '@sumus/lattice/parameters';
import { primesBelow } from '@sumus/lattice/ring';
import { asciiBytes } from '../canonical/index.ts';
import type { RoundConfiguration } from '../context/index.ts';
import { ParameterError } from '../errors.ts';
import { committeeQuorum, type ThresholdProposal } from '../floors/index.ts';
import { SEMI_HONEST, type SemiHonest } from './kinds.ts';

export interface ThresholdLiteral {
  /** Written down by the caller, because the protocol promises no more: read member.ts on who may encrypt. */
  readonly trust: SemiHonest;
  /** Numbers of the members, rising; n of them from 1 on when a number is given. */
  readonly members: number | readonly number[];
  /** t, more than (n + c)/2: any two sets that open share an honest member. */
  readonly threshold: number;
  /** c: members that may be corrupt. */
  readonly corruptMembers: number;
  readonly minimumContributors: number;
  readonly maximumContributors: number;
  readonly vectorLength: number;
  /** b: |value| ≤ 2^(b−1) − 1. */
  readonly valueBits: number;
  /** How many sums an epoch opens, at most: it ends then, or at endsAtMs. */
  readonly sums: number;
  /** The last millisecond of the epoch. */
  readonly endsAtMs: number;
  /** N, 8192 unless told, and how many primes just below 2^30; 7 unless told. */
  readonly degree?: number;
  readonly primeCount?: number;
  /** d: values in one coefficient; as many as fit unless told. */
  readonly lanes?: number;
  readonly statisticalBits?: number;
  readonly measure?: SharedIntegerLiteral['measure'];
}

export interface ThresholdParameters {
  readonly trust: SemiHonest;
  readonly lattice: SharedIntegerParameters;
  readonly proposal: ThresholdProposal;
  readonly ciphertextsPerVector: number;
  /** Largest magnitude of one value. */
  readonly largestValue: number;
  readonly sums: number;
  readonly endsAtMs: number;
  /** For RoundConfiguration.own. */
  readonly own: RoundConfiguration['own'];
}

const PRIME_BOUND = 2 ** 30;
const MOST_SUMS = 1_000_000;

export const thresholdParameters = (literal: ThresholdLiteral): ThresholdParameters =>
  build(literal, sharedIntegerParameters);

/** For tests only: no security. */
export const insecureThresholdParameters = (literal: ThresholdLiteral): ThresholdParameters =>
  build(literal, insecureSharedIntegerParameters);

function build(
  literal: ThresholdLiteral,
  make: (literal: SharedIntegerLiteral) => SharedIntegerParameters,
): ThresholdParameters {
  const { vectorLength, sums, endsAtMs, threshold, corruptMembers } = literal;
  if (literal.trust !== SEMI_HONEST) throw new ParameterError(`threshold sums trust ${SEMI_HONEST}; say so`);
  whole('vectorLength', vectorLength, 2 ** 32 - 1);
  whole('sums', sums, MOST_SUMS);
  whole('endsAtMs', endsAtMs, Number.MAX_SAFE_INTEGER);
  const members = numbersOf(literal.members);
  if (!Number.isSafeInteger(corruptMembers) || corruptMembers < 0) {
    throw new ParameterError(`${corruptMembers} corrupt members`);
  }
  const quorum = committeeQuorum(members.length, corruptMembers);
  if (!(threshold >= quorum)) {
    throw new ParameterError(
      `${threshold} of ${members.length} open, ${corruptMembers} may be corrupt: below ${quorum} two sets need share no honest member`,
    );
  }
  let ciphertextsPerVector = 1;
  let lattice = withRoomFor(literal, members, make, ciphertextsPerVector);
  for (;;) {
    const needed = Math.ceil(vectorLength / lattice.integers.valuesPerCiphertext);
    if (needed <= ciphertextsPerVector) break;
    ciphertextsPerVector = needed;
    lattice = withRoomFor(literal, members, make, ciphertextsPerVector);
  }
  ciphertextsPerVector = Math.ceil(vectorLength / lattice.integers.valuesPerCiphertext);
  const { integers, key } = lattice;
  const proposal: ThresholdProposal = Object.freeze({
    protocol: 'threshold',
    members: members.length,
    corruptMembers,
    threshold,
    minimumContributors: literal.minimumContributors,
    maximumContributors: literal.maximumContributors,
    wordBits: wordBits(literal.maximumContributors, literal.valueBits),
    valueBits: literal.valueBits,
    vectorLength,
  });
  if (proposal.wordBits > 32) throw new ParameterError(`a sum of ${proposal.wordBits} bits: at most 32`);
  const own: RoundConfiguration['own'] = Object.freeze({
    members: members.length,
    corruptMembers,
    threshold,
    maximumContributors: proposal.maximumContributors,
    sums,
    endsAtMs,
    degree: integers.degree,
    lanes: integers.lanes,
    laneBits: integers.laneBits,
    primes: integers.primes.length,
    statisticalBits: key.flooding.statisticalBits,
    measure: key.flooding.measure,
    // The whole of it, by its text: whoever differs in anything derives another context.
    description: asciiBytes(key.description),
  });
  return Object.freeze({
    trust: literal.trust,
    lattice,
    proposal,
    ciphertextsPerVector,
    largestValue: integers.highest,
    sums,
    endsAtMs,
    own,
  });
}

/** Each member answers for every ciphertext of every sum, and once for the certificate of the epoch. */
function withRoomFor(
  literal: ThresholdLiteral,
  members: readonly number[],
  make: (literal: SharedIntegerLiteral) => SharedIntegerParameters,
  ciphertexts: number,
): SharedIntegerParameters {
  const { degree = 8192, primeCount = 7, lanes, threshold, sums, statisticalBits, measure } = literal;
  return make({
    integers: {
      degree,
      primes: primesBelow(PRIME_BOUND, primeCount, degree),
      plaintext: {
        kind: 'lanes',
        valueBits: literal.valueBits,
        signed: true,
        ...(lanes === undefined ? {} : { lanes }),
      },
      additions: literal.maximumContributors,
    },
    // Members see the summands of what they answer for, so every contribution is in it once.
    sums: 'plain',
    members,
    threshold,
    decryptions: sums * ciphertexts + 1,
    ...(statisticalBits === undefined ? {} : { statisticalBits }),
    ...(measure === undefined ? {} : { measure }),
  });
}

/** w of the strict rule, n·(2^b − 1) < 2^w. */
function wordBits(contributors: number, valueBits: number): number {
  whole('maximumContributors', contributors, 2 ** 31);
  whole('valueBits', valueBits, 32);
  return (BigInt(contributors) * (2n ** BigInt(valueBits) - 1n)).toString(2).length;
}

function numbersOf(members: number | readonly number[]): readonly number[] {
  if (typeof members !== 'number') return members;
  whole('members', members, 65535);
  return Array.from({ length: members }, (_, i) => i + 1);
}

function whole(what: string, value: number, highest: number): void {
  if (!Number.isSafeInteger(value) || value < 1 || value > highest) {
    throw new ParameterError(`${what} is ${value}, not a whole number in [1, ${highest}]`);
  }
}
