// One process owns a folder. Its mark is a file whose name says who it is; whoever comes later proves from that name that the process is dead,
// or is refused. Every mark has a name of its own, so a dead one can be removed without a race: nobody makes that name again. Two that
// come at the same moment both see the other's mark; at most one gets in, perhaps none, and asking again is up to the caller.
//
// A kernel's lock would fall with its process, but Node has none, and the WebAssembly build of SQLite locks by a folder that stays behind
// after kill -9. The folder has to be one of this machine: of a process elsewhere nothing can be proved.
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { StoreFailure } from './errors.ts';
import { storageFailure } from './storage-failure.ts';

/** What is known of a process: pid and start together are never used twice while a machine runs. '0' where the system does not tell. */
export interface ProcessMark {
  readonly pid: number;
  /** In ticks since the machine was started. */
  readonly started: string;
  /** Of the start of the machine. */
  readonly boot: string;
  readonly host: string;
}

export interface FolderOwner {
  release(): void;
}

const prefix = 'owner-';
const hostDigest = (): string => createHash('sha256').update(hostname()).digest('hex').slice(0, 12);

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // No such file: not Linux, or no such process. Both are answers.
    return undefined;
  }
}

/** State and start of a process, from Linux. Its name stands in parentheses and may itself hold anything (man 5 proc). */
function statOf(pid: number): { state: string; started: string } | undefined {
  const text = textOf(`/proc/${pid}/stat`);
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, started] = [fields?.[0], fields?.[19]];
  return state === undefined || started === undefined ? undefined : { state, started };
}

export const markOfThisProcess = (): ProcessMark => ({
  pid: process.pid,
  started: statOf(process.pid)?.started ?? '0',
  boot: textOf('/proc/sys/kernel/random/boot_id')?.replaceAll('-', '').slice(0, 12) ?? '0',
  host: hostDigest(),
});

export const markName = ({ pid, started, boot, host }: ProcessMark, nonce: string): string =>
  `${prefix}${pid}-${started}-${boot}-${host}-${nonce}`;

function readMark(name: string): ProcessMark | undefined {
  const [, pid, started, boot, host] = /^owner-(\d+)-(\d+)-([0-9a-f]+)-([0-9a-f]+)-[0-9a-f]+$/.exec(name) ?? [];
  if (pid === undefined || started === undefined || boot === undefined || host === undefined) return undefined;
  return { pid: Number(pid), started, boot, host };
}

/** Whether a process is proved dead. Doubt means that it lives. */
export function isProvedDead(mark: ProcessMark): boolean {
  const here = markOfThisProcess();
  if (mark.host !== here.host) return false;
  if (mark.boot !== '0' && here.boot !== '0' && mark.boot !== here.boot) return true;
  try {
    process.kill(mark.pid, 0);
  } catch (error) {
    // EPERM: there is one, of another user.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return true;
  }
  const now = statOf(mark.pid);
  if (now === undefined) return false;
  // Z: killed, and nobody asked for its exit code yet.
  return now.state === 'Z' || now.state === 'X' || (mark.started !== '0' && now.started !== mark.started);
}

/** Node tells of a read-only file system as such only where it does not have to make what lies above. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  mkdirSync(folder, { recursive: !existsSync(dirname(folder)), mode: 0o700 });
}

/** Makes the folder if need be. Refuses with E_IN_USE when its owner is not proved dead. */
export function ownFolder(folder: string): FolderOwner {
  return storageFailure.during(`own the folder ${folder}`, () => {
    makeFolder(folder);
    const own = markName(markOfThisProcess(), randomBytes(8).toString('hex'));
    closeSync(openSync(join(folder, own), 'wx', 0o600));
    const release = (): void => rmSync(join(folder, own), { force: true });
    try {
      for (const name of readdirSync(folder).filter((one) => one.startsWith(prefix) && one !== own)) {
        const mark = readMark(name);
        if (mark !== undefined && isProvedDead(mark)) {
          rmSync(join(folder, name), { force: true });
          continue;
        }
        const who = mark === undefined ? 'somebody' : mark.pid === process.pid ? 'this process' : `process ${mark.pid}`;
        throw new StoreFailure(
          'E_IN_USE',
          `${folder} is in use by ${who}; end it first. If it ran on a machine that is gone, delete ${join(folder, name)}`,
        );
      }
    } catch (error) {
      release();
      throw error;
    }
    return { release };
  });
}
