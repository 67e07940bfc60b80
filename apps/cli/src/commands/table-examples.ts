// A table as examples: its columns become numbers by a recipe that is fitted once, on rows that are named, and that travels with whatever was
// trained. Everybody of a run uses the same recipe, or their numbers would mean different things.
import { basename } from 'node:path';
import { applyRecipe, featuresOf, fitRecipe, type Recipe, type Step } from '@sumus/dataset/prepare';
import { type RandomBytes, splitRows } from '@sumus/dataset/split';
import {
  appendRows,
  type CategoricalColumn,
  columnOf,
  isMissing,
  selectColumns,
  selectRows,
  type Table,
  tableOf,
  textOf,
  withoutColumns,
} from '@sumus/dataset/table';
import { columnsOf } from '@sumus/federation/contribution';
import type { TablePreparation } from '@sumus/federation/plan';
import { classesOfRows } from '@sumus/federation/worker';
import { type LabelledExamples, labelledExamples } from '@sumus/simulation/examples';
import { UsageError } from '../command.ts';
import { openSource } from './data-source.ts';
import type { SourceOptions } from './data-source-options.ts';

export interface TableOptions extends SourceOptions {
  readonly data: string;
  readonly target?: string;
  readonly unit?: string;
}

export interface ModelInput {
  /** The shape of one example, as the model's architecture has it. */
  readonly shape: readonly number[];
  readonly classes: number;
  /** Where the plan is about a table: it says what is made of one. */
  readonly table?: TablePreparation | undefined;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);

/** How a table became numbers, so that another one becomes the same: a JSON value of statistics and names, never a row. */
export interface Preparation {
  /** Those that go in, in their order; left out: all but the target and whose row it is. */
  readonly columns?: readonly string[] | undefined;
  readonly target: string;
  readonly classNames: readonly string[];
  readonly recipe: Recipe;
}

/** A table in two parts, with the recipe that was fitted on the first. */
export async function splitTable(
  options: TableOptions & { readonly testShare: string },
  model: ModelInput,
  random: RandomBytes,
): Promise<{
  readonly training: LabelledExamples;
  readonly test: LabelledExamples;
  readonly notes: readonly string[];
  readonly preparation?: Preparation;
}> {
  const { unit } = options;
  const target = targetOf(options, model.table);
  const share = Number(options.testShare);
  if (!(share > 0 && share < 1)) throw new UsageError(`--test-share ${options.testShare} is not between 0 and 1`);
  const { table, notes } = await tableWith(options, target);
  const label = columnOf(table, target);
  // Of one person nothing is on both sides.
  const by = unit === undefined ? { stratifyBy: label } : { groupBy: columnOf(table, unit) };
  const { train, test } = splitRows(table.rowCount, { train: 1 - share, test: share }, random, by);
  const trainTable = selectRows(table, [...train]);
  if (model.table !== undefined) {
    notes.push(
      `${train.length} rows to learn from, ${test.length} to try it on; all participants sum their columns before the first round`,
    );
    const testTable = selectRows(table, [...test]);
    return {
      training: asGiven(trainTable, model.table, options),
      test: asGiven(testTable, model.table, options),
      notes,
    };
  }
  const preparation = preparationOf(trainTable, { target, unit, classNames: classesOf(table, target) });
  notes.push(
    `${train.length} rows to learn from, ${test.length} to try it on; ${target} has ${preparation.classNames.length} values`,
    'means, deviations and categories come from all training rows at once, which in a run participants would have to share as sums',
  );
  return {
    training: prepared(trainTable, preparation, options, model),
    test: prepared(selectRows(table, [...test]), preparation, options, model),
    notes,
    preparation,
  };
}

/** As it is: what becomes of it is the plan's, and is known only when its columns are summed. */
function asGiven(part: Table, plan: TablePreparation, { data, unit }: TableOptions): LabelledExamples {
  return labelledExamples({
    name: basename(data),
    inputSize: 0,
    inputs: new Float32Array(0),
    labels: classesOfRows(plan, part),
    classNames: plan.target.classes,
    unitOfRow: unit === undefined ? undefined : numbersOf(part, unit),
    table: tableOf([...columnsOf(plan, part).columns, columnOf(part, plan.target.column)]),
  });
}

/** All rows of a table for a plan that says what is made of it. */
export async function tableFor(options: TableOptions, plan: TablePreparation): Promise<LabelledExamples> {
  const { table } = await tableWith(options, targetOf(options, plan));
  return asGiven(table, plan, options);
}

function targetOf({ data, target }: TableOptions, plan?: TablePreparation): string {
  if (plan !== undefined && target !== undefined && target !== plan.target.column) {
    throw new UsageError(`the plan predicts ${plan.target.column}, and --target is ${target}`);
  }
  if (plan !== undefined) return plan.target.column;
  if (target !== undefined) return target;
  throw new UsageError(`${data} is a table: say with --target which column is to be predicted`);
}

function preparationOf(
  fitted: Table,
  {
    target,
    unit,
    classNames,
  }: { readonly target: string; readonly unit: string | undefined; readonly classNames: readonly string[] },
): Preparation {
  const features = withoutColumns(fitted, [target, ...(unit === undefined ? [] : [unit])]);
  return { target, classNames, recipe: fitRecipe(stepsFor(features), features) };
}

