// Blobs of a run as a whole: read into memory for one step, written in pieces that a store takes. An empty one is nowhere: stores keep bytes.

import type { BlobName } from '@sumus/federation/run';
import { maxPieceBytes } from '../store/arguments.ts';
import { StoreFailure } from '../store/errors.ts';
import type { RunId, Store } from '../store/store.ts';

/** As large as a store takes: what comes in one piece is hashed where it lies, and not read again from the disk. */
const PIECE_BYTES = maxPieceBytes;

/** Throws where it is not there: an event names it, so the store has lost it. */
export async function readBlob(store: Store, run: RunId, name: BlobName): Promise<Uint8Array> {
  const bytes = new Uint8Array(name.bytes);
  if (name.bytes === 0) return bytes;
  const pieces = await store.blob(run, name);
  if (pieces === undefined) throw new StoreFailure('E_DAMAGED', `blob ${name.sha256} of ${run} is not there`);
  let at = 0;
  for await (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Whatever of it was there before. `sha256`: of these bytes; the store holds them against it. */
export async function writeBlob(store: Store, run: RunId, sha256: string, bytes: Uint8Array): Promise<void> {
  const name: BlobName = { sha256, bytes: bytes.length };
  if (bytes.length === 0) return;
  const state = await store.uploadState(run, name);
  for (let at = state.kind === 'complete' ? bytes.length : state.offset; at < bytes.length; ) {
    const uploaded = await store.upload(run, name, at, bytes.subarray(at, at + PIECE_BYTES));
    switch (uploaded.kind) {
      case 'complete':
        return;
      case 'taken':
      case 'elsewhere':
        at = uploaded.offset;
        break;
      // Somebody began it with other bytes; all of those are gone.
      case 'other content':
        at = 0;
        break;
      default:
        return uploaded satisfies never;
    }
  }
}
