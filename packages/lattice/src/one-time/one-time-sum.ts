// The server's part: the running sum of contributions, added as they arrive, and its opening with the sum of their keys.
//
// Refused: contributions of other parameters or lengths, more than the parameters allow, the same one twice; opening with a sum of other keys, of keys out
// of range, or with any coefficient of any chunk whose noise is larger than so many honest contributions make it (to the
// resolution of integers/lane-codec.ts; a_j·(s′ − s) spreads over R_q, so a wrong sum of keys shows in most
// coefficients). Nothing is returned then.

import { ParameterError, ProtocolViolation } from '../errors.ts';
import { unpackBlock } from '../integers/lane-codec.ts';
import type { Lattice } from '../lattice.ts';
import { type OneTimeParameters, residualFraction } from '../parameters/one-time-parameters.ts';
import { SEED_BYTES } from '../random/random-stream.ts';
import {
  allocateBlock,
  forwardBlock,
  inverseBlock,
  loadBlock,
  multiplyBlock,
  signedToBlock,
  subtractBlock,
  writeBlock,
} from '../ring/blocks.ts';
import type { Ring } from '../ring/ring.ts';
import { RunningTotal } from '../ring/running-total.ts';
import {
  chunkCount,
  type OneTimeCiphertext,
  oneTimeCodec,
  oneTimeRing,
  requireCiphertext,
  writePublicPolynomial,
} from './ciphertext.ts';
import { type KeySum, requireKeySum } from './key-sum.ts';

/** Sixteen residues: more than 380 bits. */
const BEGINNING_WORDS = 16;

/** One running total over vectors of one length; contributions are not kept. */
export class OneTimeSum {
  readonly #lattice: Lattice;
  readonly #parameters: OneTimeParameters;
  readonly #length: number;
  readonly #ring: Ring;
  readonly #totals: readonly RunningTotal[];
  /** How every contribution begins: fresh ciphertexts are indistinguishable from uniform, so no two begin alike by chance. */
  readonly #beginnings = new Set<string>();
  #contributions = 0;

  constructor(lattice: Lattice, parameters: OneTimeParameters, length: number) {
    this.#lattice = lattice;
    this.#parameters = parameters;
    this.#length = length;
    const ring = oneTimeRing(lattice, parameters);
    this.#ring = ring;
    this.#totals = Array.from({ length: chunkCount(parameters, length) }, () => new RunningTotal(ring));
  }

  get contributions(): number {
    return this.#contributions;
  }

  /**
   * Adds a contribution, or a sum of several, whole or not at all. Whether there are enough of them to hide each other is for the
   * caller to see to: a sum of one opens as well.
   */
  add(ciphertext: OneTimeCiphertext): void {
    requireCiphertext(this.#lattice, this.#parameters, ciphertext);
    if (ciphertext.length !== this.#length) {
      throw new ParameterError(`a vector of ${ciphertext.length} values for a sum of vectors of ${this.#length}`);
    }
    const contributions = this.#contributions + ciphertext.contributions;
    if (contributions > this.#parameters.contributors) {
      throw new ParameterError(`${contributions} contributions; the parameters allow ${this.#parameters.contributors}`);
    }
    const beginning = ciphertext.chunks[0].residues.subarray(0, BEGINNING_WORDS).join();
    if (this.#beginnings.has(beginning)) throw new ProtocolViolation('this contribution has been added already');
    this.#beginnings.add(beginning);
    const ring = this.#ring;
    ring.engine.memory.scope(() => {
      const scratch = allocateBlock(ring);
      const term = allocateBlock(ring);
      ciphertext.chunks.forEach((chunk, j) => {
        writeBlock(term, chunk);
        this.#totals[j].add(term, scratch);
      });
    });
    this.#contributions = contributions;
  }

  /** The sum so far, as a ciphertext. Refused while nothing was added. */
  total(): OneTimeCiphertext {
    if (this.#contributions === 0) throw new ParameterError('nothing was added yet');
    return Object.freeze({
      parameters: this.#parameters,
      length: this.#length,
      chunks: Object.freeze(this.#totals.map((total) => total.polynomial())),
      contributions: this.#contributions,
    });
  }
}

export interface Opening {
  readonly total: OneTimeCiphertext;
  /** The context that all contributions were made for. */
  readonly context: Uint8Array;
  readonly keySum: KeySum;
}

/** The exact sums x = centred(C_j − a_j·s_U) mod T, or NoiseAboveBound and nothing. */
export function openSum(lattice: Lattice, { total, context, keySum }: Opening): Float64Array<ArrayBuffer> {
  const { parameters, length, chunks, contributions } = total;
  requireCiphertext(lattice, parameters, total);
  if (context.length !== SEED_BYTES)
    throw new ParameterError(`a context of ${context.length} bytes, not ${SEED_BYTES}`);
  if (keySum.contributions !== contributions) {
    throw new ParameterError(`a sum of ${contributions} contributions and one of ${keySum.contributions} keys`);
  }
  requireKeySum(parameters, keySum);
  const ring = oneTimeRing(lattice, parameters);
  const codec = oneTimeCodec(ring, parameters);
  const { memory } = lattice.engine;
  const { wordsPerChunk } = parameters;
  const fraction = residualFraction(parameters, contributions);
  const values = new Float64Array(length);
  memory.scope(() => {
    const s = allocateBlock(ring);
    const signed = memory.allocate(ring.limbBytes);
    memory.i32(signed, ring.degree).set(keySum.coefficients);
    signedToBlock(ring, s, signed);
    forwardBlock(ring, s);
    const a = allocateBlock(ring);
    const doubles = memory.allocate(8 * wordsPerChunk);
    chunks.forEach((chunk, j) => {
      memory.scope(() => {
        const x = loadBlock(chunk);
        writePublicPolynomial(lattice, ring, context, j, a);
        multiplyBlock(ring, a, a, s);
        subtractBlock(ring, x, x, a);
        inverseBlock(ring, x);
        unpackBlock(codec, doubles, x, fraction, `opening of chunk ${j} of a sum of ${contributions}`);
      });
      const start = j * wordsPerChunk;
      values.set(memory.f64(doubles, Math.min(wordsPerChunk, length - start)), start);
    });
  });
  return values;
}
