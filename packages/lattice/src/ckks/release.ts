// Decryption whose result may leave the key's owner.
//
// An exact CKKS decryption m + v tells the secret (decryptor.ts). Here every coefficient gets fresh noise of deviation σ_flood before
// it is decoded, so wide that the result is distributed almost as if v had not been there:
//
//   totalVariation:   the views of all `releases` decryptions under this key lie within 2^−bits of ones that do not depend on v:
//                     σ_flood = √(N·releases)·σ_v·2^(bits−1).
//   kullbackLeibler:  the relative entropy over all of them is at most 2^−bits, i.e. `bits` of statistical security in the sense of Li,
//                     Micciancio, Schultz, Sorrell, "Securing approximate homomorphic encryption using differential privacy",
//                     Crypto 2022: σ_flood = √(N·releases/2)·σ_v·2^(bits/2). Much weaker as a statement, half the bits lost.
//
// (docs/parameters.md, smudging; the sampler keeps the Gaussian bound, random/smudging.ts.) σ_v is the largest of three: the
// ciphertext's estimate, an upper bound for circuits that this package computed; `noiseStddev`, where the caller knows of more; the
// error of a fresh ciphertext, below which none can be. An estimate that was read from bytes is its sender's claim, who would choose
// how little is added: then `noiseStddev` is required, the caller's own bound for the circuit. A magnitude declared too small
// (declareMagnitude) makes later estimates of products too small as well.
//
// BY HOW MUCH: precision falls from −log2(σ_v) by log2(√N·√releases) + bits − 1 (or bits/2 − 1/2). A fresh D55 ciphertext at N = 2^14 has
// 39.6 bits: 40 bits of total variation leave −6.4 and are refused; 40 bits of Kullback–Leibler leave 12.6. What remains is in
// the answer, and the numbers are rounded to it.

import { ParameterError } from '../errors.ts';
import type { SecretKey } from '../keys/secret-key.ts';
import { stddevOf } from '../parameters/distributions.ts';
import {
  freshSeed,
  largestSmudging,
  type Measure,
  RandomStream,
  sampleSmudgingBlock,
  smudgingStddevLog2,
  statisticalSecurity,
} from '../random/index.ts';
import { addBlock, allocateBlock } from '../ring/blocks.ts';
import { type Ciphertext, requireKind, scaleOf } from './ciphertext.ts';
import { type DecryptionOptions, openToBlock, requireOpenable } from './decryptor.ts';
import { type ComplexVector, decodeFromBlock } from './encoding-blocks.ts';
import { createEmbedding } from './encoding-embedding.ts';
import { coefficientStddev } from './estimate.ts';
import { readingOf, requireDeclared, requireSlots } from './reading.ts';

export interface ReleaseOptions extends DecryptionOptions {
  /** How many decryptions under this key are ever released, this one included: what the noise is sized for. */
  readonly releases: number;
  /** Default totalVariation. */
  readonly measure?: Measure;
  /** Default 40, at least 40, at most 64 (totalVariation) or 128 (kullbackLeibler). */
  readonly statisticalBits?: number;
  /** Refuse if fewer bits of precision (−log2 of the error of a slot) than this remain; default 1. */
  readonly precisionBits?: number;
  /** The caller's bound on the deviation of the coefficient noise; required where the estimate came with the bytes. */
  readonly noiseStddev?: number;
}

export interface Release extends ComplexVector {
  /** Deviation of the noise added to every coefficient, and of the error of a slot's real part that results. */
  readonly floodingStddev: number;
  readonly errorStddev: number;
  /** −log2(errorStddev). */
  readonly precisionBits: number;
}

/** The numbers with flooding noise, which may be published; or a refusal that says what the noise would leave. */
export function decryptForRelease(secret: SecretKey, ciphertext: Ciphertext, options: ReleaseOptions): Release {
  requireKind(ciphertext, 'ciphertext');
  requireOpenable(secret, ciphertext);
  const { context } = ciphertext;
  const { degree } = context.parameters;
  const stddevLog2 = Math.log2(floodingStddev(ciphertext, options));
  const scale = scaleOf(ciphertext);
  // Content and its own error, and the flooding's.
  const slotStddev = (2 ** stddevLog2 * Math.sqrt(degree / 2)) / scale;
  const errorStddev = Math.hypot(ciphertext.estimate.errorStddev, slotStddev);
  const precisionBits = -Math.log2(errorStddev);
  const least = options.precisionBits ?? 1;
  if (!(precisionBits >= least)) {
    throw new ParameterError(
      `flooding of 2^${stddevLog2.toFixed(1)} leaves ${precisionBits.toFixed(1)} bits of precision, ${least} are asked for; ` +
        'a larger scale, fewer releases, a less noisy ciphertext or a weaker measure leaves more',
    );
  }
  const bound = Number(largestSmudging(Math.max(0, stddevLog2)));
  const reading = readingOf(ciphertext, { bound, slotStddev });
  const { ring, opened } = reading;
  const embedding = createEmbedding(context.lattice, degree);
  const slots = options.slots ?? context.parameters.slots;
  const seed = freshSeed(context.lattice.primitives);
  const stream = new RandomStream(context.lattice.primitives, seed, 'smud', 0);
  const flooded = (): ComplexVector =>
    ring.engine.memory.secretScope(() => {
      const at = openToBlock(secret, ciphertext, opened);
      const noise = allocateBlock(opened);
      sampleSmudgingBlock(opened, stream, Math.max(0, stddevLog2), noise);
      addBlock(opened, at, at, noise);
      requireDeclared(reading, at);
      return decodeFromBlock(embedding, ring, at, { slots, scale });
    });
  let exact: ComplexVector;
  try {
    exact = flooded();
  } finally {
    stream.wipe();
    seed.fill(0);
  }
  for (const part of [exact.real, exact.imaginary]) requireSlots(reading, part);
  return Object.freeze({
    real: roundedTo(exact.real, errorStddev),
    imaginary: roundedTo(exact.imaginary, errorStddev),
    floodingStddev: 2 ** stddevLog2,
    errorStddev,
    precisionBits,
  });
}

/** σ_flood of the rules above. */
export function floodingStddev(ciphertext: Ciphertext, options: ReleaseOptions): number {
  const { releases } = options;
  if (!Number.isSafeInteger(releases) || releases < 1) {
    throw new ParameterError(`releases ${releases} is not a positive integer`);
  }
  const security = statisticalSecurity(options);
  const { degree } = ciphertext.context.parameters;
  const { noiseStddev } = options;
  if (noiseStddev === undefined && ciphertext.estimate.claimed) {
    throw new ParameterError(
      "this ciphertext's noise estimate is its sender's claim: state noiseStddev, your own bound for what was computed",
    );
  }
  if (noiseStddev !== undefined && (!(noiseStddev > 0) || !Number.isFinite(noiseStddev))) {
    throw new ParameterError(`noiseStddev ${noiseStddev} is not a positive number`);
  }
  const own = coefficientStddev(ciphertext.estimate, degree, scaleOf(ciphertext));
  const noise = Math.max(own, noiseStddev ?? 0, stddevOf(ciphertext.context.parameters.error));
  return 2 ** smudgingStddevLog2(Math.log2(degree * releases) / 2 + Math.log2(noise), security);
}

/** To multiples of the power of two just below an eighth of the error: what lies below means nothing. */
function roundedTo(values: Float64Array<ArrayBuffer>, errorStddev: number): Float64Array<ArrayBuffer> {
  const step = 2 ** Math.floor(Math.log2(errorStddev / 8));
  return values.map((x) => Math.round(x / step) * step);
}
