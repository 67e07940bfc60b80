// sumus data split: a table into train, validation and test, or among participants. Two passes: the first looks only at the columns
// that decide, the second deals the rows out as they come, so that a table larger than the memory is split as well.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ParameterError } from '@sumus/dataset/errors';
import { type Part, type PartitionRule, partitionRows, type RandomBytes, splitRows } from '@sumus/dataset/split';
import { appendRows, type Column, columnOf, selectColumns, selectRows, type Table } from '@sumus/dataset/table';
import { nodePrimitives } from '@sumus/platform/node';
import { type Command, Option } from 'commander';
import { UsageError } from '../command.ts';
import { printColumns, printJson } from '../print.ts';
import { TableOutput, writing } from './data-output.ts';
import { openSource, type Source } from './data-source.ts';
import { declareSource, type SourceOptions } from './data-source-options.ts';

interface SplitOptions extends SourceOptions {
  readonly out: string;
  readonly train?: string;
  readonly validation?: string;
  readonly test?: string;
  readonly stratify?: string;
  readonly group?: string;
  readonly participants?: string;
  readonly partition?: 'iid' | 'dirichlet' | 'shards' | 'column';
  readonly label?: string;
  readonly concentration: string;
  readonly shardsEach: string;
  readonly atLeast: string;
  readonly seed?: string;
  readonly outFormat: 'csv' | 'tsv' | 'jsonl';
  readonly json?: true;
}

export function declareSplit(group: Command): void {
  declareSource(group.command('split').description('a table into train, validation and test, or among participants'))
    .argument('<file>', 'a table of any format')
    .requiredOption('-o, --out <folder>', 'where the parts go; made if it is not there')
    .option('--train <share>', 'share of the rows, 0.8 or 80%')
    .option('--validation <share>')
    .option('--test <share>')
    .option('--stratify <column>', 'the same shares of its values in every part')
    .option('--group <column>', 'its values never occur in two parts')
    .option('--participants <count>', 'among participants instead')
    .addOption(
      new Option('--partition <how>', 'among participants: alike, by label skew, by shards, by a column').choices([
        'iid',
        'dirichlet',
        'shards',
        'column',
      ]),
    )
    .option('--label <column>', 'whose values are skewed, sharded, or decide')
    .option('--concentration <alpha>', "Dirichlet's; large: all alike, 0.1: very different", '0.5')
    .option('--shards-each <count>', 'shards for each participant', '2')
    .option('--at-least <rows>', 'Dirichlet: rows that everybody gets', '1')
    .option('--seed <text>', 'the same text gives the same split (default: fresh, and printed)')
    .addOption(new Option('--out-format <format>', 'of the parts').choices(['csv', 'tsv', 'jsonl']).default('csv'))
    .option('--json', 'one JSON object on one line')
    .action((file: string, options: SplitOptions) => splitFile(file, options));
}

async function splitFile(file: string, options: SplitOptions): Promise<void> {
  const source = await openSource(file, options);
  const deciding = [options.stratify, options.group, options.label].filter((name) => name !== undefined);
  const { columns, rowCount } = await decidingColumns(source, [...new Set(deciding)]);
  const seed = options.seed ?? randomBytes(16).toString('hex');
  const parts = asTyped(() => partsOf(rowCount, columns, seededBytes(seed), options));
  const partOf = new Int32Array(rowCount).fill(-1);
  for (const [part, { rows }] of parts.entries()) for (const row of rows) partOf[row] = part;
  mkdirSync(options.out, { recursive: true });
  const paths = parts.map(({ name }) => join(options.out, `${fileName(name)}.${options.outFormat}`));
  if (new Set(paths).size < paths.length) throw new UsageError('two values of the column make one file name');
  const there = paths.find(existsSync);
  if (there !== undefined) throw new UsageError(`${there} is there already`);
  const outputs = paths.map((path) => new TableOutput(path));
  await writing(outputs, async () => deal(source, partOf, outputs));
  if (options.json) {
    const counts = parts.map(({ name }, at) => ({ name, file: paths[at], rows: outputs[at]?.rows }));
    printJson({ file, seed, rows: rowCount, parts: counts });
  } else {
    printColumns(
      parts.map(({ name }, at) => [name, `${outputs[at]?.rows.toLocaleString('en')} rows`, paths[at] ?? '']),
    );
    process.stdout.write(`seed ${seed}\n`);
  }
}

