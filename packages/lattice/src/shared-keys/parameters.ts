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
  /** How many ciphertexts this key ever opens, by all its members' epochs together; then a new key must be made. */
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
  readonly flooding: Flooding;
  /** Canonical ASCII text; its hash is part of the key's identity. */
  readonly description: string;
  toString(): string;
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
    decryptions,
    ...(statisticalBits === undefined ? {} : { statisticalBits }),
    ...(measure === undefined ? {} : { measure }),
  });
  return assemble(scheme, opening, holders, holders.members.length, chosen);
}

/**
 * The same key among other members. Its flooding stays: room was made for as many answers as there were founding members, so a
 * larger threshold is refused.
 */
export function withRoster(of: SharedKeyParameters, holders: Roster): SharedKeyParameters {
  if (holders.threshold > of.flooding.answers) {
    throw new ParameterError(
      `${holders.threshold} answers: this key has room for the flooding of ${of.flooding.answers}, the number of its founders`,
    );
  }
  return assemble(of.scheme, of.opening, holders, of.keyParties, of.flooding);
}

function assemble(
  scheme: SchemePart,
  opening: Opening,
  holders: Roster,
  keyParties: number,
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
    `flooding ${chosen.statisticalBits} bits of ${chosen.measure} over ${chosen.decryptions} results of ${chosen.answers} answers`,
  ].join('; ');
  return Object.freeze({
    kind: 'shared key',
    scheme,
    roster: holders,
    keyParties,
    opening: Object.freeze({ ...opening }),
    flooding: chosen,
    description,
    toString: () =>
      `shared key of ${members.length} members, any ${threshold} open at most ${chosen.decryptions} results, ` +
      `each flooded with σ = 2^${chosen.stddevLog2.toFixed(1)} (${chosen.statisticalBits} bits of ${chosen.measure})` +
      `${scheme.secure ? '' : ', INSECURE, for tests'}`,
  });
}
