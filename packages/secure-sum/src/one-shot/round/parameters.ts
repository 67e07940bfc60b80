// Parameters of a one-shot sum: how many contribute, how values are packed, which committee opens. A literal goes in, a checked
// and frozen value comes out; all of it enters the context through configurationOf, so nobody can be told other parameters.
//
// Committee of m with at most t_c corrupt: quorum q_c = ⌊(m + t_c)/2⌋ + 1, so two quorums share an honest member; ρ = q_c − t_c key
// coefficients per sharing polynomial. Progress against t_c members who refuse needs m − t_c ≥ q_c, that is m ≥ 3·t_c + 1 (the
// specification's point 31): a committee below that is refused unless the literal says that it may be blocked.
//
// Refused: sums that could wrap (n·(2^b − 1) < 2^w, the strict rule that the participants' floors demand as well), flushes below the
// floor of contributors, committees that a few can block without saying so.

import {
  type OneTimeLiteral,
  type OneTimeParameters,
  oneTimeParameters,
  packedContributionBytes,
} from '@sumus/lattice/one-time/sums';
import { asciiBytes } from '../../canonical/index.ts';
import { configurationHash, type RoundConfiguration } from '../../context/index.ts';
import { ParameterError } from '../../errors.ts';
import type { OneShotProposal } from '../../floors/index.ts';
import { HASH_BYTES, type Hashing } from '../../primitives.ts';

export interface OneShotLiteral {
  readonly vectorLength: number;
  /** n: the most contributions in one sum. */
  readonly maximumContributors: number;
  /** n_min: fewer are never opened. */
  readonly minimumContributors: number;
  /** w and d: bits of a word, words in a coefficient (packings.ts lists the useful ones). */
  readonly wordBits: number;
  readonly wordsPerCoefficient: number;
  /** b: |x| ≤ 2^(b−1) − 1. */
  readonly valueBits: number;
  readonly committee: {
    readonly members: number;
    readonly corrupt: number;
    /** 'fixed': whoever the roster lists, all of them. 'sampled': the first m of a shuffle of the roster by the beacon. */
    readonly choice: 'fixed' | 'sampled';
    /** That m < 3·t_c + 1: t_c refusing members block every opening. Said aloud or refused. */
    readonly mayBeBlocked?: boolean;
  };
  /** Whose eyes the sum is for. 'participants': the committee boxes its answers to the contributors, the server sees no sum. */
  readonly openedTo: 'everyone' | 'participants';
  /** 'hybrid': boxes need X-Wing as well, under the suite that has it. Default 'x25519'. */
  readonly boxes?: 'x25519' | 'hybrid';
  /** Undefined: one sum a context. Else an epoch of sums, each of contributions that came since the one before. */
  readonly flushes?: {
    /** B_f: so many contributions close a flush. */
    readonly contributions: number;
    /** V: how many model versions old a contribution may be. */
    readonly versionsOld: number;
    /** How often one member may contribute in the epoch; at most once in a flush. */
    readonly contributionsEach: number;
  };
}

export interface Flushes {
  readonly contributions: number;
  readonly versionsOld: number;
  readonly contributionsEach: number;
}

export interface OneShotParameters {
  readonly kind: 'one-shot';
  readonly vectorLength: number;
  readonly maximumContributors: number;
  readonly minimumContributors: number;
  readonly wordBits: number;
  readonly valueBits: number;
  readonly choice: 'fixed' | 'sampled';
  readonly openedTo: 'everyone' | 'participants';
  readonly boxes: 'x25519' | 'hybrid';
  /** One sum a context: one flush of everybody, one model, one contribution each. */
  readonly flushes: Flushes;
  readonly isEpoch: boolean;
  readonly oneTime: OneTimeParameters;
  /** Bytes of the encrypted vector on its way to the coordinator. */
  readonly ciphertextBytes: number;
}

/** The secure ones. */
export function oneShotParameters(literal: OneShotLiteral): OneShotParameters {
  return oneShotOver(literal, oneTimeParameters(oneTimeLiteral(literal)));
}

export function oneTimeLiteral(literal: OneShotLiteral): OneTimeLiteral {
  const { maximumContributors, wordBits, wordsPerCoefficient, valueBits, committee } = literal;
  const { members, corrupt } = committee;
  return {
    contributors: maximumContributors,
    wordBits,
    wordsPerCoefficient,
    valueBits,
    committee: { members, corrupt },
  };
}

const VERSIONS_OLD_AT_MOST = 8;
const CONTRIBUTIONS_EACH_AT_MOST = 65_536;
const VECTOR_LENGTH_AT_MOST = 2 ** 28;

