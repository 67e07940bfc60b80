// Test material: the server as the program that it is, in a process of its own that a test kills where it stands. Runs what `npm test` has built.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { At } from './over-network.contract.ts';

const program = join(import.meta.dirname, '../bin/sumus-server.mjs');

export interface Ready {
  readonly url: string;
  readonly port: number;
  readonly coordinator: string;
  readonly fingerprint: string | null;
}

export class ServerProcess {
  readonly #words: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #ended: Promise<number | null> = Promise.resolve(null);
  /** The same over restarts. */
  #port: number | undefined;
  log = '';

  constructor(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.#words = words;
    this.#environment = environment;
  }

  async start(): Promise<At> {
    const listen = `127.0.0.1:${this.#port ?? 0}`;
    const child = spawn(process.execPath, [program, '--listen', listen, ...this.#words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', ...this.#environment },
    });
    this.#child = child;
    child.stderr?.on('data', (text) => {
      this.log += text;
    });
    this.#ended = new Promise((resolve) => child.on('close', (code) => resolve(code)));
    const line = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout! }).once('line', resolve);
      void this.#ended.then((code) => reject(new Error(`the server ended with ${code}: ${this.log.slice(-2000)}`)));
    });
    const ready: Ready = JSON.parse(line);
    this.#port = ready.port;
    return { url: ready.url, coordinator: ready.coordinator };
  }

  /** Where it stands. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }

  /** It stands still, holding what it holds, as a machine does that swaps or was put to sleep; and goes on. */
  standStill(): void {
    this.#child?.kill('SIGSTOP');
  }

  goOn(): void {
    this.#child?.kill('SIGCONT');
  }

  /** In order; answers its exit code. */
  async stop(): Promise<number | null> {
    this.#child?.kill('SIGTERM');
    return this.#ended;
  }
}
