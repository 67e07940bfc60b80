// Which blobs of a run are never looked at again: frames of rounds that are closed. Whoever keeps a store deletes them after the append that
// closed the round; after a crash in between they are found again from the log, and deleted then. What another event names as well
// (evidence, a sum, a model) stays, and so does what the open round was handed.
import type { BlobName, RunEvent } from '@sumus/federation/run';

const isBlob = (value: unknown): value is BlobName =>
  typeof value === 'object' && value !== null && 'sha256' in value && 'bytes' in value;

/** The blobs that an event names: they are members of it, or of a list that is one. */
export const blobsOf = (event: RunEvent): BlobName[] =>
  Object.values(event).flatMap((member: unknown) => (Array.isArray(member) ? member : [member]).filter(isBlob));

export class SpentFrames {
  readonly #ofOpenRound = new Map<string, BlobName>();
  readonly #spent = new Map<string, BlobName>();
  readonly #keptFor = new Set<string>();

  /** Takes the next event of the log. */
  add(event: RunEvent): void {
    if (event.kind === 'frame taken') {
      this.#ofOpenRound.set(event.frame.sha256, event.frame);
      return;
    }
    for (const { sha256 } of blobsOf(event)) this.#keptFor.add(sha256);
    if (event.kind === 'released' || event.kind === 'round failed' || event.kind === 'run ended') {
      for (const [sha256, frame] of this.#ofOpenRound) this.#spent.set(sha256, frame);
      this.#ofOpenRound.clear();
    }
  }

  /** Those that may go now; they are not answered a second time. */
  take(): BlobName[] {
    const spent = [...this.#spent.values()].filter(
      ({ sha256 }) => !this.#keptFor.has(sha256) && !this.#ofOpenRound.has(sha256),
    );
    this.#spent.clear();
    return spent;
  }
}
