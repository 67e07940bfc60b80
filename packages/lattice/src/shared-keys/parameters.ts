// Parameters of a shared key: the encryption scheme's own parameters, who holds the key and how many open, how often, and how well
// the answers hide the key. A literal goes in, a checked and frozen value comes out.
//
// Refused: a scheme whose modulus does not hold the plaintext above the noise that hiding needs (smudging.ts), a CKKS result that
// the noise would drown, anything roster.ts or smudging.ts refuses.

import { ParameterError } from '../errors.ts';
import type { DigitRange } from '../parameters/ckks-chain.ts';
import type { Distribution } from '../parameters/distributions.ts';
import type { Measure } from '../random/index.ts';
import { type Roster, roster } from './roster.ts';
import { type Content, type Flooding, flooding, requireRoom } from './smudging.ts';

/** What the scheme on top brings along; every parameter set of this package has these fields. */
export interface SchemePart {
  readonly secure: boolean;
  readonly degree: number;
  readonly dataPrimes: readonly number[];
  readonly special: readonly number[];
  readonly digits: readonly DigitRange[];
  readonly secret: Distribution;
  readonly error: Distribution;
  readonly description: string;
}

/** A ciphertext at the moment it is opened. */
export interface Opening {
  /** How many of the data primes it still has, at least. */
  readonly primes: number;
  /** How many times larger it is than what the scheme estimates for the key of one party. */
  readonly collectiveFactor: number;
  readonly content: Content;
  /** σ_ct, at most. */
  readonly noiseStddev: number;
}

export interface SharedKeyLiteral {
  /** The founding members: distinct numbers from 1. The secret will be the sum of theirs. */
  readonly members: readonly number[];
  /** t: how many members open; fewer learn nothing. */
  readonly threshold: number;
  /**
   * Q: for how many ciphertexts each member answers, of all epochs together; then a new key must be made. A member counts its own
   * answers only, and other sets may open what it never sees: the flooding is made for Q·(n − t + 1) results (resultsOf).
   */
  readonly decryptions: number;
  /** s of smudging.ts; 40 unless told. */
  readonly statisticalBits?: number;
  readonly measure?: Measure;
}

export interface SharedKeyParameters {
  readonly kind: 'shared key';
  readonly scheme: SchemePart;
  readonly roster: Roster;
  /** Of how many parties' secrets the key is the sum; does not change when members do. */
  readonly keyParties: number;
  readonly opening: Opening;
  /** How many ciphertexts one member answers for, those of earlier epochs included (decryption-ledger.ts). */
  readonly answersPerMember: number;
  /** Its `decryptions` are all results that the members' ledgers let the key open. */
  readonly flooding: Flooding;
  /** Canonical ASCII text; its hash is part of the key's identity. */
  readonly description: string;
  toString(): string;
}

/**
 * How many results a key can open when each member answers for at most Q: every result has an answer of one of the members that
 * count, and where t − 1 do not (they forgot, or do not want to) n − t + 1 do. Where all count it is n·Q/t, which is less.
 */
export function resultsOf({ members, threshold }: Roster, answersPerMember: number): number {
  return answersPerMember * (members.length - threshold + 1);
}

/** For the schemes' own functions (integers.ts, ckks.ts), which know the opening. */
export function sharedKeyParameters(
  scheme: SchemePart,
  opening: Opening,
  literal: SharedKeyLiteral,
): SharedKeyParameters {
  const holders = roster(literal.members, literal.threshold);
  const { decryptions, statisticalBits, measure } = literal;
  const chosen = flooding({
    degree: scheme.degree,
    ciphertextNoiseStddev: opening.noiseStddev,
    answers: holders.members.length,
    decryptions: resultsOf(holders, requireDecryptions(decryptions)),
    ...(statisticalBits === undefined ? {} : { statisticalBits }),
    ...(measure === undefined ? {} : { measure }),
  });
  return assemble(scheme, opening, holders, holders.members.length, decryptions, chosen);
}

export function requireDecryptions(decryptions: number): number {
  if (!Number.isSafeInteger(decryptions) || decryptions < 1) {
    throw new ParameterError(`a member that answers for ${decryptions} ciphertexts: not a natural number from 1`);
  }
  return decryptions;
}

/**
 * The same key among other members. Its flooding stays: room was made for as many answers as there were founding members, so a
 * larger threshold is refused; and for as many results, so members of a larger group answer for fewer each.
 */
export function withRoster(of: SharedKeyParameters, holders: Roster): SharedKeyParameters {
  if (holders.threshold > of.flooding.answers) {
    throw new ParameterError(
      `${holders.threshold} answers: this key has room for the flooding of ${of.flooding.answers}, the number of its founders`,
    );
  }
  const answersPerMember = Math.min(of.answersPerMember, Math.floor(of.flooding.decryptions / resultsOf(holders, 1)));
  if (answersPerMember < 1) {
    throw new ParameterError(
      `any ${holders.threshold} of ${holders.members.length} members could open more than the ${of.flooding.decryptions} results that ` +
        'the flooding of this key is made for: a larger threshold, fewer members, or a new key',
    );
  }
  return assemble(of.scheme, of.opening, holders, of.keyParties, answersPerMember, of.flooding);
}

function assemble(
  scheme: SchemePart,
  opening: Opening,
  holders: Roster,
  keyParties: number,
  answersPerMember: number,
  chosen: Flooding,
): SharedKeyParameters {
  const { primes } = opening;
  if (!Number.isInteger(primes) || primes < 1 || primes > scheme.dataPrimes.length) {
    throw new ParameterError(
      `a ciphertext is opened with ${primes} primes, there are 1 to ${scheme.dataPrimes.length}`,
    );
  }
  const modulusBits = scheme.dataPrimes.slice(0, primes).reduce((bits, q) => bits + Math.log2(q), 0);
  requireRoom(chosen, opening.content, modulusBits);
  const { members, threshold } = holders;
  const description = [
    'sumus shared key 1',
    scheme.description,
    `members ${members.join(' ')}`,
    `threshold ${threshold}`,
    `key parties ${keyParties}`,
    `opened with ${primes} primes and noise ${opening.noiseStddev}`,
    `${answersPerMember} answers a member`,
    `flooding ${chosen.statisticalBits} bits of ${chosen.measure} over ${chosen.decryptions} results of ${chosen.answers} answers`,
  ].join('; ');
  return Object.freeze({
    kind: 'shared key',
    scheme,
    roster: holders,
    keyParties,
    opening: Object.freeze({ ...opening }),
    answersPerMember,
    flooding: chosen,
    description,
    toString: () =>
      `shared key of ${members.length} members, any ${threshold} open; each answers for at most ${answersPerMember} results, ` +
      `flooded for ${chosen.decryptions} in all with σ = 2^${chosen.stddevLog2.toFixed(1)} (${chosen.statisticalBits} bits of ${chosen.measure})` +
      `${scheme.secure ? '' : ', INSECURE, for tests'}`,
  });
}
