// What a run is, read from its log without a coordinator: the fold of its events, gone on with what was appended since. For processes that do not
// lead the run, and for runs that are paused.

import { type BlobName, fold, type RunEvent, type RunState, readEvent } from '@sumus/federation/run';
import type { PublicPrimitives } from '@sumus/secure-sum/primitives';
import { StoreFailure } from '../store/errors.ts';
import { blobsOf } from '../store/spent-frames.ts';
import type { RunId, Store } from '../store/store.ts';

export interface ReadRun {
  readonly state: RunState | undefined;
  /** Events so far. */
  readonly next: number;
}

/** Who may have a blob that events name: who may read the events, the owner alone (evidence), or nobody (what participants sent). */
export interface NamedBlob extends BlobName {
  readonly readers: 'all' | 'owner';
}

export class RunReader {
  readonly #store: Store;
  readonly #primitives: PublicPrimitives;
  readonly #run: RunId;
  #state: RunState | undefined;
  #next = 0;
  readonly #blobs = new Map<string, NamedBlob>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(store: Store, primitives: PublicPrimitives, run: RunId) {
    this.#store = store;
    this.#primitives = primitives;
    this.#run = run;
  }

  /** As of now. */
  read(): Promise<ReadRun> {
    const mine = this.#turn.then(async () => {
      for await (const { line, sequence } of this.#store.read(this.#run, this.#next)) {
        const event = readEvent(line);
        const next = fold(this.#primitives, this.#state, event);
        if (next === this.#state)
          throw new StoreFailure('E_DAMAGED', `event ${sequence} of ${this.#run} does not follow`);
        this.#state = next;
        this.#name(event);
        this.#next = sequence + 1;
      }
      return { state: this.#state, next: this.#next };
    });
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** As far as was read. */
  blob(sha256: string): NamedBlob | undefined {
    return this.#blobs.get(sha256);
  }

  #name(event: RunEvent): void {
    if (event.kind === 'frame taken') return;
    const readers = event.kind === 'evidence found' ? 'owner' : 'all';
    for (const name of blobsOf(event))
      if (!this.#blobs.has(name.sha256)) this.#blobs.set(name.sha256, { ...name, readers });
  }
}
