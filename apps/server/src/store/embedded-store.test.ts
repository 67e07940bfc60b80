// The store in a folder, held to the contract and to what only a folder can do wrong.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbeddedStore } from './embedded-store.ts';
import { openSqlite } from './sqlite.ts';
import { bytesOf, keepsTheContract, linesOf, nameOf } from './store.contract.ts';
import { type ProcessPlace, survivesProcesses, Worker } from './store-processes.contract.ts';

const folderPlace = async (): Promise<ProcessPlace> => {
  const folder = mkdtempSync(join(tmpdir(), 'sumus store '));
  return {
    words: ['embedded', folder],
    open: async () => openEmbeddedStore(folder),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
};

const failure = (code: string): object => expect.objectContaining({ name: 'StoreFailure', code });

describe('a store in a folder', () => {
  keepsTheContract(folderPlace, { keeps: true });

  const builtIn = process.getBuiltinModule?.('node:sqlite') !== undefined;
  survivesProcesses(folderPlace, {
    // The trap that a killed owner leaves: without this the test above would show nothing.
    afterKill: ({ words: [, folder] }) => {
      const left = readdirSync(folder);
      expect(left.filter((name) => name.startsWith('owner-'))).toHaveLength(1);
      expect(left.includes('log.sqlite.lock')).toBe(!builtIn);
    },
  });

  describe('and nobody else', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'sumus store '));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    it('is refused to a second owner, in this process or another, for as long as the first has it', async () => {
      const worker = new Worker('embedded', folder, 'hold');
      await worker.says(/^open/);
      expect(() => openEmbeddedStore(folder)).toThrow(failure('E_IN_USE'));
      expect((await worker.end()).code).toBe(0);
      const store = openEmbeddedStore(folder);
      expect(() => openEmbeddedStore(folder)).toThrow(failure('E_IN_USE'));
      const late = await new Worker('embedded', folder, 'hold').end();
      expect(late.code).toBe(1);
      expect(late.errors).toContain(`is in use by process ${process.pid}; end it first`);
      expect(await store.append('run', 0, ['x'])).toEqual({ kind: 'appended', next: 1 });
      await store.close();
      expect(readdirSync(folder).filter((name) => name.startsWith('owner-') || name.endsWith('.lock'))).toEqual([]);
    });

    it('tells bytes that changed on the disk instead of giving them away', async () => {
      const content = Buffer.alloc(3_000_000, 'content');
      const store = openEmbeddedStore(folder);
      await store.upload('run', nameOf(content), 0, content);
      const [run] = readdirSync(join(folder, 'blobs'));
      const path = join(folder, 'blobs', run!, readdirSync(join(folder, 'blobs', run!))[0]!);
      writeFileSync(path, Buffer.concat([content.subarray(0, 2_999_999), Buffer.from('x')]));
      const pieces: Uint8Array[] = [];
      const reading = async () => {
        for await (const piece of (await store.blob('run', nameOf(content)))!) pieces.push(piece);
      };
      await expect(reading()).rejects.toThrow(failure('E_DAMAGED'));
      expect(Buffer.concat(pieces).length).toBeLessThan(content.length);
      writeFileSync(path, content.subarray(1));
      await expect(store.blob('run', nameOf(content))).rejects.toThrow(failure('E_DAMAGED'));
      await store.close();
    });

    it('finds bytes that a power cut left at the end of an upload, and begins it again', async () => {
      const content = Buffer.alloc(2000, 'content');
      const first = openEmbeddedStore(folder);
      await first.upload('run', nameOf(content), 0, content.subarray(0, 1000));
      await first.close();
      const [run] = readdirSync(join(folder, 'uploads'));
      const path = join(folder, 'uploads', run!, readdirSync(join(folder, 'uploads', run!))[0]!);
      writeFileSync(path, Buffer.concat([content.subarray(0, 500), Buffer.alloc(500)]));
      const store = openEmbeddedStore(folder);
      expect(await store.upload('run', nameOf(content), 1000, content.subarray(1000))).toMatchObject({
        kind: 'other content',
      });
      expect(await store.upload('run', nameOf(content), 0, content)).toEqual({ kind: 'complete' });
      expect(await bytesOf(await store.blob('run', nameOf(content)))).toEqual(content);
      await store.close();
    });

    it('refuses a log that is none, and one of another version, and leaves both as they are', async () => {
      const path = join(folder, 'log.sqlite');
      writeFileSync(path, 'not a database, but long enough to be taken for one: '.repeat(100));
      expect(() => openEmbeddedStore(folder)).toThrow(failure('E_DAMAGED'));
      rmSync(path);
      const database = openSqlite(path);
      database.exec('PRAGMA user_version = 99');
      database.close();
      expect(() => openEmbeddedStore(folder)).toThrow(failure('E_VERSION'));
      expect(existsSync(path)).toBe(true);
      expect(readdirSync(folder).filter((name) => name.startsWith('owner-'))).toEqual([]);
    });

    it('reads one event after the other while others are appended in one transaction', async () => {
      const store = openEmbeddedStore(folder);
      const appends = [...Array(300).keys()].map((n) => store.append(`run-${n % 3}`, Math.floor(n / 3), [`${n}`]));
      expect((await Promise.all(appends)).every(({ kind }) => kind === 'appended')).toBe(true);
      expect(await linesOf(store, 'run-1')).toEqual([...Array(100).keys()].map((n) => `${3 * n + 1}`));
      await store.close();
    });
  });
});
