// One process has a folder: two would tell two histories under one key. The lock says which process took it and when that began, so that a later
// process with the same number (in a container it is always the same) is not taken for it. Of a process on another machine nothing can be
// proved: a folder is of one machine.

import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Another process has the folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
  readonly code = 'E_FOLDER_IN_USE';
}

const LOCK = 'owner.pid';
const TRIES = 3;
/** Where the system does not tell when a process began: those of this one. */
const mine = new Set<string>();

/** Answers with what lets it go. */
export async function takeFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, LOCK);
  const mark = `${process.pid} ${await startOf(process.pid)}`;
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      // Whole or not at all: half a mark would be nobody's.
      const fresh = `${file}.${process.pid}.new`;
      await writeFile(fresh, mark, { mode: 0o600 });
      await link(fresh, file).finally(() => rm(fresh, { force: true }));
      mine.add(file);
      return async () => {
        mine.delete(file);
        await rm(file, { force: true });
      };
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const found = await readFile(file, 'utf8').catch(ignoreMissing);
    if (found === undefined) continue;
    if (await isAlive(found, file)) {
      throw new FolderInUse(`process ${found.split(' ')[0]} has ${folder}: one participant at a time`);
    }
    await rm(file, { force: true });
  }
  throw new FolderInUse(`${folder} is taken by others again and again`);
}

/** Doubt means that it lives. */
async function isAlive(mark: string, file: string): Promise<boolean> {
  const [, number = '0', start = '?'] = /^([1-9][0-9]{0,9}) (\S+)$/.exec(mark) ?? [];
  const pid = Number(number);
  // What a crash cut short while it was written, nobody has.
  if (pid === 0) return false;
  if (pid === process.pid) return mine.has(file);
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: there is one, of somebody else.
    if (codeOf(error) === 'ESRCH') return false;
  }
  const now = await startOf(pid);
  return start === '?' || now === '?' || now === start;
}

/** When a process began, in ticks since the machine did (man 5 proc), and which start of the machine; `?` where the system does not tell. */
async function startOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(ignoreMissing);
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(ignoreMissing);
  // Its name stands in parentheses, and may itself hold anything.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ') ?? [];
  const [state] = fields;
  if (state === 'Z' || state === 'X') return 'dead';
  return fields[19] === undefined || boot === undefined ? '?' : `${fields[19]}.${boot.trim()}`;
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

function ignoreMissing(error: unknown): undefined {
  // ESRCH: a process that ended while it was looked at.
  if (!['ENOENT', 'ESRCH', 'EACCES', 'ENOTDIR'].includes(String(codeOf(error)))) throw error;
}
