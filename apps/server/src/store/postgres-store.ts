// The store in PostgreSQL, for several server processes on one run. Nothing here elects or locks out anybody: the log's primary key lets one
// append at a place through, and whoever comes second is told. Pieces of a blob come one after the other by a lock on the blob's row,
// which PostgreSQL lets go of when a process dies. A blob is whole in the transaction that found its hash right, or not at all.
import { createHash } from 'node:crypto';
import { Pool, type PoolClient } from 'pg';
import { checkBlob, checkLines, checkPiece, checkPlace, checkRun } from './arguments.ts';
import { ParameterError, StoreFailure } from './errors.ts';
import { preparePostgres } from './postgres-tables.ts';
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

export interface PostgresStoreOptions {
  /** `postgres://user:password@host/database`, as libpq reads it. It is never repeated in a message. */
  readonly url: string;
  /** How many connections this process opens at most. */
  readonly connections?: number;
  /** How long to wait for one. */
  readonly connectTimeoutMs?: number;
}

/** How many events a reader holds in memory. */
const pageLength = 64;
/** A blob lies in rows of at most this length: what a reader holds in memory. */
const rowBytes = 256 * 1024;

// One statement is one transaction: the log is looked at and appended to at once, and the primary key decides between two that do so together.
const append = `
  INSERT INTO sumus.event (run, sequence, line)
  SELECT $1, $2::bigint + place - 1, line FROM unnest($3::text[]) WITH ORDINALITY AS given (line, place)
  WHERE (SELECT coalesce(max(sequence) + 1, 0) FROM sumus.event WHERE run = $1) = $2::bigint`;
const nextOf = 'SELECT coalesce(max(sequence) + 1, 0) AS next FROM sumus.event WHERE run = $1';
const page = `
  SELECT sequence, line FROM sumus.event WHERE run = $1 AND sequence >= $2 ORDER BY sequence LIMIT ${pageLength}`;
const thatBlob = 'run = $1 AND sha256 = $2 AND bytes = $3';
const startBlob = 'INSERT INTO sumus.blob (run, sha256, bytes) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING';
const lockBlob = `SELECT received, whole FROM sumus.blob WHERE ${thatBlob} FOR UPDATE`;
const addPiece = 'INSERT INTO sumus.piece (run, sha256, bytes, start, content) VALUES ($1, $2, $3, $4, $5)';
const advance = `UPDATE sumus.blob SET received = $4, whole = $5 WHERE ${thatBlob}`;
const dropBlob = `DELETE FROM sumus.blob WHERE ${thatBlob}`;
const blobPage = `
  SELECT sha256, bytes, received, whole FROM sumus.blob WHERE run = $1 AND (sha256, bytes) > ($2, $3::bigint)
  ORDER BY sha256, bytes LIMIT ${pageLength}`;
const pieceAt = `
  SELECT substring(content FROM ($4::bigint - start)::int + 1) AS content FROM sumus.piece
  WHERE ${thatBlob} AND start > $4::bigint - ${rowBytes} AND start <= $4 ORDER BY start DESC LIMIT 1`;

interface Queries {
  query(sql: string, values: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

/** Opens it, and makes its tables where there are none. */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  if (!/^postgres(ql)?:\/\//.test(options.url)) {
    throw new ParameterError('the address of a database begins with postgres:// or postgresql://');
  }
  const pool = new Pool({
    connectionString: options.url,
    max: options.connections ?? 8,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    application_name: 'sumus',
  });
  // A connection that breaks while nobody uses it: the pool drops it, and the next query opens another or tells why it cannot.
  pool.on('error', () => {});
  try {
    await storageFailure.duringAsync('open the database', () => preparePostgres(pool));
  } catch (error) {
    await pool.end();
    throw error;
  }
  return new PostgresStore(pool);
}

class PostgresStore implements Store {
  readonly #pool: Pool;
  readonly #work = new Set<Promise<unknown>>();
  #closed = false;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async runs(): Promise<readonly StoredRun[]> {
    const sql = 'SELECT run, max(sequence) + 1 AS next FROM sumus.event GROUP BY run ORDER BY run';
    const rows = await this.#rows('list the runs', sql, []);
    return rows.map((row) => ({ run: textOf(row, 'run'), next: numberOf(row, 'next') }));
  }

