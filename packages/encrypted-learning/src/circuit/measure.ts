// What a circuit takes, whatever the parameters: levels between refreshes, and how often each kind of work is done.

import { polynomialProducts } from '@sumus/lattice/ckks';
import { type Circuit, usedOf } from './circuit.ts';
import { deepestWay, levelsOf } from './levels.ts';
import { innerSumSteps, levelCost, type Operation } from './operation.ts';

export interface Measure {
  /** Levels that the deepest stretch between two refreshes (or input and output) takes. */
  readonly depth: number;
  /** The operations of such a stretch that cost levels, in order. */
  readonly deepest: readonly DeepStep[];
  readonly inputs: number;
  readonly outputs: number;
  readonly refreshes: number;
  readonly additions: number;
  /** Products of two ciphertexts, and relinearisations (sums of products share one). */
  readonly products: number;
  readonly relinearisations: number;
  /** Products of a ciphertext and something known in the clear, diagonals of transforms included. */
  readonly plainProducts: number;
  readonly rotations: number;
  /** The steps whose Galois keys the circuit needs, transforms apart (which choose theirs by the parameters), rising. */
  readonly rotationSteps: readonly number[];
  readonly transforms: number;
}

export interface DeepStep {
  readonly section: string;
  readonly what: string;
  readonly levels: number;
}

const ANYWHERE = { room: () => 0, refreshOperand: () => 0 } as const;

export function measure(circuit: Circuit): Measure {
  const { operations, outputs, sections } = circuit;
  const levels = levelsOf(circuit, ANYWHERE);
  const used = usedOf(circuit);
  const steps = new Set<number>();
  const counts = { inputs: 0, refreshes: 0, additions: 0, products: 0, relinearisations: 0, plainProducts: 0 };
  let rotations = 0;
  let transforms = 0;
  operations.forEach((operation, at) => {
    if (!used[at]) return;
    for (const step of stepsOf(operation, circuit.slots)) {
      steps.add(step);
      rotations += 1;
    }
    switch (operation.kind) {
      case 'input':
        counts.inputs += 1;
        break;
      case 'refresh':
        counts.refreshes += 1;
        break;
      case 'add':
      case 'subtract':
      case 'add plain':
        counts.additions += 1;
        break;
      case 'sum':
        counts.additions += operation.terms.length - 1;
        break;
      case 'combination':
        counts.plainProducts += operation.terms.length;
        counts.additions += operation.terms.length - 1;
        break;
      case 'product':
        counts.products += operation.pairs.length;
        counts.relinearisations += 1;
        counts.additions += operation.pairs.length - 1;
        break;
      case 'inner sum':
        counts.additions += innerSumSteps(operation.count, operation.stride, circuit.slots).length;
        break;
      case 'transform':
        counts.plainProducts += operation.diagonals.size;
        counts.additions += operation.diagonals.size - 1;
        transforms += 1;
        break;
      case 'polynomial': {
        const products = polynomialProducts(operation.coefficients);
        counts.products += products;
        counts.relinearisations += products;
        break;
      }
      case 'negate':
      case 'rotate':
      case 'declare':
        break;
      default:
        operation satisfies never;
    }
  });
  return Object.freeze({
    depth: levels.reduce((most, level) => Math.max(most, level), 0),
    deepest: deepestWay(circuit, levels, () => 0)
      .filter((at) => levelCost(operations[at]) > 0)
      .map((at) => ({ section: sections[at], what: describe(operations[at]), levels: levelCost(operations[at]) })),
    outputs: outputs.size,
    ...counts,
    rotations,
    transforms,
    rotationSteps: [...steps].sort((a, b) => a - b),
  });
}

/** The steps that an operation rotates by, one for each rotation that is made. Transforms count their diagonals elsewhere. */
export function stepsOf(operation: Operation, slots: number): readonly number[] {
  if (operation.kind === 'rotate') return [operation.steps];
  if (operation.kind !== 'inner sum') return [];
  // A stride that divides the slots can come back to where it began.
  return innerSumSteps(operation.count, operation.stride, slots)
    .map(({ steps }) => steps)
    .filter((steps) => steps !== 0);
}

/** One operation in words, for explain and refusals. */
export function describe(operation: Operation): string {
  switch (operation.kind) {
    case 'input':
      return `input ${operation.name}`;
    case 'product': {
      const { length } = operation.pairs;
      return length > 1 ? `sum of ${length} products` : 'product';
    }
    case 'combination':
      return operation.terms.length > 1
        ? `combination of ${operation.terms.length} terms`
        : 'product with a known number';
    case 'polynomial':
      return `polynomial of degree ${operation.coefficients.length - 1}`;
    case 'transform':
      return `matrix of ${operation.diagonals.size} diagonals`;
    case 'inner sum':
      return `sum of ${operation.count} slots`;
    case 'rotate':
      return `rotation by ${operation.steps}`;
    case 'sum':
      return `sum of ${operation.terms.length}`;
    default:
      return operation.kind;
  }
}
