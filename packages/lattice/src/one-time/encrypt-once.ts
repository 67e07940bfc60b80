// A contributor's part: its vector encrypted under a key that is used once, ever. The key is wiped by the use.
//
// Refused before the key is touched: values that are not integers in range, a context or a seed of wrong length.

import { ParameterError } from '../errors.ts';
import { packBlock } from '../integers/lane-codec.ts';
import { checkValues, type IntegerValues, moveCheckedWords } from '../integers/values.ts';
import type { Lattice } from '../lattice.ts';
import { freshSeed, sampleSmall } from '../random/index.ts';
import { RandomStream, requireSeed, SEED_BYTES } from '../random/random-stream.ts';
import { allocateBlock, forwardBlock, multiplyAddBlock, readBlock, signedToBlock } from '../ring/blocks.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import { chunkCount, type OneTimeCiphertext, oneTimeCodec, oneTimeRing, writePublicPolynomial } from './ciphertext.ts';
import type { OneTimeKey } from './one-time-key.ts';
import { packedContributionBytes, packedLimbBytes } from './packed-contribution.ts';

export interface OneTimeInput {
  /** Fresh from oneTimeKey, shared already if it is to be opened by a committee; spent and wiped afterwards. */
  readonly key: OneTimeKey;
  /** 32 public bytes that all contributors of one sum share, and no other sum. */
  readonly context: Uint8Array;
  readonly values: IntegerValues;
  /** 32 secret bytes used for nothing else; by default fresh ones. */
  readonly seed?: Uint8Array;
}

/** c_j = a_j·s + T·e_j + Pack(x)_j for every chunk. */
export function encryptOnce(lattice: Lattice, input: OneTimeInput): OneTimeCiphertext {
  const { parameters } = input.key;
  const ring = oneTimeRing(lattice, parameters);
  const chunks: EvaluationPolynomial[] = [];
  encryptChunks(lattice, input, (c) => chunks.push(evaluationPolynomial(ring, readBlock(ring, c))));
  return Object.freeze({ parameters, length: input.values.length, chunks: Object.freeze(chunks), contributions: 1 });
}

/** The same as the bytes of packed-contribution.ts. */
export function encryptOncePacked(lattice: Lattice, input: OneTimeInput): Uint8Array<ArrayBuffer> {
  const {
    parameters,
    parameters: { degree },
  } = input.key;
  const { moduli, limbBytes } = oneTimeRing(lattice, parameters);
  const { memory, packing } = lattice.engine;
  const packedLimb = packedLimbBytes(parameters);
  const bytes = new Uint8Array(packedContributionBytes(parameters, input.values.length));
  encryptChunks(lattice, input, (c, j) =>
    memory.scope(() => {
      const packed = memory.allocate(packedLimb * moduli.length);
      for (let limb = 0; limb < moduli.length; limb++) {
        packing.packQuads30(packed + limb * packedLimb, c + limb * limbBytes, degree);
      }
      bytes.set(memory.u8(packed, packedLimb * moduli.length), j * packedLimb * moduli.length);
    }),
  );
  return bytes;
}

/** Hands every chunk, a block in evaluation form that is overwritten afterwards, to `emit`. */
function encryptChunks(
  lattice: Lattice,
  { key, context, values, seed }: OneTimeInput,
  emit: (block: number, chunk: number) => void,
): void {
  const { parameters } = key;
  const { engine, primitives } = lattice;
  const { memory } = engine;
  const ring = oneTimeRing(lattice, parameters);
  const codec = oneTimeCodec(ring, parameters);
  const count = chunkCount(parameters, values.length);
  if (context.length !== SEED_BYTES)
    throw new ParameterError(`a context of ${context.length} bytes, not ${SEED_BYTES}`);
  if (seed !== undefined) requireSeed(seed);
  const checked = checkValues(engine, values, parameters.lowest, parameters.highest);
  const { wordsPerCoefficient, wordsPerChunk, error, degree } = parameters;
  const coefficients = key.takeForEncryption();
  const noiseSeed = seed ?? freshSeed(primitives);
  try {
    memory.secretScope(() => {
      const s = allocateBlock(ring);
      const words = memory.allocate((wordsPerCoefficient + 1) * ring.limbBytes);
      memory.i32(words, degree).set(coefficients);
      signedToBlock(ring, s, words);
      forwardBlock(ring, s);
      const a = allocateBlock(ring);
      const c = allocateBlock(ring);
      for (let j = 0; j < count; j++) {
        memory.scope(() => moveCheckedWords(engine, checked, j * wordsPerChunk, wordsPerChunk, words));
        const noise = new RandomStream(primitives, noiseSeed, 'err0', j);
        sampleSmall(engine, noise, error, words + wordsPerCoefficient * ring.limbBytes, degree);
        noise.wipe();
        packBlock(codec, c, words);
        forwardBlock(ring, c);
        writePublicPolynomial(lattice, ring, context, j, a);
        multiplyAddBlock(ring, c, a, s);
        emit(c, j);
      }
    });
  } finally {
    key.wipe();
    if (seed === undefined) noiseSeed.fill(0);
  }
}
