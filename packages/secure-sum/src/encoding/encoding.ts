// How a participant's floats become the words that are summed: literal options in, a checked frozen value out. Everybody who takes part
// has the same one: describeEncoding() puts it into the round's configuration and so into the context (description.ts).
//
//   range      B = 2^(b−1) − 1 − headroom of the noise
//   scale      s = B / (clip · κ), a little less so that rounding of floats never leaves the range
//   no wrap    n · (2^b − 1) < 2^w

import { ParameterError } from '../errors.ts';
import { type Counter, type PlacedCounter, placeCounters } from './counters.ts';
import { type Noise, noiseHeadroom } from './noise.ts';
import { noWindows, rangeOf, type Windows, windowsOver } from './windows.ts';

export interface EncodingOptions {
  /** L: floats of a participant's vector. */
  readonly vectorLength: number;
  /** The L2 norm that a vector, weighted if there are weights, is clipped to; in [2^-60, 2^60]. */
  readonly clippingNorm: number;
  /** b: bits of one participant's word, in [2, 23]; noise included. */
  readonly valueBits: number;
  /** w: bits of a word of the sum, at most 32. */
  readonly wordBits: number;
  /** n: the most contributions that a sum may have. */
  readonly maximumContributors: number;
  readonly rotation?: 'hadamard' | 'none';
  /** 'conditional' rounds again until the norm of the words is within a bound that is tighter: for differential privacy. */
  readonly rounding?: 'stochastic' | 'conditional';
  readonly noise?: Noise | undefined;
  /** Participants have weights, whole numbers of 1 to this: the mean is Σ weight · x / Σ weight. */
  readonly maximumWeight?: number | undefined;
  /** A secure sum of ‖x‖², before weighting and clipping, in [0, this]; beyond it is cut. */
  readonly maximumSquaredNorm?: number | undefined;
  /** Further whole numbers that are summed beside the vector: counts, signs. */
  readonly counters?: readonly Counter[];
}

declare const encodingBrand: unique symbol;

export interface Encoding {
  readonly [encodingBrand]: true;
  readonly vectorLength: number;
  readonly clippingNorm: number;
  readonly valueBits: number;
  readonly wordBits: number;
  readonly maximumContributors: number;
  readonly rounding: 'stochastic' | 'conditional';
  readonly noise: Noise | undefined;
  readonly windows: Windows;
  /** Words of an encoded vector: rotated values, then the digits of counters. What a protocol takes for its length. */
  readonly words: number;
  /** 2^(b−1) − 1: no word of a participant is larger. */
  readonly largestWord: number;
  /** What the vector itself may reach of it; the rest is the noise's. */
  readonly largestSignal: number;
  /** Steps of the quantiser in a unit of the (weighted) vector. */
  readonly scale: number;
  /** The largest norm of the words that stand for a vector, without noise: the L2 sensitivity of a sum to one participant's presence. */
  readonly largestNorm: number;
  readonly maximumWeight: number | undefined;
  readonly maximumSquaredNorm: number | undefined;
  readonly weightCounter: PlacedCounter | undefined;
  readonly squaredNormCounter: PlacedCounter | undefined;
  readonly counters: readonly PlacedCounter[];
}

/** Steps of a squared norm: its unit in the sum is maximumSquaredNorm / 2^24. */
export const SQUARED_NORM_STEPS: number = 2 ** 24;

const WEIGHT = 'weight';
const SQUARED_NORM = 'squared-norm';

/** Rounding of floats adds at most k · 2^-24 to a norm, for two windows of 25 layers and the factors less than 2^-18. */
const FLOAT_ALLOWANCE = 1 - 2 ** -18;