  async append(run: RunId, expected: number, lines: readonly string[]): Promise<Appended> {
    this.#mustBeOpen();
    checkRun(run);
    checkPlace('the expected place', expected);
    checkLines(lines);
    return this.#underWay('append to the database', async () => {
      if (await this.#tryAppend(run, expected, lines)) return { kind: 'appended', next: expected + lines.length };
      const { rows } = await this.#pool.query(nextOf, [run]);
      return { kind: 'conflict', next: numberOf(rows[0], 'next') };
    });
  }

  async *read(run: RunId, from = 0): AsyncGenerator<StoredEvent> {
    checkRun(run);
    checkPlace('a place', from);
    for (let next = from; ; ) {
      const rows = await this.#rows('read from the database', page, [run, next]);
      for (const row of rows) yield { sequence: numberOf(row, 'sequence'), line: textOf(row, 'line') };
      if (rows.length < pageLength) return;
      next += rows.length;
    }
  }

  async uploadState(run: RunId, blob: BlobName): Promise<UploadState> {
    checkRun(run);
    checkBlob(blob);
    const sql = `SELECT received, whole FROM sumus.blob WHERE ${thatBlob}`;
    const [row] = await this.#rows('look up a blob', sql, keyOf(run, blob));
    if (row?.['whole'] === true) return { kind: 'complete' };
    return { kind: 'partial', offset: row === undefined ? 0 : numberOf(row, 'received') };
  }

  async upload(run: RunId, blob: BlobName, offset: number, piece: Uint8Array): Promise<Uploaded> {
    checkRun(run);
    checkBlob(blob);
    checkPiece(blob, offset, piece);
    for (;;) {
      const uploaded = await this.#transact('write a blob', (client) => takePiece(client, run, blob, offset, piece));
      if (uploaded !== undefined) return uploaded;
    }
  }

  async blob(run: RunId, blob: BlobName, from = 0): Promise<AsyncIterable<Uint8Array> | undefined> {
    checkRun(run);
    checkBlob(blob);
    checkPlace('an offset', from);
    if ((await this.uploadState(run, blob)).kind !== 'complete') return undefined;
    const query = (sql: string, values: unknown[]) =>
      this.#underWay('read a blob', () => this.#pool.query(sql, values));
    return verified(piecesOf({ query }, run, blob, from), blob, from);
  }

  async *blobs(run: RunId): AsyncGenerator<StoredBlob> {
    checkRun(run);
    const after = { sha256: '', bytes: 0 };
    for (;;) {
      const rows = await this.#rows('list blobs', blobPage, [run, after.sha256, after.bytes]);
      for (const row of rows) {
        const blob = { sha256: textOf(row, 'sha256'), bytes: numberOf(row, 'bytes') };
        Object.assign(after, blob);
        const isWhole = row['whole'] === true;
        yield { blob, state: isWhole ? { kind: 'complete' } : { kind: 'partial', offset: numberOf(row, 'received') } };
      }
      if (rows.length < pageLength) return;
    }
  }

  async deleteBlobs(run: RunId, blobs: readonly BlobName[]): Promise<number> {
    checkRun(run);
    for (const blob of blobs) checkBlob(blob);
    return this.#transact('delete blobs', async (client) => {
      let deleted = 0;
      for (const blob of blobs) deleted += (await client.query(dropBlob, keyOf(run, blob))).rowCount ?? 0;
      return deleted;
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // The pool would leave those alone that still wait for a connection.
    await Promise.allSettled(this.#work);
    await this.#pool.end();
  }

  async #tryAppend(run: RunId, expected: number, lines: readonly string[]): Promise<boolean> {
    try {
      const { rowCount } = await this.#pool.query(append, [run, expected, lines]);
      return rowCount === lines.length;
    } catch (error) {
      // Unique violation: another process was at the same place and committed first.
      if (error instanceof Error && 'code' in error && error.code === '23505') return false;
      throw error;
    }
  }

  async #rows(doing: string, sql: string, values: unknown[]): Promise<readonly Record<string, unknown>[]> {
    this.#mustBeOpen();
    return this.#underWay(doing, async () => (await this.#pool.query(sql, values)).rows);
  }

  /** What `work` answers, in one transaction. When it throws nothing of it is there. */
  async #transact<T>(doing: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
    this.#mustBeOpen();
    return this.#underWay(doing, async () => {
      const client = await this.#pool.connect();
      // Between two queries nobody else listens; the next query tells that the connection is gone.
      const silent = (): void => {};
      client.on('error', silent);
      try {
        await client.query('BEGIN');
        const answer = await work(client);
        await client.query('COMMIT');
        client.off('error', silent);
        client.release();
        return answer;
      } catch (error) {
        // The connection goes, and its transaction with it: whatever state it was in.
        client.release(true);
        throw error;
      }
    });
  }

  async #underWay<T>(doing: string, work: () => Promise<T>): Promise<T> {
    const working = storageFailure.duringAsync(doing, work);
    this.#work.add(working);
    try {
      return await working;
    } finally {
      this.#work.delete(working);
    }
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new ParameterError('the store in the database is closed');
  }
}

