// The server's side of a sum: one running total, to which encrypted vectors are added as they arrive; none is kept.
//
// Refused, before anything is added: a vector of other parameters, length or ring, one more than the parameters allow.

import { ParameterError } from '../errors.ts';
import type { Lattice } from '../lattice.ts';
import type { IntegerParameters } from '../parameters/integer-parameters.ts';
import { sampleUniformBlock } from '../random/index.ts';
import { RandomStream } from '../random/random-stream.ts';
import { allocateBlock, writeBlock } from '../ring/blocks.ts';
import type { Ring } from '../ring/ring.ts';
import { RunningTotal } from '../ring/running-total.ts';
import {
  type EncryptedVector,
  type IntegerCiphertext,
  integerRing,
  isSeed,
  requireSameParameters,
  requireWellFormed,
} from './ciphertext.ts';
import { requireAdditions } from './operations.ts';

export class Accumulator {
  readonly #lattice: Lattice;
  readonly #parameters: IntegerParameters;
  readonly #length: number;
  readonly #ring: Ring;
  /** c0 and c1 of every position. */
  readonly #totals: readonly { readonly c0: RunningTotal; readonly c1: RunningTotal }[];
  #additions = 0;

  /** For vectors of `length` values. */
  constructor(lattice: Lattice, parameters: IntegerParameters, length: number) {
    if (!Number.isSafeInteger(length) || length < 1) throw new ParameterError(`a vector of ${length} values`);
    this.#lattice = lattice;
    this.#parameters = parameters;
    this.#length = length;
    const ring = integerRing(lattice, parameters);
    this.#ring = ring;
    this.#totals = Array.from({ length: Math.ceil(length / parameters.valuesPerCiphertext) }, () => ({
      c0: new RunningTotal(ring),
      c1: new RunningTotal(ring),
    }));
  }

  /** Fresh ciphertexts summed so far, with multiplicity. */
  get additions(): number {
    return this.#additions;
  }

  add(vector: EncryptedVector): void {
    const additions = this.#check(vector);
    const { memory } = this.#lattice.engine;
    memory.scope(() => {
      const scratch = allocateBlock(this.#ring);
      const term = allocateBlock(this.#ring);
      vector.ciphertexts.forEach((ciphertext, position) => {
        writeBlock(term, ciphertext.c0);
        this.#totals[position].c0.add(term, scratch);
        this.#writeSecond(term, ciphertext);
        this.#totals[position].c1.add(term, scratch);
      });
    });
    this.#additions = additions;
  }

  /** The sum so far, as a vector of its own. Refused while nothing was added. */
  sum(): EncryptedVector {
    if (this.#additions === 0) throw new ParameterError('nothing was added yet');
    const [parameters, additions] = [this.#parameters, this.#additions];
    const ciphertexts = this.#totals.map(({ c0, c1 }) =>
      Object.freeze({
        parameters,
        c0: c0.polynomial(),
        c1: c1.polynomial(),
        additions,
      }),
    );
    return Object.freeze({ parameters, length: this.#length, ciphertexts: Object.freeze(ciphertexts), additions });
  }

  /** Looks at everything first, so that a vector is added whole or not at all; returns the count after it. */
  #check({ parameters, length, ciphertexts, additions }: EncryptedVector): number {
    requireSameParameters(parameters, this.#parameters);
    if (length !== this.#length || ciphertexts.length !== this.#totals.length) {
      throw new ParameterError(`a vector of ${length} values for a sum of vectors of ${this.#length}`);
    }
    for (const ciphertext of ciphertexts) {
      requireSameParameters(ciphertext.parameters, this.#parameters);
      requireWellFormed(this.#lattice, ciphertext);
      if (ciphertext.additions !== additions) {
        throw new ParameterError(`a vector of ${additions} additions holds a ciphertext of ${ciphertext.additions}`);
      }
    }
    requireAdditions(this.#parameters, this.#additions + additions);
    return this.#additions + additions;
  }

  #writeSecond(address: number, { c1 }: IntegerCiphertext): void {
    if (isSeed(c1)) {
      const stream = new RandomStream(this.#lattice.primitives, c1.seed, 'publ', c1.index);
      sampleUniformBlock(this.#ring, stream, address);
    } else {
      writeBlock(address, c1);
    }
  }
}
