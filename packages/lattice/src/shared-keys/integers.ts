// Shared keys for exact sums: the parameters, and opening.
//
// The noise that answers must cover is that of the largest sum the parameters allow. `sums: 'plain'` (every contribution once) takes
// σ_ct = √additions·σ_fresh; the default 'weighted' takes additions·σ_fresh, because a ciphertext that counts k additions may be one
// contribution k times. Plain saves ½·log2(additions) bits of modulus; then authorise with the summands, so that members see that it
// is plain.

import { ParameterError, ProtocolViolation } from '../errors.ts';
import { type EncryptedVector, type IntegerCiphertext, isSeed, requireVector } from '../integers/ciphertext.ts';
import { decodeSum } from '../integers/decrypt.ts';
import { NoiseAboveBound } from '../integers/noise-above-bound.ts';
import type { PublicKey } from '../keys/public-key.ts';
import { CENTRED_BINOMIAL_21 } from '../parameters/distributions.ts';
import { freshNoiseStddev, TAIL } from '../parameters/integer-noise.ts';
import {
  type IntegerLiteral,
  type IntegerParameters,
  insecureIntegerParameters,
  integerParameters,
  noiseFraction,
} from '../parameters/integer-parameters.ts';
import type { SharedCiphertext } from './ciphertext.ts';
import type { DecryptionLedger, DecryptionToken } from './decryption-ledger.ts';
import type { KeyEpoch } from './epoch.ts';
import type { KeyShare } from './key-share.ts';
import { combineSwitch, type SwitchAnswer } from './key-switching.ts';
import {
  type Opening,
  requireDecryptions,
  resultsOf,
  type SharedKeyLiteral,
  type SharedKeyParameters,
  sharedKeyParameters,
} from './parameters.ts';
import { combineAnswers, type PartialDecryption, partialDecrypt } from './partial-decryption.ts';
import { isSmall } from './residual.ts';
import { type ActiveSet, roster } from './roster.ts';
import { coarse, type Flooding, flooding } from './smudging.ts';

export interface SharedIntegerLiteral extends SharedKeyLiteral {
  readonly integers: Omit<IntegerLiteral, 'key' | 'keyParties' | 'flooding'>;
  /** 'weighted' unless told. */
  readonly sums?: 'plain' | 'weighted';
}

export interface SharedIntegerParameters {
  /** What encryptors and adders use, with room for the flooding. */
  readonly integers: IntegerParameters;
  readonly key: SharedKeyParameters;
}

export function sharedIntegerParameters(literal: SharedIntegerLiteral): SharedIntegerParameters {
  return build(literal, integerParameters);
}

/** For tests only: no security. */
export function insecureSharedIntegerParameters(literal: SharedIntegerLiteral): SharedIntegerParameters {
  return build(literal, insecureIntegerParameters);
}

function build(
  literal: SharedIntegerLiteral,
  make: (literal: IntegerLiteral) => IntegerParameters,
): SharedIntegerParameters {
  const { integers: chosen, members, sums = 'weighted' } = literal;
  const { degree, additions, error = CENTRED_BINOMIAL_21 } = chosen;
  const keyParties = members.length;
  const fresh = freshNoiseStddev(degree, 'public', error, keyParties);
  const noiseStddev = coarse(fresh * (sums === 'plain' ? Math.sqrt(additions) : additions));
  const wanted = floodingFor(literal, degree, noiseStddev);
  // The scheme covers TAIL deviations of each of its noise terms, the flooding a few more over the life of the key.
  const stddev = coarse(2 ** (wanted.resultNoiseBoundLog2 - Math.log2(wanted.answers) / 2) / TAIL);
  const integers = make({ ...chosen, key: 'public', keyParties, flooding: { stddev, shares: wanted.answers } });
  const opening: Opening = {
    primes: integers.primes.length,
    content: { kind: 'exact', bits: integers.plaintextBits },
    noiseStddev,
    collectiveFactor: 1,
  };
  const { secure, primes: dataPrimes, secret, description } = integers;
  const scheme = { secure, degree, dataPrimes, special: [], digits: [], secret, error, description };
  return Object.freeze({ integers, key: sharedKeyParameters(scheme, opening, literal) });
}

function floodingFor(literal: SharedIntegerLiteral, degree: number, ciphertextNoiseStddev: number): Flooding {
  const { members, threshold, decryptions, statisticalBits, measure } = literal;
  return flooding({
    degree,
    ciphertextNoiseStddev,
    answers: members.length,
    decryptions: resultsOf(roster(members, threshold), requireDecryptions(decryptions)),
    ...(statisticalBits === undefined ? {} : { statisticalBits }),
    ...(measure === undefined ? {} : { measure }),
  });
}

