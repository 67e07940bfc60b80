// The room where the data are: it reads files, holds them against the plan, keeps what it read sealed, and trains. Examples never leave it.
//
// Pure but for what is handed in: the same steps run under Node in a test.

import type { Storage } from '@sumus/client/storage';
import { watchedWorker } from '@sumus/client/worker';
import { readCsvBytes } from '@sumus/dataset/csv';
import type { ImageDecoder, PictureFile } from '@sumus/dataset/images';
import type { Table } from '@sumus/dataset/table';
import { ParameterError } from '@sumus/federation/errors';
import { type CheckedPlan, checkPlan } from '@sumus/federation/plan';
import type { FeatureMapTools } from '@sumus/federation/worker';
import { type Digits, digitsAt } from '../../digits/digits.ts';
import { type Demand, demandOf, pictureShapeOf } from '../data/demand.ts';
import { examplesFromDigits } from '../data/digit-examples.ts';
import { type Examples, summaryOf, type Taken } from '../data/examples.ts';
import { examplesFromPictures, picturesFor } from '../data/picture-examples.ts';
import { examplesFromTable, lookAt, type Mapping, suggestMapping } from '../data/table-examples.ts';
import { bytesOfSource, type DataSource, sourceFromBytes } from './data-source.ts';
import type { ChosenFile, FromTraining, ToTraining, WorkAnswered, WorkAsked } from './training-messages.ts';

type WatchedWorker = ReturnType<typeof watchedWorker>;

export interface TrainingTools extends FeatureMapTools {
  readonly randomBytes: (length: number) => Uint8Array<ArrayBuffer>;
  readonly storage: Storage;
  readonly digits: (address: string) => Promise<Digits>;
  readonly decodeJpeg: ImageDecoder;
  readonly nowMs: () => number;
  readonly tell: (message: FromTraining) => void;
}

const KEPT = 'data-source';
const PREVIEWS = 10;
/** Told so often that a bar moves, not so often that telling is the work. */
const TELL_EVERY_MS = 100;
const TABLE = /\.(csv|tsv|txt)$/i;
const PICTURE = /\.(png|jpe?g)$/i;

export class TrainingRoom {
  readonly #tools: TrainingTools;
  #plan: { readonly text: string; readonly plan: CheckedPlan; readonly demand: Demand } | undefined;
  #table: { readonly name: string; readonly table: Table; readonly bytes: Uint8Array<ArrayBuffer> } | undefined;
  #examples: Examples | undefined;
  #worker: WatchedWorker | undefined;

  constructor(tools: TrainingTools) {
    this.#tools = tools;
  }

  async take(message: Exclude<ToTraining, { kind: 'port' }>): Promise<void> {
    switch (message.kind) {
      case 'plan':
        return this.#takePlan(message.text);
      case 'recall':
        return this.#recall();
      case 'digits':
        return this.#use(message, await this.#made(message), true);
      case 'files':
        return this.#read(message.files);
      case 'map':
        return this.#map(message.mapping);
      default:
        return message satisfies never;
    }
  }

