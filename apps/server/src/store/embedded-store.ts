// The store in a folder of this machine: the log in SQLite (`log.sqlite`), large bytes as files beside it. One process owns it. Appends that come
// in the same turn of the event loop share a transaction, and so one wait for the disk; each is acknowledged when that is over.
import { mkdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { checkBlob, checkLines, checkPiece, checkPlace, checkRun } from './arguments.ts';
import { BlobFolder } from './blob-folder.ts';
import { ParameterError, StoreFailure } from './errors.ts';
import { type FolderOwner, ownFolder } from './folder-owner.ts';
import { openSqlite, type Sqlite, type SqliteRow } from './sqlite.ts';
import { storageFailure } from './storage-failure.ts';
import type {
  Appended,
  BlobName,
  RunId,
  Store,
  StoredBlob,
  StoredEvent,
  StoredRun,
  Uploaded,
  UploadState,
} from './store.ts';

/** How many events a reader holds in memory. */
const pageLength = 64;
/** With less than this a disk is full: SQLite writes pages, and the index that goes with its log. */
const spareBytes = 128 * 1024;
const version = 1;

const nextOf = `SELECT coalesce(max(sequence) + 1, 0) AS next FROM event WHERE run = ?`;
const insert = `INSERT INTO event (run, sequence, line) VALUES (?, ?, ?)`;
const page = `SELECT sequence, line FROM event WHERE run = ? AND sequence >= ? ORDER BY sequence LIMIT ${pageLength}`;

interface Waiting {
  readonly run: RunId;
  readonly expected: number;
  readonly lines: readonly string[];
  resolve(appended: Appended): void;
  reject(reason: unknown): void;
}

/** Opens or makes it. Refuses with E_IN_USE while another process has it. */
export function openEmbeddedStore(folder: string): Store {
  const owner = ownFolder(folder);
  try {
    const path = join(folder, 'log.sqlite');
    // The lock of the WebAssembly build is a folder that a killed process leaves behind. We own this place: nobody holds it.
    storageFailure.during(`clear ${path}.lock`, () => rmSync(`${path}.lock`, { recursive: true, force: true }));
    storageFailure.during(`make folders in ${folder}`, () => {
      for (const part of ['blobs', 'uploads']) mkdirSync(join(folder, part), { recursive: true, mode: 0o700 });
    });
    const database = openSqlite(path);
    try {
      storageFailure.during(`read ${path}`, () => prepare(database, path));
    } catch (error) {
      database.close();
      throw error;
    }
    return new EmbeddedStore(folder, owner, database);
  } catch (error) {
    owner.release();
    throw error;
  }
}

function prepare(database: Sqlite, path: string): void {
  const found = database.all('PRAGMA user_version')[0]?.['user_version'];
  if (found === version) return;
  if (found !== 0) {
    throw new StoreFailure('E_VERSION', `${path} has version ${String(found)}; this program reads version ${version}`);
  }
  database.exec(`
    BEGIN IMMEDIATE;
    CREATE TABLE event (
      run TEXT NOT NULL, sequence INTEGER NOT NULL, line TEXT NOT NULL, PRIMARY KEY (run, sequence)
    ) WITHOUT ROWID, STRICT;
    PRAGMA user_version = ${version};
    COMMIT;
  `);
}

class EmbeddedStore implements Store {
  readonly #folder: string;
  readonly #owner: FolderOwner;
  readonly #database: Sqlite;
  readonly #blobs: BlobFolder;
  #waiting: Waiting[] = [];
  #closed = false;

  constructor(folder: string, owner: FolderOwner, database: Sqlite) {
    this.#folder = folder;
    this.#owner = owner;
    this.#database = database;
    this.#blobs = new BlobFolder(folder);
  }

  async runs(): Promise<readonly StoredRun[]> {
    const rows = this.#all('SELECT run, max(sequence) + 1 AS next FROM event GROUP BY run ORDER BY run');
    return rows.map((row) => ({ run: textOf(row, 'run'), next: numberOf(row, 'next') }));
  }

  async append(run: RunId, expected: number, lines: readonly string[]): Promise<Appended> {
    checkRun(run);
    checkPlace('the expected place', expected);
    checkLines(lines);
    this.#mustBeOpen();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ run, expected, lines: [...lines], resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.#appendWaiting());
    });
  }

  async *read(run: RunId, from = 0): AsyncGenerator<StoredEvent> {
    checkRun(run);
    checkPlace('a place', from);
    for (let next = from; ; ) {
      const rows = this.#all(page, run, next);
      for (const row of rows) yield { sequence: numberOf(row, 'sequence'), line: textOf(row, 'line') };
      if (rows.length < pageLength) return;
      next += rows.length;
    }
  }

  async uploadState(run: RunId, blob: BlobName): Promise<UploadState> {
    this.#mustBeOpen();
    checkRun(run);
    checkBlob(blob);
    return this.#blobs.state(run, blob);
  }

  async upload(run: RunId, blob: BlobName, offset: number, piece: Uint8Array): Promise<Uploaded> {
    this.#mustBeOpen();
    checkRun(run);
    checkBlob(blob);
    checkPiece(blob, offset, piece);
    return this.#blobs.upload(run, blob, offset, piece);
  }

  async blob(run: RunId, blob: BlobName, from = 0): Promise<AsyncIterable<Uint8Array> | undefined> {
    this.#mustBeOpen();
    checkRun(run);
    checkBlob(blob);
    checkPlace('an offset', from);
    return this.#blobs.open(run, blob, from);
  }

  blobs(run: RunId): AsyncIterable<StoredBlob> {
    this.#mustBeOpen();
    checkRun(run);
    return this.#blobs.all(run);
  }

  async deleteBlobs(run: RunId, blobs: readonly BlobName[]): Promise<number> {
    this.#mustBeOpen();
    checkRun(run);
    for (const blob of blobs) checkBlob(blob);
    let deleted = 0;
    for (const blob of blobs) if (await this.#blobs.delete(run, blob)) deleted += 1;
    return deleted;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#appendWaiting();
    await this.#blobs.settle();
    this.#database.close();
    this.#owner.release();
  }

  /** In one transaction. When it fails nothing of it is there, and everybody who waited is told. */
  #appendWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length === 0) return;
    try {
      const answers = storageFailure.during(`append to ${join(this.#folder, 'log.sqlite')}`, () =>
        this.#transact(waiting),
      );
      for (const [index, { resolve }] of waiting.entries()) resolve(answers[index]!);
    } catch (error) {
      const told = this.#isFull(error) ? this.#full(error) : error;
      for (const { reject } of waiting) reject(told);
    }
  }

  /** The WebAssembly build of SQLite has one word, disk I/O error, for a full disk and for a broken one. */
  #isFull(error: unknown): boolean {
    if (!(error instanceof StoreFailure) || error.code !== 'E_DAMAGED') return false;
    const { bavail, bsize } = statfsSync(this.#folder);
    return bavail * bsize < spareBytes;
  }

  #full(cause: unknown): StoreFailure {
    return new StoreFailure('E_FULL', `cannot append in ${this.#folder}: there is no space left`, { cause });
  }

  #transact(waiting: readonly Waiting[]): Appended[] {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const answers = waiting.map(({ run, expected, lines }): Appended => {
        const next = numberOf(this.#database.all(nextOf, run)[0] ?? {}, 'next');
        if (next !== expected) return { kind: 'conflict', next };
        for (const [index, line] of lines.entries()) this.#database.run(insert, run, expected + index, line);
        return { kind: 'appended', next: expected + lines.length };
      });
      this.#database.exec('COMMIT');
      return answers;
    } catch (error) {
      try {
        this.#database.exec('ROLLBACK');
      } catch {
        // SQLite rolls back by itself on some errors, and then has nothing to roll back; the first error is the one to tell.
      }
      throw error;
    }
  }

  #all(sql: string, ...values: (string | number)[]): readonly SqliteRow[] {
    this.#mustBeOpen();
    return storageFailure.during(`read ${join(this.#folder, 'log.sqlite')}`, () => this.#database.all(sql, ...values));
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new ParameterError(`the store in ${this.#folder} is closed`);
  }
}

function numberOf(row: SqliteRow, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new StoreFailure('E_DAMAGED', `the log has ${typeof value} in ${column}`);
  return value;
}

function textOf(row: SqliteRow, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new StoreFailure('E_DAMAGED', `the log has ${typeof value} in ${column}`);
  return value;
}
