// Where tables go: CSV, TSV or JSON lines, written as they come. A file under a temporary name becomes the real one only when it is
// complete, so that nothing half-written is taken for a table.
import { once } from 'node:events';
import { createWriteStream, renameSync, rmSync, type WriteStream } from 'node:fs';
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
    this.#temporary = `${path}.partial`;
    this.#csv =
      ending.startsWith('c') || ending.startsWith('t')
        ? new CsvWriter({ separator: ending === 'tsv' ? '\t' : ',', ...options })
        : undefined;
    this.#stream = createWriteStream(this.#temporary);
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
    this.#stream.end();
    await once(this.#stream, 'finish');
    renameSync(this.#temporary, this.path);
  }

  abandon(): void {
    this.#stream.destroy();
    rmSync(this.#temporary, { force: true });
  }
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
