// The options by which sumus data describe, convert and split are told how a file is spelt. What is not said is guessed and shown.
import { readFileSync } from 'node:fs';
import { type Dialect, type Encoding, encodings, type Tolerance, usualMissing } from '@sumus/dataset/csv';
import { type ColumnSchema, columnTypes, type Schema, schemaFromJson } from '@sumus/dataset/table';
import { type Command, Option } from 'commander';
import { UsageError } from '../command.ts';

export const formats = ['csv', 'json-lines', 'parquet', 'arrow', 'npy', 'npz', 'idx'] as const;
export type Format = (typeof formats)[number];

export interface SourceOptions {
  readonly format?: Format;
  readonly separator?: string;
  readonly encoding?: Encoding;
  readonly decimal?: ',' | '.';
  readonly header?: boolean;
  readonly trim?: true;
  readonly comment?: string;
  readonly missingValues?: string;
  readonly schema?: string;
  readonly type?: string[];
  readonly tolerance?: string;
}

const many = (value: string, earlier: string[] | undefined): string[] => [...(earlier ?? []), value];

export function declareSource(command: Command): Command {
  return command
    .addOption(
      new Option('--format <format>', 'instead of what the name and the first bytes say').choices([...formats]),
    )
    .option('--separator <sign>', 'between the fields: one character, or tab')
    .addOption(new Option('--encoding <encoding>', 'of a CSV').choices([...encodings]))
    .addOption(new Option('--decimal <sign>', 'the decimal sign').choices(['.', ',']))
    .option('--header', 'the first record names the columns')
    .option('--no-header', 'the first record is a row')
    .option('--trim', 'blanks around fields belong to the layout')
    .option('--comment <sign>', 'lines of a CSV that begin with it are comments; they are counted')
    .option('--missing-values <texts>', 'what stands for a missing cell, commas between (default: ?, NA, NULL, …)')
    .option('--schema <file>', 'declared columns and types, JSON; what is declared wins over what is guessed')
    .option('--type <column=type>', `declare one column: ${columnTypes.join(', ')}`, many)
    .option('--tolerance <rows>', 'how many bad rows are endured, 10 or 1% (default: none)');
}

/** What the options say about the dialect of a CSV. */
export function dialectOf(options: SourceOptions): Partial<Dialect> {
  const { separator, encoding, decimal, header, trim, comment, missingValues } = options;
  return {
    ...(separator === undefined ? {} : { separator: separator === 'tab' || separator === '\\t' ? '\t' : separator }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(decimal === undefined ? {} : { decimal }),
    ...(header === undefined ? {} : { header }),
    ...(trim === undefined ? {} : { trim }),
    ...(comment === undefined ? {} : { comment }),
    missing: missingValues === undefined ? usualMissing : ['', ...missingValues.split(',')],
  };
}

export function schemaOf(options: SourceOptions): Schema | undefined {
  const columns = new Map<string, ColumnSchema>();
  if (options.schema !== undefined) {
    for (const column of schemaFromJson(jsonFrom(options.schema)).columns) columns.set(column.name, column);
  }
  for (const one of options.type ?? []) {
    const at = one.lastIndexOf('=');
    const type = columnTypes.find((known) => known === one.slice(at + 1));
    if (at <= 0 || type === undefined)
      throw new UsageError(`--type is COLUMN=TYPE (${columnTypes.join(', ')}), not ${one}`);
    const name = one.slice(0, at);
    columns.set(name, { name, type });
  }
  return columns.size === 0 ? undefined : { columns: [...columns.values()] };
}

function jsonFrom(path: string): unknown {
  const text = readFileSync(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${path} is no JSON: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
}

export function toleranceOf({ tolerance }: SourceOptions): Tolerance {
  if (tolerance === undefined) return {};
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(tolerance);
  const value = Number(match?.[1]);
  if (match === null) throw new UsageError(`--tolerance is a number of rows or a percentage, not ${tolerance}`);
  if (match[2] === '%') {
    if (value > 100) throw new UsageError(`--tolerance ${tolerance} is more than all rows`);
    return { share: value / 100 };
  }
  if (!Number.isSafeInteger(value)) throw new UsageError(`--tolerance ${tolerance} is no number of rows`);
  return { rows: value };
}
