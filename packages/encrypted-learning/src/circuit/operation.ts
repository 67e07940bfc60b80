// What a circuit does, one operation after another. An operation names its operands by their position in the circuit, which is always
// earlier than its own; its result has the same position as itself.
//
// Levels: an operation's result lies `levelCost` levels below its operands. That of a polynomial is the least there is,
// ⌈log2(degree + 1)⌉ (lattice: ckks/polynomial.ts).

import { polynomialDepth } from '@sumus/lattice/ckks';
import { ParameterError } from '../errors.ts';
import type { Plain } from './plain.ts';

export type Operation =
  /** Encrypted numbers of the run, every |number| at most `magnitude`; `packing` says in words what lies in which slot. */
  | { readonly kind: 'input'; readonly name: string; readonly magnitude: number; readonly packing: string }
  | { readonly kind: 'add'; readonly a: number; readonly b: number }
  | { readonly kind: 'subtract'; readonly a: number; readonly b: number }
  | { readonly kind: 'negate'; readonly a: number }
  | { readonly kind: 'sum'; readonly terms: readonly number[] }
  | { readonly kind: 'add plain'; readonly a: number; readonly plain: Plain }
  /** Σ factor·operand + constant. One rescaling for all; none where every factor is an integer. */
  | { readonly kind: 'combination'; readonly terms: readonly PlainTerm[]; readonly constant: number }
  /** Σ a·b over pairs: one relinearisation and one rescaling for all. */
  | { readonly kind: 'product'; readonly pairs: readonly Pair[] }
  /** Slot j receives what slot j + steps held. */
  | { readonly kind: 'rotate'; readonly a: number; readonly steps: number }
  /** Slot j becomes the sum of slots j, j + stride, …, j + (count − 1)·stride, modulo the circuit's slots. */
  | { readonly kind: 'inner sum'; readonly a: number; readonly count: number; readonly stride: number }
  /** A matrix by its diagonals: y_j = Σ_k diagonal_k[j]·x_(j + k). */
  | { readonly kind: 'transform'; readonly a: number; readonly diagonals: ReadonlyMap<number, Float64Array> }
  /** coefficients[0] + coefficients[1]·x + … in every slot. */
  | { readonly kind: 'polynomial'; readonly a: number; readonly coefficients: readonly number[] }
  /** The same numbers with new levels: by the owner, by the members of a shared key, one day by bootstrapping (refresh/). */
  | { readonly kind: 'refresh'; readonly a: number }
  /** The same numbers with a bound that is known from elsewhere, and why it holds. A wrong one can make a decryption wrap around. */
  | { readonly kind: 'declare'; readonly a: number; readonly magnitude: number; readonly because: string };

export type OperationKind = Operation['kind'];

export interface Output {
  /** The operation whose result it is. */
  readonly at: number;
  /** Levels that must be left, for what comes after the circuit (flooded openings need room). */
  readonly spareLevels: number;
}

export interface PlainTerm {
  readonly a: number;
  readonly factor: Plain;
}

export interface Pair {
  readonly a: number;
  readonly b: number;
}

/** The positions an operation reads, each once. */
export function operandsOf(operation: Operation): readonly number[] {
  switch (operation.kind) {
    case 'input':
      return [];
    case 'add':
    case 'subtract':
      return [...new Set([operation.a, operation.b])];
    case 'sum':
      return [...new Set(operation.terms)];
    case 'combination':
      return [...new Set(operation.terms.map(({ a }) => a))];
    case 'product':
      return [...new Set(operation.pairs.flatMap(({ a, b }) => [a, b]))];
    case 'negate':
    case 'add plain':
    case 'rotate':
    case 'inner sum':
    case 'transform':
    case 'polynomial':
    case 'refresh':
    case 'declare':
      return [operation.a];
    default:
      return operation satisfies never;
  }
}

/** Levels between operands and result. A refresh starts anew and has none; its operand's level is the plan's to say. */
export function levelCost(operation: Operation): number {
  switch (operation.kind) {
    case 'combination':
      return operation.terms.every(({ factor }) => isInteger(factor)) ? 0 : 1;
    case 'product':
    case 'transform':
      return 1;
    case 'polynomial':
      return polynomialDepth(operation.coefficients);
    case 'input':
    case 'add':
    case 'subtract':
    case 'negate':
    case 'sum':
    case 'add plain':
    case 'rotate':
    case 'inner sum':
    case 'refresh':
    case 'declare':
      return 0;
    default:
      return operation satisfies never;
  }
}

/** Integers multiply exactly and leave the scale alone; larger ones would eat the headroom instead of a level. */
const LARGEST_FREE_INTEGER = 2 ** 20;

export function isInteger(factor: Plain): boolean {
  return factor.kind === 'scalar' && Number.isInteger(factor.value) && Math.abs(factor.value) <= LARGEST_FREE_INTEGER;
}

/** The rotations of an inner sum: S_2m = S_m + rot(S_m, m) and S_(m+1) = S_1 + rot(S_m, 1), along the bits of count. */
export interface InnerSumStep {
  readonly steps: number;
  readonly onto: 'itself' | 'first';
}

export function innerSumSteps(count: number, stride: number, slots: number): readonly InnerSumStep[] {
  if (!Number.isInteger(count) || count < 1 || count > slots) {
    throw new ParameterError(`a sum of ${count} slots: not an integer in [1, ${slots}]`);
  }
  const plan: InnerSumStep[] = [];
  let reached = 1;
  for (let bit = Math.floor(Math.log2(count)) - 1; bit >= 0; bit--) {
    plan.push({ steps: within(reached * stride, slots), onto: 'itself' });
    reached *= 2;
    if (Math.floor(count / 2 ** bit) % 2 === 1) {
      plan.push({ steps: within(stride, slots), onto: 'first' });
      reached += 1;
    }
  }
  return plan;
}

/** Steps modulo the slots, in [0, slots): one key for what is one rotation. */
export function within(steps: number, slots: number): number {
  return ((steps % slots) + slots) % slots;
}
