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
    const address = this.#require(packed, this.#contributions + 1);
    const failed = this.#pass(packed, (at, scratch, limb) => this.#addLimb(at, scratch, limb), address);
    if (failed !== undefined) {
      // Exactly what was added is taken back, the limb that failed included.
      this.#subtractLimbs(packed, address, failed + 1);
      const { length } = this.#ring.moduli;
      throw new MalformedMessage(
        `chunk ${Math.floor(failed / length)} has a residue that is not below prime ${this.#ring.moduli[failed % length].q}`,
      );
    }
    this.#contributions += 1;
  }

  /** Takes a contribution back that was added before: the caller answers for that. */
  remove(packed: Uint8Array): void {
    const address = this.#require(packed, this.#contributions);
    if (this.#contributions === 0) throw new ParameterError('nothing was added yet');
    this.#subtractLimbs(packed, address, this.#chunkCount * this.#ring.moduli.length);
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

  #require(packed: Uint8Array, contributions: number): number {
    const address = this.#live();
    const bytes = packedContributionBytes(this.#parameters, this.#length);
    if (packed.length !== bytes) {
      throw new MalformedMessage(`a packed contribution of ${packed.length} bytes, not ${bytes}`);
    }
    if (contributions > this.#parameters.contributors) {
      throw new ParameterError(`${contributions} contributions; the parameters allow ${this.#parameters.contributors}`);
    }
    return address;
  }

  /** Visits limb after limb, chunk by chunk; the number of the first that `visit` refuses. */
  #pass(
    packed: Uint8Array,
    visit: (at: number, scratch: number, limb: number) => boolean,
    address: number,
    limbsAtMost = Number.POSITIVE_INFINITY,
  ): number | undefined {
    const { engine, moduli, limbBytes } = this.#ring;
    const { memory } = engine;
    const packedChunk = moduli.length * this.#limbBytes;
    return memory.scope(() => {
      const scratch = memory.allocate(packedChunk);
      for (let j = 0, done = 0; j < this.#chunkCount; j++) {
        memory.u8(scratch, packedChunk).set(packed.subarray(j * packedChunk, (j + 1) * packedChunk));
        for (let limb = 0; limb < moduli.length; limb++, done++) {
          if (done === limbsAtMost) return undefined;
          if (!visit(address + done * limbBytes, scratch + limb * this.#limbBytes, limb)) return done;
        }
      }
      return undefined;
    });
  }

  #addLimb(at: number, packed: number, limb: number): boolean {
    const { engine, degree, moduli } = this.#ring;
    const { q } = moduli[limb];
    return engine.packing.addQuads30(at, packed, degree, q) < q;
  }

  /** What addQuads30 added, also where a value was not below q: total and value are then over by one and the same q. */
  #subtractLimbs(packed: Uint8Array, address: number, limbs: number): void {
    const { engine, degree, moduli, limbBytes } = this.#ring;
    const { memory, packing, residues } = engine;
    const subtract = (at: number, source: number, limb: number): boolean =>
      memory.scope(() => {
        const { q } = moduli[limb];
        const values = memory.allocate(limbBytes);
        memory.u8(values, limbBytes).fill(0);
        packing.addQuads30(values, source, degree, q);
        residues.subtractResidues(at, at, values, degree, q);
        return true;
      });
    this.#pass(packed, subtract, address, limbs);
  }
}

function regionsOf(engine: Engine, bytes: number): number[] {
  const bySize = released.get(engine) ?? new Map<number, number[]>();
  released.set(engine, bySize);
  const regions = bySize.get(bytes) ?? [];
  bySize.set(bytes, regions);
  return regions;
}
