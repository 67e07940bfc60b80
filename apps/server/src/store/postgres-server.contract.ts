// A PostgreSQL server for tests: Debian's package where it is installed, in a temporary folder, on a socket of its own, gone afterwards. Where
// there is none, or none can be started, it says why, and the tests are skipped with that reason.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface PostgresForTests {
  readonly url: string;
  start(): Promise<void>;
  /** At once, as in a crash: connections break, and the next start recovers. */
  crash(): Promise<void>;
  remove(): Promise<void>;
}

interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** Where initdb and postgres are: Debian keeps them off the path, by version. */
function binaries(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((one) => join(debian, one, 'bin')), ...(process.env['PATH'] ?? '').split(delimiter)];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

/** PostgreSQL refuses to run as root. */
function account(): Account | string {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string): number => {
    const { status, stdout } = spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : Number.NaN;
  };
  const [uid, gid] = [idOf('-u'), idOf('-g')];
  return Number.isNaN(uid) || Number.isNaN(gid)
    ? 'it does not run as root, and there is no user postgres'
    : { uid, gid };
}

/** A server that is not started yet, or why there can be none. */
export function postgresForTests(): PostgresForTests | string {
  const found = binaries();
  if (found === undefined) return 'no initdb and postgres on this machine (Debian: apt-get install postgresql)';
  const who = account();
  if (typeof who === 'string') return who;
  const folder = mkdtempSync(join(tmpdir(), 'sumus-pg-'));
  const data = join(folder, 'data');
  mkdirSync(data);
  if (who.uid !== undefined && who.gid !== undefined)
    for (const one of [folder, data]) chownSync(one, who.uid, who.gid);
  const words = ['-D', data, '-U', 'sumus', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C'];
  const made = spawnSync(join(found, 'initdb'), words, { ...who, cwd: folder, encoding: 'utf8' });
  if (made.status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    return `initdb failed: ${made.stderr}`;
  }
  let server: ChildProcess | undefined;
  const ended = (child: ChildProcess): Promise<void> => new Promise((resolve) => child.once('close', () => resolve()));
  const stop = async (signal: 'SIGINT' | 'SIGQUIT'): Promise<void> => {
    if (server === undefined || server.exitCode !== null) return;
    const gone = ended(server);
    server.kill(signal);
    await gone;
    server = undefined;
  };
  return {
    url: `postgres://sumus@localhost/postgres?host=${encodeURIComponent(folder)}`,
    async start() {
      const options = ['-D', data, '-k', folder, '-c', 'listen_addresses=', '-c', 'shared_buffers=16MB'];
      const child = spawn(join(found, 'postgres'), options, {
        ...who,
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      server = child;
      let log = '';
      await new Promise<void>((resolve, reject) => {
        child.stderr?.on('data', (chunk) => {
          log += chunk;
          if (log.includes('ready to accept connections')) resolve();
        });
        child.once('close', () => reject(new Error(`postgres ended: ${log}`)));
      });
    },
    crash: () => stop('SIGQUIT'),
    async remove() {
      await stop('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