/** An exact ciphertext's two polynomials. Refuses parameters that are not the key's, and seeded ciphertexts (another kind of key). */
export function sharedCiphertext(epoch: KeyEpoch, { parameters, c0, c1 }: IntegerCiphertext): SharedCiphertext {
  if (parameters.description !== epoch.parameters.scheme.description) {
    throw new ParameterError(`the ciphertext's parameters are not the key's: ${parameters}`);
  }
  if (isSeed(c1)) throw new ParameterError('a seeded ciphertext is of a secret key, not of a shared one');
  return { c0, c1 };
}

/** One member's tokens for all ciphertexts of a vector, and the one record to store before answering. All of them or none. */
export interface VectorTokens {
  readonly tokens: readonly DecryptionToken[];
  readonly record: Uint8Array;
}

/** As DecryptionLedger.authorise, ciphertext by ciphertext. `summands`: the vectors this one is the sum of. */
export function authoriseVector(
  ledger: DecryptionLedger,
  epoch: KeyEpoch,
  vector: EncryptedVector,
  activeSet: ActiveSet,
  summands: readonly EncryptedVector[] = [],
): VectorTokens {
  for (const { ciphertexts } of summands) {
    if (ciphertexts.length !== vector.ciphertexts.length) {
      throw new ParameterError(`a summand has ${ciphertexts.length} ciphertexts, the sum ${vector.ciphertexts.length}`);
    }
  }
  const requests = vector.ciphertexts.map((ciphertext, i) => ({
    ciphertext: sharedCiphertext(epoch, ciphertext),
    summands: summands.map(({ ciphertexts }) => sharedCiphertext(epoch, ciphertexts[i])),
  }));
  return ledger.authoriseAll(epoch, requests, activeSet);
}

export function partialDecryptVector(share: KeyShare, { tokens }: VectorTokens): PartialDecryption[] {
  return tokens.map((token) => partialDecrypt(share, token));
}

/** The values, exact; all of them or an error. `answers`: of every member of the set, one for each ciphertext in order. */
export function openVector(
  epoch: KeyEpoch,
  vector: EncryptedVector,
  activeSet: ActiveSet,
  answers: readonly (readonly PartialDecryption[])[],
): Float64Array<ArrayBuffer> {
  requireVector(vector);
  const { parameters, ciphertexts, length } = vector;
  const values = new Float64Array(ciphertexts.length * parameters.valuesPerCiphertext);
  ciphertexts.forEach((ciphertext, i) => {
    const own = answers.map((ofMember) => ofMember[i]).filter((answer) => answer !== undefined);
    values.set(openIntegers(epoch, ciphertext, activeSet, own), i * parameters.valuesPerCiphertext);
  });
  return values.slice(0, length);
}

/** One ciphertext's values, exact, or a ProtocolViolation where the noise of the result is larger than honest noise can be. */
export function openIntegers(
  epoch: KeyEpoch,
  ciphertext: IntegerCiphertext,
  activeSet: ActiveSet,
  answers: readonly PartialDecryption[],
): Float64Array<ArrayBuffer> {
  const sum = combineAnswers(epoch, sharedCiphertext(epoch, ciphertext), activeSet, answers);
  const { parameters, additions } = ciphertext;
  try {
    const values = decodeSum(parameters, sum, additions);
    // T·sum = M + T·noise, |M| < T: no larger than decoding allows, and here to the last bit.
    const bound = Math.log2(noiseFraction(parameters, additions)) + parameters.modulusBits;
    if (isSmall(sum, parameters.plaintextModulus, bound)) return values;
  } catch (cause) {
    if (!(cause instanceof NoiseAboveBound)) throw cause;
  }
  throw new ProtocolViolation(
    'the noise of the result is above its bound: an answer was wrong, a summand is no encryption under this key, or an ' +
      'encryptor chose a ciphertext to learn the key. Nothing was decoded; make a new key unless the cause is known',
  );
}

/** The ciphertext under the receiver's key; the receiver decrypts it as any other of these parameters. */
export function switchIntegers(
  epoch: KeyEpoch,
  ciphertext: IntegerCiphertext,
  activeSet: ActiveSet,
  receiver: PublicKey,
  answers: readonly SwitchAnswer[],
): IntegerCiphertext {
  const { parameters, additions } = ciphertext;
  const { c0, c1 } = combineSwitch(epoch, sharedCiphertext(epoch, ciphertext), activeSet, receiver, answers);
  return Object.freeze({ parameters, c0, c1, additions });
}
