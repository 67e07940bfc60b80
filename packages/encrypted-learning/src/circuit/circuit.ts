// A computation on encrypted vectors, as a value: what goes in, what is done, what comes out. Nothing is computed here.
//
// A circuit has a number of slots, a power of two; every value is a vector of that many real numbers, and rotations turn within them.
// Parameters with more slots hold the vector periodically. Build one with `circuit(name, slots, (c) => …)`; look at it with `measure`
// (depth, operations), `plan` and `explain` (../parameters); run it with an executor (../execute).
//
// Refused while building: wires of another circuit, names used twice, numbers that are none, vectors longer than the slots.
// Refused at the end: a circuit without outputs, and inputs that nothing depends on.

import { ParameterError } from '../errors.ts';
import { CircuitBuilder } from './builder.ts';
import { type Operation, type Output, operandsOf } from './operation.ts';

export interface Circuit {
  readonly kind: 'circuit';
  readonly name: string;
  /** A power of two: the length of every value. */
  readonly slots: number;
  readonly operations: readonly Operation[];
  /** The section of every operation, '' outside of all: `iteration 3`. */
  readonly sections: readonly string[];
  readonly outputs: ReadonlyMap<string, Output>;
}

export interface CircuitInput {
  readonly name: string;
  readonly at: number;
  readonly magnitude: number;
  readonly packing: string;
}

/** Builds a circuit; the builder is of no use afterwards. */
export function circuit(name: string, slots: number, build: (builder: CircuitBuilder) => void): Circuit {
  if (!Number.isInteger(Math.log2(slots)) || slots < 1 || slots > MOST_SLOTS) {
    throw new ParameterError(`${slots} slots: not a power of two in [1, ${MOST_SLOTS}]`);
  }
  const builder = new CircuitBuilder(slots);
  build(builder);
  const { operations, sections, outputs } = builder.finish();
  const made: Circuit = Object.freeze({ kind: 'circuit', name, slots, operations, sections, outputs });
  requireUsed(made);
  return made;
}

/** N = 65536 has this many. */
const MOST_SLOTS = 32768;

export function inputsOf({ operations }: Circuit): readonly CircuitInput[] {
  return operations.flatMap((operation, at) =>
    operation.kind === 'input'
      ? [{ name: operation.name, at, magnitude: operation.magnitude, packing: operation.packing }]
      : [],
  );
}

/** Which operations some output depends on; the others are never executed. */
export function usedOf({ operations, outputs }: Circuit): readonly boolean[] {
  const used = operations.map(() => false);
  for (const { at } of outputs.values()) used[at] = true;
  for (let at = operations.length - 1; at >= 0; at--) {
    if (used[at]) for (const operand of operandsOf(operations[at])) used[operand] = true;
  }
  return used;
}

function requireUsed(made: Circuit): void {
  if (made.outputs.size === 0) throw new ParameterError(`circuit ${made.name} has no output`);
  const used = usedOf(made);
  for (const { name, at } of inputsOf(made)) {
    if (!used[at]) throw new ParameterError(`circuit ${made.name}: no output depends on input ${name}`);
  }
}
