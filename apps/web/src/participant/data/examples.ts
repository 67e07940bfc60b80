// Examples as a participant's worker holds them, whatever they were read from. They stay in the worker that made them; a page sees a
// summary and a handful of previews. What a plan cannot take is refused as a value that says which demand is not met.

import type { Table } from '@sumus/dataset/table';
import type { WorkerData } from '@sumus/federation/worker';
import type { Demand } from './demand.ts';

export interface Examples extends WorkerData {
  readonly name: string;
  readonly count: number;
  /** What the classes are called, in their order. */
  readonly classNames: readonly string[];
  readonly inputs: Float32Array<ArrayBuffer>;
  readonly labels: Uint32Array<ArrayBuffer>;
  readonly unitOfRow?: Uint32Array<ArrayBuffer> | undefined;
  readonly table?: Table | undefined;
}

/** What keeps data from being used. The page's catalogue has the sentences. */
export type Unfit =
  | { readonly kind: 'no rows' }
  | { readonly kind: 'wrong width'; readonly found: number; readonly needed: number }
  | { readonly kind: 'too many classes'; readonly found: number; readonly needed: number }
  | { readonly kind: 'no people named' }
  | { readonly kind: 'too few'; readonly found: number; readonly needed: number; readonly countedIn: 'people' | 'rows' }
  | { readonly kind: 'column missing'; readonly column: string }
  | { readonly kind: 'column of another type'; readonly column: string; readonly needed: string }
  | { readonly kind: 'no pictures taken' }
  | { readonly kind: 'no classes' };

export type Taken =
  | { readonly kind: 'examples'; readonly examples: Examples; readonly leftOut: number }
  | { readonly kind: 'unfit'; readonly why: Unfit };

export interface Summary {
  readonly name: string;
  readonly count: number;
  readonly people: number | undefined;
  readonly classNames: readonly string[];
  /** Examples of each class, in the order of the names. */
  readonly perClass: readonly number[];
}

export function summaryOf({ name, count, labels, classNames, unitOfRow }: Examples): Summary {
  const perClass = new Array<number>(classNames.length).fill(0);
  for (const label of labels) perClass[label] = (perClass[label] ?? 0) + 1;
  return { name, count, classNames, perClass, people: unitOfRow === undefined ? undefined : new Set(unitOfRow).size };
}

/** The examples, or the first of the plan's demands that they do not meet. */
export function takenAs(examples: Examples, demand: Demand, leftOut: number): Taken {
  const why = unfit(examples, demand);
  return why === undefined ? { kind: 'examples', examples, leftOut } : { kind: 'unfit', why };
}

function unfit({ count, inputSize, classNames, unitOfRow, table }: Examples, demand: Demand): Unfit | undefined {
  if (!demand.tellsClasses) return { kind: 'no classes' };
  if (count === 0) return { kind: 'no rows' };
  if (table === undefined && inputSize !== demand.inputSize) {
    return { kind: 'wrong width', found: inputSize, needed: demand.inputSize };
  }
  if (classNames.length > demand.classes) {
    return { kind: 'too many classes', found: classNames.length, needed: demand.classes };
  }
  const { minimumUnits: needed, countedIn } = demand;
  if (countedIn === 'people' && unitOfRow === undefined) return { kind: 'no people named' };
  const found = countedIn === 'people' ? new Set(unitOfRow).size : count;
  return found < needed ? { kind: 'too few', found, needed, countedIn } : undefined;
}
