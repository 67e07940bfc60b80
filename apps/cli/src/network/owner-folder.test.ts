// The owner's keys: made once, for the owner's eyes alone, two different ones, and never half of them.
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openOwnerFolder, usualOwnerFolder } from './owner-folder.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sumus owner '));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("the owner's folder", () => {
  it('is made once, and is the same the next time', async () => {
    const at = join(folder, 'keys');
    const first = await openOwnerFolder(at);
    const second = await openOwnerFolder(at);
    expect([first.isNew, second.isNew]).toEqual([true, false]);
    expect(second.owner.publicKey).toEqual(first.owner.publicKey);
    expect(second.authority.publicKey).toEqual(first.authority.publicKey);
    expect(first.authority.publicKey).not.toEqual(first.owner.publicKey);
  });

  it.skipIf(process.platform === 'win32')('is for the owner alone, and refused where it is not', async () => {
    const at = join(folder, 'keys');
    await openOwnerFolder(at);
    const modes = [at, join(at, 'owner.pem'), join(at, 'authority.pem')].map((path) => statSync(path).mode & 0o777);
    expect(modes).toEqual([0o700, 0o600, 0o600]);
    chmodSync(join(at, 'authority.pem'), 0o644);
    await expect(openOwnerFolder(at)).rejects.toThrow(/authority\.pem can be read by others/);
  });

  it('with one key alone is refused, and nothing is made', async () => {
    const at = join(folder, 'keys');
    await openOwnerFolder(at);
    const before = readFileSync(join(at, 'owner.pem'), 'utf8');
    rmSync(join(at, 'authority.pem'));
    await expect(openOwnerFolder(at)).rejects.toThrow(/only .*owner\.pem/);
    expect(readFileSync(join(at, 'owner.pem'), 'utf8')).toBe(before);
  });

  it('is where SUMUS_HOME says', () => {
    expect(usualOwnerFolder({ SUMUS_HOME: join('a', 'b') })).toBe(join('a', 'b', 'owner'));
  });
});
