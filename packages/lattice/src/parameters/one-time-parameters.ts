// Parameters of key-homomorphic encryption on a public polynomial, and of the committee that opens sums of its keys (Bell-Clark,
// Gascón, Li, Raykova, Schoppmann, “Willow: secure aggregation with one-shot clients”, eprint 2024/936). A literal goes in, a checked
// and frozen value comes out.
//
// Capacity: exact decoding needs T·(|Σe| + 1) < q/2 with T = 2^(w·d); the inequality
//   w·d + 1 + log2(8·σ_e·√n + 1) < log2(q) − 1
// keeps one spare bit, so the noise of n contributions may reach 16σ_e·√n. Words are signed and balanced: a sum stays in its
// word while |Σ x| < 2^(w−1), which the strict rule n·(2^(b−1) − 1) < 2^(w−1) guarantees.
//
// Refused: what breaks the inequality, more contributors than values leave room for, committees whose quorum cannot be had.
// `insecureOneTimeParameters` skips the security table, for tests, and says so wherever the set is printed.

import { ParameterError } from '../errors.ts';
import { PRIME_BOUND, primesBelow, requireNttPrime } from '../ring/primes.ts';
import { LARGEST_DEGREE, SMALLEST_DEGREE } from '../ring/ring.ts';
import { type Distribution, describeDistribution, stddevOf } from './distributions.ts';
import { TAIL } from './integer-noise.ts';
import { requireInteger } from './require-integer.ts';
import { requireSecure, securityLimitBits } from './security.ts';

export interface OneTimeLiteral {
  /** n, the most contributions in one sum. */
  readonly contributors: number;
  /** w, bits of one word, and d, words in one coefficient. */
  readonly wordBits: number;
  readonly wordsPerCoefficient: number;
  /**
   * b: values are signed and symmetric, |x| ≤ 2^(b−1) − 1. By default the most that no n values can overflow. 'statistical': a
   * value may fill its word, and the caller answers for |Σ x| < 2^(w−1) (differential-privacy noise has no worst case).
   */
  readonly valueBits?: number | 'statistical';
  readonly committee: { readonly members: number; readonly corrupt: number };
  /** Default 4096. */
  readonly degree?: number;
  /** Default: the three largest below 2^30. The first is also the field of the key's shares. */
  readonly primes?: readonly number[];
}

export interface Committee {
  /** m; members are numbered 1 … m. */
  readonly members: number;
  /** t_c: so many members together learn nothing. */
  readonly corrupt: number;
  /** q_c = ⌊(m + t_c)/2⌋ + 1: two quorums share an honest member. So many answers open a sum. */
  readonly quorum: number;
  /** ρ = q_c − t_c: key coefficients in one sharing polynomial. */
  readonly packed: number;
  /** ⌈N / ρ⌉: field elements in one member's share. */
  readonly blocks: number;
  /** m − q_c members may be missing. */
  readonly absentAllowed: number;
  /** False when t_c refusing members can block every opening (m < 3·t_c + 1). */
  readonly progressDespiteCorrupt: boolean;
}

export interface OneTimeParameters {
  readonly kind: 'one-time';
  /** False only for insecureOneTimeParameters. */
  readonly secure: boolean;
  readonly degree: number;
  readonly primes: readonly number[];
  readonly modulusBits: number;
  /** Bits of one polynomial on the wire. */
  readonly polynomialBits: number;
  readonly contributors: number;
  readonly wordBits: number;
  readonly wordsPerCoefficient: number;
  /** N·d. */
  readonly wordsPerChunk: number;
  readonly lowest: number;
  readonly highest: number;
  readonly secret: Distribution;
  readonly error: Distribution;
  readonly committee: Committee;
  /** p: shares are elements of F_p. */
  readonly shareModulus: number;
  /** Canonical ASCII text; parameterId hashes it. */
  readonly description: string;
  toString(): string;
}

/** Willow's values: the √2 pays for the hint that the opened Σs and Σe are. */
const SECRET: Distribution = Object.freeze({ kind: 'discreteGaussian', stddev: 4.5 });
const ERROR: Distribution = Object.freeze({ kind: 'discreteGaussian', stddev: 6.364 });

export function oneTimeParameters(literal: OneTimeLiteral): OneTimeParameters {
  return check(literal, true);
}

/** For tests only: any power-of-two degree, no security. Says INSECURE wherever it prints. */
export function insecureOneTimeParameters(literal: OneTimeLiteral): OneTimeParameters {
  return check(literal, false);
}

/** Bits that the capacity inequality asks of log2(q) − 1. */
export function capacityBits(wordBits: number, wordsPerCoefficient: number, contributors: number): number {
  return wordBits * wordsPerCoefficient + 1 + Math.log2(8 * stddevOf(ERROR) * Math.sqrt(contributors) + 1);
}

/**
 * How far, as a part of q, T·Σe and the words may lie from 0 for this many contributions: opening refuses above it. 14.7σ, which
 * honest noise passes with probability 2^-154 per coefficient; the capacity leaves 16σ, and the rest is where tampering shows.
 */
export function residualFraction(parameters: OneTimeParameters, contributions: number): number {
  const { wordBits, wordsPerCoefficient, error, modulusBits } = parameters;
  const noise = TAIL * stddevOf(error) * Math.sqrt(contributions) + 1;
  return 2 ** (wordBits * wordsPerCoefficient + Math.log2(noise) - modulusBits);
}

