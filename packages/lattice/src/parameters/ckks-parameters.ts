// Parameters of CKKS: a literal goes in, a checked and frozen value comes out, the same on every machine.
//
// Refused: a modulus above the 128-bit table (special primes counted), a degree without a row in it, limbs outside 25 to 29.5
// bits, a base that leaves decrypted numbers no headroom. `insecureCkksParameters` skips the table, for tests on small degrees,
// and says so wherever the set is printed or described.

import { ParameterError } from '../errors.ts';
import { LARGEST_DEGREE, SMALLEST_DEGREE } from '../ring/ring.ts';
import { type Chain, findChain, product } from './ckks-chain.ts';
import { CENTRED_BINOMIAL_21, type Distribution, describeDistribution, TERNARY } from './distributions.ts';
import { requireSecure, securityLimitBits } from './security.ts';

export interface CkksLiteral {
  /** N; a ciphertext holds N/2 complex or real slots. */
  readonly degree: number;
  /** Primes of just under 30 bits that remain at level 0. Default: limbsPerLevel. */
  readonly baseLimbs?: 1 | 2;
  /** How many times a product may be rescaled: the multiplicative depth. */
  readonly levels: number;
  /** log2 of the factor between a number and its encoding; 25 to 29 with one limb a level, 50 to 59 with two. */
  readonly scaleBits: number;
  readonly limbsPerLevel: 1 | 2;
  /** Into how many digits key switching cuts a polynomial; 0: no key switching (no products of ciphertexts, no rotations). */
  readonly digits: number;
}

export interface CkksParameters extends Chain {
  readonly kind: 'ckks';
  /** False only for insecureCkksParameters. */
  readonly secure: boolean;
  readonly degree: number;
  /** N/2, the most numbers in one ciphertext. */
  readonly slots: number;
  /** The highest level; fresh ciphertexts start there. */
  readonly topLevel: number;
  readonly limbsPerLevel: 1 | 2;
  readonly scaleBits: number;
  readonly secret: Distribution;
  readonly error: Distribution;
  /** Base and level primes in order: level ℓ uses the first base.length + ℓ·limbsPerLevel of them. */
  readonly dataPrimes: readonly number[];
  /** log2 of everything, special primes included: what the security table limits. */
  readonly modulusBits: number;
  /** The largest |number| that level 0 can hold: q0 / (2·Δ_0). */
  readonly headroom: number;
  /** Canonical ASCII text of all of the above; parameterId hashes it. */
  readonly description: string;
  toString(): string;
}

/** The parameter set for 128-bit classical security that this literal describes, or a refusal with the numbers. */
export function ckksParameters(literal: CkksLiteral): CkksParameters {
  return check(literal, true);
}

/** For tests only: any power-of-two degree, no security. Says INSECURE wherever it prints. */
export function insecureCkksParameters(literal: CkksLiteral): CkksParameters {
  return check(literal, false);
}

function requireInteger(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new ParameterError(`${name} ${value} is not an integer in [${low}, ${high}]`);
  }
}

const MOST_LEVELS = 64;
/** q0 must be at least this many times 2·Δ: a decrypted number of magnitude 1 keeps a margin for noise and drift. */
const LEAST_HEADROOM = 1.5;

function check(literal: CkksLiteral, secure: boolean): CkksParameters {
  const { degree, levels, scaleBits, limbsPerLevel, digits } = literal;
  const baseLimbs = literal.baseLimbs ?? limbsPerLevel;
  if (!Number.isInteger(Math.log2(degree)) || degree < SMALLEST_DEGREE || degree > LARGEST_DEGREE) {
    throw new ParameterError(`degree ${degree} is not a power of two in [${SMALLEST_DEGREE}, ${LARGEST_DEGREE}]`);
  }
  requireInteger('limbsPerLevel', limbsPerLevel, 1, 2);
  requireInteger('baseLimbs', baseLimbs, 1, 2);
  requireInteger('levels', levels, 0, MOST_LEVELS);
  requireInteger('scaleBits', scaleBits, 25 * limbsPerLevel, Math.floor(29.5 * limbsPerLevel));
  requireInteger('digits', digits, 0, baseLimbs + levels * limbsPerLevel);
  const chain = findChain({ degree, baseLimbs, levels, scaleBits, limbsPerLevel, digits });
  const dataPrimes = Object.freeze([...chain.base, ...chain.levels.flat()]);
  const modulusBits = [...dataPrimes, ...chain.special].reduce((bits, q) => bits + Math.log2(q), 0);
  if (secure) requireSecure(degree, modulusBits);
  const headroom = Number(product(chain.base)) / (2 * chain.scales[0].value);
  if (headroom < LEAST_HEADROOM) {
    throw new ParameterError(
      `a base of ${baseLimbs} limb(s) leaves numbers at scale 2^${scaleBits} below ${headroom.toFixed(2)}; ` +
        `at least ${LEAST_HEADROOM} is needed: use two base limbs or a smaller scale`,
    );
  }
  const description = describe(literal, chain, secure);
  return Object.freeze({
    ...chain,
    kind: 'ckks',
    secure,
    degree,
    slots: degree / 2,
    topLevel: levels,
    limbsPerLevel,
    scaleBits,
    secret: TERNARY,
    error: CENTRED_BINOMIAL_21,
    dataPrimes,
    modulusBits,
    headroom,
    description,
    toString: () => summary(literal, chain, modulusBits, secure),
  });
}

function describe(literal: CkksLiteral, chain: Chain, secure: boolean): string {
  return [
    'sumus ckks 1',
    ...(secure ? [] : ['INSECURE']),
    `degree ${literal.degree}`,
    `base ${chain.base.join(' ')}`,
    `levels ${chain.levels.map((primes) => primes.join(' ')).join(', ')}`,
    `special ${chain.special.join(' ')}`,
    `digits ${chain.digits.map(({ start, end }) => `${start}-${end}`).join(' ')}`,
    `scale 2^${literal.scaleBits}`,
    `secret ${describeDistribution(TERNARY)}`,
    `error ${describeDistribution(CENTRED_BINOMIAL_21)}`,
  ].join('; ');
}

function summary(literal: CkksLiteral, chain: Chain, modulusBits: number, secure: boolean): string {
  const limit = securityLimitBits(literal.degree);
  const claim = secure ? `128-bit security: ${modulusBits.toFixed(2)} of at most ${limit} bits` : 'INSECURE, for tests';
  return (
    `CKKS N = ${literal.degree}, ${literal.levels} levels of ${literal.limbsPerLevel} limb(s) at scale 2^${literal.scaleBits}, ` +
    `${chain.digits.length} digits, ${chain.special.length} special primes (${claim})`
  );
}