/** The columns that decide, whole; and how many rows there are. */
async function decidingColumns(
  source: Source,
  names: readonly string[],
): Promise<{ columns: ReadonlyMap<string, Column>; rowCount: number }> {
  for (const name of names) {
    if (source.columns.every(({ schema }) => schema.name !== name)) {
      throw new UsageError(
        `there is no column ${name}; the table has ${source.columns.map(({ schema }) => schema.name).join(', ')}`,
      );
    }
  }
  let rowCount = 0;
  let kept: Table | undefined;
  for await (const batch of source.batches()) {
    rowCount += batch.rowCount;
    const deciding = selectColumns(batch, names);
    if (names.length > 0) kept = kept === undefined ? deciding : appendRows(kept, deciding);
  }
  const whole = kept;
  const columns = new Map(whole === undefined ? [] : names.map((name) => [name, columnOf(whole, name)]));
  return { columns, rowCount };
}

function partsOf(
  rowCount: number,
  columns: ReadonlyMap<string, Column>,
  random: RandomBytes,
  options: SplitOptions,
): Part[] {
  if (options.participants === undefined && options.partition === undefined) {
    const train = shareOf('--train', options.train);
    const validation = shareOf('--validation', options.validation);
    const test = shareOf('--test', options.test);
    const rest = 1 - (train ?? 0) - (validation ?? 0) - (test ?? 0);
    const shares = {
      train: train ?? (test === undefined ? 0.8 : rest),
      validation: validation ?? 0,
      test: test ?? (train === undefined ? 0.2 - (validation ?? 0) : rest),
    };
    const stratifyBy = options.stratify === undefined ? undefined : columns.get(options.stratify);
    const groupBy = options.group === undefined ? undefined : columns.get(options.group);
    const split = splitRows(rowCount, shares, random, {
      ...(stratifyBy && { stratifyBy }),
      ...(groupBy && { groupBy }),
    });
    const named = (['train', 'validation', 'test'] as const).map((name) => ({ name, rows: split[name] }));
    return named.filter(({ name }) => shares[name] > 0);
  }
  const parts = partitionRows(rowCount, ruleOf(columns, options), random);
  return parts.map(({ name, rows }) => ({ name: options.partition === 'column' ? name : `participant-${name}`, rows }));
}

function ruleOf(columns: ReadonlyMap<string, Column>, options: SplitOptions): PartitionRule {
  const kind = options.partition ?? 'iid';
  const label = (): Column => {
    const column = options.label === undefined ? undefined : columns.get(options.label);
    if (column === undefined) throw new UsageError(`--partition ${kind} needs --label COLUMN`);
    return column;
  };
  if (kind === 'column') return { kind, column: label() };
  const participants = countOf('--participants', options.participants);
  if (kind === 'iid') return { kind, participants };
  if (kind === 'shards')
    return { kind, participants, shardsEach: countOf('--shards-each', options.shardsEach), label: label() };
  const concentration = Number(options.concentration);
  return { kind, participants, concentration, label: label(), atLeast: countOf('--at-least', options.atLeast) };
}

function shareOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?|\.\d+)(%?)$/.exec(text);
  const share = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (!(share >= 0 && share <= 1)) throw new UsageError(`${name} is a share such as 0.8 or 80%, not ${text}`);
  return share;
}

function countOf(name: string, text: string | undefined): number {
  const count = Number(text);
  if (text === undefined || !Number.isSafeInteger(count) || count < 0)
    throw new UsageError(`${name} is a whole number, not ${text}`);
  return count;
}

/** ChaCha20 under the hash of the seed: the same bytes on every machine. */
function seededBytes(seed: string): RandomBytes {
  const { chacha20 } = nodePrimitives();
  const key = createHash('sha256').update(`sumus data split\0${seed}`).digest();
  const nonce = new Uint8Array(12);
  let block = 0;
  return (sizeBytes) => {
    const bytes = new Uint8Array(Math.ceil(sizeBytes / 64) * 64);
    chacha20(key, nonce, block, bytes);
    block += bytes.length / 64;
    return bytes.subarray(0, sizeBytes);
  };
}

async function deal(source: Source, partOf: Int32Array, outputs: readonly TableOutput[]): Promise<void> {
  let first = 0;
  for await (const batch of source.batches()) {
    for (const [part, output] of outputs.entries()) {
      const rows: number[] = [];
      for (let row = 0; row < batch.rowCount; row += 1) if (partOf[first + row] === part) rows.push(row);
      // An empty batch is written once, so that every part has its header.
      if (rows.length > 0 || first === 0) await output.write(selectRows(batch, rows));
    }
    first += batch.rowCount;
  }
}

/** A value of a column as a file's name: no separators, no dots in front, nothing that a shell would read. */
const fileName = (name: string): string =>
  name
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, '_')
    .replace(/^\.+/, '_')
    .slice(0, 100) || 'missing';

function asTyped<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof ParameterError) throw new UsageError(cause.message, { cause });
    throw cause;
  }
}
