// A whole table in memory, as anonymisation and risks need it: any format that data-source.ts opens, columns renamed where asked.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendRows, columnNames, renameColumn, type Table } from '@sumus/dataset/table';
import { UsageError } from '../command.ts';
import { openSource, readingNotes } from './data-source.ts';
import type { SourceOptions } from './data-source-options.ts';

export interface ReadOptions extends SourceOptions {
  readonly rename?: string[];
}

export interface ReadTable {
  readonly table: Table;
  /** Bad rows and the like, for a person. */
  readonly notes: readonly string[];
  /** Bad rows that the tolerance endured: left out, and to be told. */
  readonly rejectedRows: number;
}

export async function readTable(path: string, options: ReadOptions): Promise<ReadTable> {
  const source = await openSource(path, options);
  const batches: Table[] = [];
  const reading = source.batches();
  let step = await reading.next();
  for (; !step.done; step = await reading.next()) batches.push(step.value);
  let table = joined(batches);
  if (table === undefined) throw new UsageError(`${path} has no rows`);
  for (const one of options.rename ?? []) {
    const at = one.indexOf('=');
    if (at <= 0) throw new UsageError(`--rename is OLD=NEW, not ${one}`);
    const [from, to] = [one.slice(0, at), one.slice(at + 1)];
    if (!columnNames(table).includes(from)) {
      throw new UsageError(`--rename: there is no column ${from}; the table has ${columnNames(table).join(', ')}`);
    }
    table = renameColumn(table, from, to);
  }
  return { table, notes: readingNotes(source, step.value), rejectedRows: step.value.rejectedRows };
}

/** Pairs of neighbours, again and again, so that no row is copied more than a few times. */
function joined(tables: readonly Table[]): Table | undefined {
  let level = tables;
  while (level.length > 1) {
    const next: Table[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [first, second] = level.slice(at, at + 2);
      if (first !== undefined) next.push(second === undefined ? first : appendRows(first, second));
    }
    level = next;
  }
  return level[0];
}

export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}
