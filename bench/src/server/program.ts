// The server as the program that it is, in a process of its own: started, killed where it stands, started again; and what Linux says about it.

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

export interface ServerPlace {
  readonly url: string;
  /** Its key, hexadecimal. */
  readonly coordinator: string;
}

/** Not imported: nothing imports from apps/. */
const PROGRAM = join(
  dirname(createRequire(import.meta.url).resolve('@sumus/server/package.json')),
  'bin/sumus-server.mjs',
);
const STARTING_MS = 60_000;

/** A bench that is ended leaves nothing behind that runs. */
export function dieWithUs(child: ChildProcess): void {
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  child.once('close', () => process.off('exit', kill));
}

export class ServerProgram {
  readonly #words: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  /** The same one over restarts. */
  #port = 0;
  /** The end of what it said last, where it failed. */
  said = '';

  constructor(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.#words = words;
    this.#environment = environment;
  }

  async start(): Promise<ServerPlace> {
    const words = ['--listen', `127.0.0.1:${this.#port}`, ...this.#words];
    const child = spawn(process.execPath, [PROGRAM, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', ...this.#environment },
    });
    this.#child = child;
    dieWithUs(child);
    child.stderr.on('data', (text) => {
      this.said = (this.said + String(text)).slice(-4000);
    });
    this.#ended = new Promise((resolve) => child.on('close', resolve));
    const line = await new Promise<string>((resolve, reject) => {
      const impatience = setTimeout(() => reject(new Error(`the server did not begin: ${this.said}`)), STARTING_MS);
      createInterface({ input: child.stdout }).once('line', (first) => {
        clearTimeout(impatience);
        resolve(first);
      });
      void this.#ended.then((code) => {
        clearTimeout(impatience);
        reject(new Error(`the server ended with ${code}: ${this.said}`));
      });
    });
    const { url, coordinator, port } = JSON.parse(line);
    this.#port = Number(port);
    return { url: String(url), coordinator: String(coordinator) };
  }

  get isUp(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }

  async stop(): Promise<void> {
    this.#child?.kill('SIGTERM');
    const impatience = setTimeout(() => this.#child?.kill('SIGKILL'), 10_000);
    await this.#ended;
    clearTimeout(impatience);
  }

  /** The most memory that it ever had at once, in megabytes; null where Linux does not say. */
  peakMegabytes(): number | null {
    const found = /^VmHWM:\s+(\d+) kB$/m.exec(this.#proc('status'));
    return found === null ? null : Number(found[1]) / 1024;
  }

  /** Processor time so far, all its threads together, in seconds; null where Linux does not say. */
  cpuSeconds(): number | null {
    const fields = this.#proc('stat')
      .replace(/^.*\) /, '')
      .split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    // USER_HZ is 100 wherever Node runs on Linux.
    return Number.isFinite(ticks) && fields.length > 12 ? ticks / 100 : null;
  }

  #proc(file: string): string {
    try {
      return readFileSync(`/proc/${this.#child?.pid}/${file}`, 'utf8');
    } catch {
      return '';
    }
  }
}
