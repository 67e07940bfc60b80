// The walk both executors share: operations in the order in which they were written, inputs fetched when something first needs them,
// every value let go of after its last use. What an operation does to values is the executor's.

import { type Circuit, usedOf } from '../circuit/circuit.ts';
import { type Operation, operandsOf } from '../circuit/operation.ts';
import type { RunOptions } from './executor.ts';

export interface Walker<Value> {
  /** Work of an operation, in any unit: progress is a ratio. */
  work(at: number): number;
  /** The result of an operation whose operands are there. Inputs included. */
  apply(operation: Operation, at: number, operand: (at: number) => Value): Value | Promise<Value>;
  /** Nothing reads this result any more. */
  forget?(at: number): void;
}

export async function walk<Value>(
  circuit: Circuit,
  walker: Walker<Value>,
  { onProgress }: RunOptions = {},
): Promise<ReadonlyMap<string, Value>> {
  const { operations, sections, outputs } = circuit;
  const used = usedOf(circuit);
  const uses = usesOf(circuit, used);
  const values = new Map<number, Value>();
  const total = operations.reduce((sum, _, at) => sum + (used[at] ? walker.work(at) : 0), 0);
  let done = 0;
  const operand = (at: number): Value => {
    const value = values.get(at);
    if (value === undefined) throw new Error(`encrypted-learning: operation ${at} was read before it was done`);
    return value;
  };
  const perform = async (at: number): Promise<void> => {
    onProgress?.({ done, total, section: sections[at] });
    values.set(at, await walker.apply(operations[at], at, operand));
    done += walker.work(at);
  };
  for (let at = 0; at < operations.length; at++) {
    if (!used[at] || operations[at].kind === 'input') continue;
    const operands = operandsOf(operations[at]);
    for (const one of operands) if (!values.has(one)) await perform(one);
    await perform(at);
    for (const one of operands) {
      uses[one] -= 1;
      if (uses[one] > 0) continue;
      values.delete(one);
      walker.forget?.(one);
    }
  }
  const results = new Map<string, Value>();
  for (const [name, { at }] of outputs) {
    if (!values.has(at)) await perform(at);
    results.set(name, operand(at));
  }
  onProgress?.({ done: total, total, section: '' });
  return results;
}

/** How many operations that are executed read each result; an output is read once more. */
function usesOf({ operations, outputs }: Circuit, used: readonly boolean[]): number[] {
  const uses = operations.map(() => 0);
  operations.forEach((operation, at) => {
    if (used[at]) for (const operand of operandsOf(operation)) uses[operand] += 1;
  });
  for (const { at } of outputs.values()) uses[at] += 1;
  return uses;
}
