// What --data names, as examples that a model can be trained and tried on: a folder with the four IDX files of the MNIST family, or a table of
// any format with --target. Images are brought to the size that the model takes; columns become numbers by a recipe that is fitted on the
// training rows alone. Everything that was chosen for the user is said in `notes`.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { MalformedData, ParameterError } from '@sumus/dataset/errors';
import { readIdx } from '@sumus/dataset/idx';
import { type ImageSet, imagesFromIdx } from '@sumus/dataset/images';
import { applyImages, fitImages } from '@sumus/dataset/prepare';
import type { RandomBytes } from '@sumus/dataset/split';
import { examplesOfImages, type LabelledExamples } from '@sumus/simulation/examples';
import type { Command } from 'commander';
import { UsageError } from '../command.ts';
import {
  type ModelInput,
  type Preparation,
  preparedTable,
  sizeOf,
  splitTable,
  type TableOptions,
} from './table-examples.ts';

export type { ModelInput, Preparation } from './table-examples.ts';

export interface ExamplesOptions extends TableOptions {
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

export async function openExamples(
  options: ExamplesOptions,
  model: ModelInput,
  random: RandomBytes,
): Promise<ExampleSets> {
  if (!existsSync(options.data)) throw new UsageError(`there is no ${options.data}`);
  return asUsage(options, async () => {
    const isFolder = statSync(options.data).isDirectory();
    if (isFolder && model.table !== undefined) {
      throw new UsageError(`the plan is about a table, and ${options.data} is a folder`);
    }
    const sets = isFolder ? imagesIn(options, model) : await splitTable(options, model, random);
    for (const { classes, count } of [sets.training, sets.test]) {
      if (count === 0) throw new UsageError(`${options.data} leaves no example to train on or to try`);
      if (classes > model.classes) {
        throw new UsageError(`${options.data} has ${classes} classes, and the model tells ${model.classes} apart`);
      }
    }
    return sets;
  });
}

/** All rows of a table, made into numbers as those were that a model was trained on. */
export async function openPrepared(
  options: TableOptions,
  model: ModelInput,
  preparation: Preparation,
): Promise<LabelledExamples> {
  if (!existsSync(options.data)) throw new UsageError(`there is no ${options.data}`);
  return asUsage(options, () => preparedTable(options, model, preparation));
}

/** What is wrong with the data was typed wrongly, whichever room finds out. */
export async function asUsage<T>({ data }: Pick<TableOptions, 'data'>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ParameterError || cause instanceof MalformedData || cause instanceof RangeError) {
      throw new UsageError(`${data}: ${cause.message}`, { cause });
    }
    throw cause;
  }
}

// ── images ──

/** As MNIST names them, and as its copies do. */
const PARTS = {
  training: { images: /^(train|training)[-_.]?images/i, labels: /^(train|training)[-_.]?labels/i },
  test: { images: /^(t10k|test)[-_.]?images/i, labels: /^(t10k|test)[-_.]?labels/i },
} as const;

function imagesIn({ data, target, unit }: ExamplesOptions, model: ModelInput): ExampleSets {
  if (target !== undefined || unit !== undefined) throw new UsageError('--target and --unit are for tables');
  const [training, test] = [imagesOf(data, 'training'), imagesOf(data, 'test')];
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

/** One part of a folder with the IDX files of the MNIST family. */
function imagesOf(data: string, part: keyof typeof PARTS): ImageSet {
  const names = readdirSync(data);
  const [images, labels] = (['images', 'labels'] as const).map((kind) => {
    const name = names.find((one) => PARTS[part][kind].test(one));
    if (name === undefined) {
      throw new UsageError(`${data} has no ${part} ${kind}: IDX files are looked for, as MNIST names them`);
    }
    return readIdx(readFileSync(join(data, name)), { file: name });
  });
  if (images === undefined || labels === undefined) throw new UsageError(`${data} is not whole`);
  return imagesFromIdx(images, labels);
}

/** The images of a folder that are for training, as a model takes them; whoever takes part has no others. */
export function trainingImages(data: string, model: ModelInput): LabelledExamples {
  const images = imagesOf(data, 'training');
  return examplesOfImages(basename(data), asTaken(images, sizeFor(images, model)));
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
