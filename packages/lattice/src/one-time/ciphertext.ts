// One-time ciphertexts as data: per chunk of N·d words one polynomial c_j = a_j·s + T·e_j + Pack(x)_j in evaluation form, where
// a_j comes from a public context seed, the same for all contributors (eprint 2024/936). Public.

import { ParameterError } from '../errors.ts';
import { type LaneCodec, laneCodec } from '../integers/lane-codec.ts';
import type { Lattice } from '../lattice.ts';
import type { OneTimeParameters } from '../parameters/one-time-parameters.ts';
import { sampleUniformBlock } from '../random/index.ts';
import { RandomStream } from '../random/random-stream.ts';
import type { EvaluationPolynomial } from '../ring/polynomial.ts';
import { type Ring, ring } from '../ring/ring.ts';

export interface OneTimeCiphertext {
  readonly parameters: OneTimeParameters;
  /** How many values it holds. */
  readonly length: number;
  readonly chunks: readonly EvaluationPolynomial[];
  /** How many contributions are summed in it: 1 when fresh. */
  readonly contributions: number;
}

export function oneTimeRing({ engine }: Pick<Lattice, 'engine'>, { degree, primes }: OneTimeParameters): Ring {
  return ring(engine, degree, primes);
}

/** Chunks that a vector of this length takes. */
export function chunkCount({ wordsPerChunk }: OneTimeParameters, length: number): number {
  if (!Number.isSafeInteger(length) || length < 1) throw new ParameterError(`a vector of ${length} values`);
  return Math.ceil(length / wordsPerChunk);
}

/** Writes a_j, a block of the ring in evaluation form: uniform by rejection, the same for everyone with this context. */
export function writePublicPolynomial(
  lattice: Lattice,
  over: Ring,
  context: Uint8Array,
  chunk: number,
  at: number,
): void {
  sampleUniformBlock(over, new RandomStream(lattice.primitives, context, 'publ', chunk), at);
}

/** Refuses a ciphertext that does not belong to these parameters and this engine. */
export function requireCiphertext(
  lattice: Lattice,
  parameters: OneTimeParameters,
  { parameters: own, length, chunks, contributions }: OneTimeCiphertext,
): void {
  if (own.description !== parameters.description)
    throw new ParameterError(`parameters differ: ${own} and ${parameters}`);
  const expected = oneTimeRing(lattice, parameters);
  if (chunks.length !== chunkCount(parameters, length) || chunks.some((chunk) => chunk.ring !== expected)) {
    throw new ParameterError(`a ciphertext of ${length} values has ${chunks.length} chunks, or lies in another ring`);
  }
  if (!Number.isInteger(contributions) || contributions < 1 || contributions > parameters.contributors) {
    throw new ParameterError(
      `a sum of ${contributions} contributions; the parameters allow ${parameters.contributors}`,
    );
  }
}

/** Words are packed in the low bits of a coefficient; the word after them is the error, in multiples of T. */
const LARGEST_ERROR = 4095;

const codecs = new WeakMap<Ring, Map<string, LaneCodec>>();

/** The tables of these words; made once. Outside any scope. */
export function oneTimeCodec(over: Ring, parameters: OneTimeParameters): LaneCodec {
  const known = codecs.get(over) ?? new Map<string, LaneCodec>();
  codecs.set(over, known);
  const { wordBits, wordsPerCoefficient, highest } = parameters;
  const key = `${wordsPerCoefficient}:${wordBits}:${highest}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = laneCodec(over, {
    lanes: wordsPerCoefficient,
    laneBits: wordBits,
    modulus: 0,
    signed: true,
    largest: Math.max(highest, LARGEST_ERROR),
    scale: 1n,
    extraWeights: [1n << BigInt(wordBits * wordsPerCoefficient)],
  });
  known.set(key, made);
  return made;
}
