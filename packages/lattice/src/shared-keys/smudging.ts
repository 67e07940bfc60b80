// How much noise hides a key: the size of what every member adds to its answer, and what that leaves of the modulus.
//
// An opened result is m + v + Σ e_i. The message m is meant to be seen; v, the ciphertext's own noise, depends on the secret key
// and must not be. One member's e_i of deviation σ_sm has to cover it, because the other t − 1 members may be the adversary.
// Over Q results, whose noises v_1 … v_Q may be chosen one after the other, e is shifted by δ = √(Σ‖v_j‖²) in all; ‖v‖ ≈ √N·σ_ct.
//
// The noise is that of random/smudging.ts, for which the distance of X and X + v is proved there: √2·Hellinger ≤ ‖v‖/(2σ).
//
//   'totalVariation': whatever anybody computes from all results differs by at most 2^-s from what it would be had v not been
//   there (noise flooding: AJL12, eprint 2011/613, §3):
//       δ/(2·σ_sm) ≤ 2^-s   ⇐   σ_sm ≥ √N·σ_ct·√Q·2^(s−1).
//
//   'kullbackLeibler': four times the squared Hellinger distance, which for Gaussians is the Kullback-Leibler divergence δ²/(2·σ_sm²),
//   is at most 2^-s; then the encryption keeps about s bits of security as a whole (LMSS22, eprint 2022/816, §4):
//       σ_sm ≥ √N·σ_ct·√(Q/2)·2^(s/2).
//   Weaker as a statement (a distinguisher may succeed with 2^(−s/2)) at half the bits: ask for 64 of them where they fit.
//
// ‖v‖ ≤ √N·σ_ct is meant on average over the Q results; √(Σ‖v‖²) is within a few per cent of that for N ≥ 4096 (tested), and
// the distance grows by just that factor.
//
// "40 bits" are therefore 40 bits ON TOP of √N·σ_ct·√Q: at N = 8192, a hundred contributions to a key of a hundred parties and
// 31,000 results σ_sm is 2^68.
//
// Rounding is towards safety: deviations up, room down.

import { ParameterError } from '../errors.ts';
import { type Distribution, stddevOf, TERNARY } from '../parameters/distributions.ts';
import { LARGEST_SMUDGING_LOG2, type Measure, smudgingStddevLog2, statisticalSecurity } from '../random/index.ts';

/** What a decryption failure or a visible noise coefficient may cost over the life of a key: 2^-128 (eprint 2024/116). */
const FAILURE_BITS = 128;
const LEAST_TAIL_FACTOR = 14.7;
/** The deviation of the sampler is W·√(σ₀² + 1/6), σ₀ ≥ 4: at most 0.53 % above its σ (random/smudging.ts). */
const SPREAD_LOG2 = Math.log2(1.0053);

/** log2 of 2^a + 2^b. */
function addLog2(a: number, b: number): number {
  const high = Math.max(a, b);
  return high + Math.log2(2 ** (a - high) + 2 ** (b - high));
}

/**
 * x > 0 rounded up to seven significant bits. Sizes that enter an identity go through this: logarithms may differ in their last bit
 * from platform to platform.
 */
export function coarse(x: number): number {
  const unit = 2 ** (Math.floor(Math.log2(x)) - 6);
  return Math.ceil(x / unit) * unit;
}

export interface FreshNoise {
  readonly degree: number;
  readonly error: Distribution;
  /** Public-key encryptions added up; a multiplication by an integer w counts w². */
  readonly summands: number;
  /** Members whose shares the collective public key is the sum of. */
  readonly keyParties: number;
}

/**
 * σ_ct of one coefficient of v = Σ (e0 + e1·s + u·e), encryption u, e0, e1 under a key of n_k parties:
 * σ_ct² = summands·σ²·(1 + (2/3)·N·n_k + (2/3)·N·n_k), from ‖s‖² = (2/3)·N·n_k, ‖u‖² = (2/3)·N, Var e = n_k·σ².
 */
export function freshSumStddev({ degree, error, summands, keyParties }: FreshNoise): number {
  const variance = stddevOf(error) ** 2;
  const ternary = stddevOf(TERNARY) ** 2;
  return Math.sqrt(summands * variance * (1 + 2 * ternary * degree * keyParties));
}

export interface FloodingOptions {
  readonly degree: number;
  /** σ_ct: the deviation of one coefficient of the noise in a ciphertext that is to be opened, at most. */
  readonly ciphertextNoiseStddev: number;
  /** How many members answer for one ciphertext, at most: their noises add up. */
  readonly answers: number;
  /** Q: how many ciphertexts one key ever opens, by all active sets and in all epochs together (parameters.ts counts them). */
  readonly decryptions: number;
  /** s; 40 unless told, at least 40, at most 64 (totalVariation) or 128 (kullbackLeibler). */
  readonly statisticalBits?: number;
  /** What s bounds; total variation unless told. */
  readonly measure?: Measure;
}

