// What --data names, as examples that a model can be trained and tried on: a folder with the four IDX files of the MNIST family, or a table of
// any format with --target. Images are brought to the size that the model takes; columns become numbers by a recipe that is fitted on the
// training rows alone. Everything that was chosen for the user is said in `notes`.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { MalformedData, ParameterError } from '@sumus/dataset/errors';
import { readIdx } from '@sumus/dataset/idx';
import { type ImageSet, imagesFromIdx } from '@sumus/dataset/images';
import {
  applyImages,
  applyRecipe,
  featuresOf,
  fitImages,
  fitRecipe,
  type Recipe,
  type Step,
} from '@sumus/dataset/prepare';
import { type RandomBytes, splitRows } from '@sumus/dataset/split';
import {
  appendRows,
  type CategoricalColumn,
  columnOf,
  isMissing,
  selectRows,
  type Table,
  textOf,
  withoutColumns,
} from '@sumus/dataset/table';
import { examplesOfImages, type LabelledExamples, labelledExamples } from '@sumus/simulation/examples';
import type { Command } from 'commander';
import { UsageError } from '../command.ts';
import { openSource } from './data-source.ts';
import type { SourceOptions } from './data-source-options.ts';

export interface ExamplesOptions extends SourceOptions {
  readonly data: string;
  readonly target?: string;
  readonly unit?: string;
  readonly testShare: string;
}

export interface ExampleSets {
  readonly training: LabelledExamples;
  readonly test: LabelledExamples;
  readonly notes: readonly string[];
  /** Where the data were a table. */
  readonly preparation?: Preparation;
}

export const declareExamples = (command: Command): Command =>
  command
    .requiredOption('--data <path>', 'a folder with the IDX files of the MNIST family, or a table of any format')
    .option('--target <column>', 'of a table: what is to be predicted')
    .option('--unit <column>', 'of a table: whose rows these are, where the plan counts people')
    .option('--test-share <share>', 'of a table: how much of it is kept for trying the model', '0.2');

export interface ModelInput {
  /** The shape of one example, as the model's architecture has it. */
  readonly shape: readonly number[];
  readonly classes: number;
}

export async function openExamples(
  options: ExamplesOptions,
  model: ModelInput,
  random: RandomBytes,
): Promise<ExampleSets> {
  if (!existsSync(options.data)) throw new UsageError(`there is no ${options.data}`);
  return asUsage(options, async () => {
    const sets = statSync(options.data).isDirectory() ? imagesIn(options, model) : await rowsOf(options, model, random);
    for (const { classes, count } of [sets.training, sets.test]) {
      if (count === 0) throw new UsageError(`${options.data} leaves no example to train on or to try`);
      if (classes > model.classes) {
        throw new UsageError(`${options.data} has ${classes} classes, and the model tells ${model.classes} apart`);
      }
    }
    return sets;
  });
}

/** What is wrong with the data was typed wrongly, whichever room finds out. */
async function asUsage<T>({ data }: ExamplesOptions, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ParameterError || cause instanceof MalformedData || cause instanceof RangeError) {
      throw new UsageError(`${data}: ${cause.message}`, { cause });
    }
    throw cause;
  }
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);

// ── images ──

/** As MNIST names them, and as its copies do. */
const PARTS = {
  training: { images: /^(train|training)[-_.]?images/i, labels: /^(train|training)[-_.]?labels/i },
  test: { images: /^(t10k|test)[-_.]?images/i, labels: /^(t10k|test)[-_.]?labels/i },
} as const;

