// The server of a simulated federation: the coordinator of `@sumus/federation`, a disk that keeps what was persisted and nothing else, and a
// clock that ticks. It crashes where the faults say so, in the middle of what a step asked for, and is made again from its disk.

import { runs } from '@sumus/federation/coordinator';
import type { RunEvent } from '@sumus/federation/run';
import { Stopwatch } from '../time/stopwatch.ts';
import type { VirtualTime } from '../time/virtual-time.ts';
import type { Crashes } from './crashes.ts';

/** What is there after a crash. */
export interface ServerDisk {
  readonly events: RunEvent[];
  readonly blobs: Map<string, Uint8Array>;
}

export interface ServerOptions {
  readonly time: VirtualTime;
  readonly setup: (readBlob: runs.CoordinatorSetup['readBlob']) => runs.CoordinatorSetup;
  readonly run: runs.RunToCreate;
  readonly crashes: Crashes;
  readonly windowMs: number;
  /** Real milliseconds, for what computing takes. */
  readonly now: () => number;
  readonly send: (send: runs.RunSend) => void;
  /** Once an event is on disk. */
  readonly onEvent: (event: RunEvent) => void | Promise<void>;
  readonly onFault: (text: string) => void;
}

export class SimulatedServer {
  readonly disk: ServerDisk = { events: [], blobs: new Map() };
  /** All that was ever on disk, also what was forgotten. */
  readonly everAppended: RunEvent[] = [];
  readonly #options: ServerOptions;
  readonly #setup: runs.CoordinatorSetup;
  #coordinator: runs.RunCoordinator | undefined;
  #tickAtMs = Number.NEGATIVE_INFINITY;
  readonly #watch: Stopwatch;
  /** What it was handed and refused: bytes that do not decode, lies. */
  readonly refusals: string[] = [];
  restarts = 0;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#watch = new Stopwatch(options.now);
    this.#setup = options.setup(async ({ sha256 }) => {
      const blob = this.disk.blobs.get(sha256);
      if (blob === undefined) throw new RangeError(`the disk has no blob ${sha256}`);
      return blob;
    });
  }

  get isUp(): boolean {
    return this.#coordinator !== undefined;
  }

  get coordinator(): runs.RunCoordinator | undefined {
    return this.#coordinator;
  }

  get hasEnded(): boolean {
    return this.disk.events.at(-1)?.kind === 'run ended';
  }

  /** Steps that asked for anything, so far. */
  get steps(): number {
    return this.#options.crashes.steps;
  }

  takeComputedMs(): number {
    return this.#watch.takeMs();
  }

  /** Begins, or begins again from its disk. */
  async begin(): Promise<void> {
    const { run, time } = this.#options;
    const step = await this.#watch.measure(async () =>
      this.disk.events.length === 0
        ? runs.createRun(this.#setup, run, time.nowMs)
        : runs.restoreRun(this.#setup, this.disk.events, time.nowMs),
    );
    await this.#carryOut(step);
  }

  /** What happens while it is down is lost. */
  async happens(input: runs.CoordinatorInput): Promise<void> {
    const coordinator = this.#coordinator;
    if (coordinator === undefined) return;
    let step: runs.CoordinatorStep;
    try {
      step = await this.#watch.measure(() => runs.advance(this.#setup, coordinator, input, this.#options.time.nowMs));
    } catch (error) {
      if (!isRefusal(error) || input.kind !== 'received') throw error;
      // What is thrown was not done, and the coordinator stands.
      this.refusals.push(error.message);
      return;
    }
    await this.#carryOut(step);
  }

  async #carryOut({ coordinator, events, blobs, outputs }: runs.CoordinatorStep): Promise<void> {
    const { crashes, time, send, onEvent, onFault, windowMs } = this.#options;
    this.#coordinator = coordinator;
    const crash = outputs.length === 0 ? undefined : crashes.next();
    let done = 0;
    for (const output of outputs) {
      if (crash?.kind === 'crash' && done >= crash.outputs) break;
      done += 1;
      if (output.kind === 'send') send(output);
      else {
        for (const [name, bytes] of blobs) this.disk.blobs.set(name, bytes.slice());
        for (const event of events) {
          this.disk.events.push(event);
          this.everAppended.push(event);
          await onEvent(event);
        }
      }
    }
    if (crash?.kind === 'crash') {
      this.#coordinator = undefined;
      this.restarts += 1;
      // The creation of the run stays: without it there is nothing to restore.
      const forgotten = Math.min(crash.forgets ?? 0, this.disk.events.length - 1);
      if (forgotten > 0) this.disk.events.length -= forgotten;
      onFault(`the server crashed after ${done} of ${outputs.length} outputs, for ${crash.downMs} ms`);
      time.after(crash.downMs, () => this.begin());
      return;
    }
    this.#planTick(time.nowMs + windowMs + 1);
  }

  #planTick(atMs: number): void {
    if (this.#tickAtMs > this.#options.time.nowMs || this.hasEnded) return;
    this.#tickAtMs = atMs;
    this.#options.time.at(atMs, () => this.#tick());
  }

  async #tick(): Promise<void> {
    if (this.hasEnded) return;
    await this.happens({ kind: 'tick' });
    const { time, windowMs } = this.#options;
    this.#planTick(time.nowMs + windowMs + 1);
  }
}

/** The bytes or the peer are at fault, and nothing was done. A ParameterError is nobody's but ours. */
export const isRefusal = (error: unknown): error is Error =>
  error instanceof Error && ['MalformedMessage', 'ProtocolViolation'].includes(error.name);
