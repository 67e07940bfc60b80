// A long message on its way: in pieces, each of which the server has before the next is sent. Broken off, here or there, it goes on where the
// server says that it stands: a blob is named by its hash, so the server need not know who began it, nor this side that it did.

import { MalformedMessage } from '@sumus/federation/errors';
import { type BlobReference, type BlobState, BYTES_TYPE, blobState } from '@sumus/wire/bodies';
import { Problem } from '@sumus/wire/problem';
import type { Connection } from './connection.ts';

export interface Upload {
  readonly run: string;
  readonly name: BlobReference;
  readonly bytes: Uint8Array;
  readonly pieceBytes: number;
  /** How many bytes of it the server has. */
  readonly tell: (received: number) => void;
}

/** Throws what the connection throws; called again, it goes on. */
export async function upload(connection: Connection, { run, name, bytes, pieceBytes, tell }: Upload): Promise<void> {
  const parameters = { run, sha256: name.sha256 };
  let state = await stateOf(connection, parameters, name);
  while (!state.isComplete) {
    tell(state.received);
    const offset = state.received;
    const body = bytes.subarray(offset, offset + pieceBytes);
    const before = state;
    state = await connection
      .ask(blobState, 'upload', { parameters, query: { bytes: name.bytes, offset }, body, type: BYTES_TYPE })
      .catch((error: unknown) => {
        // Somebody else of this server took a piece, or it lost some: it knows where it stands.
        if (!(error instanceof Problem && error.code === 'offset')) throw error;
        return stateOf(connection, parameters, name);
      });
    requireState(name, state);
    if (!state.isComplete && state.received === before.received) {
      throw new MalformedMessage(`the server takes nothing of blob ${name.sha256} behind byte ${offset}`);
    }
  }
  tell(name.bytes);
}

async function stateOf(
  connection: Connection,
  parameters: { readonly run: string; readonly sha256: string },
  name: BlobReference,
): Promise<BlobState> {
  try {
    const state = await connection.ask(blobState, 'uploaded', { parameters });
    requireState(name, state);
    return state;
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'not-found')) throw error;
    return { ...name, received: 0, isComplete: false };
  }
}

function requireState({ sha256, bytes }: BlobReference, state: BlobState): void {
  if (state.sha256 !== sha256 || state.bytes !== bytes || state.received > bytes) {
    throw new MalformedMessage(`asked for blob ${sha256} of ${bytes} bytes, the server tells of another`);
  }
}
