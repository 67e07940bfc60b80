// Who may own a folder: nobody while another may be alive, anybody once it is proved dead.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isProvedDead, markName, markOfThisProcess, ownFolder, type ProcessMark } from './folder-owner.ts';

const inUse = expect.objectContaining({ name: 'StoreFailure', code: 'E_IN_USE' });
const nonce = '0123456789abcdef';
const linux = process.platform === 'linux';
const here = markOfThisProcess();
const gone: ProcessMark = { ...here, pid: spawnSync(process.execPath, ['--version']).pid };

describe('the owner of a folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sumus owner '));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const leave = (mark: ProcessMark): void => writeFileSync(join(folder, markName(mark, nonce)), '');

  it('is one: the next is refused until it lets go, and the folder is made if need be', () => {
    const inside = join(folder, 'a', 'b');
    const owner = ownFolder(inside);
    expect(() => ownFolder(inside)).toThrow(inUse);
    owner.release();
    expect(readdirSync(inside)).toEqual([]);
    ownFolder(inside).release();
  });

  it('takes over from a process that is no more', () => {
    leave(gone);
    const owner = ownFolder(folder);
    expect(readdirSync(folder)).toHaveLength(1);
    owner.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('does not take over from one that lives, and leaves no mark of its own behind', () => {
    leave({ ...here, pid: process.ppid, started: linux ? startOf(process.ppid) : '0' });
    expect(() => ownFolder(folder)).toThrow(inUse);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it.runIf(linux)('is not fooled by a pid that was given out again', () => {
    expect(isProvedDead({ ...here, started: `${Number(here.started) - 1}` })).toBe(true);
    expect(isProvedDead(here)).toBe(false);
  });

  it.runIf(linux)('knows that nothing outlives a restart of the machine', () => {
    expect(isProvedDead({ ...here, boot: 'abcdefabcdef' })).toBe(true);
  });

  it.runIf(linux)('takes a killed process for dead before anybody has asked for its exit code', async () => {
    // The shell's child is killed while the shell, stopped in `read`, does not wait for it.
    const shell = spawn('sh', ['-c', 'sleep 60 & echo $!; kill -9 $!; read _'], { stdio: ['pipe', 'pipe', 'ignore'] });
    const pid = await new Promise<number>((resolve) => shell.stdout.once('data', (text) => resolve(Number(text))));
    const mark = { ...here, pid, started: '0' };
    for (let wait = 0; wait < 200 && !isProvedDead(mark); wait += 1) await new Promise((next) => setTimeout(next, 10));
    expect(isProvedDead(mark)).toBe(true);
    shell.stdin.end('\n');
  });

  it('proves nothing about another machine, nor from a mark that it cannot read', () => {
    leave({ ...gone, host: 'abcdefabcdef' });
    expect(() => ownFolder(folder)).toThrow(inUse);
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    writeFileSync(join(folder, 'owner-who'), '');
    expect(() => ownFolder(folder)).toThrow(inUse);
  });
});

function startOf(pid: number): string {
  const { stdout } = spawnSync('cat', [`/proc/${pid}/stat`], { encoding: 'utf8' });
  return stdout.slice(stdout.lastIndexOf(')') + 2).split(' ')[19]!;
}
