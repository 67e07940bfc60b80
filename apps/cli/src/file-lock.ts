// One process at a time for a file that grows: a second file beside it names who has it. A process that died leaves its name behind, and whoever
// comes next sees that nobody of that number lives. Node has no lock of the kernel's; this one is for people on one machine, not for hostile ones.
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { UsageError } from './command.ts';

export interface FileLock {
  readonly release: () => void;
}

/** Refuses, naming the process that has it. */
export function lockFile(path: string): FileLock {
  const lock = `${path}.lock`;
  for (let tries = 0; tries < 2; tries++) {
    try {
      const handle = openSync(lock, 'wx', 0o600);
      try {
        writeSync(handle, String(process.pid));
      } finally {
        closeSync(handle);
      }
      return { release: () => rmSync(lock, { force: true }) };
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') {
        throw new UsageError(`${lock} cannot be written: ${error instanceof Error ? error.message : ''}`, {
          cause: error,
        });
      }
    }
    const pid = ownerOf(lock);
    if (isAlive(pid)) {
      throw new UsageError(
        `process ${pid} has ${path}: wait until it is done (or remove ${lock}, if it is none of ours)`,
      );
    }
    rmSync(lock, { force: true });
  }
  throw new UsageError(`${lock} is taken by others again and again`);
}

function ownerOf(lock: string): number {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch {
    // It was given back in between: nobody's.
    return 0;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);
