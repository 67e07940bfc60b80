// A running sum of packed contributions: each is read, checked and added in one pass, and dropped. The total lies in the engine's
// memory until it is released, so that adding copies nothing but the contribution itself.
//
// Refused: bytes of another length, residues that are not below their prime (nothing is added then), more contributions than the
// parameters allow, any use after the release. Who contributed, and that nobody does twice, is for the protocol to see to.

import type { Engine } from '../engine/engine.ts';
import { MalformedMessage, ParameterError } from '../errors.ts';
import type { Lattice } from '../lattice.ts';
import type { OneTimeParameters } from '../parameters/one-time-parameters.ts';
import { evaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import { chunkCount, type OneTimeCiphertext, oneTimeRing, requireCiphertext } from './ciphertext.ts';
import { packedContributionBytes, packedLimbBytes } from './packed-contribution.ts';

/**
 * How much of a contribution is copied into the engine at once: it stays in the second level of a processor's caches, and is long enough
 * for the processor to fetch ahead. Limb by limb, a contribution that lies farther away took a third longer.
 */
const COPIED_BYTES = 245_760;

/** Regions of engine memory that sums gave back, by size: tables live as long as the engine. */
const released = new WeakMap<Engine, Map<number, number[]>>();

export class PackedSum {
  readonly #lattice: Lattice;
  readonly #parameters: OneTimeParameters;
  readonly #length: number;
  readonly #ring: Ring;
  readonly #chunkCount: number;
  readonly #limbBytes: number;
  #address: number | undefined;
  #contributions = 0;

  /** Empty, or going on from an earlier total() of these parameters and this length. Outside any scope of the engine. */
  constructor(lattice: Lattice, parameters: OneTimeParameters, length: number, from?: OneTimeCiphertext) {
    this.#lattice = lattice;
    this.#parameters = parameters;
    this.#length = length;
    this.#ring = oneTimeRing(lattice, parameters);
    this.#chunkCount = chunkCount(parameters, length);
    this.#limbBytes = packedLimbBytes(parameters);
    if (from !== undefined) {
      requireCiphertext(lattice, parameters, from);
      if (from.length !== length) throw new ParameterError(`a total of ${from.length} values for a sum of ${length}`);
      this.#contributions = from.contributions;
    }
    const { memory } = lattice.engine;
    const bytes = this.#chunkCount * this.#ring.blockBytes;
    const address = regionsOf(lattice.engine, bytes).pop() ?? memory.allocateTable(bytes);
    this.#address = address;
    memory.u8(address, bytes).fill(0);
    from?.chunks.forEach(({ residues }, j) => {
      memory.u32(address + j * this.#ring.blockBytes, residues.length).set(residues);
    });
  }

  get contributions(): number {
    return this.#contributions;
  }

  /** Adds a packed contribution, whole or not at all. */
  add(packed: Uint8Array): void {
    this.#require(packed, this.#contributions + 1);
    const { engine, degree, moduli } = this.#ring;
    const { packing } = engine;
    const failed = this.#pass(
      packed,
      this.#limbCount,
      ({ at, source, q }) => packing.addQuads30(at, source, degree, q) < q,
    );
    if (failed !== undefined) {
      // Exactly what was added is taken back, the limb that failed included.
      this.#subtractLimbs(packed, failed + 1);
      throw new MalformedMessage(
        `chunk ${Math.floor(failed / moduli.length)} has a residue that is not below prime ${moduli[failed % moduli.length].q}`,
      );
    }
    this.#contributions += 1;
  }

  /** Takes a contribution back that was added before: the caller answers for that. */
  remove(packed: Uint8Array): void {
    this.#require(packed, this.#contributions);
    if (this.#contributions === 0) throw new ParameterError('nothing was added yet');
    this.#subtractLimbs(packed, this.#limbCount);
    this.#contributions -= 1;
  }

  /** The sum so far, as a ciphertext. Refused while nothing was added. */
  total(): OneTimeCiphertext {
    const address = this.#live();
    if (this.#contributions === 0) throw new ParameterError('nothing was added yet');
    const { engine, blockBytes, degree, moduli } = this.#ring;
    const words = degree * moduli.length;
    const chunks = Array.from({ length: this.#chunkCount }, (_, j) =>
      evaluationPolynomial(this.#ring, engine.memory.u32(address + j * blockBytes, words).slice()),
    );
    return Object.freeze({
      parameters: this.#parameters,
      length: this.#length,
      chunks: Object.freeze(chunks),
      contributions: this.#contributions,
    });
  }

  /** Hands the memory back; every later use is a ParameterError. Releasing twice is no error. */
  release(): void {
    if (this.#address === undefined) return;
    regionsOf(this.#lattice.engine, this.#chunkCount * this.#ring.blockBytes).push(this.#address);
    this.#address = undefined;
  }

  #live(): number {
    if (this.#address === undefined) throw new ParameterError('this sum was released');
    return this.#address;
  }

  get #limbCount(): number {
    return this.#chunkCount * this.#ring.moduli.length;
  }

  #require(packed: Uint8Array, contributions: number): void {
    this.#live();
    const bytes = packedContributionBytes(this.#parameters, this.#length);
    if (packed.length !== bytes) {
      throw new MalformedMessage(`a packed contribution of ${packed.length} bytes, not ${bytes}`);
    }
    if (contributions > this.#parameters.contributors) {
      throw new ParameterError(`${contributions} contributions; the parameters allow ${this.#parameters.contributors}`);
    }
  }

  /**
   * Copies the contribution into the engine, piece by piece (COPIED_BYTES), and hands limb after limb to `visit` with a limb's room for
   * its own use; the number of the first limb that `visit` refuses.
   */
  #pass(packed: Uint8Array, limbsAtMost: number, visit: (copy: Copied) => boolean): number | undefined {
    const { engine, moduli, limbBytes } = this.#ring;
    const { memory } = engine;
    return memory.scope(() => {
      const limbsEach = Math.max(1, Math.floor(COPIED_BYTES / this.#limbBytes));
      const room = memory.allocate(limbBytes);
      const piece = memory.allocate(Math.min(limbsEach, limbsAtMost) * this.#limbBytes);
      for (let first = 0; first < limbsAtMost; first += limbsEach) {
        const limbs = Math.min(limbsEach, limbsAtMost - first);
        const start = first * this.#limbBytes;
        const bytes = limbs * this.#limbBytes;
        memory.u8(piece, bytes).set(packed.subarray(start, start + bytes));
        for (let i = 0; i < limbs; i++) {
          const index = first + i;
          const at = this.#live() + index * limbBytes;
          const source = piece + i * this.#limbBytes;
          if (!visit({ at, source, room, q: moduli[index % moduli.length].q })) return index;
        }
      }
      return undefined;
    });
  }

  /** What addQuads30 added, also where a value was not below q: total and value are then over by one and the same q. */
  #subtractLimbs(packed: Uint8Array, limbs: number): void {
    const { engine, degree, limbBytes } = this.#ring;
    const { memory, packing, residues } = engine;
    this.#pass(packed, limbs, ({ at, source, room, q }) => {
      memory.u8(room, limbBytes).fill(0);
      packing.addQuads30(room, source, degree, q);
      residues.subtractResidues(at, at, room, degree, q);
      return true;
    });
  }
}

/** One limb of a contribution, where its sum lies, and its prime. */
interface Copied {
  readonly at: number;
  readonly source: number;
  readonly room: number;
  readonly q: number;
}

function regionsOf(engine: Engine, bytes: number): number[] {
  const bySize = released.get(engine) ?? new Map<number, number[]>();
  released.set(engine, bySize);
  const regions = bySize.get(bytes) ?? [];
  bySize.set(bytes, regions);
  return regions;
}