const keyOf = (run: RunId, { sha256, bytes }: BlobName): [string, string, number] => [run, sha256, bytes];

/** Undefined: the blob was deleted in between, and the piece is to be taken again. */
async function takePiece(
  client: Queries,
  run: RunId,
  blob: BlobName,
  offset: number,
  piece: Uint8Array,
): Promise<Uploaded | undefined> {
  const key = keyOf(run, blob);
  if (offset === 0) await client.query(startBlob, key);
  const [row] = (await client.query(lockBlob, key)).rows;
  if (row === undefined) return offset === 0 ? undefined : { kind: 'elsewhere', offset: 0 };
  if (row['whole'] === true) return { kind: 'complete' };
  const received = numberOf(row, 'received');
  if (received !== offset) return { kind: 'elsewhere', offset: received };
  for (let at = 0; at < piece.length; at += rowBytes) {
    await client.query(addPiece, [...key, offset + at, Buffer.from(piece.subarray(at, at + rowBytes))]);
  }
  const end = offset + piece.length;
  if (end === blob.bytes) {
    const hash = createHash('sha256');
    // What came in one piece is hashed where it lies; the rest is read again, because it may have come to another process.
    if (offset === 0) hash.update(piece);
    else for await (const part of piecesOf(client, run, blob, 0)) hash.update(part);
    const sha256 = hash.digest('hex');
    if (sha256 !== blob.sha256) {
      await client.query(dropBlob, key);
      return { kind: 'other content', sha256 };
    }
  }
  await client.query(advance, [...key, end, end === blob.bytes]);
  return end === blob.bytes ? { kind: 'complete' } : { kind: 'taken', offset: end };
}

async function* piecesOf(queries: Queries, run: RunId, blob: BlobName, from: number): AsyncGenerator<Uint8Array> {
  for (let at = from; at < blob.bytes; ) {
    const content = (await queries.query(pieceAt, [...keyOf(run, blob), at])).rows[0]?.['content'];
    if (!(content instanceof Uint8Array) || content.length === 0) {
      throw new StoreFailure(
        'E_DAMAGED',
        `blob ${blob.sha256} ends after ${at} of ${blob.bytes} bytes, or was deleted`,
      );
    }
    yield content;
    at += content.length;
  }
}

/** From the beginning it is compared with its name, before the last piece is given away. */
async function* verified(pieces: AsyncIterable<Uint8Array>, blob: BlobName, from: number): AsyncGenerator<Uint8Array> {
  const hash = from === 0 ? createHash('sha256') : undefined;
  let at = from;
  for await (const piece of pieces) {
    at += piece.length;
    hash?.update(piece);
    if (at === blob.bytes && hash !== undefined && hash.digest('hex') !== blob.sha256) {
      throw new StoreFailure(
        'E_DAMAGED',
        `blob ${blob.sha256} is not what its name says: the database has other bytes`,
      );
    }
    yield piece;
  }
}

/** PostgreSQL's bigint comes as text: it can be larger than a number holds. */
function numberOf(row: Record<string, unknown> | undefined, column: string): number {
  const value = Number(row?.[column]);
  if (!Number.isSafeInteger(value))
    throw new StoreFailure('E_DAMAGED', `the database has no whole number in ${column}`);
  return value;
}

function textOf(row: Record<string, unknown>, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new StoreFailure('E_DAMAGED', `the database has no text in ${column}`);
  return value;
}
