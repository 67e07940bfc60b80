// The coordinator of one run where it lives: made again from the store at start, fed one input after the other, ticked, and stored before
// anything it says leaves. What it is handed waits in a queue of names and small frames; a large frame is read from the store for the one
// step that needs it. It stands down when another process appended first, and makes itself again from the log when storing failed.
//
// It refuses nothing by itself: what a participant did wrong, the coordinator of @sumus/federation says, and nothing of it happened.

import { runs, sums } from '@sumus/federation/coordinator';
import { ProtocolViolation } from '@sumus/federation/errors';
import { type BlobName, eventLine, type RunEvent, readEvent, readFrameToCoordinator } from '@sumus/federation/run';
import { SpentFrames } from '../store/spent-frames.ts';
import type { RunId, Store } from '../store/store.ts';
import { readBlob, writeBlob } from './blobs.ts';
import { uploadPlaceOf } from './uploads.ts';

/** Of all that a coordinator is set up with, what the home does not know by itself. */
export type HomeSetup = Omit<runs.CoordinatorSetup, 'readBlob'>;

export interface HomeOptions {
  readonly store: Store;
  readonly run: RunId;
  readonly setup: HomeSetup;
  readonly nowMs: () => number;
  /** In order, after what brought it about is on disk. */
  readonly onSend: (send: runs.RunSend) => void;
  /** Once events are on disk; `next` is the place after them. */
  readonly onEvents: (events: readonly RunEvent[], next: number) => void;
  /** Another process leads this run, or the store does not answer: this home is closed and answers nothing more. */
  readonly onStoodDown: (why: string) => void;
  /** For whoever watches how long steps take. */
  readonly onStep?:
    | ((step: { readonly input: string; readonly seconds: number; readonly events: number }) => void)
    | undefined;
}

export type HomeInput =
  | Exclude<runs.CoordinatorInput, { readonly kind: 'received' }>
  /** `from`: the member that handed it in, by its own key; nobody carries another's. */
  | { readonly kind: 'frame'; readonly from: string; readonly bytes: Uint8Array }
  /** It lies in the store, whole, among what this key uploaded; it goes once it was looked at. */
  | { readonly kind: 'stored frame'; readonly from: string; readonly key: string; readonly blob: BlobName };

export type Taken =
  /** What followed is on disk. */
  | { readonly kind: 'taken' }
  /** The sender's doing; nothing happened. */
  | { readonly kind: 'refused'; readonly code: string; readonly text: string }
  /** A stored frame that is not there, or no longer. */
  | { readonly kind: 'no such blob' }
  /** Nobody's doing: this process does not lead the run any more, or cannot store. Nothing is known to have happened. */
  | { readonly kind: 'away'; readonly text: string };

interface Waiting {
  readonly input: HomeInput;
  readonly resolve: (taken: Taken) => void;
}

/** Inputs that wait; more are answered with 'away', and come again. */
const WAITING_AT_MOST = 4096;

export class CoordinatorHome {
  readonly #options: HomeOptions;
  readonly #setup: runs.CoordinatorSetup;
  readonly #spent = new SpentFrames();
  readonly #waiting: Waiting[] = [];
  #coordinator: runs.RunCoordinator;
  #next: number;
  #working: Promise<void> | undefined;
  #isClosed = false;

  private constructor(options: HomeOptions, setup: runs.CoordinatorSetup, restored: runs.RunCoordinator, next: number) {
    this.#options = options;
    this.#setup = setup;
    this.#coordinator = restored;
    this.#next = next;
  }

  /** Appends the creation of a run. Answers false where the run has a log already. */
  static async create(
    { store, run, setup, nowMs }: Pick<HomeOptions, 'store' | 'run' | 'setup' | 'nowMs'>,
    toCreate: runs.RunToCreate,
  ): Promise<boolean> {
    const step = runs.createRun({ ...setup, readBlob: (name) => readBlob(store, run, name) }, toCreate, nowMs());
    for (const [sha256, bytes] of step.blobs) await writeBlob(store, run, sha256, bytes);
    const appended = await store.append(run, 0, step.events.map(eventLine));
    return appended.kind === 'appended';
  }

  /** Made again from its log. What a crash cut off is decided now, stored, and said. */
  static async open(options: HomeOptions): Promise<CoordinatorHome> {
    const { store, run, nowMs } = options;
    const setup: runs.CoordinatorSetup = { ...options.setup, readBlob: (name) => readBlob(store, run, name) };
    const events: RunEvent[] = [];
    for await (const { line } of store.read(run)) events.push(readEvent(line));
    const step = ended(setup, events) ?? (await runs.restoreRun(setup, events, nowMs()));
    const home = new CoordinatorHome(options, setup, step.coordinator, events.length);
    for (const event of events) home.#spent.add(event);
    await home.#carryOut(step);
    await home.#deleteSpent();
    return home;
  }

  get state(): runs.RunCoordinator['state'] {
    return this.#coordinator.state;
  }

  /** What a member was told in this chapter. */
  toldTo(member: string): readonly runs.RunSend[] {
    return this.#coordinator.outbox.get(member) ?? [];
  }

