// Uniform residues by rejection: no bias, not even a small one.
//
// The words of the stream, little-endian, are looked at one after another; the next one below q·⌊2^32 / q⌋, reduced modulo q,
// is the next residue, limb after limb. Hence the residues depend on the stream alone, not on the pieces it is read in, and the
// polynomial over a ring's first primes is the first limbs of the polynomial over all of them.

import type { Engine } from '../engine/engine.ts';
import type { LatticePrimitives } from '../lattice.ts';
import { allocateBlock, readBlock } from '../ring/blocks.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import { RandomStream } from './random-stream.ts';

/** A piece of keystream is at most this long: it stays in the second-level cache. A multiple of ChaCha20's block. */
const PIECE_BYTES = 65536;

/** For each pattern of four lanes the byte shuffle that moves the chosen lanes to the front (the rest becomes zero). */
const SHUFFLES: Uint8Array = Uint8Array.from({ length: 256 }, (_, i) => {
  const pattern = i >> 4;
  const slot = (i & 15) >> 2;
  const chosen = [0, 1, 2, 3].filter((lane) => (pattern >> lane) & 1)[slot];
  return chosen === undefined ? 128 : 4 * chosen + (i & 3);
});

/** Draws words of a stream below given bounds, one run after another from the same keystream. Lives inside one scope. */
export class UniformWords {
  readonly #engine: Engine;
  readonly #stream: RandomStream;
  readonly #piece: number;
  readonly #pieceBytes: number;
  readonly #shuffles: number;
  readonly #kept: number;
  /** Words that the caller announced and has not drawn. */
  #announced: number;
  #next = 0;
  #end = 0;

  /** `expectedBytes`: about how much keystream will be needed in all; a hint for the size of the pieces, nothing more. */
  constructor(engine: Engine, stream: RandomStream, expectedBytes: number) {
    this.#engine = engine;
    this.#stream = stream;
    this.#announced = expectedBytes / 4;
    this.#pieceBytes = Math.min(PIECE_BYTES, Math.ceil((expectedBytes + 1) / 64) * 64);
    this.#piece = engine.memory.allocate(this.#pieceBytes);
    this.#shuffles = engine.memory.allocate(SHUFFLES.length);
    this.#kept = engine.memory.allocate(4);
    engine.memory.u8(this.#shuffles, SHUFFLES.length).set(SHUFFLES);
  }

  /** Writes `count` words uniform in [0, bound); `bound` is below 2^32 and no power of two. */
  draw(out: number, count: number, bound: number): void {
    const { memory, sampling } = this.#engine;
    const reciprocal = Math.floor(2 ** 32 / bound);
    this.#announced = Math.max(0, this.#announced - count);
    let written = 0;
    while (written < count) {
      if (this.#next === this.#end) {
        this.#refill(((this.#announced + count - written) * 2 ** 32) / (bound * reciprocal));
      }
      const looked = sampling.keepBelow(
        out + 4 * written,
        count - written,
        this.#next,
        (this.#end - this.#next) / 4,
        bound,
        reciprocal,
        this.#shuffles,
        this.#kept,
      );
      written += memory.u32(this.#kept, 1)[0];
      this.#next += 4 * looked;
    }
  }

  #refill(words: number): void {
    // Two deviations more than expected, in whole blocks: seldom a second call, never a long useless one.
    const bytes = Math.min(this.#pieceBytes, Math.ceil((4 * (words + 2 * Math.sqrt(words))) / 64) * 64);
    this.#stream.fill(this.#engine.memory.u8(this.#piece, bytes));
    this.#next = this.#piece;
    this.#end = this.#piece + bytes;
  }
}

/** Every residue of a block uniform modulo its prime. */
export function sampleUniformBlock(ring: Ring, stream: RandomStream, address: number): void {
  const { memory } = ring.engine;
  memory.secretScope(() => {
    const words = new UniformWords(ring.engine, stream, ring.blockBytes);
    ring.moduli.forEach(({ q }, limb) => {
      words.draw(address + limb * ring.limbBytes, ring.degree, q);
    });
  });
}

/** The public uniform polynomial that a seed stands for, drawn directly in evaluation form. Seed, index and result are public. */
export function expandUniform(
  ring: Ring,
  primitives: LatticePrimitives,
  seed: Uint8Array,
  index: number,
): EvaluationPolynomial {
  const stream = new RandomStream(primitives, seed, 'publ', index);
  return ring.engine.memory.scope(() => {
    const address = allocateBlock(ring);
    sampleUniformBlock(ring, stream, address);
    return evaluationPolynomial(ring, readBlock(ring, address));
  });
}
