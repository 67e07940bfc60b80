// A participant of a simulated federation: the participant of `@sumus/federation`, its disk, which keeps what was persisted and nothing else,
// and its worker, which trains. It asks what comes next when it has heard nothing for a while, crashes where the faults say so, goes on
// from its disk, and leaves for good where they say that.

import { emptyLedger } from '@sumus/federation/ledger';
import {
  outsideTheRun,
  type ParticipantInput,
  type ParticipantInTheClear,
  type ParticipantOutput,
  type ParticipantSetup,
  type ParticipantStep,
  restoreParticipant,
  stepParticipant,
  storeParticipantInTheClear,
  type Train,
} from '@sumus/federation/participant';
import { Stopwatch } from '../time/stopwatch.ts';
import type { VirtualTime } from '../time/virtual-time.ts';
import type { Crashes } from './crashes.ts';
import { isRefusal } from './server.ts';
import type { Worker } from './worker.ts';

export interface MemberOptions {
  readonly name: string;
  readonly time: VirtualTime;
  readonly setup: ParticipantSetup;
  readonly crashes: Crashes;
  readonly worker: Worker;
  /** Silent for so long, it asks what comes next. */
  readonly patienceMs: number;
  /** How long work takes by the simulated clock. */
  readonly workMs: () => number;
  readonly now: () => number;
  readonly send: (bytes: Uint8Array) => void;
  readonly onOutput: (output: ParticipantOutput) => void;
  readonly onTrained: (round: number, seconds: number) => void;
  readonly onFault: (text: string) => void;
}

type ModelSeen = Extract<ParticipantOutput, { kind: 'new model' }>;

export class SimulatedMember {
  readonly name: string;
  readonly #options: MemberOptions;
  #state: ParticipantInTheClear | undefined;
  /** All that is there after a crash. */
  #disk: Uint8Array | undefined;
  /** Counts restarts, so that nothing of before comes back to who begins again. */
  #life = 0;
  #hasLeft = false;
  #heardAtMs = 0;
  readonly #watch: Stopwatch;
  readonly refusals: string[] = [];
  readonly models: ModelSeen[] = [];
  over: string | undefined;

  constructor(options: MemberOptions) {
    this.#options = options;
    this.#watch = new Stopwatch(options.now);
    this.name = options.name;
  }

  get state(): ParticipantInTheClear | undefined {
    return this.#state;
  }

  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  get isDone(): boolean {
    return this.#hasLeft || this.over !== undefined;
  }

  /** Steps that asked for anything, so far. */
  get steps(): number {
    return this.#options.crashes.steps;
  }

  takeComputedMs(): number {
    return this.#watch.takeMs();
  }

  async begin(): Promise<void> {
    const { setup, time } = this.#options;
    const disk = this.#disk;
    this.#state =
      disk === undefined
        ? outsideTheRun(emptyLedger(setup.signer.publicKey))
        : await this.#watch.measure(() => restoreParticipant(setup, disk, time.nowMs));
    this.#listen();
    await this.happens({ kind: this.#disk === undefined ? 'begin' : 'resume' });
  }

  async happens(input: ParticipantInput): Promise<void> {
    const { setup, time } = this.#options;
    const state = this.#state;
    if (state === undefined || this.isDone) return;
    if (input.kind === 'received') this.#heardAtMs = time.nowMs;
    let step: ParticipantStep;
    try {
      step = await this.#watch.measure(() => stepParticipant(setup, state, input, time.nowMs));
    } catch (error) {
      if (!isRefusal(error) || input.kind !== 'received') throw error;
      this.refusals.push(error.message);
      return;
    }
    await this.#carryOut(step);
  }

  async #carryOut({ state, outputs }: ParticipantStep): Promise<void> {
    const { crashes, time, send, onOutput, onFault, setup } = this.#options;
    this.#state = state;
    const fault = outputs.length === 0 ? undefined : crashes.next();
    if (fault?.kind === 'departure') {
      this.#state = undefined;
      this.#hasLeft = true;
      onFault(`${this.name} is gone for good`);
      return;
    }
    let done = 0;
    for (const output of outputs) {
      if (fault !== undefined && done >= fault.outputs) break;
      done += 1;
      if (output.kind === 'persist') {
        this.#disk = await this.#watch.measure(async () => storeParticipantInTheClear(setup, state));
      } else if (output.kind === 'send') send(output.bytes);
      else if (output.kind === 'train') this.#train(output);
      else if (output.kind === 'new model') this.models.push(output);
      else if (output.kind === 'run over') this.over = output.text;
      onOutput(output);
    }
    if (fault === undefined) return;
    this.#state = undefined;
    this.#life += 1;
    onFault(`${this.name} crashed after ${done} of ${outputs.length} outputs, for ${fault.downMs} ms`);
    time.after(fault.downMs, () => this.begin());
  }

  #train({ task, round, work }: Train): void {
    const { time, worker, now, workMs, onTrained } = this.#options;
    const life = this.#life;
    const began = now();
    const result = worker(work);
    onTrained(round, (now() - began) / 1000);
    time.after(workMs(), async () => {
      if (life === this.#life) await this.happens({ kind: 'trained', task, result });
    });
  }

  /** Asks again and again, as long as nobody says anything. */
  #listen(): void {
    const { time, patienceMs } = this.#options;
    const life = this.#life;
    time.after(patienceMs, async () => {
      if (life !== this.#life || this.isDone) return;
      if (time.nowMs - this.#heardAtMs >= patienceMs) await this.happens({ kind: 'resume' });
      // What was carried out may have been the end, or a crash.
      if (life === this.#life && !this.isDone) this.#listen();
    });
  }
}
