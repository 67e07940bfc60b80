// A PostgreSQL for as long as a bench needs one: that of SUMUS_POSTGRES_URL, or one of this machine's programs in a folder of its own, which is
// gone afterwards. Where there is neither, the reason.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { dieWithUs } from './program.ts';

export interface BenchPostgres {
  readonly url: string;
  remove(): Promise<void>;
}

const STARTING_MS = 60_000;

export async function benchPostgres(): Promise<BenchPostgres | string> {
  const told = process.env['SUMUS_POSTGRES_URL'];
  if (told !== undefined) return { url: told, remove: async () => undefined };
  const programs = programFolder();
  if (programs === undefined) return 'no PostgreSQL on this machine, and SUMUS_POSTGRES_URL names none';
  const account = accountFor();
  if (account === undefined) return 'PostgreSQL does not run as root, and there is no user postgres';
  const folder = mkdtempSync(join(tmpdir(), 'sumus-bench-pg-'));
  if (account.uid !== undefined && account.gid !== undefined) chownSync(folder, account.uid, account.gid);
  const data = join(folder, 'data');
  const words = ['-D', data, '-U', 'sumus', '--auth=trust', '--encoding=UTF8', '--locale=C'];
  const made = spawnSync(join(programs, 'initdb'), words, { ...account, cwd: folder, encoding: 'utf8' });
  if (made.status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    return `initdb failed: ${made.stderr}`;
  }
  const server = spawn(join(programs, 'postgres'), ['-D', data, '-k', folder, '-c', 'listen_addresses='], {
    ...account,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  dieWithUs(server);
  await ready(server);
  return {
    url: `postgres://sumus@localhost/postgres?host=${encodeURIComponent(folder)}`,
    remove: async () => {
      const gone = new Promise((resolve) => server.once('close', resolve));
      server.kill('SIGINT');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Debian keeps them off the path, by version. */
function programFolder(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((one) => join(debian, one, 'bin')), ...(process.env['PATH'] ?? '').split(delimiter)];
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))));
}

function accountFor(): { readonly uid?: number; readonly gid?: number } | undefined {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = ['-u', '-g'].map((flag) =>
    Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout || Number.NaN),
  );
  if (uid === undefined || gid === undefined || Number.isNaN(uid) || Number.isNaN(gid)) return undefined;
  return { uid, gid };
}

function ready(server: ChildProcess): Promise<void> {
  let log = '';
  return new Promise((resolve, reject) => {
    const impatience = setTimeout(() => reject(new Error(`PostgreSQL did not begin: ${log}`)), STARTING_MS);
    server.stderr?.on('data', (chunk) => {
      log = (log + String(chunk)).slice(-4000);
      if (!log.includes('ready to accept connections')) return;
      clearTimeout(impatience);
      resolve();
    });
    server.once('close', () => reject(new Error(`PostgreSQL ended: ${log}`)));
  });
}
