// A participant of the demonstration: `sumus join`, as anybody would type it, in a process of its own. What it tells as JSON lines is all that is
// known of it here. One that ends before the run is begun again, as whoever runs it would.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { ownProgram } from '../network/own-program.ts';

export interface ParticipantToRun {
  readonly name: string;
  readonly words: readonly string[];
  /** One JSON object of `sumus join --json`. */
  readonly onLine: (value: Readonly<Record<string, unknown>>) => void;
  /** What it says to people; and that it was begun again. */
  readonly onTrouble: (text: string) => void;
}

const AGAIN_MS = 1000;
const AGAIN_AT_MOST = 5;
const STOPPING_MS = 5000;

export class ParticipantProgram {
  readonly name: string;
  readonly #to: ParticipantToRun;
  readonly #over: Promise<void>;
  #child: ChildProcess | undefined;
  #isStopped = false;

  constructor(to: ParticipantToRun) {
    this.name = to.name;
    this.#to = to;
    this.#over = this.#live();
  }

  /** Once its part is over, or it was stopped. */
  get over(): Promise<void> {
    return this.#over;
  }

  /** It keeps its state, and goes on from there. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const impatience = setTimeout(() => child.kill('SIGKILL'), STOPPING_MS);
    await this.#over;
    clearTimeout(impatience);
  }

  async #live(): Promise<void> {
    for (let times = 0; times <= AGAIN_AT_MOST && !this.#isStopped; times += 1) {
      if (times > 0) {
        this.#to.onTrouble(`${this.name} ended before the run; it is begun again`);
        await pause(AGAIN_MS);
      }
      if (this.#isStopped || (await this.#once()) === 0) return;
    }
  }

  #once(): Promise<number | null> {
    // In a group of its own: a Ctrl-C of the terminal is told by whoever started it, and once.
    const child = spawn(process.execPath, [ownProgram(), ...this.#to.words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      windowsHide: true,
    });
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const value = objectIn(line);
      if (value !== undefined) this.#to.onLine(value);
    });
    createInterface({ input: child.stderr }).on('line', (line) => this.#to.onTrouble(`${this.name}: ${line}`));
    return new Promise((resolve) => {
      child.once('error', (error) => {
        this.#to.onTrouble(`${this.name}: ${error.message}`);
        resolve(null);
      });
      child.once('close', (code) => resolve(code));
    });
  }
}

function objectIn(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    // A line that is no JSON is for people, and nobody asked for it.
    return undefined;
  }
}
