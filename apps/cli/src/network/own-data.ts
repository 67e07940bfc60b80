// What a participant trains on, read where it lies: a folder of images or a table. Nothing of it leaves this process but through the run's
// protocol. Of a table every row is used, prepared by the run's own recipe; trying the model is for whoever has rows that nobody trained on.
import { existsSync, statSync } from 'node:fs';
import type { WorkerData } from '@sumus/federation/worker';
import { chosen, type LabelledExamples } from '@sumus/simulation/examples';
import { UsageError } from '../command.ts';
import { asUsage, trainingImages } from '../commands/examples-source.ts';
import { type ModelInput, type TableOptions, tableFor } from '../commands/table-examples.ts';

export interface OwnDataOptions extends TableOptions {
  /** `1/3`: every third row, from the first on. For trying things on one machine. */
  readonly part?: string;
}

export interface OwnData extends WorkerData {
  readonly count: number;
  readonly notes: readonly string[];
}

export async function readOwnData(options: OwnDataOptions, model: ModelInput): Promise<OwnData> {
  const { data, part } = options;
  if (!existsSync(data)) throw new UsageError(`there is no ${data}`);
  const all = await asUsage(options, async () => {
    if (statSync(data).isDirectory()) {
      if ((options.target ?? options.unit) !== undefined) {
        throw new UsageError('--target and --unit are for tables');
      }
      return trainingImages(data, model);
    }
    if (model.table !== undefined) return tableFor(options, model.table);
    throw new UsageError(`${data} is a table, and the plan is about none: sumus plan new --data makes one that is`);
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