function imagesIn({ data, target, unit }: ExamplesOptions, model: ModelInput): ExampleSets {
  if (target !== undefined || unit !== undefined) throw new UsageError('--target and --unit are for tables');
  const names = readdirSync(data);
  const read = (part: keyof typeof PARTS): ImageSet => {
    const [images, labels] = (['images', 'labels'] as const).map((kind) => {
      const name = names.find((one) => PARTS[part][kind].test(one));
      if (name === undefined) {
        throw new UsageError(`${data} has no ${part} ${kind}: four IDX files are looked for, as MNIST names them`);
      }
      return readIdx(readFileSync(join(data, name)), { file: name });
    });
    if (images === undefined || labels === undefined) throw new UsageError(`${data} is not whole`);
    return imagesFromIdx(images, labels);
  };
  const [training, test] = [read('training'), read('test')];
  const notes: string[] = [`${training.count} images to learn from, ${test.count} to try it on`];
  const size = sizeFor(training, model);
  if (size !== undefined)
    notes.push(`images are resized from ${training.width} × ${training.height} to ${size} × ${size}`);
  const name = basename(data);
  return {
    training: examplesOfImages(name, asTaken(training, size)),
    test: examplesOfImages(name, asTaken(test, size)),
    notes,
  };
}

/** The side to which images have to be resized for the model; undefined where they fit as they are. */
function sizeFor({ height, width, channels }: ImageSet, { shape }: ModelInput): number | undefined {
  if (height * width * channels === sizeOf(shape)) return undefined;
  const side = Math.sqrt(sizeOf(shape) / channels);
  if (Number.isInteger(side)) return side;
  throw new UsageError(
    `the images are ${height} × ${width} × ${channels}, and the model takes ${shape.join(' × ')} numbers`,
  );
}

function asTaken(images: ImageSet, side: number | undefined): ImageSet {
  if (side === undefined) return images;
  const { channels, count } = images;
  const { values } = applyImages(fitImages({ width: side, height: side, channels, normalise: 'unit' }, images), images);
  const pixels = side * side;
  const samples = new Uint8Array(count * pixels * channels);
  // Channels come one after the other, and go pixel by pixel.
  for (let at = 0; at < count * channels; at += 1) {
    const [image, channel] = [Math.floor(at / channels), at % channels];
    for (let pixel = 0; pixel < pixels; pixel += 1) {
      samples[(image * pixels + pixel) * channels + channel] = Math.round(255 * (values[at * pixels + pixel] ?? 0));
    }
  }
  return { ...images, width: side, height: side, samples };
}

// ── tables ──

/** How a table became numbers, so that another one becomes the same: a JSON value of statistics and names, never a row. */
export interface Preparation {
  readonly target: string;
  readonly classNames: readonly string[];
  readonly recipe: Recipe;
}

async function rowsOf(options: ExamplesOptions, model: ModelInput, random: RandomBytes): Promise<ExampleSets> {
  const { data, target, unit } = options;
  if (target === undefined)
    throw new UsageError(`${data} is a table: say with --target which column is to be predicted`);
  const share = Number(options.testShare);
  if (!(share > 0 && share < 1)) throw new UsageError(`--test-share ${options.testShare} is not between 0 and 1`);
  const { table, notes } = await tableWith(options, target);
  const label = columnOf(table, target);
  // Of one person nothing is on both sides.
  const by = unit === undefined ? { stratifyBy: label } : { groupBy: columnOf(table, unit) };
  const { train, test } = splitRows(table.rowCount, { train: 1 - share, test: share }, random, by);
  const trainTable = selectRows(table, [...train]);
  const features = withoutColumns(trainTable, [target, ...(unit === undefined ? [] : [unit])]);
  const preparation = { target, classNames: classesOf(table, target), recipe: fitRecipe(stepsFor(features), features) };
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

/** All rows of a table, made into numbers as those were that a model was trained on. */
export async function openPrepared(
  options: ExamplesOptions,
  model: ModelInput,
  preparation: Preparation,
): Promise<LabelledExamples> {
  if (!existsSync(options.data)) throw new UsageError(`there is no ${options.data}`);
  return asUsage(options, async () => {
    const { table } = await tableWith(options, preparation.target);
    return prepared(table, preparation, options, model);
  });
}

function prepared(
  part: Table,
  { target, classNames, recipe }: Preparation,
  { data, unit }: ExamplesOptions,
  model: ModelInput,
): LabelledExamples {
  const plain = withoutColumns(part, [target, ...(unit === undefined ? [] : [unit])]);
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
async function tableWith(options: ExamplesOptions, target: string): Promise<{ table: Table; notes: string[] }> {
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

async function wholeTable(options: ExamplesOptions): Promise<{ table: Table; notes: string[] }> {
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
