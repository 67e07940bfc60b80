// Parameters of exact encryption for sums: a literal goes in, a checked and frozen value comes out, the same on every machine.
//
// A coefficient of the plaintext is an integer modulo T. It carries `lanes` values side by side (T = 2^(laneBits·lanes), sums may
// not leave their lane) or one value that wraps (T = modulus). A set states how many fresh ciphertexts a sum may contain, counted
// with multiplicity, and holds for every such sum: no lane overflows, and decryption fails with probability below 2^-128.
//
// Refused: sums that do not fit their lane, noise that does not fit the modulus, a modulus above the 128-bit table, numbers that a
// double cannot hold exactly. `insecureIntegerParameters` skips the table, for tests, and says so wherever the set is printed.

import { ParameterError } from '../errors.ts';
import { requireNttPrime } from '../ring/primes.ts';
import { LARGEST_DEGREE, SMALLEST_DEGREE } from '../ring/ring.ts';
import { CENTRED_BINOMIAL_21, type Distribution, describeDistribution, stddevOf, TERNARY } from './distributions.ts';
import { type IntegerLayout, type IntegerPlaintext, layoutOf } from './integer-layout.ts';
import { failureLog2, freshNoiseStddev, LARGEST_FRACTION, SMALLEST_SECURE_ERROR, TAIL } from './integer-noise.ts';
import { fewestBitPrimes, MOST_PRIMES } from './integer-primes.ts';
import { requireInteger } from './require-integer.ts';
import { requireSecure, securityLimitBits } from './security.ts';

export interface IntegerLiteral {
  /** N: coefficients of a ciphertext. */
  readonly degree: number;
  /** The primes of the modulus; by default the fewest bits that hold the lanes, which are then required. */
  readonly primes?: readonly number[];
  readonly plaintext: IntegerPlaintext;
  /** How many fresh ciphertexts a sum may contain, with multiplicity (a factor k counts k times). */
  readonly additions: number;
  /** Who encrypts: anyone with the public key (two polynomials), or the key's owner (one polynomial and a seed). */
  readonly key: 'public' | 'symmetric';
  /** Of how many parties' secrets the key is the sum. Default 1. */
  readonly keyParties?: number;
  readonly error?: Distribution;
  /** Noise that a threshold decryption adds on top: `shares` independent terms of this deviation. Default none. */
  readonly flooding?: Flooding;
}

export interface Flooding {
  readonly stddev: number;
  readonly shares: number;
}

export interface IntegerParameters {
  readonly kind: 'integers';
  /** False only for insecureIntegerParameters. */
  readonly secure: boolean;
  readonly degree: number;
  readonly primes: readonly number[];
  /** log2 of the product of the primes: what the security table limits. */
  readonly modulusBits: number;
  /** Bits of one polynomial on the wire: degree · Σ ⌈log2 prime⌉. */
  readonly polynomialBits: number;
  readonly plaintext: 'lanes' | 'modular';
  readonly signed: boolean;
  /** What one value may be: [lowest, highest]. */
  readonly lowest: number;
  readonly highest: number;
  /** Values per coefficient, and bits of each; laneBits is 0 when T is not a power of two. */
  readonly lanes: number;
  readonly laneBits: number;
  readonly valuesPerCiphertext: number;
  /** T and its logarithm. */
  readonly plaintextModulus: bigint;
  readonly plaintextBits: number;
  readonly additions: number;
  readonly key: 'public' | 'symmetric';
  readonly keyParties: number;
  readonly secret: Distribution;
  readonly error: Distribution;
  readonly flooding: Flooding | undefined;
  /** Per coefficient: deviation of fresh noise, and the bound that it keeps except with probability 2^failureLog2. */
  readonly freshNoiseStddev: number;
  readonly freshNoiseBound: number;
  /** The bound of what flooding adds, once per decryption. */
  readonly floodingBound: number;
  /** log2 of the probability that a decryption fails. */
  readonly failureLog2: number;
  /** Canonical ASCII text of all that decides what a residue means; parameterId hashes it. */
  readonly description: string;
  toString(): string;
}

