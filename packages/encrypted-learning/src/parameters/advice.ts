// What would make a circuit shallower: read off its deepest way, so that every sentence is about this circuit.

import type { CkksParameters } from '@sumus/lattice/parameters';
import type { Circuit } from '../circuit/circuit.ts';
import { deepestWay } from '../circuit/levels.ts';
import { describe } from '../circuit/measure.ts';
import { levelCost } from '../circuit/operation.ts';

/** Sentences, the most effective first. */
export function adviceFor(
  circuit: Circuit,
  levels: readonly number[],
  parameters: Pick<CkksParameters, 'limbsPerLevel'> | undefined,
  refreshOperand: (at: number) => number = () => 0,
): readonly string[] {
  const way = deepestWay(circuit, levels, refreshOperand).filter((at) => levelCost(circuit.operations[at]) > 0);
  const advice: string[] = [`The deepest way: ${wayInWords(circuit, way)}.`];
  const sections = new Set(way.map((at) => circuit.sections[at]).filter((section) => section !== ''));
  const spent = way.reduce((sum, at) => sum + levelCost(circuit.operations[at]), 0);
  if (sections.size > 1) {
    const each = Math.ceil(spent / sections.size);
    advice.push(`A refresh between its ${sections.size} sections leaves about ${each} levels for each.`);
  } else {
    advice.push(`A refresh half-way leaves about ${Math.ceil(spent / 2)} levels.`);
  }
  const polynomials = way.filter((at) => {
    const operation = circuit.operations[at];
    return operation.kind === 'polynomial' && operation.coefficients.length > 4;
  });
  if (polynomials.length > 0) {
    const saved = polynomials.reduce((sum, at) => sum + levelCost(circuit.operations[at]) - 2, 0);
    advice.push(`Degree 3 in its ${polynomials.length} polynomial(s) saves ${saved} level(s).`);
  }
  const plain = way.filter((at) => circuit.operations[at].kind === 'combination');
  if (plain.length > 0) {
    advice.push(
      `${plain.length} product(s) with known numbers take a level each: fold them into data, weights or coefficients.`,
    );
  }
  if (parameters?.limbsPerLevel === 2) {
    advice.push('Levels of one limb are twice as many, with 13 to 16 bits of precision.');
  }
  return advice;
}

function wayInWords({ operations, sections }: Circuit, way: readonly number[]): string {
  const parts = way.map((at) => {
    const where = sections[at] === '' ? '' : `${sections[at]}: `;
    return `${where}${describe(operations[at])} (${levelCost(operations[at])})`;
  });
  if (parts.length <= MOST_STEPS) return parts.join(', ');
  return `${parts.slice(0, MOST_STEPS).join(', ')} and ${parts.length - MOST_STEPS} more`;
}

const MOST_STEPS = 8;
