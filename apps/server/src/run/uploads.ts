// What each key uploads in a run: in a place of the store for this key alone, apart from what the run's log names and from what others upload. So
// a blob that somebody names by the hash of another's, or of the model, is still only its own: nobody reads, completes, uses or deletes
// anything by it but what it sent itself. How much room a key takes is bounded: whoever begins more loses what it began first.

import type { BlobName } from '@sumus/federation/run';
import type { RunId, Store, StoredBlob } from '../store/store.ts';

const MARK = '.up.';
const KEY_DIGITS = 32;

/** A run is not named like this: its blobs would be uploads of another. */
export const isUploadPlace = (run: RunId): boolean => run.includes(MARK);
/** `key`: hexadecimal. */
export const uploadPlaceOf = (run: RunId, key: string): RunId => `${run}${MARK}${key.slice(0, KEY_DIGITS)}`;

export class Uploads {
  readonly #store: Store;
  readonly #run: RunId;
  /** Of each key, in the order in which they were begun; read from the store when the key is first heard of. */
  readonly #begun = new Map<string, Map<string, BlobName>>();

  constructor(store: Store, run: RunId) {
    this.#store = store;
    this.#run = run;
  }

  /** Makes room for it where there is none. */
  async begin(key: string, blob: BlobName, bytesAtMost: number): Promise<void> {
    const mine = await this.#of(key);
    if (mine.has(nameOf(blob))) return;
    let bytes = blob.bytes;
    for (const one of mine.values()) bytes += one.bytes;
    const gone: BlobName[] = [];
    for (const [name, oldest] of mine) {
      if (bytes <= bytesAtMost) break;
      bytes -= oldest.bytes;
      mine.delete(name);
      gone.push(oldest);
    }
    mine.set(nameOf(blob), blob);
    if (gone.length > 0) await this.#store.deleteBlobs(uploadPlaceOf(this.#run, key), gone);
  }

  /** It was used, or deleted. */
  end(key: string, blob: BlobName): void {
    this.#begun.get(key)?.delete(nameOf(blob));
  }

  /** Under that hash: the one that is whole, or else furthest. */
  async find(key: string, sha256: string): Promise<StoredBlob | undefined> {
    const found = await this.#among(await this.#of(key), key, sha256);
    if (found !== undefined) return found;
    // It may have been begun at another process.
    this.#begun.delete(key);
    return this.#among(await this.#of(key), key, sha256);
  }

  async #among(begun: ReadonlyMap<string, BlobName>, key: string, sha256: string): Promise<StoredBlob | undefined> {
    const place = uploadPlaceOf(this.#run, key);
    let best: StoredBlob | undefined;
    for (const blob of begun.values()) {
      if (blob.sha256 !== sha256) continue;
      const state = await this.#store.uploadState(place, blob);
      if (state.kind === 'complete') return { blob, state };
      if (best?.state.kind !== 'partial' || state.offset > best.state.offset) best = { blob, state };
    }
    return best;
  }

  /** All of a key's. */
  async clear(key: string): Promise<void> {
    const gone = [...(await this.#of(key)).values()];
    this.#begun.delete(key);
    if (gone.length > 0) await this.#store.deleteBlobs(uploadPlaceOf(this.#run, key), gone);
  }

  async #of(key: string): Promise<Map<string, BlobName>> {
    const known = this.#begun.get(key);
    if (known !== undefined) return known;
    const found = new Map<string, BlobName>();
    for await (const { blob } of this.#store.blobs(uploadPlaceOf(this.#run, key))) found.set(nameOf(blob), blob);
    // Another request may have been here meanwhile.
    const other = this.#begun.get(key);
    if (other !== undefined) return other;
    this.#begun.set(key, found);
    return found;
  }
}

const nameOf = ({ sha256, bytes }: BlobName): string => `${sha256}-${bytes}`;
