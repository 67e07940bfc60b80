// Where tables go: CSV, TSV or JSON lines, written as they come. A file under a temporary name becomes the real one only when it is
// complete, so that nothing half-written is taken for a table.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, renameSync, rmSync, statSync, type WriteStream, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CsvWriter } from '@sumus/dataset/csv';
import { cellOf, type Table } from '@sumus/dataset/table';
import { UsageError } from '../command.ts';

export class TableOutput {
  readonly path: string;
  readonly #temporary: string;
  readonly #stream: WriteStream;
  readonly #csv: CsvWriter | undefined;
  #failure: Error | undefined;
  rows = 0;

  constructor(path: string, options: { readonly neutraliseFormulas?: boolean } = {}) {
    const ending = /\.(csv|tsv|jsonl|ndjson)$/i.exec(path)?.[1]?.toLowerCase();
    if (ending === undefined) throw new UsageError(`${path} is written as .csv, .tsv or .jsonl`);
    this.path = path;
    this.#temporary = temporaryFor(path);
    this.#csv =
      ending.startsWith('c') || ending.startsWith('t')
        ? new CsvWriter({ separator: ending === 'tsv' ? '\t' : ',', ...options })
        : undefined;
    this.#stream = createWriteStream(this.#temporary, { flags: 'wx' });
    this.#stream.on('error', (error) => {
      this.#failure = error;
    });
  }

  /** Cells that a spreadsheet would have run, made harmless. */
  get neutralised(): number {
    return this.#csv?.neutralised ?? 0;
  }

  async write(table: Table): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    this.rows += table.rowCount;
    const bytes = this.#csv === undefined ? jsonLines(table) : this.#csv.lines(table);
    if (!this.#stream.write(bytes)) await once(this.#stream, 'drain');
  }

  async finish(): Promise<void> {
    // A stream that failed already says nothing more: who waits for it waits for ever.
    if (this.#failure !== undefined) throw this.#failure;
    this.#stream.end();
    await once(this.#stream, 'finish');
    renameSync(this.#temporary, this.path);
  }

  abandon(): void {
    this.#stream.destroy();
    rmSync(this.#temporary, { force: true });
  }
}

/** In the same folder, so that it can be renamed; a name of its own, so that nobody else writes to it. */
const temporaryFor = (path: string): string => `${path}.${randomBytes(6).toString('hex')}.partial`;

/** A small file as one piece: there is the old one or the new one, never half of it. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const temporary = temporaryFor(path);
  try {
    writeFileSync(temporary, content, { flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** No result may take the place of what it was made from, nor two results the same place, under whatever names. */
export function refuseOverwriting(
  inputs: readonly (string | undefined)[],
  outputs: readonly (string | undefined)[],
): void {
  const taken = new Map<string, string>();
  for (const path of inputs) if (path !== undefined) taken.set(identityOf(path), path);
  for (const path of outputs) {
    if (path === undefined) continue;
    const before = taken.get(identityOf(path));
    if (before !== undefined) throw new UsageError(`${path} would be written over ${before}`);
    taken.set(identityOf(path), path);
  }
}

function identityOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true ? `${found.dev} ${found.ino}` : resolve(path);
}

function jsonLines(table: Table): string {
  const lines: string[] = [];
  for (let row = 0; row < table.rowCount; row += 1) {
    const entries = table.columns.map(
      (column) => `${JSON.stringify(column.name)}:${JSON.stringify(cellOf(column, row))}`,
    );
    lines.push(`{${entries.join(',')}}\n`);
  }
  return lines.join('');
}

/** Runs the work over outputs that are all kept or all thrown away. */
export async function writing<T>(outputs: readonly TableOutput[], work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    for (const output of outputs) await output.finish();
    return result;
  } catch (error) {
    for (const output of outputs) output.abandon();
    throw error;
  }
}
