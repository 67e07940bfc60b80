// Shared keys for CKKS: the parameters, and opening, which is always flooded.
//
// WHY. A CKKS decryption is m + v, and v tells the key: from c0, c1 and an exact m + v anybody computes s (Li, Micciancio, Eurocrypt
// 2021). So nobody gets m + v: every member's answer carries the flooding of smudging.ts, for the combiner's eyes as for everybody
// else's, and what openCkks returns may be published.
// BY HOW MUCH. Against the ciphertext's own noise a result loses log2(√N·√R·√n) bits, R the results that the key opens and n its
// founders, and s − 1 more by the rule 'totalVariation' or (s − 1)/2 by 'kullbackLeibler'. At N = 8192, one result, three answers, 40
// bits: 46 bits or 27. A fresh ciphertext at scale 2^55 has about 40 bits above its noise, so the presets learn-13d, learn-14d and
// learn-15d open under 'kullbackLeibler' only, with about 13 bits, and are REFUSED under 'totalVariation', the default of this room;
// sharedCkksParameters says how many bits remain (precisionBits) and refuses too few. Exact sums lose nothing by flooding: prefer them
// where a sum is all that is wanted.
//
// The noise of a collective key is larger than of a single party's. An estimate is a single party's; what is linear in the errors of a
// key of n parties (encryption, rotation) or in its secret (rounding) has √n times the deviation, and an estimate is taken that many
// times. The error of a relinearisation key is n·√(4N/3) times a single party's: the key says so and the evaluator has it in its
// estimates already (relinearisationErrorFactor), so that only this term grows, which division by P and by the level's primes makes
// small. (In a product the term e1·e2 has n times the deviation: far below all others while errors are below the numbers.)

import { type Ciphertext, requireKind, scaleOf } from '../ckks/ciphertext.ts';
import { decodeRealFromBlock } from '../ckks/encoding-blocks.ts';
import { createEmbedding } from '../ckks/encoding-embedding.ts';
import { coefficientStddev, freshPublic, withError } from '../ckks/estimate.ts';
import { ContentAboveDeclared, readingOf, requireDeclared, requireSlots } from '../ckks/reading.ts';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import type { PublicKey } from '../keys/public-key.ts';
import { restrict } from '../keys/restrict.ts';
import type { CkksParameters } from '../parameters/ckks-parameters.ts';
import { inverseBlock, loadBlock } from '../ring/blocks.ts';
import type { DecryptionLedger, DecryptionToken } from './decryption-ledger.ts';
import type { KeyEpoch } from './epoch.ts';
import { combineSwitch, type SwitchAnswer } from './key-switching.ts';
import { type SharedKeyLiteral, type SharedKeyParameters, sharedKeyParameters } from './parameters.ts';
import { combineAnswers, type PartialDecryption } from './partial-decryption.ts';
import type { ActiveSet } from './roster.ts';
import { coarse, freshSumStddev } from './smudging.ts';

export interface SharedCkksLiteral extends SharedKeyLiteral {
  readonly ckks: CkksParameters;
  /** The lowest level at which results are opened; 0 unless told. */
  readonly level?: number;
  /** A bound on the numbers in a result; 1 unless told. */
  readonly magnitude?: number;
  /** How many times the noise of a fresh ciphertext a result may have (a sum of k: k; a product of numbers up to 1: 3); 1 unless told. */
  readonly noiseGrowth?: number;
  /** Bits of a result of magnitude 1 that must remain above the flooding; 8 unless told. */
  readonly precisionBits?: number;
}

export interface SharedCkksParameters extends SharedKeyParameters {
  /** log2(magnitude / deviation of a slot of an opened result). */
  readonly precisionBits: number;
}

const DEFAULT_PRECISION_BITS = 8;

export function sharedCkksParameters(literal: SharedCkksLiteral): SharedCkksParameters {
  const { ckks, members, magnitude = 1, level = 0, noiseGrowth = 1 } = literal;
  if (!Number.isInteger(level) || level < 0 || level > ckks.topLevel) {
    throw new ParameterError(`opening level ${level} is not in [0, ${ckks.topLevel}]`);
  }
  if (!(magnitude > 0) || !Number.isFinite(magnitude))
    throw new ParameterError(`magnitude ${magnitude} is not positive`);
  if (!(noiseGrowth >= 1) || !Number.isFinite(noiseGrowth)) {
    throw new ParameterError(`noise growth ${noiseGrowth} is not at least 1`);
  }
  const { degree, scales, base, limbsPerLevel } = ckks;
  const scale = scales[level].value;
  const fresh = coefficientStddev(freshPublic(ckks, scale, magnitude), degree, scale);
  const factor = Math.sqrt(members.length);
  const noiseStddev = coarse(1.01 * fresh * noiseGrowth * factor);
  const parameters = sharedKeyParameters(
    ckks,
    {
      primes: base.length + level * limbsPerLevel,
      noiseStddev,
      collectiveFactor: factor,
      content: { kind: 'approximate', bits: Math.log2(magnitude * scale) },
    },
    literal,
  );
  const { answers, stddevLog2 } = parameters.flooding;
  const slotErrorLog2 = stddevLog2 + Math.log2(answers) / 2 + Math.log2(degree / 2) / 2 - Math.log2(scale);
  const precisionBits = Math.log2(magnitude) - slotErrorLog2;
  const wanted = literal.precisionBits ?? DEFAULT_PRECISION_BITS;
  if (precisionBits < wanted) {
    throw new ParameterError(
      `flooding with 2^${stddevLog2.toFixed(1)} leaves ${precisionBits.toFixed(1)} bits of a result at scale 2^${Math.log2(scale).toFixed(1)}, ` +
        `${wanted} are wanted: larger scale, fewer results, or 'kullbackLeibler'`,
    );
  }
  return Object.freeze({ ...parameters, precisionBits });
}

