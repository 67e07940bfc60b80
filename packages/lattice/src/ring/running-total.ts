// A polynomial that others are added to as they arrive: JavaScript's own, so it outlives every scope, and one addition is one copy in
// and one copy out.

import { addBlock } from './blocks.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from './polynomial.ts';
import type { Ring } from './ring.ts';

export class RunningTotal {
  readonly #ring: Ring;
  readonly #residues: Uint32Array<ArrayBuffer>;

  /** Zero. */
  constructor(ring: Ring) {
    this.#ring = ring;
    this.#residues = new Uint32Array(ring.degree * ring.moduli.length);
  }

  /** Adds the block at `term`, which stays as it is; `scratch` is another block of the ring. Inside a scope. */
  add(term: number, scratch: number): void {
    const words = this.#ring.engine.memory.u32(scratch, this.#residues.length);
    words.set(this.#residues);
    addBlock(this.#ring, scratch, scratch, term);
    this.#residues.set(words);
  }

  /** The total so far, as a polynomial of its own. */
  polynomial(): EvaluationPolynomial {
    return evaluationPolynomial(this.#ring, this.#residues.slice());
  }
}