/** The largest magnitude a coefficient of an honest sum of this many keys has: 8σ_s·√n with slack 2, that is 16σ_s·√n. */
export function keySumBound({ secret }: OneTimeParameters, contributions: number): number {
  return Math.floor(16 * stddevOf(secret) * Math.sqrt(contributions));
}

const MOST_CONTRIBUTORS = 2 ** 24;
const MOST_MEMBERS = 1024;

function check(literal: OneTimeLiteral, secure: boolean): OneTimeParameters {
  const { contributors, wordBits, wordsPerCoefficient, degree = 4096 } = literal;
  if (!Number.isInteger(Math.log2(degree)) || degree < SMALLEST_DEGREE || degree > LARGEST_DEGREE) {
    throw new ParameterError(`degree ${degree} is not a power of two in [${SMALLEST_DEGREE}, ${LARGEST_DEGREE}]`);
  }
  requireInteger('contributors', contributors, 1, MOST_CONTRIBUTORS);
  requireInteger('wordBits', wordBits, 2, 53);
  requireInteger('wordsPerCoefficient', wordsPerCoefficient, 1, 64);
  const primes = Object.freeze([...(literal.primes ?? primesBelow(PRIME_BOUND, 3, degree))]);
  requireInteger('number of primes', primes.length, 1, 62);
  for (const q of primes) requireNttPrime(q, degree);
  if (new Set(primes).size !== primes.length) throw new ParameterError(`primes repeat: ${primes.join(', ')}`);
  const modulusBits = primes.reduce((bits, q) => bits + Math.log2(q), 0);
  if (secure) requireSecure(degree, modulusBits);
  const needed = capacityBits(wordBits, wordsPerCoefficient, contributors);
  if (!(needed < modulusBits - 1)) {
    throw new ParameterError(
      `${wordsPerCoefficient} words of ${wordBits} bits and the noise of ${contributors} contributors need ` +
        `${needed.toFixed(2)} bits; the modulus leaves ${(modulusBits - 1).toFixed(2)}`,
    );
  }
  const highest = largestValue(literal);
  const committee = committeeOf(literal.committee, degree);
  const shareModulus = primes[0];
  // No honest sum wraps in the field: 2·8σ_s·n. The range check's bound lies below that from n = 4 on, and is asked for as well.
  const keySums = Math.max(16 * stddevOf(SECRET) * contributors, 32 * stddevOf(SECRET) * Math.sqrt(contributors));
  if (shareModulus <= keySums || shareModulus <= committee.members + committee.quorum) {
    throw new ParameterError(`the field of ${shareModulus} elements is too small for sums of ${contributors} keys`);
  }
  const description = [
    'sumus one-time 1',
    ...(secure ? [] : ['INSECURE']),
    `degree ${degree}`,
    `primes ${primes.join(' ')}`,
    `words ${wordsPerCoefficient} of ${wordBits} bits, values up to ${highest}`,
    `contributors ${contributors}`,
    `committee ${committee.members} corrupt ${committee.corrupt}`,
    `secret ${describeDistribution(SECRET)}`,
    `error ${describeDistribution(ERROR)}`,
  ].join('; ');
  const claim = secure
    ? `${modulusBits.toFixed(2)} of at most ${securityLimitBits(degree)} bits`
    : 'INSECURE, for tests';
  return Object.freeze({
    kind: 'one-time',
    secure,
    degree,
    primes,
    modulusBits,
    polynomialBits: degree * primes.reduce((bits, q) => bits + Math.ceil(Math.log2(q)), 0),
    contributors,
    wordBits,
    wordsPerCoefficient,
    wordsPerChunk: degree * wordsPerCoefficient,
    lowest: -highest,
    highest,
    secret: SECRET,
    error: ERROR,
    committee,
    shareModulus,
    description,
    toString: () =>
      `one-time sums of up to ${contributors} vectors, ${wordsPerCoefficient} words of ${wordBits} bits in a coefficient, ` +
      `opened by ${committee.quorum} of ${committee.members} members (N = ${degree}, ${claim})`,
  });
}

/** The largest |x| a contributor may submit. */
function largestValue({ contributors, wordBits, valueBits }: OneTimeLiteral): number {
  const wordMost = 2 ** (wordBits - 1) - 1;
  // Values travel as 32-bit words.
  const most = 2 ** 31 - 1;
  if (valueBits === 'statistical') return Math.min(wordMost, most);
  if (valueBits === undefined) {
    const bits = Math.floor(Math.log2(Math.floor(wordMost / contributors) + 1));
    if (bits < 1) throw new ParameterError(`words of ${wordBits} bits hold no value of ${contributors} contributors`);
    return Math.min(2 ** bits - 1, most);
  }
  requireInteger('valueBits', valueBits, 2, 32);
  const highest = 2 ** (valueBits - 1) - 1;
  if (contributors * highest > wordMost) {
    throw new ParameterError(
      `${contributors} values of ${valueBits} bits reach ${contributors * highest}; a word of ${wordBits} bits holds ${wordMost}`,
    );
  }
  return highest;
}

function committeeOf({ members, corrupt }: OneTimeLiteral['committee'], degree: number): Committee {
  requireInteger('committee members', members, 1, MOST_MEMBERS);
  requireInteger('corrupt members', corrupt, 0, members - 1);
  const quorum = Math.floor((members + corrupt) / 2) + 1;
  const packed = quorum - corrupt;
  return Object.freeze({
    members,
    corrupt,
    quorum,
    packed,
    blocks: Math.ceil(degree / packed),
    absentAllowed: members - quorum,
    progressDespiteCorrupt: members - corrupt >= quorum,
  });
}