export function defineEncoding(options: EncodingOptions): Encoding {
  const { vectorLength, clippingNorm, valueBits, wordBits, maximumContributors, noise } = options;
  const { rotation = 'hadamard', rounding = 'stochastic', maximumWeight, maximumSquaredNorm } = options;
  whole('valueBits', valueBits, 2, 23);
  whole('wordBits', wordBits, 2, 32);
  whole('maximumContributors', maximumContributors, 1, 2 ** 30);
  oneOf('rotation', rotation, ['hadamard', 'none']);
  oneOf('rounding', rounding, ['stochastic', 'conditional']);
  inRange('clippingNorm', clippingNorm, 2 ** -60, 2 ** 60);
  if (BigInt(maximumContributors) * (2n ** BigInt(valueBits) - 1n) >= 2n ** BigInt(wordBits)) {
    throw new ParameterError(
      `${maximumContributors} values of ${valueBits} bits do not fit a word of ${wordBits} bits: the sum could wrap`,
    );
  }
  const windows = rotation === 'none' ? noWindows(vectorLength) : windowsOver(vectorLength);
  const largestWord = 2 ** (valueBits - 1) - 1;
  const largestSignal = largestWord - (noise === undefined ? 0 : noiseHeadroom(noise, windows.length));
  if (largestSignal < 1) throw new ParameterError(`${valueBits} bits leave no room beside the ${noise?.name} noise`);
  const reach = largestSignal / rangeOf(windows);
  if (maximumWeight !== undefined) whole('maximumWeight', maximumWeight, 1, Number.MAX_SAFE_INTEGER);
  if (maximumSquaredNorm !== undefined) inRange('maximumSquaredNorm', maximumSquaredNorm, 2 ** -200, 2 ** 200);

  const named: Counter[] = [...(options.counters ?? [])];
  const reserved = named.find(({ name }) => name === WEIGHT || name === SQUARED_NORM);
  if (reserved !== undefined)
    throw new ParameterError(`a counter cannot be called ${reserved.name}: that is the encoding's own`);
  if (maximumWeight !== undefined) named.push({ name: WEIGHT, maximum: maximumWeight });
  if (maximumSquaredNorm !== undefined) named.push({ name: SQUARED_NORM, maximum: SQUARED_NORM_STEPS });
  const placed = placeCounters(named, windows.length, largestWord + 1, maximumContributors);
  const encoding: Omit<Encoding, typeof encodingBrand> = {
    vectorLength,
    clippingNorm,
    valueBits,
    wordBits,
    maximumContributors,
    rounding,
    noise: noise === undefined ? undefined : Object.freeze({ ...noise }),
    windows: Object.freeze(windows),
    words: placed.reduce((words, { digits }) => words + digits, windows.length),
    largestWord,
    largestSignal,
    scale: (reach / clippingNorm) * FLOAT_ALLOWANCE,
    largestNorm: normAfterRounding(reach, windows.length, rounding),
    maximumWeight,
    maximumSquaredNorm,
    weightCounter: placed.find(({ name }) => name === WEIGHT),
    squaredNormCounter: placed.find(({ name }) => name === SQUARED_NORM),
    counters: Object.freeze(placed.slice(0, options.counters?.length ?? 0)),
  };
  return Object.freeze(encoding) as Encoding;
}

/**
 * Δ2, for a vector of norm `reach` in steps and d words: reach + √d always; what conditional rounding accepts is at most
 * √(reach² + d/4 + √(2 ln(1/β)) (reach + √d/2)) with β = e^(−1/2), which one draw is with probability ≥ 1 − β (Kairouz and others 2021, §4).
 */
function normAfterRounding(reach: number, words: number, rounding: 'stochastic' | 'conditional'): number {
  const always = reach + Math.sqrt(words);
  if (rounding === 'stochastic') return always;
  return Math.min(always, Math.sqrt(reach * reach + words / 4 + reach + Math.sqrt(words) / 2));
}

function whole(what: string, value: number, lowest: number, highest: number): void {
  if (!Number.isSafeInteger(value) || value < lowest || value > highest) {
    throw new ParameterError(`${what} is ${value}, not a whole number of ${lowest} to ${highest}`);
  }
}

function oneOf(what: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) throw new ParameterError(`${what} is ${value}, none of ${known.join(', ')}`);
}

function inRange(what: string, value: number, lowest: number, highest: number): void {
  if (!(value >= lowest && value <= highest)) {
    throw new ParameterError(`${what} is ${value}, not in ${lowest} to ${highest}`);
  }
}