/** The same over lattice parameters that were made elsewhere: tests have insecure small ones. */
export function oneShotOver(literal: OneShotLiteral, oneTime: OneTimeParameters): OneShotParameters {
  const { vectorLength, maximumContributors, minimumContributors, wordBits, valueBits, committee, openedTo } = literal;
  whole('vectorLength', vectorLength, 1, VECTOR_LENGTH_AT_MOST);
  whole('minimumContributors', minimumContributors, 3, maximumContributors);
  // Words of the sum leave as 32-bit integers.
  whole('wordBits', wordBits, 2, 32);
  if (BigInt(maximumContributors) * (2n ** BigInt(valueBits) - 1n) >= 2n ** BigInt(wordBits)) {
    throw new ParameterError(
      `${maximumContributors} values of ${valueBits} bits do not fit a word of ${wordBits} bits`,
    );
  }
  const { members, corrupt, mayBeBlocked = false } = committee;
  if (!oneTime.committee.progressDespiteCorrupt && !mayBeBlocked) {
    throw new ParameterError(
      `${corrupt} of ${members} members can block every opening (m ≥ 3·t_c + 1 is ${3 * corrupt + 1}): say mayBeBlocked`,
    );
  }
  const flushes = flushesOf(literal);
  return Object.freeze({
    kind: 'one-shot',
    vectorLength,
    maximumContributors,
    minimumContributors,
    wordBits,
    valueBits,
    choice: committee.choice,
    openedTo,
    boxes: literal.boxes ?? 'x25519',
    flushes,
    isEpoch: literal.flushes !== undefined,
    oneTime,
    ciphertextBytes: packedContributionBytes(oneTime, vectorLength),
  });
}

function flushesOf({ flushes, minimumContributors, maximumContributors }: OneShotLiteral): Flushes {
  if (flushes === undefined) {
    return Object.freeze({ contributions: maximumContributors, versionsOld: 0, contributionsEach: 1 });
  }
  whole('contributions of a flush', flushes.contributions, minimumContributors, maximumContributors);
  whole('versionsOld', flushes.versionsOld, 0, VERSIONS_OLD_AT_MOST);
  whole('contributionsEach', flushes.contributionsEach, 1, CONTRIBUTIONS_EACH_AT_MOST);
  return Object.freeze({ ...flushes });
}

function whole(what: string, value: number, lowest: number, highest: number): void {
  if (!Number.isSafeInteger(value) || value < lowest || value > highest) {
    throw new ParameterError(`${what} is ${value}, not a whole number in [${lowest}, ${highest}]`);
  }
}

/** What a participant's floors are asked about. */
export function proposalOf(parameters: OneShotParameters): OneShotProposal {
  const { minimumContributors, maximumContributors, wordBits, valueBits, vectorLength, oneTime } = parameters;
  const { members, corrupt, quorum } = oneTime.committee;
  return Object.freeze({
    protocol: 'one-shot',
    committee: members,
    corruptInCommittee: corrupt,
    quorum,
    minimumContributors,
    maximumContributors,
    wordBits,
    valueBits,
    vectorLength,
  });
}

/** How vectors were made of floats: the part of the configuration that this protocol does not look at. */
export type EncodingFields = Pick<
  RoundConfiguration,
  'clippingNorm' | 'quantiserScale' | 'rotation' | 'supportHash' | 'phaseTimeoutsMs' | 'noise'
>;

/** The configuration whose hash is in the context: every parameter is in it. */
export function configurationOf(
  primitives: Hashing,
  parameters: OneShotParameters,
  encoding: EncodingFields,
): RoundConfiguration {
  const { vectorLength, wordBits, valueBits, minimumContributors, maximumContributors, flushes, oneTime } = parameters;
  const { members, corrupt, quorum, packed } = oneTime.committee;
  const { clippingNorm, quantiserScale, rotation, supportHash, phaseTimeoutsMs, noise } = encoding;
  return Object.freeze({
    protocol: 'one-shot',
    vectorLength,
    wordBits,
    valueBits,
    clippingNorm,
    quantiserScale,
    rotation,
    supportHash,
    minimumContributors,
    phaseTimeoutsMs,
    noise,
    own: Object.freeze({
      committee: members,
      corruptInCommittee: corrupt,
      quorum,
      packed,
      committeeChoice: parameters.choice,
      maximumContributors,
      wordsPerCoefficient: oneTime.wordsPerCoefficient,
      openedTo: parameters.openedTo,
      boxes: parameters.boxes,
      epoch: Number(parameters.isEpoch),
      flushContributions: flushes.contributions,
      versionsOld: flushes.versionsOld,
      contributionsEach: flushes.contributionsEach,
      // Ring, primes and distributions: the canonical description of the lattice's parameters.
      oneTime: primitives.sha256(asciiBytes(oneTime.description)),
    }),
  });
}

export const parametersHash = (
  primitives: Hashing,
  parameters: OneShotParameters,
  encoding: EncodingFields,
): Uint8Array<ArrayBuffer> => configurationHash(primitives, configurationOf(primitives, parameters, encoding));

/** What a contribution costs on the wire, boxes and envelope left out. */
export const commitmentsBytes = ({ oneTime }: OneShotParameters): number => HASH_BYTES * oneTime.committee.members;