export interface CkksRequest {
  /**
   * Your own bound on the deviation of a coefficient's noise, as a single party's key would have it (coefficientStddev of an estimate
   * you computed). Required for a ciphertext that came as bytes, whose estimate is its sender's claim; elsewhere it can only raise it.
   */
  readonly noiseStddev?: number;
}

/**
 * One member's right to answer for a CKKS ciphertext. Refuses one of other parameters, one whose noise estimate (times what the
 * collective key adds) exceeds what the flooding was made for, and one whose content may be too large.
 */
export function authoriseCkks(
  ledger: DecryptionLedger,
  epoch: KeyEpoch,
  ciphertext: Ciphertext,
  activeSet: ActiveSet,
  { noiseStddev }: CkksRequest = {},
): DecryptionToken {
  if (noiseStddev === undefined && ciphertext.estimate.claimed) {
    throw new ParameterError(
      "this ciphertext's noise estimate is its sender's claim: state noiseStddev, your own bound for what was computed",
    );
  }
  if (noiseStddev !== undefined && (!(noiseStddev > 0) || !Number.isFinite(noiseStddev))) {
    throw new ParameterError(`noiseStddev ${noiseStddev} is not a positive number`);
  }
  requireFlooded(epoch, ciphertext, noiseStddev);
  return ledger.authorise(epoch, ciphertext, activeSet);
}

/**
 * The numbers of a result, flooded: they may be published; or a ProtocolViolation where the answers give more than the ciphertext declares.
 * `slots` as at encoding; default N/2.
 */
export function openCkks(
  epoch: KeyEpoch,
  ciphertext: Ciphertext,
  activeSet: ActiveSet,
  answers: readonly PartialDecryption[],
  slots: number = ciphertext.context.parameters.slots,
): Float64Array<ArrayBuffer> {
  requireFlooded(epoch, ciphertext);
  const sum = combineAnswers(epoch, ciphertext, activeSet, answers);
  const { flooding } = epoch.parameters;
  const scale = scaleOf(ciphertext);
  const added = 2 ** (flooding.stddevLog2 + Math.log2(flooding.answers) / 2);
  const slotStddev = (added * Math.sqrt(flooding.degree / 2)) / scale;
  const reading = readingOf(ciphertext, { bound: 2 ** flooding.resultNoiseBoundLog2, slotStddev });
  const { ring, opened } = reading;
  const embedding = createEmbedding(epoch.lattice, ring.degree);
  try {
    const numbers = ring.engine.memory.scope(() => {
      const block = loadBlock(restrict(sum, opened));
      inverseBlock(opened, block);
      requireDeclared(reading, block);
      return decodeRealFromBlock(embedding, ring, block, { slots, scale });
    });
    requireSlots(reading, numbers);
    return numbers;
  } catch (cause) {
    if (!(cause instanceof ContentAboveDeclared)) throw cause;
    throw new ProtocolViolation(
      'the result is larger than the ciphertext declares: an answer was wrong, or the ciphertext is of another key. Nothing was decoded',
    );
  }
}

/** The ciphertext under the receiver's key, its estimate with the flooding: what the receiver decrypts it may publish. */
export function switchCkks(
  epoch: KeyEpoch,
  ciphertext: Ciphertext,
  activeSet: ActiveSet,
  receiver: PublicKey,
  answers: readonly SwitchAnswer[],
): Ciphertext {
  requireFlooded(epoch, ciphertext);
  const { c0, c1 } = combineSwitch(epoch, ciphertext, activeSet, receiver, answers);
  const { degree, error } = epoch.parameters.scheme;
  const { flooding } = epoch.parameters;
  // Of every answer the flooding, and a fresh encryption of zero under the receiver's key.
  const fresh = freshSumStddev({ degree, error, summands: flooding.answers, keyParties: 1 });
  const added = Math.hypot(2 ** (flooding.stddevLog2 + Math.log2(flooding.answers) / 2), fresh);
  const estimate = withError(ciphertext.estimate, (added * Math.sqrt(degree / 2)) / scaleOf(ciphertext));
  return Object.freeze({ ...ciphertext, c0, c1, estimate });
}

function requireFlooded({ parameters }: KeyEpoch, ciphertext: Ciphertext, known: number = 0): void {
  requireKind(ciphertext, 'ciphertext');
  const { context, estimate } = ciphertext;
  const { scheme, opening } = parameters;
  if (context.parameters.description !== scheme.description) {
    throw new ParameterError('the ciphertext belongs to other CKKS parameters than the key');
  }
  const scale = scaleOf(ciphertext);
  const noise = Math.max(known, coefficientStddev(estimate, scheme.degree, scale)) * opening.collectiveFactor;
  if (noise > opening.noiseStddev) {
    throw new ParameterError(
      `the ciphertext's noise of up to 2^${Math.log2(noise).toFixed(1)} exceeds the 2^${Math.log2(opening.noiseStddev).toFixed(1)} ` +
        'that the flooding hides: a larger noiseGrowth is needed',
    );
  }
  const contentBits = Math.log2(estimate.magnitude * scale);
  if (contentBits > opening.content.bits + 2 ** -10) {
    throw new ParameterError(
      `content of up to 2^${contentBits.toFixed(1)} exceeds the 2^${opening.content.bits.toFixed(1)} there is room for: ` +
        'declare the magnitude that the circuit has',
    );
  }
}