/** Checked and frozen: how every answer is flooded, and how large the noise of a result can get. */
export interface Flooding {
  readonly degree: number;
  readonly ciphertextNoiseStddev: number;
  readonly answers: number;
  readonly decryptions: number;
  readonly statisticalBits: number;
  readonly measure: Measure;
  /** log2 σ_sm of each member's noise. */
  readonly stddevLog2: number;
  /** z: all coefficients of all Q results stay within z deviations except with probability 2^-128. */
  readonly tailFactor: number;
  /** log2 of the bound z·(σ_ct + √answers·σ_sm) on every coefficient of a result's noise. */
  readonly resultNoiseBoundLog2: number;
}

export function flooding(options: FloodingOptions): Flooding {
  const { degree, ciphertextNoiseStddev, answers, decryptions } = options;
  const security = statisticalSecurity(options);
  const { measure, bits: statisticalBits } = security;
  if (!Number.isSafeInteger(decryptions) || decryptions < 1) {
    throw new ParameterError(`a key that opens ${decryptions} ciphertexts: not a natural number from 1`);
  }
  if (!(ciphertextNoiseStddev >= 1) || !Number.isFinite(ciphertextNoiseStddev)) {
    throw new ParameterError(`ciphertext noise of deviation ${ciphertextNoiseStddev} is not at least 1`);
  }
  if (!Number.isInteger(answers) || answers < 1) throw new ParameterError(`${answers} answers for one ciphertext`);
  const noiseLog2 = Math.log2(ciphertextNoiseStddev);
  const shiftLog2 = Math.log2(degree) / 2 + noiseLog2 + Math.log2(decryptions) / 2;
  const stddevLog2 = smudgingStddevLog2(shiftLog2, security);
  if (stddevLog2 > LARGEST_SMUDGING_LOG2) {
    throw new ParameterError(
      `${statisticalBits} bits of ${measure} over ${decryptions} results need noise of 2^${stddevLog2.toFixed(2)}; ` +
        `at most 2^${LARGEST_SMUDGING_LOG2} is drawn`,
    );
  }
  // The noise is sub-Gaussian: N·Q·2·exp(−z²/2) ≤ 2^-128.
  const unions = Math.log2(degree) + Math.log2(decryptions) + 1;
  const tailFactor = Math.max(LEAST_TAIL_FACTOR, Math.sqrt(2 * Math.LN2 * (FAILURE_BITS + unions)));
  const all = addLog2(noiseLog2, Math.log2(answers) / 2 + stddevLog2 + SPREAD_LOG2);
  return Object.freeze({
    degree,
    ciphertextNoiseStddev,
    answers,
    decryptions,
    statisticalBits,
    measure,
    stddevLog2,
    tailFactor,
    resultNoiseBoundLog2: Math.log2(tailFactor) + all,
  });
}

/** What a result carries besides noise: one of T = 2^bits residues above it, or a number below 2^bits with the noise in its low bits. */
export type Content =
  | { readonly kind: 'exact'; readonly bits: number }
  | { readonly kind: 'approximate'; readonly bits: number };

/** log2 of the modulus that holds the content with its noise: q ≥ 2·T·noise, or q ≥ 2·(2^bits + noise). */
export function neededModulusBits({ resultNoiseBoundLog2 }: Flooding, { kind, bits }: Content): number {
  switch (kind) {
    case 'exact':
      return bits + 1 + resultNoiseBoundLog2;
    case 'approximate':
      return 1 + addLog2(bits, resultNoiseBoundLog2);
    default:
      return kind satisfies never;
  }
}

/** Refuses a modulus without room for content and noise, with the numbers. */
export function requireRoom(of: Flooding, content: Content, modulusBits: number): void {
  const needed = neededModulusBits(of, content);
  if (modulusBits < needed) {
    throw new ParameterError(
      `a modulus of ${modulusBits.toFixed(2)} bits does not hold ${content.bits.toFixed(2)} bits of content and the flooding: ` +
        `σ_sm = 2^${of.stddevLog2.toFixed(2)} (${of.statisticalBits} bits of ${of.measure} over ${of.decryptions} results), ` +
        `${of.answers} answers, ${of.tailFactor.toFixed(2)} deviations: ${needed.toFixed(2)} bits are needed`,
    );
  }
}
