// SQLite as this store uses it: one connection, text and whole numbers, statements prepared once. The runtime's own where it has one (Node 22
// and later), WebAssembly where not. Both write the same file, one after the other, never at the same time: they do not see each
// other's locks, so folder-owner.ts comes before either.
import sqliteWasm from 'node-sqlite3-wasm';
import { storageFailure } from './storage-failure.ts';

export type SqliteValue = string | number;

/** Of what a query answers, by the names of its columns. */
export type SqliteRow = Readonly<Record<string, unknown>>;

export interface Sqlite {
  /** Which build this is. */
  readonly build: 'node:sqlite' | 'WebAssembly';
  exec(sql: string): void;
  run(sql: string, ...values: SqliteValue[]): void;
  all(sql: string, ...values: SqliteValue[]): readonly SqliteRow[];
  close(): void;
}

/** The part of node:sqlite that is used here; @types/node 20 does not know the module. */
interface NodeSqlite {
  DatabaseSync: new (
    path: string,
  ) => {
    exec(sql: string): void;
    prepare(sql: string): { run(...values: SqliteValue[]): unknown; all(...values: SqliteValue[]): SqliteRow[] };
    close(): void;
  };
}

const isNodeSqlite = (found: unknown): found is NodeSqlite =>
  typeof found === 'object' && found !== null && 'DatabaseSync' in found;

export function openSqlite(path: string): Sqlite {
  const runtimes: unknown = process.getBuiltinModule?.('node:sqlite');
  const opened = storageFailure.during(`open ${path}`, () =>
    isNodeSqlite(runtimes) ? openRuntimes(runtimes, path) : openWebAssembly(path),
  );
  // The WebAssembly build has no shared memory: without exclusive locking, set before anything else, it does not do write-ahead logs.
  storageFailure.during(`open ${path}`, () => {
    try {
      opened.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
      const mode = opened.all('PRAGMA journal_mode')[0]?.['journal_mode'];
      if (mode !== 'wal') throw new Error(`SQLite keeps to the journal mode ${String(mode)}`);
    } catch (error) {
      opened.close();
      throw error;
    }
  });
  return opened;
}

function openRuntimes({ DatabaseSync }: NodeSqlite, path: string): Sqlite {
  const database = new DatabaseSync(path);
  const prepared = once((sql) => database.prepare(sql));
  return {
    build: 'node:sqlite',
    exec: (sql) => database.exec(sql),
    run: (sql, ...values) => {
      prepared(sql).run(...values);
    },
    all: (sql, ...values) => prepared(sql).all(...values),
    close: () => database.close(),
  };
}

function openWebAssembly(path: string): Sqlite {
  const database = new sqliteWasm.Database(path);
  const statements: { finalize(): void }[] = [];
  const prepared = once((sql) => {
    const statement = database.prepare(sql);
    statements.push(statement);
    return statement;
  });
  return {
    build: 'WebAssembly',
    exec: (sql) => database.exec(sql),
    run: (sql, ...values) => {
      prepared(sql).run(values);
    },
    all: (sql, ...values) => prepared(sql).all(values),
    // SQLite keeps a connection open, and its lock, for as long as a statement of it is left.
    close: () => {
      for (const statement of statements) statement.finalize();
      database.close();
    },
  };
}

function once<T>(make: (sql: string) => T): (sql: string) => T {
  const made = new Map<string, T>();
  return (sql) => {
    const known = made.get(sql) ?? make(sql);
    made.set(sql, known);
    return known;
  };
}
