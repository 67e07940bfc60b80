// Which level every result stands on. Results stand as LOW as what is still done with them allows: everything below is cheaper there, and
// inputs can be encrypted there to begin with. A result that several operations want at different levels stands at the highest of
// them and is dropped for the others.
//
//   level(n) = max( room(n), over operations k that read n: level(k) + levelCost(k), over outputs: spareLevels )
//
// A refresh cuts this: its operand stands where the refresh takes it, its own result where the operations behind want it.

import { type Circuit, usedOf } from './circuit.ts';
import { levelCost, operandsOf } from './operation.ts';

export interface LevelRules {
  /** The lowest level that holds the content of this operation; 0 if any does. */
  room(at: number): number;
  /** The level at which the refresh at this position takes its operand. */
  refreshOperand(at: number): number;
}

/** Levels of results; −1 where no output depends on the operation. */
export function levelsOf(circuit: Circuit, rules: LevelRules): readonly number[] {
  const { operations, outputs } = circuit;
  const used = usedOf(circuit);
  const levels = operations.map((_, at) => (used[at] ? rules.room(at) : -1));
  for (const { at, spareLevels } of outputs.values()) levels[at] = Math.max(levels[at], spareLevels);
  for (let at = operations.length - 1; at >= 0; at--) {
    if (!used[at]) continue;
    const operation = operations[at];
    const wanted = operation.kind === 'refresh' ? rules.refreshOperand(at) : levels[at] + levelCost(operation);
    for (const operand of operandsOf(operation)) levels[operand] = Math.max(levels[operand], wanted);
  }
  return levels;
}

/** The operations on one deepest way from a source (an input or a refresh) to where its levels are spent, in order. */
export function deepestWay(
  circuit: Circuit,
  levels: readonly number[],
  refreshOperand: LevelRules['refreshOperand'],
): readonly number[] {
  const { operations } = circuit;
  const isSource = (at: number): boolean => operations[at].kind === 'input' || operations[at].kind === 'refresh';
  let at = -1;
  operations.forEach((_, i) => {
    if (isSource(i) && (at === -1 || levels[i] > levels[at])) at = i;
  });
  if (at === -1) return [];
  const way = [at];
  for (;;) {
    const next = operations.findIndex((operation, k) => {
      if (levels[k] < 0 || !operandsOf(operation).includes(at)) return false;
      const wanted = operation.kind === 'refresh' ? refreshOperand(k) : levels[k] + levelCost(operation);
      return wanted === levels[at];
    });
    if (next === -1) return way;
    way.push(next);
    if (operations[next].kind === 'refresh') return way;
    at = next;
  }
}
