// Reads a table for anonymisation and for risks: CSV, with the dialect and the types guessed; renames columns where asked.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { readCsvBytes, usualMissing } from '@sumus/dataset/csv';
import { columnNames, renameColumn, type Table } from '@sumus/dataset/table';
import { UsageError } from '../command.ts';

export interface ReadOptions {
  readonly rename?: string[];
  readonly missingValues?: string;
}

export interface ReadTable {
  readonly table: Table;
  readonly bytes: Uint8Array;
  readonly separator: string;
}

export async function readTable(path: string, options: ReadOptions): Promise<ReadTable> {
  const bytes = readFileSync(path);
  const missing = options.missingValues === undefined ? usualMissing : ['', ...options.missingValues.split(',')];
  const reading = await readCsvBytes(bytes, { file: basename(path), dialect: { missing } });
  let { table } = reading;
  for (const one of options.rename ?? []) {
    const at = one.indexOf('=');
    if (at <= 0) throw new UsageError(`--rename is OLD=NEW, not ${one}`);
    const [from, to] = [one.slice(0, at), one.slice(at + 1)];
    if (!columnNames(table).includes(from)) {
      throw new UsageError(`--rename: there is no column ${from}; the table has ${columnNames(table).join(', ')}`);
    }
    table = renameColumn(table, from, to);
  }
  return { table, bytes, separator: reading.inspection.plan.dialect.separator };
}
