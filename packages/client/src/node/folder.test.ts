// A participant's folder: its owner's alone, sealed, replaced whole, and one process's at a time.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodePrimitives } from '@sumus/platform/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sealedStorage } from '../storage/index.ts';
import { folderKey, folderStorage } from './index.ts';

const primitives = nodePrimitives();
let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sumus-client-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);

describe('a folder', () => {
  it('keeps what was written, for its owner alone, and no pieces beside it', async () => {
    const folder = join(root, 'one');
    const storage = await folderStorage(folder);
    expect(await storage.read('state')).toBeUndefined();
    await storage.write('state', bytes);
    await storage.write('state', bytes.subarray(50));
    expect(await storage.read('state')).toEqual(bytes.slice(50));
    if (process.platform !== 'win32') {
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      expect(statSync(join(folder, 'state')).mode & 0o777).toBe(0o600);
    }
    await storage.remove('state');
    await storage.remove('state');
    await storage.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('stays what it was where a crash came before the new file was in its place', async () => {
    const folder = join(root, 'one');
    const storage = await folderStorage(folder);
    await storage.write('state', bytes);
    writeFileSync(join(folder, 'state.new'), 'half of some');
    expect(await storage.read('state')).toEqual(bytes);
    await storage.write('state', bytes.subarray(1));
    expect(await storage.read('state')).toEqual(bytes.slice(1));
  });

  it('is one process at a time, and a dead one does not keep it', async () => {
    const folder = join(root, 'one');
    const lock = join(folder, 'owner.pid');
    const storage = await folderStorage(folder);
    const mark = readFileSync(lock, 'utf8');
    await expect(folderStorage(folder)).rejects.toMatchObject({ code: 'E_FOLDER_IN_USE' });
    await storage.close();
    // A process that is there: whoever started this one.
    writeFileSync(lock, `${process.ppid} ?`);
    await expect(folderStorage(folder)).rejects.toMatchObject({ code: 'E_FOLDER_IN_USE' });
    const dead = ['999999999 ?', `${process.pid} 1.another-boot`, '', '17', 'rubbish'];
    // The number of a process that is there, and the start of one that is not: where the system tells starts.
    if (!mark.endsWith('?')) dead.push(`${process.ppid} 1.another-boot`);
    for (const text of dead) {
      writeFileSync(lock, text);
      const after = await folderStorage(folder);
      expect(readFileSync(lock, 'utf8'), text).toBe(mark);
      await after.close();
    }
  });

  it.each(['../state', 'a/b', '.hidden', 'A', '', 'x'.repeat(101)])('has no entry %j', async (name) => {
    const storage = await folderStorage(join(root, 'one'));
    await expect(storage.read(name)).rejects.toThrow(/no name/);
    await expect(async () => storage.write(name, bytes)).rejects.toThrow(/no name/);
  });
});

describe('a sealed folder', () => {
  it('has the same key again, beside it or of a passphrase, and says which of them it wants', async () => {
    const storage = await folderStorage(join(root, 'one'));
    const key = await folderKey(storage.folder, undefined, primitives.randomBytes);
    expect(await folderKey(storage.folder, undefined, primitives.randomBytes)).toEqual(key);
    await expect(folderKey(storage.folder, 'a long passphrase', primitives.randomBytes)).rejects.toThrow(
      /without a passphrase/,
    );
    const other = await folderStorage(join(root, 'two'));
    const first = await folderKey(other.folder, 'a long passphrase', primitives.randomBytes);
    expect(await folderKey(other.folder, 'a long passphrase', primitives.randomBytes)).toEqual(first);
    expect(await folderKey(other.folder, 'a long passphrasf', primitives.randomBytes)).not.toEqual(first);
    await expect(folderKey(other.folder, undefined, primitives.randomBytes)).rejects.toThrow(/under a passphrase/);
    await expect(folderKey(join(root, 'one'), 'short', primitives.randomBytes)).rejects.toThrow();
  });

  it('shows nothing of what is in it', async () => {
    const folder = await folderStorage(join(root, 'one'));
    const storage = sealedStorage(primitives, primitives.randomBytes(32), folder);
    await storage.write('state', bytes);
    expect(readFileSync(join(root, 'one', 'state')).includes(Buffer.from(bytes.subarray(0, 8)))).toBe(false);
    expect(await storage.read('state')).toEqual(bytes);
  });
});
