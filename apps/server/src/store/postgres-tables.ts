// The tables of the store in PostgreSQL, in a schema of their own, and what has to hold of a database before a run may rely on it.
import type { Pool, PoolClient } from 'pg';
import { ParameterError, StoreFailure } from './errors.ts';

const version = 1;
/** Any number, as long as every process asks for the same: one makes the tables, the others wait. */
const lockOfTables = 7_239_104;

// Contents are masked or encrypted, so that compressing them is wasted time: they are stored as they are.
const tables = `
  CREATE SCHEMA IF NOT EXISTS sumus;
  CREATE TABLE sumus.store (version integer NOT NULL);
  INSERT INTO sumus.store VALUES (${version});
  CREATE TABLE sumus.event (
    run text COLLATE "C" NOT NULL, sequence bigint NOT NULL, line text NOT NULL, PRIMARY KEY (run, sequence)
  );
  CREATE TABLE sumus.blob (
    run text COLLATE "C" NOT NULL, sha256 text COLLATE "C" NOT NULL, bytes bigint NOT NULL,
    received bigint NOT NULL DEFAULT 0, whole boolean NOT NULL DEFAULT false,
    PRIMARY KEY (run, sha256, bytes)
  );
  CREATE TABLE sumus.piece (
    run text COLLATE "C" NOT NULL, sha256 text COLLATE "C" NOT NULL, bytes bigint NOT NULL,
    start bigint NOT NULL, content bytea NOT NULL,
    PRIMARY KEY (run, sha256, bytes, start),
    FOREIGN KEY (run, sha256, bytes) REFERENCES sumus.blob ON DELETE CASCADE
  );
  ALTER TABLE sumus.piece ALTER COLUMN content SET STORAGE EXTERNAL;`;

/** Makes them where there are none. Several processes may do so at once. */
export async function preparePostgres(pool: Pool): Promise<void> {
  const client = await pool.connect();
  let failed = true;
  try {
    await mustBeDurable(client);
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [lockOfTables]);
    const { rows } = await client.query(`SELECT to_regclass('sumus.store') IS NOT NULL AS there`);
    if (rows[0]?.there !== true) await client.query(tables);
    const found: unknown = (await client.query('SELECT version FROM sumus.store')).rows[0]?.version;
    if (found !== version) {
      throw new StoreFailure('E_VERSION', `the database has version ${String(found)}; this program reads ${version}`);
    }
    await client.query('COMMIT');
    failed = false;
  } finally {
    client.release(failed);
  }
}

/** What is acknowledged has to be on disk, and text has to come back as it was. */
async function mustBeDurable(client: PoolClient): Promise<void> {
  for (const [setting, isRight, why] of [
    ['synchronous_commit', (value: string) => value !== 'off', 'acknowledges before the disk has it'],
    ['fsync', (value: string) => value === 'on', 'loses what it acknowledged in a power cut'],
    ['server_encoding', (value: string) => value === 'UTF8', 'cannot keep every text'],
  ] as const) {
    const { rows } = await client.query('SELECT current_setting($1) AS value', [setting]);
    const value = String(rows[0]?.value);
    if (!isRight(value)) throw new ParameterError(`this database ${why}: ${setting} is ${value}`);
  }
}