  /** How many events are on disk. */
  get next(): number {
    return this.#next;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Answers when what followed is on disk. */
  take(input: HomeInput): Promise<Taken> {
    if (this.#isClosed) return Promise.resolve({ kind: 'away', text: 'this process does not lead the run' });
    if (this.#waiting.length >= WAITING_AT_MOST) return Promise.resolve({ kind: 'away', text: 'too much waits' });
    const taken = new Promise<Taken>((resolve) => this.#waiting.push({ input, resolve }));
    this.#working ??= this.#work();
    return taken;
  }

  /** Time goes by; a tick that finds others waiting is not needed, because every step looks at the clock. */
  async tick(): Promise<void> {
    if (this.#waiting.length === 0 && this.state.phase.kind !== 'ended') await this.take({ kind: 'tick' });
  }

  /** Finishes what is being done, answers 'away' to the rest. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve({ kind: 'away', text: 'the server is closing' });
    await this.#working;
  }

  async #work(): Promise<void> {
    for (let one = this.#waiting.shift(); one !== undefined; one = this.#waiting.shift()) {
      one.resolve(await this.#one(one.input));
    }
    this.#working = undefined;
  }

  async #one(input: HomeInput): Promise<Taken> {
    const began = performance.now();
    const { store, run, onStep } = this.#options;
    const { phase } = this.state;
    if (input.kind === 'start' && phase.kind !== 'gathering') {
      return { kind: 'refused', code: 'E_STARTED', text: `nobody starts this run a second time: it is ${phase.kind}` };
    }
    try {
      const given = await this.#read(input);
      if (given === undefined) return { kind: 'no such blob' };
      if (given.kind === 'received' && 'from' in input) this.#mustBeFrom(input.from, given.bytes);
      const step = await runs.advance(this.#setup, this.#coordinator, given, this.#options.nowMs());
      await this.#carryOut(step);
      if (input.kind === 'stored frame') await store.deleteBlobs(uploadPlaceOf(run, input.key), [input.blob]);
      await this.#deleteSpent();
      onStep?.({ input: input.kind, seconds: (performance.now() - began) / 1000, events: step.events.length });
      return { kind: 'taken' };
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) return this.#standDown(error);
      if (input.kind === 'stored frame') {
        await store.deleteBlobs(uploadPlaceOf(run, input.key), [input.blob]).catch(() => 0);
      }
      return refusal;
    }
  }

  async #read(input: HomeInput): Promise<runs.CoordinatorInput | undefined> {
    if (input.kind === 'frame') return { kind: 'received', bytes: input.bytes };
    if (input.kind !== 'stored frame') return input;
    const { store, run } = this.#options;
    const place = uploadPlaceOf(run, input.key);
    if ((await store.uploadState(place, input.blob)).kind !== 'complete') return undefined;
    return { kind: 'received', bytes: await readBlob(store, place, input.blob) };
  }

  #mustBeFrom(name: string, bytes: Uint8Array): void {
    const { from } = readFrameToCoordinator(bytes, this.#setup.messageBytesAtMost).header;
    if (from !== name) throw new ProtocolViolation(`${name} hands in a message of ${from}`);
  }

  /** Blobs, then events, all of them at once; then what is said. */
  async #carryOut({ coordinator, events, blobs, outputs }: runs.CoordinatorStep): Promise<void> {
    const { store, run, onSend, onEvents } = this.#options;
    if (events.length > 0) {
      for (const [sha256, bytes] of blobs) await writeBlob(store, run, sha256, bytes);
      const appended = await store.append(run, this.#next, events.map(eventLine));
      if (appended.kind === 'conflict') throw new Overtaken(run, this.#next);
      this.#next = appended.next;
    }
    this.#coordinator = coordinator;
    for (const event of events) this.#spent.add(event);
    for (const output of outputs) if (output.kind === 'send') onSend(output);
    if (events.length > 0) onEvents(events, this.#next);
  }

  async #deleteSpent(): Promise<void> {
    const spent = this.#spent.take();
    if (spent.length > 0) await this.#options.store.deleteBlobs(this.#options.run, spent);
  }

  /** What was stepped from in memory may not be what is stored: whoever opens this run again begins with the log. */
  #standDown(error: unknown): Taken {
    const text = error instanceof Error ? error.message : String(error);
    if (!this.#isClosed) {
      this.#isClosed = true;
      for (const { resolve } of this.#waiting.splice(0)) resolve({ kind: 'away', text });
      this.#options.onStoodDown(text);
    }
    return { kind: 'away', text };
  }
}

/**
 * Of a run that is over there is nothing to play again, and its frames are gone: whatever is said, it answers that it has ended. Undefined where
 * it has not.
 */
function ended(setup: runs.CoordinatorSetup, events: readonly RunEvent[]): runs.CoordinatorStep | undefined {
  if (events.at(-1)?.kind !== 'run ended') return undefined;
  const state = runs.foldAll(setup, undefined, events);
  if (state === undefined) return undefined;
  const standing = sums.freshStanding();
  const coordinator = {
    state,
    live: undefined,
    standing,
    published: undefined,
    restoredAtMs: undefined,
    outbox: new Map(),
  };
  return { coordinator, events: [], blobs: new Map(), outputs: [] };
}

class Overtaken extends Error {
  override readonly name = 'Overtaken';

  constructor(run: RunId, place: number) {
    super(`event ${place} of ${run} is another process's: it leads this run now`);
  }
}

/** The bytes or the peer are at fault, or an action that does not fit here, and nothing was done. Anything else is ours. */
function refusalOf(error: unknown): Extract<Taken, { readonly kind: 'refused' }> | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  if (!['MalformedMessage', 'ProtocolViolation'].includes(error.name)) return undefined;
  return { kind: 'refused', code: error.code, text: error.message };
}
