// The store in PostgreSQL, held to the contract and to what only several processes on one database can do wrong.
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresForTests } from './postgres-server.contract.ts';
import { openPostgresStore } from './postgres-store.ts';
import { bytesOf, keepsTheContract, linesOf, nameOf } from './store.contract.ts';
import { appendsIn, type ProcessPlace, survivesProcesses, Worker } from './store-processes.contract.ts';

const server = postgresForTests();
const failure = (code: string): object => expect.objectContaining({ name: 'StoreFailure', code });

if (typeof server === 'string') {
  describe(`a store in PostgreSQL (skipped: ${server})`, () => {
    it.skip('keeps the contract', () => {});
  });
} else {
  const { url } = server;
  beforeAll(() => server.start(), 60_000);
  afterAll(() => server.remove());

  const tell = async (sql: string): Promise<void> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  const databasePlace = async (): Promise<ProcessPlace> => ({
    words: ['postgres', url],
    open: () => openPostgresStore({ url, connections: 4 }),
    remove: () => tell('DROP SCHEMA IF EXISTS sumus CASCADE'),
  });

  describe('a store in PostgreSQL', () => {
    keepsTheContract(databasePlace, { keeps: true });
    survivesProcesses(databasePlace, { isSlow: true });

    it('is made once by two processes that come first at the same moment', async () => {
      const stores = await Promise.all([1, 2, 3].map(() => openPostgresStore({ url, connections: 1 })));
      await Promise.all(stores.map((store) => store.close()));
      await tell('DROP SCHEMA sumus CASCADE');
    });

    it('lets two processes append to one run: nothing lost, nothing twice, nobody cut in two', {
      timeout: 60_000,
    }, async () => {
      const count = process.env['SUMUS_FULL'] === '1' ? 2000 : 150;
      const workers = ['one', 'two'].map((name) => new Worker('postgres', url, 'append', name, `${count}`));
      for (const worker of workers) expect((await worker.end()).code).toBe(0);
      const store = await openPostgresStore({ url });
      const appends = appendsIn(await linesOf(store, 'run'));
      for (const name of ['one', 'two']) {
        const own = appends.filter((one) => one.startsWith(name));
        expect(own).toEqual([...Array(count).keys()].map((group) => `${name} ${group}`));
      }
      expect(appends).toHaveLength(2 * count);
      // They were in each other's way: else this test shows nothing.
      expect(workers.flatMap(({ lines }) => lines).some((line) => line.startsWith('conflict'))).toBe(true);
      await store.close();
      await tell('DROP SCHEMA sumus CASCADE');
    });

    it('tells that the database went away, and goes on when it is back', { timeout: 60_000 }, async () => {
      const store = await openPostgresStore({ url, connections: 2, connectTimeoutMs: 5000 });
      const content = Buffer.alloc(1000, 'content');
      expect(await store.append('run', 0, ['x'])).toEqual({ kind: 'appended', next: 1 });
      await store.upload('run', nameOf(content), 0, content.subarray(0, 500));
      await server.crash();
      await expect(store.append('run', 1, ['y'])).rejects.toThrow(failure('E_UNREACHABLE'));
      await expect(store.upload('run', nameOf(content), 500, content.subarray(500))).rejects.toThrow(
        failure('E_UNREACHABLE'),
      );
      await expect(linesOf(store, 'run')).rejects.toThrow(failure('E_UNREACHABLE'));
      await expect(openPostgresStore({ url })).rejects.toThrow(failure('E_UNREACHABLE'));
      await server.start();
      expect(await linesOf(store, 'run')).toEqual(['x']);
      expect(await store.append('run', 1, ['y'])).toEqual({ kind: 'appended', next: 2 });
      expect(await store.upload('run', nameOf(content), 500, content.subarray(500))).toEqual({ kind: 'complete' });
      await store.close();
      await tell('DROP SCHEMA sumus CASCADE');
    });

    it('tells bytes that changed in the database instead of giving them away', async () => {
      const store = await openPostgresStore({ url });
      const content = Buffer.alloc(3_000_000, 'content');
      await store.upload('run', nameOf(content), 0, content);
      await tell(`UPDATE sumus.piece SET content = set_byte(content, 5, 0) WHERE start > 0`);
      await expect(store.blob('run', nameOf(content)).then(bytesOf)).rejects.toThrow(failure('E_DAMAGED'));
      await tell(`DELETE FROM sumus.piece WHERE start > 0`);
      await expect(store.blob('run', nameOf(content)).then(bytesOf)).rejects.toThrow(failure('E_DAMAGED'));
      await store.close();
      await tell('DROP SCHEMA sumus CASCADE');
    });

    it('refuses a database that acknowledges too early, one of another version, and an address that is none', async () => {
      const early = `${url}&options=${encodeURIComponent('-c synchronous_commit=off')}`;
      await expect(openPostgresStore({ url: early })).rejects.toThrow('synchronous_commit is off');
      await (await openPostgresStore({ url })).close();
      await tell('UPDATE sumus.store SET version = 99');
      await expect(openPostgresStore({ url })).rejects.toThrow(failure('E_VERSION'));
      await tell('DROP SCHEMA sumus CASCADE');
      await expect(openPostgresStore({ url: 'mysql://user:password@host/db' })).rejects.toThrow(
        expect.objectContaining({ code: 'E_PARAMETER', message: expect.not.stringContaining('password') }),
      );
    });

    it('may not write where it may only read', async () => {
      await (await openPostgresStore({ url })).close();
      const readOnly = `${url}&options=${encodeURIComponent('-c default_transaction_read_only=on')}`;
      const store = await openPostgresStore({ url: readOnly });
      await expect(store.append('run', 0, ['x'])).rejects.toThrow(failure('E_READ_ONLY'));
      await expect(store.upload('run', nameOf(Buffer.from('x')), 0, Buffer.from('x'))).rejects.toThrow(
        failure('E_READ_ONLY'),
      );
      expect(await store.runs()).toEqual([]);
      await store.close();
      await tell('DROP SCHEMA sumus CASCADE');
    });
  });
}
