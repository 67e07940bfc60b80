// The operand of a circuit that is no secret: one number for all slots, a vector of slots, or a vector that is handed over when the
// circuit runs (weights of a model, the iterate of this round).

import { ParameterError } from '../errors.ts';

export type Plain =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'vector'; readonly values: Float64Array }
  | { readonly kind: 'named'; readonly name: string; readonly magnitude: number };

/** What the builder takes: a number, numbers for the slots, or a plain input of the same circuit. */
export type PlainOperand = number | readonly number[] | Float64Array | NamedPlain;

/** A plain input, by name. Made by CircuitBuilder.plainInput. */
export type NamedPlain = Extract<Plain, { kind: 'named' }>;

/** Checks an operand for a circuit of `slots` slots; a short vector is filled with zeros. */
export function plainOf(operand: PlainOperand, slots: number): Plain {
  if (typeof operand === 'number') {
    if (!Number.isFinite(operand)) throw new ParameterError(`a plain operand of ${operand} is not a finite number`);
    return Object.freeze({ kind: 'scalar', value: operand });
  }
  if (!Array.isArray(operand) && !(operand instanceof Float64Array)) return operand as NamedPlain;
  if (operand.length > slots) {
    throw new ParameterError(`a plain vector of ${operand.length} numbers; the circuit has ${slots} slots`);
  }
  const values = new Float64Array(slots);
  values.set(operand);
  values.forEach((value, slot) => {
    if (!Number.isFinite(value)) throw new ParameterError(`slot ${slot} of a plain vector, ${value}, is not finite`);
  });
  return Object.freeze({ kind: 'vector', values });
}

/** A bound on every |number| of it. */
export function plainMagnitude(plain: Plain): number {
  switch (plain.kind) {
    case 'scalar':
      return Math.abs(plain.value);
    case 'vector':
      return plain.values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    case 'named':
      return plain.magnitude;
    default:
      return plain satisfies never;
  }
}

/** One Plain for every array handed in again unchanged: what is used in every iteration is encoded once for each level. */
export class PlainVectors {
  readonly #known = new WeakMap<object, Plain>();

  of(operand: PlainOperand, slots: number): Plain {
    const known = typeof operand === 'object' ? this.#known.get(operand) : undefined;
    const made = plainOf(operand, slots);
    if (known?.kind === 'vector' && made.kind === 'vector' && sameNumbers(known.values, made.values)) return known;
    if (typeof operand === 'object') this.#known.set(operand, made);
    return made;
  }
}

function sameNumbers(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