  /** One task; nothing else happens meanwhile. */
  work({ number, plan, work }: WorkAsked, answer: (message: WorkAnswered) => void): void {
    const { nowMs } = this.#tools;
    try {
      if (plan !== this.#plan?.text) this.#takePlan(plan);
      let toldAtMs = 0;
      const result = this.#trained()(work, (progress) => {
        if (nowMs() - toldAtMs < TELL_EVERY_MS && progress.step < progress.steps) return;
        toldAtMs = nowMs();
        answer({ number, progress });
      });
      answer({ number, result });
    } catch (cause) {
      answer({ number, failed: cause instanceof Error ? cause.message : String(cause) });
    }
  }

  #trained(): WatchedWorker {
    if (this.#plan === undefined || this.#examples === undefined) throw new ParameterError('there are no data here');
    this.#worker ??= watchedWorker(this.#tools, this.#plan.plan, this.#examples, this.#tools.randomBytes);
    return this.#worker;
  }

  #takePlan(text: string): void {
    const read = checkPlan(JSON.parse(text));
    if (read.kind === 'invalid') throw new ParameterError('this is no plan');
    this.#plan = { text, plan: read.plan, demand: demandOf(read.plan) };
    this.#worker = undefined;
  }

  get #demand(): Demand {
    if (this.#plan === undefined) throw new ParameterError('there is no plan yet');
    return this.#plan.demand;
  }

  async #recall(): Promise<void> {
    const bytes = await this.#tools.storage.read(KEPT);
    if (bytes === undefined) return this.#tools.tell({ kind: 'nothing kept' });
    const source = sourceFromBytes(bytes);
    await this.#use(source, await this.#made(source), false);
  }

  async #made(source: DataSource): Promise<Taken> {
    const demand = this.#demand;
    switch (source.kind) {
      case 'digits': {
        const all = await this.#tools.digits(source.address);
        return examplesFromDigits(digitsAt(all, source.from, source.count), 'digits', demand);
      }
      case 'table': {
        const { table } = await readCsvBytes(source.bytes, { file: source.name });
        this.#table = { name: source.name, table, bytes: source.bytes };
        return examplesFromTable(table, source.name, source.mapping, demand);
      }
      case 'pictures':
        return examplesFromPictures(source.pictures, source.name, demand, source.leftOut);
      default:
        return source satisfies never;
    }
  }

  async #read(files: readonly ChosenFile[]): Promise<void> {
    const table = files.find(({ path }) => TABLE.test(path));
    if (table !== undefined && files.every(({ path }) => !PICTURE.test(path))) return this.#readTable(table);
    const demand = this.#demand;
    const { decodeJpeg, tell } = this.#tools;
    const onProgress = (read: number): void => {
      if (read % 50 === 0) tell({ kind: 'reading', files: read });
    };
    const read = await picturesFor(bytesOf(files), demand, { decodeJpeg, onProgress });
    if (read === undefined) return tell({ kind: 'unfit', why: { kind: 'no pictures taken' } });
    const name = files[0]?.path.split('/')[0] ?? '';
    const source = { kind: 'pictures', name, leftOut: read.rejected.length, pictures: read.pictures } as const;
    await this.#use(source, await this.#made(source), true);
  }

  async #readTable({ path, file }: ChosenFile): Promise<void> {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const { table } = await readCsvBytes(bytes, { file: path });
    this.#table = { name: path, table, bytes };
    const mapping = suggestMapping(table, this.#demand);
    const isPlanned = this.#demand.table !== undefined;
    this.#tools.tell({ kind: 'table', look: lookAt(table), mapping, isPlanned });
    await this.#map(mapping);
  }

  async #map(mapping: Mapping): Promise<void> {
    if (this.#table === undefined) throw new ParameterError('there is no table to map');
    const { name, table, bytes } = this.#table;
    await this.#use(
      { kind: 'table', name, mapping, bytes },
      examplesFromTable(table, name, mapping, this.#demand),
      true,
    );
  }

  async #use(source: DataSource, taken: Taken, isNew: boolean): Promise<void> {
    const { tell, storage } = this.#tools;
    this.#worker = undefined;
    this.#examples = undefined;
    if (taken.kind === 'unfit') return tell(taken);
    const { examples, leftOut } = taken;
    this.#examples = examples;
    const bytes = isNew ? bytesOfSource(source) : undefined;
    if (bytes !== undefined) await storage.write(KEPT, bytes);
    else if (isNew) await storage.remove(KEPT);
    const shape = pictureShapeOf(this.#demand);
    const { inputSize, inputs, count } = examples;
    const shown = shape === undefined ? 0 : Math.min(PREVIEWS, count);
    const previews = Array.from({ length: shown }, (_, at) => inputs.slice(at * inputSize, (at + 1) * inputSize));
    tell({
      kind: 'taken',
      summary: summaryOf(examples),
      leftOut,
      shape,
      previews,
      isKept: !isNew || bytes !== undefined,
    });
  }
}

async function* bytesOf(files: readonly ChosenFile[]): AsyncGenerator<PictureFile> {
  for (const { path, file } of files) {
    if (PICTURE.test(path)) yield { path, bytes: new Uint8Array(await file.arrayBuffer()) };
  }
}
