// A participant's floats become words: finite? → norm → weight and clip → rotation → rounding at random → noise → counters.
// What goes in and comes out is the participant's own; nothing of it is in a message of an error. The number of steps depends on
// lengths only, but for conditional rounding, which repeats where a draw came out too long: by the norm, as its analysis allows.
//
// Bits of randomness: one 32-bit word of a fresh ChaCha20 stream a value, of which 24 count (kernels/rounding.ts): a rounded word's
// expectation is its value, or less than 2^-24 steps above it.

import type { Engine } from '../engine/index.ts';
import { ParameterError } from '../errors.ts';
import type { PublicPrimitives } from '../primitives.ts';
import { type PlacedCounter, requireCount, writeCounter } from './counters.ts';
import { type Encoding, SQUARED_NORM_STEPS } from './encoding.ts';
import { type NoiseSampler, requireDeclared } from './noise.ts';
import { placeSigns, type Rotation, requireRotation, rotateInPlace } from './rotation.ts';

export interface EncodingPrimitives extends Pick<PublicPrimitives, 'chacha20'> {
  randomBytes(length: number): Uint8Array<ArrayBuffer>;
}

export interface VectorToEncode {
  readonly values: Float32Array;
  /** Demanded where the encoding has weights: a whole number of 1 to its maximum. */
  readonly weight?: number | undefined;
  /** Demanded for each counter of the encoding, by name. */
  readonly counts?: Readonly<Record<string, number>>;
  /** Demanded where the encoding has noise. */
  readonly noise?: NoiseSampler | undefined;
  /** Where the words go instead of a new array; all of it is overwritten. */
  readonly into?: Int32Array | undefined;
}

/** The participant's: what is in it stays with it, but for the words, which go into a protocol. */
export interface EncodedVector {
  /** |word| ≤ encoding.largestWord. The caller's to wipe. */
  readonly words: Int32Array;
  /** Its norm was above the clip. */
  readonly clipped: boolean;
  /** Values that left the range of rotated values, which happens once in 2^20 vectors, and noisy words that left that of words. */
  readonly clampedWords: number;
  /** More than one in a million was clamped: the vector is not what rotation is made for, or the noise is not what was declared. */
  readonly alarming: boolean;
}

/** 64 KiB of stream at a time: larger pieces leave the cache, smaller ones pay for calls. */
const PIECE = 16384;
/** An attempt of conditional rounding succeeds with probability 0.39 at least: 256 failures do not happen. */
const ATTEMPTS_AT_MOST = 256;
/** Norms are compared with this much to spare: more than their sums of doubles can be wrong. */
const NORM_ALLOWANCE = 1 + 2 ** -26;

export function encode(
  engine: Engine,
  primitives: EncodingPrimitives,
  encoding: Encoding,
  rotation: Rotation,
  vector: VectorToEncode,
): EncodedVector {
  requireRotation(rotation, encoding.windows);
  const { values } = vector;
  if (!(values instanceof Float32Array) || values.length !== encoding.vectorLength) {
    throw new ParameterError(`the vector is not one of ${encoding.vectorLength} floats`);
  }
  const words = vector.into ?? new Int32Array(encoding.words);
  if (words.length !== encoding.words)
    throw new ParameterError(`there are ${words.length} places for ${encoding.words} words`);
  const counts = countsOf(encoding, vector);
  const noise = noiseOf(encoding, vector);
  return engine.memory.secretScope(() => {
    const { length } = encoding.windows;
    const at = engine.memory.allocate(4 * length);
    const floats = engine.memory.f32(at, length);
    floats.set(values);
    floats.fill(0, values.length);
    const squaredNorm = engine.rounding.squaredNorm(at, length);
    if (!Number.isFinite(squaredNorm)) throw new ParameterError('the vector has a value that is not finite');
    try {
      for (const [counter, count] of counts) writeCounter(words, counter, encoding.largestWord + 1, count);
      if (encoding.squaredNormCounter !== undefined) {
        writeCounter(words, encoding.squaredNormCounter, encoding.largestWord + 1, stepsOf(encoding, squaredNorm));
      }
      const { factors, clipped } = factorsOf(encoding, Math.sqrt(squaredNorm), vector.weight);
      rotateInPlace(engine, at, encoding.windows, placeSigns(engine, rotation), factors);
      let clampedWords = roundAll(engine, primitives, encoding, at, words);
      if (noise !== undefined) clampedWords += addNoise(engine, encoding, words, noise);
      return { words, clipped, clampedWords, alarming: clampedWords * 1e6 > length };
    } catch (error) {
      // A generator or a sampler failed. Words without their noise must not lie about.
      words.fill(0);
      throw error;
    }
  });
}

/** scale · (weight / maximum) · min(1, clip / norm of the weighted vector), in two factors that floats can hold. */
function factorsOf(
  { scale, clippingNorm, maximumWeight }: Encoding,
  norm: number,
  weight: number | undefined,
): { readonly factors: { readonly first: number; readonly second: number }; readonly clipped: boolean } {
  const share = maximumWeight === undefined ? 1 : (weight ?? 0) / maximumWeight;
  const weighted = norm * share;
  const clipped = weighted > clippingNorm;
  const factor = scale * share * (clipped ? clippingNorm / weighted : 1);
  // A vector near the largest floats times a factor below the smallest ones: half-way first. What vanishes there is below 2^-60 of the norm.
  const first = factor < 2 ** -60 ? 2 ** -80 : 1;
  return { factors: { first, second: factor / first }, clipped };
}

