// Uploads in pieces: a blob is named by its hash from the first byte on, so a piece can be lost, said twice, or said to another process of
// the server, and nothing of it is used before all of it is there and has that hash.

import { flag, object, type Shape, whole } from '../shape/shape.ts';
import { hash } from './names.ts';

/** Of a frame that was uploaded as a blob, instead of the frame's bytes. */
export const FRAME_BLOB_TYPE = 'application/vnd.sumus.frame-blob';
/** Of a frame's own bytes, and of any other bytes. */
export const BYTES_TYPE = 'application/octet-stream';
export const JSON_TYPE = 'application/json';
export const EVENTS_TYPE = 'text/event-stream';
export const LINES_TYPE = 'application/x-ndjson';

export interface BlobState {
  readonly sha256: string;
  readonly bytes: number;
  /** How many are there: the next piece begins here. */
  readonly received: number;
  /** All of them, and their hash is the name. */
  readonly isComplete: boolean;
}

export const blobState: Shape<BlobState> = object<BlobState>({
  sha256: hash,
  bytes: whole(1, 2 ** 40),
  received: whole(0, 2 ** 40),
  isComplete: flag,
});
