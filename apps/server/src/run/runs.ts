// All runs of this server process: found in the store at start, made when an owner creates one, ticked, and closed together.

import { isOffice, runOfOffice } from '../office/office.ts';
import type { RunId, Store } from '../store/store.ts';
import type { Leadership } from './leadership.ts';
import { RunPlace, type RunPlaceOptions } from './run-place.ts';

export interface RunsOptions extends RunPlaceOptions {
  /** Whether other processes write to the store. */
  readonly isShared: boolean;
}

const TICK_MS = 500;
const COMPLAIN_EVERY_MS = 30_000;
/** Runs that other processes created are looked for so often. */
const LOOK_EVERY = 8;

export class Runs {
  readonly isShared: boolean;
  readonly store: Store;
  readonly leadership: Leadership;
  readonly #options: RunsOptions;
  readonly #places = new Map<RunId, RunPlace>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #complaints = new Map<RunId, { readonly why: string; readonly atMs: number }>();
  #ticks = 0;
  #isClosed = false;

  constructor(options: RunsOptions) {
    this.#options = options;
    this.isShared = options.isShared;
    this.store = options.store;
    this.leadership = options.leadership;
    options.leadership.onLost((why) => {
      options.log('warn', 'all leads were lost', { why });
      for (const place of this.#places.values()) place.standDown();
    });
  }

  /** Leads all that is unfinished and that nobody else leads; from then on by itself. */
  async open(): Promise<void> {
    await this.#look();
    await this.#tick();
  }

  all(): readonly RunPlace[] {
    return [...this.#places.values()];
  }

  /** Whether it exists or not: its office says. As of now. */
  async place(id: RunId): Promise<RunPlace> {
    const known = this.#places.get(id);
    if (known !== undefined) {
      if (this.isShared) await known.office.refresh();
      return known;
    }
    const fresh = new RunPlace(id, this.#options);
    await fresh.office.refresh();
    // Names that nobody registered are not remembered.
    if (fresh.office.state === undefined) return fresh;
    const other = this.#places.get(id);
    if (other !== undefined) return other;
    this.#places.set(id, fresh);
    return fresh;
  }

  /** A run that was registered through this place. */
  keep(place: RunPlace): RunPlace {
    const known = this.#places.get(place.id);
    if (known !== undefined) return known;
    this.#places.set(place.id, place);
    return place;
  }

  /** Whoever waits for something to happen asks again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await Promise.all(this.all().map((place) => place.close()));
    await this.leadership.close();
  }

  async #look(): Promise<void> {
    const offices = (await this.store.runs()).filter(({ run }) => isOffice(run));
    for (const { run } of offices) {
      // One that cannot be read is its own misfortune; whoever asks for it is told.
      await this.place(runOfOffice(run)).catch((error) => this.#complain(runOfOffice(run), error));
    }
  }

  async #tick(): Promise<void> {
    if (this.#isClosed) return;
    try {
      this.#ticks += 1;
      if (this.isShared && this.#ticks % LOOK_EVERY === 0) await this.#look();
      await Promise.all(
        this.all().map(async (place) => {
          try {
            if (this.isShared) await place.office.refresh();
            await place.tick();
          } catch (error) {
            this.#complain(place.id, error);
          }
        }),
      );
    } catch (error) {
      this.#complain('', error);
    }
    if (!this.#isClosed) this.#timer = setTimeout(() => void this.#tick(), TICK_MS);
  }

  /** The same once in a while, not twice a second. */
  #complain(run: RunId, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    const nowMs = this.#options.nowMs();
    const before = this.#complaints.get(run);
    if (before?.why === why && nowMs < before.atMs + COMPLAIN_EVERY_MS) return;
    this.#complaints.set(run, { why, atMs: nowMs });
    this.#options.log('error', 'a run cannot be looked after', { run, why });
  }
}
