// What operations of a plan share when they run: rotations of one operand that are hoisted together, and copies of an operand on a lower level.

import type { Circuit } from '../circuit/circuit.ts';
import { operandsOf } from '../circuit/operation.ts';
import type { Plan } from '../parameters/plan.ts';

export interface Turn {
  readonly at: number;
  readonly steps: number;
}

/** Rotations of one operand on one level, under the position of the first of them; those that stand alone are left out. */
export function rotationGroups(
  { operations }: Circuit,
  levels: readonly number[],
): ReadonlyMap<number, readonly Turn[]> {
  const groups = new Map<string, Turn[]>();
  operations.forEach((operation, at) => {
    if (operation.kind !== 'rotate' || levels[at] < 0) return;
    const name = `${operation.a}/${levels[at]}`;
    const group = groups.get(name) ?? [];
    group.push({ at, steps: operation.steps });
    groups.set(name, group);
  });
  return new Map([...groups.values()].filter(({ length }) => length > 1).map((group) => [group[0].at, group]));
}

/** How many operations read an operand on a level: by `operand/level`. */
export function readsOf({ circuit: { operations }, levels, operandLevels }: Plan): Map<string, number> {
  const reads = new Map<string, number>();
  operations.forEach((operation, at) => {
    if (levels[at] < 0) return;
    for (const operand of operandsOf(operation)) {
      const name = `${operand}/${operandLevels[at]}`;
      reads.set(name, (reads.get(name) ?? 0) + 1);
    }
  });
  return reads;
}
