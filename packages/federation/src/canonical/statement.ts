// What is signed: a label, a zero byte and a hash, so that a signature under one label is none under another, and nothing else that is
// signed in a run (secure-sum's messages are framed by lengths and begin with one) can be taken for it.

import { utf8Bytes } from './utf8.ts';

export type Label =
  | 'sumus/1/plan'
  | 'sumus/1/ledger-record'
  | 'sumus/1/ledger-head'
  | 'sumus/1/receipt'
  | 'sumus/1/run-message';

const HASH_BYTES = 32;

export function statementOf(label: Label, hash: Uint8Array): Uint8Array<ArrayBuffer> {
  const name = utf8Bytes(label);
  const bytes = new Uint8Array(name.length + 1 + HASH_BYTES);
  bytes.set(name);
  bytes.set(hash, name.length + 1);
  return bytes;
}
