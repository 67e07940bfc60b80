// Which process leads a run: has its coordinator, takes its messages and its owner's actions. Where one process has the store for itself, that
// one. On PostgreSQL a session's advisory lock says it, and the database lets go of it when the process or its connection dies; the address of
// who has it is its session's name, so there is nothing of a dead leader to be read. Safe it is without any of this: an append at a place
// that is taken is a conflict, and whoever meets one stands down. The lock keeps two from working on the same.

import { createHash } from 'node:crypto';
import { Client } from 'pg';
import type { RunId } from '../store/store.ts';

export interface Leadership {
  /** Whether this process leads the run from now on; else where the one is that does, if it is known. */
  take(
    run: RunId,
  ): Promise<{ readonly isMine: true } | { readonly isMine: false; readonly address: string | undefined }>;
  give(run: RunId): Promise<void>;
  /** Called once when all that was taken is lost. */
  onLost(listener: (why: string) => void): void;
  close(): Promise<void>;
}

/** Where nobody else can write. */
export const aloneInCharge: Leadership = Object.freeze({
  take: async () => ({ isMine: true as const }),
  give: async () => undefined,
  onLost: () => undefined,
  close: async () => undefined,
});

/** PostgreSQL cuts a session's name off behind this. */
const NAME_BYTES_AT_MOST = 63;
const PREFIX = 'sumus ';
/** After half a minute without a sign of life the database lets go of a leader's locks. */
const KEEPALIVE = { idleSeconds: 10, intervalSeconds: 5, count: 4 } as const;

export class PostgresLeadership implements Leadership {
  readonly #url: string;
  readonly #address: string;
  readonly #mine = new Set<RunId>();
  readonly #listeners = new Set<(why: string) => void>();
  #client: Promise<Client> | undefined;
  #isClosed = false;

  /** `address`: under which other processes reach this one. */
  constructor(url: string, address: string) {
    if (Buffer.byteLength(PREFIX + address) > NAME_BYTES_AT_MOST) {
      throw new RangeError(
        `an address of at most ${NAME_BYTES_AT_MOST - PREFIX.length} characters fits a session's name: ${address}`,
      );
    }
    this.#url = url;
    this.#address = address;
  }

  async take(run: RunId): Promise<Awaited<ReturnType<Leadership['take']>>> {
    if (this.#mine.has(run)) return { isMine: true };
    const client = await this.#connected();
    const key = keyOf(run);
    const { rows } = await client.query('SELECT pg_try_advisory_lock($1::bigint) AS taken', [key]);
    if (rows[0]?.taken === true) {
      // Asked for twice at once it is held twice: given back until it is held once.
      if (this.#mine.has(run)) await client.query('SELECT pg_advisory_unlock($1::bigint)', [key]);
      this.#mine.add(run);
      return { isMine: true };
    }
    const holder = await client.query(
      `SELECT application_name AS name FROM pg_locks JOIN pg_stat_activity USING (pid)
       WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND (classid::bigint << 32 | objid::bigint) = $1::bigint
         AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      [key],
    );
    const name: unknown = holder.rows[0]?.name;
    const address = typeof name === 'string' && name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined;
    return { isMine: false, address };
  }

  async give(run: RunId): Promise<void> {
    if (!this.#mine.delete(run)) return;
    const client = await this.#connected();
    await client.query('SELECT pg_advisory_unlock($1::bigint)', [keyOf(run)]);
  }

  onLost(listener: (why: string) => void): void {
    this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const client = await this.#client?.catch(() => undefined);
    await client?.end();
  }

  #connected(): Promise<Client> {
    if (this.#isClosed) return Promise.reject(new Error('this process leads nothing any more'));
    this.#client ??= this.#connect().catch((error) => {
      this.#client = undefined;
      throw error;
    });
    return this.#client;
  }

  async #connect(): Promise<Client> {
    const client = new Client({
      connectionString: this.#url,
      application_name: PREFIX + this.#address,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
    });
    const lost = (why: string): void => {
      if (this.#client === undefined) return;
      this.#client = undefined;
      this.#mine.clear();
      if (!this.#isClosed) for (const listener of this.#listeners) listener(why);
    };
    client.on('error', (error) => lost(error.message));
    client.on('end', () => lost('the connection to the database ended'));
    await client.connect();
    // Of a machine that lost its power or its network the database hears nothing, and keeps the lock as long as the system keeps the connection:
    // two hours, usually. So it asks. A socket on one machine ends with the process, and takes no such setting.
    await client.query(`SET tcp_keepalives_idle = ${KEEPALIVE.idleSeconds}`);
    await client.query(`SET tcp_keepalives_interval = ${KEEPALIVE.intervalSeconds}`);
    await client.query(`SET tcp_keepalives_count = ${KEEPALIVE.count}`);
    return client;
  }
}

/** 64 bits of a hash as PostgreSQL's signed number, in digits. */
const keyOf = (run: RunId): string => `${createHash('sha256').update(`sumus run ${run}`).digest().readBigInt64BE(0)}`;
