// The server as a program of its own: it is started, not imported, so nothing of this command (keys, data, training) is in its process.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { UsageError } from '../command.ts';
import type { ServerAddress } from './server-address.ts';

export interface RunningServer {
  readonly address: ServerAddress;
  /** Of the operating system. */
  readonly pid: number;
  /** What it ended with; null where a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Asks it to end, and sees that it does. */
  stop(): Promise<void>;
}

export interface ServerToStart {
  readonly words: readonly string[];
  /** Of its log, one JSON object a line; none where it is inherited. */
  readonly log?: ((line: string) => void) | undefined;
  /** In its own group: a Ctrl-C of the terminal is not for it, but for who started it. */
  readonly isDetached?: boolean;
}

const STARTING_MS = 60_000;
const STOPPING_MS = 10_000;

function serverScript(): string {
  const manifestPath = createRequire(import.meta.url).resolve('@sumus/server/package.json');
  const manifest: unknown = JSON.parse(readFileSync(manifestPath, 'utf8'));
  const { bin } = { ...(typeof manifest === 'object' ? manifest : {}) } as Readonly<Record<string, unknown>>;
  const path = typeof bin === 'string' ? bin : Object.values({ ...(bin as object) })[0];
  if (typeof path !== 'string') throw new UsageError('the package @sumus/server has no program');
  return join(dirname(manifestPath), path);
}

/** Once it is ready. Throws where it ends before, with what it said. */
export async function startServer({ words, log, isDetached = false }: ServerToStart): Promise<RunningServer> {
  const child = spawn(process.execPath, [serverScript(), ...words], {
    stdio: ['ignore', 'pipe', log === undefined ? 'inherit' : 'pipe'],
    detached: isDetached,
    windowsHide: true,
  });
  const said: string[] = [];
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      if (said.length > 20) said.shift();
      log?.(line);
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const address = await readyLine(child, said);
  return {
    address,
    pid: child.pid ?? 0,
    ended,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const impatience = setTimeout(() => child.kill('SIGKILL'), STOPPING_MS);
      await ended;
      clearTimeout(impatience);
    },
  };
}

function readyLine(child: ChildProcess, said: readonly string[]): Promise<ServerAddress> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(impatience);
      reject(new Error(`the server ${why}${said.length === 0 ? '' : `: ${said.slice(-3).join(' ')}`}`));
    };
    const impatience = setTimeout(() => {
      child.kill('SIGKILL');
      fail('did not begin in a minute');
    }, STARTING_MS);
    child.once('error', (error) => fail(error.message));
    child.once('close', (code) => fail(`ended with ${code ?? 'a signal'}`));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).once('line', (line) => {
      clearTimeout(impatience);
      try {
        resolve(addressIn(line));
      } catch (error) {
        child.kill('SIGKILL');
        reject(error);
      }
    });
  });
}

function addressIn(line: string): ServerAddress {
  const value: unknown = JSON.parse(line);
  const { url, coordinator, fingerprint } = { ...(typeof value === 'object' ? value : {}) } as Readonly<
    Record<string, unknown>
  >;
  if (typeof url !== 'string' || typeof coordinator !== 'string') throw new Error(`the server said ${line}`);
  return {
    url: url.replace(/\/+$/, ''),
    coordinator,
    fingerprint: typeof fingerprint === 'string' ? fingerprint : undefined,
  };
}
