// Several messages as one: what the coordinator hands on. Nothing of it is its own, so nothing of it is signed by it.

import { CanonicalReader, CanonicalWriter } from '../canonical/index.ts';
import { BODY_BYTES_AT_MOST } from './kinds.ts';

const MESSAGES_AT_MOST = 1 << 20;

/** `lists`: in the order that the protocol gives them. */
export function encodeBundle(...lists: readonly (readonly Uint8Array[])[]): Uint8Array<ArrayBuffer> {
  const total = lists.flat().reduce((sum, { length }) => sum + length + 4, 16);
  const writer = new CanonicalWriter(total).u8('lists', lists.length);
  for (const list of lists) {
    writer.u32('messages', list.length);
    for (const message of list) writer.blob('a message', message);
  }
  return writer.finish();
}

/** Exactly `lists` lists. The messages are views. */
export function decodeBundle(bytes: Uint8Array, lists: number): Uint8Array[][] {
  const reader = new CanonicalReader(bytes, 'a bundle');
  const count = reader.within('lists', 1, lists, lists);
  const decoded: Uint8Array[][] = [];
  for (let i = 0; i < count; i++) {
    const length = reader.count('messages', MESSAGES_AT_MOST, 4);
    const list: Uint8Array[] = [];
    for (let j = 0; j < length; j++) list.push(reader.blobView('a message', BODY_BYTES_AT_MOST));
    decoded.push(list);
  }
  reader.finish();
  return decoded;
}