/** The parameter set for 128-bit classical security that this literal describes, or a refusal with the numbers. */
export function integerParameters(literal: IntegerLiteral): IntegerParameters {
  return check(literal, true);
}

/** For tests only: any power-of-two degree, no security. Says INSECURE wherever it prints. */
export function insecureIntegerParameters(literal: IntegerLiteral): IntegerParameters {
  return check(literal, false);
}

/**
 * How far T·(what decryption finds beside the message) can lie from 0, as a part of q, for a sum of `additions` fresh
 * ciphertexts: decryption refuses above it. T·(additions·(fresh bound + 1) + flooding): the 1 covers the message itself.
 */
export function noiseFraction(parameters: IntegerParameters, additions: number): number {
  const { modulusBits, plaintextBits, freshNoiseBound, floodingBound } = parameters;
  return 2 ** (plaintextBits + Math.log2(Number(noiseBound(additions, freshNoiseBound, floodingBound))) - modulusBits);
}

function noiseBound(additions: number, fresh: number, flooding: number): bigint {
  return BigInt(additions) * BigInt(Math.ceil(fresh) + 1) + BigInt(Math.ceil(flooding));
}

function productOf(primes: readonly number[]): bigint {
  return primes.reduce((product, q) => product * BigInt(q), 1n);
}

const MOST_ADDITIONS = 2 ** 31;

function check(literal: IntegerLiteral, secure: boolean): IntegerParameters {
  const { degree, additions, key, plaintext } = literal;
  if (!Number.isInteger(Math.log2(degree)) || degree < SMALLEST_DEGREE || degree > LARGEST_DEGREE) {
    throw new ParameterError(`degree ${degree} is not a power of two in [${SMALLEST_DEGREE}, ${LARGEST_DEGREE}]`);
  }
  requireKind('key', key, ['public', 'symmetric']);
  requireKind('plaintext', plaintext.kind, ['lanes', 'modular']);
  requireInteger('additions', additions, 1, MOST_ADDITIONS);
  const keyParties = literal.keyParties ?? 1;
  requireInteger('keyParties', keyParties, 1, MOST_ADDITIONS);
  const error = literal.error ?? CENTRED_BINOMIAL_21;
  const fresh = freshNoiseStddev(degree, key, error, keyParties);
  const freshNoiseBound = TAIL * fresh;
  const floodingBound = floodingBoundOf(literal.flooding);
  const noise = noiseBound(additions, freshNoiseBound, floodingBound);
  const layout = layoutOf(plaintext, additions);
  const primes = Object.freeze([...(literal.primes ?? primesFor(degree, layout, plaintext, noise))]);
  for (const q of primes) requireNttPrime(q, degree);
  requireInteger('number of primes', primes.length, 1, MOST_PRIMES);
  if (new Set(primes).size !== primes.length) throw new ParameterError(`primes repeat: ${primes.join(', ')}`);
  const modulusBits = primes.reduce((bits, q) => bits + Math.log2(q), 0);
  if (secure) requireSecure(degree, modulusBits);
  if (secure && stddevOf(error) < SMALLEST_SECURE_ERROR) {
    throw new ParameterError(`error deviation ${stddevOf(error).toFixed(3)} is below ${SMALLEST_SECURE_ERROR}`);
  }
  const lanes = layout.lanes ?? mostLanes(layout.laneBits, primes, noise);
  const plaintextBits = layout.laneBits === 0 ? Math.log2(layout.modulus) : layout.laneBits * lanes;
  const plaintextModulus = layout.laneBits === 0 ? BigInt(layout.modulus) : 1n << BigInt(plaintextBits);
  if (!hasRoom(plaintextModulus, primes, noise)) {
    const noiseBits = Math.log2(Number(noise));
    throw new ParameterError(
      `a plaintext of ${plaintextBits.toFixed(2)} bits and noise up to 2^${noiseBits.toFixed(2)} need a modulus of ` +
        `${(plaintextBits + noiseBits - Math.log2(LARGEST_FRACTION)).toFixed(2)} bits; the primes have ${modulusBits.toFixed(2)}`,
    );
  }
  for (const q of primes) {
    if (plaintextModulus % BigInt(q) === 0n) throw new ParameterError(`plaintext modulus is a multiple of prime ${q}`);
  }
  const description = describe(literal, secure, primes, lanes, layout, keyParties, error);
  return Object.freeze({
    kind: 'integers',
    secure,
    degree,
    primes,
    modulusBits,
    polynomialBits: degree * primes.reduce((bits, q) => bits + Math.ceil(Math.log2(q)), 0),
    plaintext: plaintext.kind,
    signed: plaintext.signed,
    lowest: layout.lowest,
    highest: layout.highest,
    lanes,
    laneBits: layout.laneBits,
    valuesPerCiphertext: degree * lanes,
    plaintextModulus,
    plaintextBits,
    additions,
    key,
    keyParties,
    secret: TERNARY,
    error,
    flooding: literal.flooding,
    freshNoiseStddev: fresh,
    freshNoiseBound,
    floodingBound,
    failureLog2: failureLog2({ degree, key, keyParties, isFlooded: literal.flooding !== undefined }),
    description,
    toString: () =>
      `exact sums of up to ${additions} ciphertexts, ${degree * lanes} values of [${layout.lowest}, ${layout.highest}] each, ` +
      `N = ${degree} (${secure ? `128-bit security: ${modulusBits.toFixed(2)} of at most ${securityLimitBits(degree)} bits` : 'INSECURE, for tests'})`,
  });
}

