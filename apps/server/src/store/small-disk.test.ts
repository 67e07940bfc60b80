// A disk that is full, and one that may not be written to: a file system of four mebibytes in memory, mounted for these tests. Where nobody may mount
// (not Linux, not root, a container without the right) they are skipped with that reason.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedStore } from './embedded-store.ts';
import { bytesOf, linesOf, nameOf } from './store.contract.ts';
import type { Store } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'sumus-small-disk-'));
const mount = (...words: readonly string[]): string | undefined => {
  const { status, stderr, error } = spawnSync('mount', words, { encoding: 'utf8' });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
};
const refusal = mount('-t', 'tmpfs', '-o', 'size=4m,mode=700', 'none', folder);
const failure = (code: string): object => expect.objectContaining({ name: 'StoreFailure', code });

afterAll(() => {
  if (refusal === undefined) spawnSync('umount', ['-l', folder]);
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(refusal !== undefined)(`a small disk${refusal === undefined ? '' : ` (skipped: ${refusal})`}`, () => {
  const home = join(folder, 'store');
  let store: Store;
  beforeAll(() => {
    store = openEmbeddedStore(home);
  });

  it('that is full is told; nothing half is seen, and it goes on when there is space', async () => {
    // The log takes what is left; when it is closed it is written once more, which then has to fit.
    const filler = join(folder, 'filler');
    writeFileSync(filler, Buffer.alloc(2_900_000));
    const line = JSON.stringify('x'.repeat(50_000));
    let next = 0;
    const fill = async (): Promise<void> => {
      for (; next < 1000; next += 2) await store.append('run', next, [line, line]);
    };
    await expect(fill()).rejects.toThrow(failure('E_FULL'));
    expect(next).toBeGreaterThan(2);
    expect(await linesOf(store, 'run')).toHaveLength(next);

    const content = Buffer.alloc(1_500_000, 'content');
    const upload = (from: number) => store.upload('run', nameOf(content), from, content.subarray(from));
    await expect(upload(0)).rejects.toThrow(failure('E_FULL'));
    expect(await store.blob('run', nameOf(content))).toBeUndefined();

    rmSync(filler);
    expect(await store.append('run', next, [line])).toEqual({ kind: 'appended', next: next + 1 });
    await store.close();
    store = openEmbeddedStore(home);
    expect(await linesOf(store, 'run')).toHaveLength(next + 1);
    const state = await store.uploadState('run', nameOf(content));
    expect(state).toEqual({ kind: 'partial', offset: 0 });
  });

  it('takes a blob that fits, and tells one that does not, without taking a part of the piece', async () => {
    const content = Buffer.alloc(50_000, 'small');
    expect(await store.upload('run', nameOf(content), 0, content.subarray(0, 20_000))).toMatchObject({ kind: 'taken' });
    const filler = join(folder, 'filler');
    expect(() => writeFileSync(filler, Buffer.alloc(5_000_000))).toThrow();
    await expect(store.upload('run', nameOf(content), 20_000, content.subarray(20_000))).rejects.toThrow(
      failure('E_FULL'),
    );
    expect(await store.uploadState('run', nameOf(content))).toEqual({ kind: 'partial', offset: 20_000 });
    rmSync(filler);
    expect(await store.upload('run', nameOf(content), 20_000, content.subarray(20_000))).toEqual({ kind: 'complete' });
    expect(await bytesOf(await store.blob('run', nameOf(content)))).toEqual(content);
  });

  it('that may only be read is told by whoever opens it', async () => {
    await store.close();
    expect(mount('-o', 'remount,ro', folder)).toBeUndefined();
    expect(() => openEmbeddedStore(home)).toThrow(failure('E_READ_ONLY'));
    expect(() => openEmbeddedStore(join(folder, 'new'))).toThrow(failure('E_READ_ONLY'));
  });
});
