// One run at this server process: its owner's log, its coordinator while this process leads it, and its members' mailboxes. It leads on demand:
// asked for the coordinator it takes the lead, if nobody else has it, and makes the coordinator again from the store.

import { wordEncodingOf } from '@sumus/federation/plan';
import type { RunEvent } from '@sumus/federation/run';
import { noRevocations } from '@sumus/secure-sum/identity';
import type { Signer } from '@sumus/secure-sum/primitives';
import { readThresholdKey } from '@sumus/wire/bodies';
import { Problem } from '@sumus/wire/problem';
import { Office } from '../office/office.ts';
import { type OfficeState, roleOf } from '../office/office-state.ts';
import type { RunId, Store } from '../store/store.ts';
import { CoordinatorHome, type HomeOptions, type HomeSetup } from './coordinator-home.ts';
import { revealedKey, serverPrimitives } from './identity.ts';
import type { Leadership } from './leadership.ts';
import { Mailbox } from './mailbox.ts';
import { type NamedBlob, type ReadRun, RunReader } from './run-reader.ts';
import { Uploads } from './uploads.ts';

export interface RunPlaceOptions {
  readonly store: Store;
  readonly leadership: Leadership;
  readonly engines: HomeSetup['engines'];
  readonly signer: Signer;
  readonly nowMs: () => number;
  /** Of a message, whatever the plan. */
  readonly blobBytesAtMost: number;
  readonly log: (
    level: 'info' | 'warn' | 'error',
    message: string,
    facts: Readonly<Record<string, string | number>>,
  ) => void;
  readonly onStep: NonNullable<HomeOptions['onStep']>;
  readonly onEvents: (run: RunId, events: readonly RunEvent[]) => void;
}

/** Rounds that may fail one after the other before a run is given up. */
const FAILURES_AT_MOST = 5;
/** A frame is its words, several times as long once they are encrypted, and what goes with them. */
const FRAME_BYTES_PER_WORD = 64;
const FRAME_BYTES_BESIDE = 16 * 1024 * 1024;
/** After a failure, doubled with each until the longest. */
const RETRY_MS = { first: 500, last: 30_000 } as const;
/** A run that is over is led for so long after somebody asked. */
const LINGER_MS = 600_000;

export class RunPlace {
  readonly id: RunId;
  readonly office: Office;
  readonly uploads: Uploads;
  readonly #options: RunPlaceOptions;
  readonly #reader: RunReader;
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #watchers = new Set<() => void>();
  #home: CoordinatorHome | undefined;
  #opening: Promise<CoordinatorHome> | undefined;
  #retryAtMs = 0;
  #failures = 0;
  #usedAtMs = 0;
  #isClosed = false;