/** What an owner has to write a plan from: the columns that may go in, what is predicted, and its classes. */
export async function ownTable(
  options: TableOptions,
): Promise<{ readonly table: Table; readonly target: string; readonly classes: readonly string[] }> {
  const { unit } = options;
  const target = targetOf(options);
  const { table } = await tableWith(options, target);
  const classes = classesOf(table, target);
  return { table: withoutColumns(table, [target, ...(unit === undefined ? [] : [unit])]), target, classes };
}

/** All rows of a table by a recipe that was fitted before, here or elsewhere. */
export async function preparedTable(
  options: TableOptions,
  model: ModelInput,
  preparation: Preparation,
): Promise<LabelledExamples> {
  const { table } = await tableWith(options, preparation.target);
  return prepared(table, preparation, options, model);
}

function prepared(
  part: Table,
  { columns, target, classNames, recipe }: Preparation,
  { data, unit }: TableOptions,
  model: ModelInput,
): LabelledExamples {
  const plain =
    columns === undefined
      ? withoutColumns(part, [target, ...(unit === undefined ? [] : [unit])])
      : selectColumns(part, columns);
  const { names, values } = featuresOf(applyRecipe(recipe, plain));
  const wanted = sizeOf(model.shape);
  if (names.length !== wanted) {
    throw new UsageError(
      `${data} becomes ${names.length} numbers a row, and the model takes ${wanted}: a plan for this table has the input [${names.length}]`,
    );
  }
  const targets = columnOf(part, target);
  const labels = Uint32Array.from({ length: part.rowCount }, (_, row) => {
    const place = classNames.indexOf(textOf(targets, row));
    if (place < 0) throw new UsageError(`${target} is ${textOf(targets, row)} in a row, which the model does not know`);
    return place;
  });
  const unitOfRow = unit === undefined ? undefined : numbersOf(part, unit);
  return labelledExamples({ name: basename(data), inputSize: wanted, inputs: values, labels, classNames, unitOfRow });
}

/** The table without the rows whose target is missing. */
async function tableWith(options: TableOptions, target: string): Promise<{ table: Table; notes: string[] }> {
  const { table, notes } = await wholeTable(options);
  for (const name of [target, ...(options.unit === undefined ? [] : [options.unit])]) {
    if (table.columns.every((column) => column.name !== name)) {
      const names = table.columns.map((column) => column.name).join(', ');
      throw new UsageError(`there is no column ${name}; the table has ${names}`);
    }
  }
  const wanted = columnOf(table, target);
  const known = Array.from({ length: table.rowCount }, (_, row) => row).filter((row) => !isMissing(wanted, row));
  if (known.length < table.rowCount) notes.push(`${table.rowCount - known.length} rows without ${target} are left out`);
  return { table: selectRows(table, known), notes };
}

async function wholeTable(options: TableOptions): Promise<{ table: Table; notes: string[] }> {
  const source = await openSource(options.data, options);
  let table: Table | undefined;
  for await (const batch of source.batches()) table = table === undefined ? batch : appendRows(table, batch);
  if (table === undefined || table.rowCount === 0) throw new UsageError(`${options.data} has no rows`);
  return { table, notes: [...source.evidence] };
}

/** In their natural order: numbers by value, texts by the alphabet. */
function classesOf(table: Table, name: string): readonly string[] {
  const column = columnOf(table, name);
  const texts = [...new Set(Array.from({ length: table.rowCount }, (_, row) => textOf(column, row)))];
  return texts.sort(column.type === 'category' ? undefined : (a, b) => Number(a) - Number(b));
}

/** Which rows are one person's, as numbers. A missing name is a person by itself. */
function numbersOf(table: Table, name: string): Uint32Array {
  const column = columnOf(table, name);
  const known = new Map<string, number>();
  let next = 0;
  return Uint32Array.from({ length: table.rowCount }, (_, row) => {
    const text = textOf(column, row);
    const found = known.get(text);
    if (found !== undefined && text !== '') return found;
    known.set(text, next);
    next += 1;
    return next - 1;
  });
}

/**
 * Dates become days, categories columns of their own, numbers are standardised. What is missing gets the usual value, in every column: one
 * that is whole where it was fitted may lack something elsewhere.
 */
function stepsFor(table: Table): readonly Step[] {
  return table.columns.flatMap((column): Step[] => {
    const { name: of } = column;
    if (column.type === 'category') {
      if (usedIn(column) < 2) return [{ kind: 'drop', columns: [of] }];
      return [
        { kind: 'impute', column: of, with: 'most frequent' },
        { kind: 'one-hot', column: of, unknown: 'zeros' },
      ];
    }
    return [
      ...(column.type === 'date' ? [{ kind: 'days', column: of } as const] : []),
      { kind: 'impute', column: of, with: 'median' },
      { kind: 'standard', column: of },
    ];
  });
}

const usedIn = ({ codes }: CategoricalColumn): number => new Set([...codes].filter((code) => code >= 0)).size;
