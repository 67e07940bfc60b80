// Who uploads what, in one run at this process: how long a blob is meant to be, which its address does not say, and how much room a member takes.
// Whoever begins more than its room loses what it began first; nobody loses anything by another. Forgotten with the process: an upload goes
// on by what the store has.

import type { BlobName } from '@sumus/federation/run';

interface Upload {
  readonly blob: BlobName;
  readonly by: Set<string>;
}

export class Uploads {
  readonly #uploads = new Map<string, Upload>();

  /** Notes that somebody uploads it; answers what has to go for it. */
  begin(who: string, blob: BlobName, bytesAtMost: number): readonly BlobName[] {
    const known = this.#uploads.get(keyOf(blob));
    if (known !== undefined) {
      known.by.add(who);
      return [];
    }
    const gone: BlobName[] = [];
    for (let room = bytesAtMost - blob.bytes - this.#bytesOf(who); room < 0; ) {
      const oldest = [...this.#uploads.values()].find(({ by }) => by.has(who));
      if (oldest === undefined) break;
      oldest.by.delete(who);
      room += oldest.blob.bytes;
      if (oldest.by.size > 0) continue;
      this.#uploads.delete(keyOf(oldest.blob));
      gone.push(oldest.blob);
    }
    this.#uploads.set(keyOf(blob), { blob, by: new Set([who]) });
    return gone;
  }

  /** It was used, or deleted. */
  end(blob: BlobName): void {
    this.#uploads.delete(keyOf(blob));
  }

  /** Under that hash, as `who` says how long it is. */
  find(who: string, sha256: string): BlobName | undefined {
    return [...this.#uploads.values()].find(({ blob, by }) => blob.sha256 === sha256 && by.has(who))?.blob;
  }

  #bytesOf(who: string): number {
    let bytes = 0;
    for (const { blob, by } of this.#uploads.values()) if (by.has(who)) bytes += blob.bytes;
    return bytes;
  }
}

const keyOf = ({ sha256, bytes }: BlobName): string => `${sha256}-${bytes}`;