  constructor(id: RunId, options: RunPlaceOptions) {
    this.id = id;
    this.#options = options;
    this.office = new Office(options.store, serverPrimitives, id);
    this.uploads = new Uploads(options.store, id);
    this.#reader = new RunReader(options.store, serverPrimitives, id);
    this.office.onChange(() => this.#endStreamsOfStrangers());
  }

  get isLed(): boolean {
    return this.#home !== undefined;
  }

  get waiting(): number {
    return this.#home?.waiting ?? 0;
  }

  get listening(): number {
    return [...this.#mailboxes.values()].filter((one) => one.isHeard).length;
  }

  /** As of now; undefined before its first event. */
  async read(): Promise<ReadRun> {
    const home = this.#home;
    return home === undefined ? this.#reader.read() : { state: home.state, next: home.next };
  }

  /** A blob that events name, as far as they are on disk. */
  async namedBlob(sha256: string): Promise<NamedBlob | undefined> {
    await this.#reader.read();
    return this.#reader.blob(sha256);
  }

  frameBytesAtMost({ create }: OfficeState): number {
    const { words } = wordEncodingOf(create.plan.plan);
    return Math.min(this.#options.blobBytesAtMost, FRAME_BYTES_PER_WORD * words + FRAME_BYTES_BESIDE);
  }

  /** The coordinator, here; or where it is. A Problem where nobody has it now. */
  async lead(): Promise<{ readonly home: CoordinatorHome } | { readonly address: string }> {
    this.#usedAtMs = this.#options.nowMs();
    if (this.#home !== undefined) return { home: this.#home };
    if (this.#isClosed) throw new Problem('unavailable', 'the server is closing', { retryAfter: 2 });
    if (this.#options.nowMs() < this.#retryAtMs)
      throw new Problem('unavailable', 'the run is being made again', { retryAfter: 1 });
    const taken = await this.#options.leadership.take(this.id);
    if (!taken.isMine) {
      if (taken.address === undefined) throw new Problem('unavailable', 'nobody leads this run now', { retryAfter: 1 });
      return { address: taken.address };
    }
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return { home: await this.#opening };
  }

  /** Whether this process may append to the owner's log of this run: it leads the run, paused or not. */
  async leadOffice(): Promise<{ readonly address: string } | undefined> {
    if (this.#home !== undefined) return undefined;
    const taken = await this.#options.leadership.take(this.id);
    if (taken.isMine) return undefined;
    if (taken.address === undefined) throw new Problem('unavailable', 'nobody leads this run now', { retryAfter: 1 });
    return { address: taken.address };
  }

  mailbox(member: string): Mailbox {
    const known = this.#mailboxes.get(member);
    if (known !== undefined) return known;
    const fresh = new Mailbox();
    this.#mailboxes.set(member, fresh);
    return fresh;
  }

  isListening(member: string): boolean {
    return this.#mailboxes.get(member)?.isHeard === true;
  }

  /** Called whenever events were appended by this process. Answers how to stop it. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Time goes by: an unfinished run is led by somebody, and a finished one by nobody for long. */
  async tick(): Promise<void> {
    const { nowMs, log } = this.#options;
    const { state } = this.office;
    if (state === undefined || this.#isClosed) return;
    const home = this.#home;
    if (home !== undefined) {
      await home.tick();
      const isIdle = nowMs() > this.#usedAtMs + LINGER_MS && this.listening === 0;
      if (home.state.phase.kind === 'ended' && isIdle) await this.rest();
      return;
    }
    if (state.isPaused || nowMs() < this.#retryAtMs) return;
    const { state: read } = await this.#reader.read();
    if (read === undefined || read.phase.kind === 'ended') return;
    try {
      await this.lead();
    } catch (error) {
      if (!(error instanceof Problem)) log('warn', 'a run cannot be led', { run: this.id, why: textOf(error) });
    }
  }

  /** No coordinator any more until somebody asks for it; another process may lead. */
  async rest(): Promise<void> {
    const home = this.#home;
    this.#home = undefined;
    await home?.close();
    for (const mailbox of this.#mailboxes.values()) mailbox.end();
    this.#mailboxes.clear();
    await this.#options.leadership.give(this.id).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#opening?.catch(() => undefined);
    await this.rest();
  }

  /** The lead was lost, whoever has it now. */
  standDown(): void {
    const home = this.#home;
    this.#home = undefined;
    void home?.close();
    for (const mailbox of this.#mailboxes.values()) mailbox.end();
    this.#mailboxes.clear();
  }

  async #open(): Promise<CoordinatorHome> {
    const { store, nowMs, log, onStep, onEvents } = this.#options;
    try {
      await this.office.refresh();
      const known = this.office.known;
      if (known.isPaused) throw new Problem('unavailable', 'its owner has paused this run', { retryAfter: 10 });
      const home = await CoordinatorHome.open({
        store,
        run: this.id,
        setup: this.setup(known),
        nowMs,
        onStep,
        onSend: (send) => {
          if (send.to.kind === 'member') this.mailbox(send.to.memberId).put(send);
        },
        onEvents: (events) => {
          onEvents(this.id, events);
          if (events.at(-1)?.kind === 'run ended') this.#clearUploads();
          for (const watcher of this.#watchers) watcher();
        },
        onStoodDown: (why) => {
          if (this.#home !== home) return;
          this.#retry(why);
          this.standDown();
          this.#options.leadership.give(this.id).catch(() => undefined);
        },
      });
      this.#home = home;
      this.#failures = 0;
      log('info', 'this process leads a run', { run: this.id, events: home.next });
      return home;
    } catch (error) {
      if (!(error instanceof Problem)) this.#retry(textOf(error));
      await this.#options.leadership.give(this.id).catch(() => undefined);
      throw error;
    }
  }

  #retry(why: string): void {
    const { nowMs, log } = this.#options;
    const delay = Math.min(RETRY_MS.last, RETRY_MS.first * 2 ** this.#failures);
    this.#failures += 1;
    this.#retryAtMs = nowMs() + delay;
    log('warn', 'a run is made again from its log', { run: this.id, why, afterMs: delay });
  }

  /**
   * Whoever is revoked is refused at the door, so the coordinator's own list stays the empty one: a round that began is made again after a
   * restart with what it began with, and not with what was revoked since.
   */
  setup(known: OfficeState): HomeSetup {
    const { engines, signer } = this.#options;
    const { create, roundsPaid } = known;
    return {
      primitives: serverPrimitives,
      engines,
      signer,
      revocations: noRevocations(create.projectId),
      revealedKey,
      thresholdKey: create.thresholdKey === null ? undefined : readThresholdKey(create.thresholdKey),
      roundsPaid,
      failuresAtMost: FAILURES_AT_MOST,
      messageBytesAtMost: this.frameBytesAtMost(known),
    };
  }

  /** What was begun and never used: nobody will. */
  #clearUploads(): void {
    const { log } = this.#options;
    const keys = [...(this.office.state?.members.keys() ?? [])];
    Promise.all(keys.map((key) => this.uploads.clear(key))).catch((error) =>
      log('warn', 'uploads of a run that is over are still there', { run: this.id, why: textOf(error) }),
    );
  }

  #endStreamsOfStrangers(): void {
    const { state } = this.office;
    if (state === undefined) return;
    for (const [key, { name }] of state.members) {
      if (roleOf(state, key, this.#options.nowMs()).kind !== 'participant') this.#mailboxes.get(name)?.end();
    }
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
