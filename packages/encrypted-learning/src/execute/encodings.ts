// Vectors and matrices known in the clear, encoded for the level they are used at. Encoding costs more than the product it is for, so what
// is used more than once at a level is kept; with 'all' everything is, which makes a second run of the same circuit cheaper and takes the
// memory of a ciphertext's half for each vector and diagonal.

import { type CkksContext, encode, encodeTransform, type LinearTransform, type Plaintext } from '@sumus/lattice/ckks';
import type { Plain } from '../circuit/plain.ts';
import { operandsPlain } from '../circuit/plain-operands.ts';
import { sizeAt, stepsOfTransform } from '../parameters/cost.ts';
import type { Plan } from '../parameters/plan.ts';

export type KeptEncodings = 'reused' | 'all';

export class Encodings {
  readonly #context: CkksContext;
  readonly #slots: number;
  /** How often a plan reads a plain operand at a level. */
  readonly #uses = new Map<Plain, Map<number, number>>();
  readonly #kept = new Map<Plain, Map<number, Plaintext>>();

  readonly #transforms = new Map<number, LinearTransform>();
  readonly #plan: Plan;
  readonly #keep: KeptEncodings;

  constructor(plan: Plan, context: CkksContext, keep: KeptEncodings) {
    this.#plan = plan;
    this.#keep = keep;
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
    if (this.#keep === 'all' || (this.#uses.get(plain)?.get(level) ?? 0) > 1) {
      const levels = this.#kept.get(plain) ?? new Map<number, Plaintext>();
      this.#kept.set(plain, levels);
      levels.set(level, made);
    }
    return made;
  }

  /** The matrix of the operation at this position. */
  transform(at: number, diagonals: ReadonlyMap<number, Float64Array>): LinearTransform {
    const known = this.#transforms.get(at);
    if (known !== undefined) return known;
    const level = this.#plan.operandLevels[at];
    const { babySteps } = stepsOfTransform(diagonals.keys(), this.#slots, sizeAt(this.#plan.parameters, level));
    const made = encodeTransform(this.#context, diagonals, { level, slots: this.#slots, babySteps });
    if (this.#keep === 'all') this.#transforms.set(at, made);
    return made;
  }

  /** What was handed in for one run is another vector in the next. */
  forgetNamed(): void {
    for (const plain of this.#kept.keys()) if (plain.kind === 'named') this.#kept.delete(plain);
  }
}