/** For callers without types. */
function requireKind(what: string, kind: string, known: readonly string[]): void {
  if (!known.includes(kind)) throw new ParameterError(`there is no ${what} of kind ${kind}: ${known.join(' or ')}`);
}

function floodingBoundOf(flooding: Flooding | undefined): number {
  if (flooding === undefined) return 0;
  requireInteger('flooding shares', flooding.shares, 1, MOST_ADDITIONS);
  if (!Number.isFinite(flooding.stddev) || flooding.stddev < 0) {
    throw new ParameterError(`flooding deviation ${flooding.stddev} is not a number ≥ 0`);
  }
  return TAIL * Math.sqrt(flooding.shares) * flooding.stddev;
}

function primesFor(
  degree: number,
  layout: IntegerLayout,
  plaintext: IntegerPlaintext,
  noise: bigint,
): readonly number[] {
  if (layout.lanes === undefined) {
    throw new ParameterError(
      'give the primes, from which the lanes follow, or the lanes, from which the primes follow',
    );
  }
  const bits = plaintext.kind === 'modular' ? Math.log2(layout.modulus) : layout.laneBits * layout.lanes;
  return fewestBitPrimes(degree, bits + Math.log2(Number(noise)) - Math.log2(LARGEST_FRACTION));
}

function hasRoom(plaintextModulus: bigint, primes: readonly number[], noise: bigint): boolean {
  return plaintextModulus * noise * 16n <= productOf(primes) * BigInt(LARGEST_FRACTION * 16);
}

function mostLanes(laneBits: number, primes: readonly number[], noise: bigint): number {
  let lanes = 1;
  while (hasRoom(1n << BigInt(laneBits * (lanes + 1)), primes, noise)) lanes += 1;
  return lanes;
}

function describe(
  { degree, additions, key, plaintext, flooding }: IntegerLiteral,
  secure: boolean,
  primes: readonly number[],
  lanes: number,
  layout: IntegerLayout,
  keyParties: number,
  error: Distribution,
): string {
  const sign = plaintext.signed ? 'signed' : 'unsigned';
  return [
    'sumus integers 1',
    ...(secure ? [] : ['INSECURE']),
    `degree ${degree}`,
    `primes ${primes.join(' ')}`,
    plaintext.kind === 'lanes'
      ? `lanes ${lanes} of ${layout.laneBits} bits, ${sign} values of ${plaintext.valueBits} bits`
      : `modulo ${plaintext.modulus} ${sign}`,
    `additions ${additions}`,
    `key ${key} of ${keyParties}`,
    `secret ${describeDistribution(TERNARY)}`,
    `error ${describeDistribution(error)}`,
    ...(flooding === undefined ? [] : [`flooding ${flooding.shares} of ${flooding.stddev}`]),
  ].join('; ');
}
