// Which blobs of a run are never looked at again: frames of a round that is closed, once the next chapter has begun or the run has ended. Until then
// a coordinator that is made again plays the round again, for members who ask what they were told in it. Whoever keeps a store deletes them
// after the append that began the chapter; after a crash in between they are found again from the log, and deleted then. What another event
// names as well (evidence, a sum, a model) stays, and so does what the open round was handed.
import type { BlobName, RunEvent } from '@sumus/federation/run';

const isBlob = (value: unknown): value is BlobName =>
  typeof value === 'object' && value !== null && 'sha256' in value && 'bytes' in value;

/** The blobs that an event names: they are members of it, or of a list that is one. */
export const blobsOf = (event: RunEvent): BlobName[] =>
  Object.values(event).flatMap((member: unknown) => (Array.isArray(member) ? member : [member]).filter(isBlob));

export class SpentFrames {
  readonly #ofOpenRound = new Map<string, BlobName>();
  readonly #ofClosedRound = new Map<string, BlobName>();
  readonly #spent = new Map<string, BlobName>();
  readonly #keptFor = new Set<string>();

  /** Takes the next event of the log. */
  add(event: RunEvent): void {
    if (event.kind === 'frame taken') {
      this.#ofOpenRound.set(event.frame.sha256, event.frame);
      return;
    }
    for (const { sha256 } of blobsOf(event)) this.#keptFor.add(sha256);
    const isOver = event.kind === 'run ended';
    if (isOver || event.kind === 'round opened' || event.kind === 'run started') move(this.#ofClosedRound, this.#spent);
    if (isOver || event.kind === 'released' || event.kind === 'round failed') {
      move(this.#ofOpenRound, isOver ? this.#spent : this.#ofClosedRound);
    }
  }

  /** Those that may go now; they are not answered a second time. */
  take(): BlobName[] {
    const spent = [...this.#spent.values()].filter(
      ({ sha256 }) => ![this.#keptFor, this.#ofOpenRound, this.#ofClosedRound].some((kept) => kept.has(sha256)),
    );
    this.#spent.clear();
    return spent;
  }
}

function move(from: Map<string, BlobName>, to: Map<string, BlobName>): void {
  for (const [sha256, frame] of from) to.set(sha256, frame);
  from.clear();
}
