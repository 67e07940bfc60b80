// What the server keeps: the event log of each run, and beside it what is large, by its SHA-256. This file is the whole interface; there is
// one implementation in a folder of this machine (embedded-store.ts) and one in PostgreSQL (postgres-store.ts), held to one contract
// (store.contract.ts). It never looks into an event or a blob: an event is a line of text, as @sumus/federation/run writes and reads it.
//
// What an implementation promises: what was acknowledged is there after kill -9 and after a power cut; events of one append are there
// together or not at all; a blob is seen whole or not at all. What it refuses: an append at a place that is taken (a value, not an error:
// somebody else was first), and bytes that are not what their name says.

import type { BlobName } from '@sumus/federation/run';

export type { BlobName };

/** Of a run: what identifies it in the store. */
export type RunId = string;

export interface StoredRun {
  readonly run: RunId;
  /** How many events it has: the place of the next one. */
  readonly next: number;
}

export interface StoredEvent {
  /** Its place in the log of its run: from 0, without gaps. */
  readonly sequence: number;
  readonly line: string;
}

/** A conflict is nobody's fault: another process appended first. Read on from where you were, decide anew. */
export type Appended =
  | { readonly kind: 'appended'; readonly next: number }
  | { readonly kind: 'conflict'; readonly next: number };

/** How far an upload is. What is complete can be read; nothing of the rest can. */
export type UploadState = { readonly kind: 'partial'; readonly offset: number } | { readonly kind: 'complete' };

export interface StoredBlob {
  readonly blob: BlobName;
  readonly state: UploadState;
}

/**
 * What became of a piece: it was taken; or it does not begin where the upload is, and nothing of it was taken; or the blob is whole and is not what
 * its name says, and all of it was thrown away.
 */
export type Uploaded =
  | { readonly kind: 'taken'; readonly offset: number }
  | { readonly kind: 'complete' }
  | { readonly kind: 'elsewhere'; readonly offset: number }
  | { readonly kind: 'other content'; readonly sha256: string };

export interface Store {
  /** In the order of their names. */
  runs(): Promise<readonly StoredRun[]>;

  /** Appends all lines, the first at place `expected`, or none: a run begins by an append at place 0. At least one line. */
  append(run: RunId, expected: number, lines: readonly string[]): Promise<Appended>;

  /** From a place on, in order, in bounded memory; nothing where the run has no such place or is unknown. */
  read(run: RunId, from?: number): AsyncIterable<StoredEvent>;

  uploadState(run: RunId, blob: BlobName): Promise<UploadState>;

  /** A piece of a blob, beginning at `offset`. The piece that completes it is acknowledged when all of it was hashed and is on disk. */
  upload(run: RunId, blob: BlobName, offset: number, piece: Uint8Array): Promise<Uploaded>;

  /** In pieces from a place on, in bounded memory; undefined when it is not there as a whole. */
  blob(run: RunId, blob: BlobName, from?: number): Promise<AsyncIterable<Uint8Array> | undefined>;

  /** All that is there of a run, whole or not, in no order: for who forgot what was begun. */
  blobs(run: RunId): AsyncIterable<StoredBlob>;

  /** What is not there is no error: deleting is repeated after a crash. Answers how many were there. */
  deleteBlobs(run: RunId, blobs: readonly BlobName[]): Promise<number>;

  /** Waits for what is under way. Nothing is taken afterwards. */
  close(): Promise<void>;
}
