// The twin in the clear: the same operations on Float64Arrays, nothing rounded but by doubles. What it gives is what the ciphertexts
// approximate; it is also how a circuit is tuned without a key.
//
// It checks what the encrypted run takes on trust: that no number exceeds a bound that the circuit declares. Refused (BoundExceeded), with
// the section, because the encrypted run would go wrong in silence there. `bounds: 'ignored'` is for looking at a run that diverges.

import type { Circuit } from '../circuit/circuit.ts';
import { innerSumSteps, type Operation } from '../circuit/operation.ts';
import type { Plain } from '../circuit/plain.ts';
import { ParameterError } from '../errors.ts';
import { BoundExceeded } from './bound.ts';
import type { Executor, Inputs } from './executor.ts';
import { walk } from './walk.ts';

export type ClearVector = Float64Array;

export interface ClearOptions {
  /** Default 'checked'. */
  readonly bounds?: 'checked' | 'ignored';
}

export function clearExecutor(circuit: Circuit, { bounds = 'checked' }: ClearOptions = {}): Executor<ClearVector> {
  const executor: Executor<ClearVector> = {
    kind: 'clear',
    circuit,
    run: (inputs, options) =>
      walk<ClearVector>(
        circuit,
        {
          work: () => 1,
          apply: async (operation, at, operand) => {
            if (operation.kind === 'input')
              return checkedInput(circuit, operation, at, await inputs.encrypted(operation.name));
            const result = apply(circuit, operation, operand, inputs);
            if (operation.kind === 'declare' && bounds === 'checked') {
              requireWithin(result, operation.magnitude, circuit.sections[at], operation.because);
            }
            return result;
          },
        },
        options,
      ),
  };
  return Object.freeze(executor);
}

/** For doubles' own rounding. */
const SLACK = 1 + 2 ** -30;

function requireWithin(values: ClearVector, magnitude: number, section: string, because: string): void {
  for (const value of values) {
    if (Math.abs(value) <= magnitude * SLACK) continue;
    throw new BoundExceeded(magnitude, section, because);
  }
}

function checkedInput(
  circuit: Circuit,
  { name, magnitude }: Extract<Operation, { kind: 'input' }>,
  at: number,
  values: ClearVector,
): ClearVector {
  if (values.length > circuit.slots) {
    throw new ParameterError(`input ${name} has ${values.length} numbers, the circuit ${circuit.slots} slots`);
  }
  requireWithin(values, magnitude, circuit.sections[at], `the circuit declares it of input ${name}`);
  const padded = new Float64Array(circuit.slots);
  padded.set(values);
  return padded;
}

type Computed = Exclude<Operation, { kind: 'input' }>;

function apply(
  circuit: Circuit,
  operation: Computed,
  operand: (at: number) => ClearVector,
  inputs: Inputs<ClearVector>,
): ClearVector {
  const { slots } = circuit;
  switch (operation.kind) {
    case 'add':
      return each(operand(operation.a), operand(operation.b), (x, y) => x + y);
    case 'subtract':
      return each(operand(operation.a), operand(operation.b), (x, y) => x - y);
    case 'negate':
      return operand(operation.a).map((x) => -x);
    case 'sum':
      return operation.terms.map(operand).reduce((a, b) => each(a, b, (x, y) => x + y));
    case 'add plain':
      return each(operand(operation.a), plainSlots(operation.plain, slots, inputs), (x, y) => x + y);
    case 'combination':
      return operation.terms.reduce<ClearVector>(
        (total, { a, factor }) => addProduct(total, operand(a), plainSlots(factor, slots, inputs)),
        new Float64Array(slots).fill(operation.constant),
      );
    case 'product':
      return operation.pairs.reduce<ClearVector>(
        (total, { a, b }) => addProduct(total, operand(a), operand(b)),
        new Float64Array(slots),
      );
    case 'rotate':
      return turned(operand(operation.a), operation.steps);
    case 'inner sum': {
      const first = operand(operation.a);
      return innerSumSteps(operation.count, operation.stride, slots).reduce(
        (total, { steps, onto }) => each(onto === 'itself' ? total : first, turned(total, steps), (x, y) => x + y),
        first,
      );
    }
    case 'transform': {
      const x = operand(operation.a);
      const total = new Float64Array(slots);
      for (const [k, diagonal] of operation.diagonals) addProduct(total, turned(x, k), diagonal);
      return total;
    }
    case 'polynomial': {
      const { coefficients } = operation;
      return operand(operation.a).map((x) => coefficients.reduceRight((sum, c) => sum * x + c, 0));
    }
    case 'refresh':
    case 'declare':
      return operand(operation.a);
    default:
      return operation satisfies never;
  }
}

function each(a: ClearVector, b: ClearVector, work: (x: number, y: number) => number): ClearVector {
  return a.map((x, slot) => work(x, b[slot]));
}

/** total += a·b; gives total. */
function addProduct(total: ClearVector, a: ClearVector, b: ClearVector): ClearVector {
  for (let slot = 0; slot < total.length; slot++) total[slot] += a[slot] * b[slot];
  return total;
}

/** Slot j receives what slot j + steps held. */
function turned(values: ClearVector, steps: number): ClearVector {
  const { length } = values;
  const out = new Float64Array(length);
  out.set(values.subarray(steps));
  out.set(values.subarray(0, steps), length - steps);
  return out;
}

/** A plain operand in every slot; what was handed in for this run is checked here. */
export function plainSlots(plain: Plain, slots: number, inputs: Inputs<unknown>): Float64Array {
  if (plain.kind === 'scalar') return new Float64Array(slots).fill(plain.value);
  if (plain.kind === 'vector') return plain.values;
  const given = inputs.plain?.(plain.name);
  if (given === undefined) throw new ParameterError(`the run needs plain input ${plain.name}, which was not handed in`);
  if (given.length > slots) {
    throw new ParameterError(`plain input ${plain.name} has ${given.length} numbers, the circuit ${slots} slots`);
  }
  const values = new Float64Array(slots);
  for (let slot = 0; slot < given.length; slot++) {
    // Negated, so that what is no number is refused as well.
    if (!(Math.abs(given[slot]) <= plain.magnitude * SLACK)) {
      throw new ParameterError(`slot ${slot} of plain input ${plain.name} exceeds its bound of ${plain.magnitude}`);
    }
    values[slot] = given[slot];
  }
  return values;
}
