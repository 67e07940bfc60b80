// What a participant trains on, read where it lies: a folder of images or a table. Nothing of it leaves this process but through the run's
// protocol. Of a table every row is used, prepared by the run's own recipe; trying the model is for whoever has rows that nobody trained on.
import { existsSync, statSync } from 'node:fs';
import type { WorkerData } from '@sumus/federation/worker';
import { chosen, type LabelledExamples } from '@sumus/simulation/examples';
import { UsageError } from '../command.ts';
import { asUsage, trainingImages } from '../commands/examples-source.ts';
import { readPreparation } from '../commands/preparation-file.ts';
import { type ModelInput, preparedTable, type TableOptions, tableFor } from '../commands/table-examples.ts';

export interface OwnDataOptions extends TableOptions {
  readonly preparation?: string;
  /** `1/3`: every third row, from the first on. For trying things on one machine. */
  readonly part?: string;
}

export interface OwnData extends WorkerData {
  readonly count: number;
  readonly notes: readonly string[];
}

export async function readOwnData(options: OwnDataOptions, model: ModelInput): Promise<OwnData> {
  const { data, preparation, part } = options;
  if (!existsSync(data)) throw new UsageError(`there is no ${data}`);
  const all = await asUsage(options, async () => {
    if (statSync(data).isDirectory()) {
      if ((options.target ?? options.unit ?? preparation) !== undefined) {
        throw new UsageError('--target, --unit and --preparation are for tables');
      }
      return trainingImages(data, model);
    }
    if (model.table !== undefined) {
      if (preparation !== undefined)
        throw new UsageError('the plan says what is made of a table: leave --preparation out');
      return tableFor(options, model.table);
    }
    if (preparation === undefined) {
      throw new UsageError(
        `${data} is a table: --preparation FILE says how its columns become numbers; the owner has it`,
      );
    }
    const recipe = readPreparation(preparation);
    if (options.target !== undefined && options.target !== recipe.target) {
      throw new UsageError(`the run predicts ${recipe.target}, and --target is ${options.target}`);
    }
    return preparedTable(options, model, recipe);
  });
  if (all.classes > model.classes) {
    throw new UsageError(`${data} has ${all.classes} classes, and the model tells ${model.classes} apart`);
  }
  const own = part === undefined ? all : partOf(all, part);
  if (own.count === 0) throw new UsageError(`${data} has nothing to train on`);
  const { inputs, labels, inputSize, unitOfRow, table, count } = own;
  const notes = [`${count} ${part === undefined ? '' : `of ${all.count} `}examples of ${own.name}`];
  return { inputs, labels, inputSize, unitOfRow, table, count, notes };
}

function partOf(all: LabelledExamples, text: string): LabelledExamples {
  const [, place = '', of = ''] = /^([1-9]\d{0,6})\/([1-9]\d{0,6})$/.exec(text) ?? [];
  const [first, step] = [Number(place) - 1, Number(of)];
  if (of === '' || first >= step) throw new UsageError(`--part is such as 1/3, not ${text}`);
  const rows = Array.from({ length: all.count }, (_, row) => row).filter((row) => row % step === first);
  return chosen(all, Uint32Array.from(rows));
}
