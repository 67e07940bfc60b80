// Vectors known in the clear, encoded for the level they are used at. Encoding costs more than the product it is for, so what is used
// more than once at a level is kept.

import { type CkksContext, encode, type Plaintext } from '@sumus/lattice/ckks';
import type { Plain } from '../circuit/plain.ts';
import { operandsPlain } from '../circuit/plain-operands.ts';
import type { Plan } from '../parameters/plan.ts';

export class Encodings {
  readonly #context: CkksContext;
  readonly #slots: number;
  /** How often a plan reads a plain operand at a level. */
  readonly #uses = new Map<Plain, Map<number, number>>();
  readonly #kept = new Map<Plain, Map<number, Plaintext>>();

  constructor(plan: Plan, context: CkksContext) {
    this.#context = context;
    this.#slots = plan.circuit.slots;
    plan.circuit.operations.forEach((operation, at) => {
      if (plan.levels[at] < 0) return;
      for (const plain of operandsPlain(operation)) {
        const levels = this.#uses.get(plain) ?? new Map<number, number>();
        this.#uses.set(plain, levels);
        const level = plan.operandLevels[at];
        levels.set(level, (levels.get(level) ?? 0) + 1);
      }
    });
  }

  of(plain: Plain, level: number, values: ArrayLike<number>): Plaintext {
    const known = this.#kept.get(plain)?.get(level);
    if (known !== undefined) return known;
    const made = encode(this.#context, values, { level, slots: this.#slots });
    if ((this.#uses.get(plain)?.get(level) ?? 0) > 1) {
      const levels = this.#kept.get(plain) ?? new Map<number, Plaintext>();
      this.#kept.set(plain, levels);
      levels.set(level, made);
    }
    return made;
  }

  /** What was handed in for one run is another vector in the next. */
  forgetNamed(): void {
    for (const plain of this.#kept.keys()) if (plain.kind === 'named') this.#kept.delete(plain);
  }
}