function countsOf(
  { weightCounter, counters }: Encoding,
  { weight, counts = {} }: VectorToEncode,
): readonly (readonly [PlacedCounter, number])[] {
  const written = counters.map((counter) => [counter, counts[counter.name] ?? Number.NaN] as const);
  if (Object.keys(counts).length !== counters.length) {
    throw new ParameterError(`there are ${Object.keys(counts).length} counts, the encoding has ${counters.length}`);
  }
  if (weightCounter !== undefined) {
    if (weight === undefined || !(weight >= 1))
      throw new ParameterError('the weight is not a whole number of at least 1');
    written.push([weightCounter, weight]);
  } else if (weight !== undefined) {
    throw new ParameterError('a weight was given, the encoding has none');
  }
  for (const [counter, count] of written) requireCount(counter, count);
  return written;
}

function noiseOf({ noise: declared }: Encoding, { noise }: VectorToEncode): NoiseSampler | undefined {
  if (declared === undefined) {
    if (noise !== undefined) throw new ParameterError('a sampler of noise was given, the encoding has no noise');
    return undefined;
  }
  if (noise === undefined) throw new ParameterError(`the encoding has ${declared.name} noise, no sampler was given`);
  requireDeclared(declared, noise);
  return noise;
}

function roundAll(
  engine: Engine,
  primitives: EncodingPrimitives,
  encoding: Encoding,
  at: number,
  words: Int32Array,
): number {
  const key = freshKey(primitives);
  const highest = (encoding.largestNorm * encoding.largestNorm) / NORM_ALLOWANCE;
  try {
    for (let attempt = 0; attempt < ATTEMPTS_AT_MOST; attempt++) {
      const { clamped, squaredNorm } = roundOnce(engine, primitives, encoding, at, words, { key, attempt });
      if (encoding.rounding === 'stochastic' || squaredNorm <= highest) return clamped;
    }
  } finally {
    key.fill(0);
  }
  throw new ParameterError(`${ATTEMPTS_AT_MOST} roundings came out too long: the randomness handed in is not random`);
}

function roundOnce(
  { memory, rounding }: Engine,
  { chacha20 }: EncodingPrimitives,
  { windows, largestSignal, rounding: kind }: Encoding,
  at: number,
  words: Int32Array,
  { key, attempt }: { readonly key: Uint8Array; readonly attempt: number },
): { readonly clamped: number; readonly squaredNorm: number } {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(0, attempt, true);
  let clamped = 0;
  let squaredNorm = 0;
  memory.scope(() => {
    const piece = memory.allocate(4 * Math.min(PIECE, windows.length));
    for (let from = 0; from < windows.length; from += PIECE) {
      const count = Math.min(PIECE, windows.length - from);
      chacha20(key, nonce, from / 16, memory.u8(piece, 4 * count));
      clamped += rounding.roundAtRandom(piece, at + 4 * from, piece, count, largestSignal);
      if (kind === 'conditional') squaredNorm += rounding.squaredNormOfWords(piece, count);
      words.set(memory.i32(piece, count), from);
    }
  });
  return { clamped, squaredNorm };
}

function addNoise(
  { memory, rounding }: Engine,
  { windows, largestWord }: Encoding,
  words: Int32Array,
  noise: NoiseSampler,
): number {
  let clamped = 0;
  const drawn = new Int32Array(Math.min(PIECE, windows.length));
  memory.scope(() => {
    const piece = memory.allocate(4 * drawn.length);
    const added = memory.allocate(4 * drawn.length);
    for (let from = 0; from < windows.length; from += PIECE) {
      const count = Math.min(PIECE, windows.length - from);
      noise.sampleInto(drawn.subarray(0, count));
      memory.i32(piece, count).set(words.subarray(from, from + count));
      memory.i32(added, count).set(drawn.subarray(0, count));
      clamped += rounding.addWithin(piece, added, count, largestWord);
      words.set(memory.i32(piece, count), from);
    }
  });
  drawn.fill(0);
  return clamped;
}

/** ‖x‖² in steps, to the nearest one; more than the maximum is the maximum. */
const stepsOf = ({ maximumSquaredNorm }: Encoding, squaredNorm: number): number =>
  Math.round(Math.min(1, squaredNorm / (maximumSquaredNorm ?? 1)) * SQUARED_NORM_STEPS);

function freshKey({ randomBytes }: EncodingPrimitives): Uint8Array {
  const key = randomBytes(32);
  // A generator that failed gives nothing or zeros; 32 zeros happen once in 2^256.
  if (!(key instanceof Uint8Array) || key.length !== 32 || key.every((byte) => byte === 0)) {
    throw new ParameterError('the randomness handed in gave no 32 random bytes');
  }
  return key;
}
