// An append-only ledger as a value: append answers with the next one and writes nothing by itself; whoever owns the disk writes the
// record's line before acting on it. The owner signs; a ledger that was read back has to be verified before it is continued (verify.ts).

import type { Hashing, Signer } from '@sumus/secure-sum/primitives';
import { hexOf } from '../canonical/utf8.ts';
import { ParameterError } from '../errors.ts';
import { check } from '../schema/objects.ts';
import { contentSchema, type LedgerContent } from './content.ts';
import { type LedgerRecord, NO_RECORD, recordHash, signedRecord } from './record.ts';

export interface Ledger {
  /** The owner's Ed25519 key, hexadecimal. */
  readonly owner: string;
  readonly records: readonly LedgerRecord[];
  /** Hash of the last record. */
  readonly head: string;
}

export const emptyLedger = (owner: Uint8Array): Ledger =>
  Object.freeze({ owner: hexOf(owner), records: Object.freeze([]), head: NO_RECORD });

export interface Entry {
  readonly content: LedgerContent;
  readonly atMs: number;
}

/** The ledger with one record more. Refuses content that a reader would refuse, and a signer that is not the owner. */
export async function appendTo(primitives: Hashing, signer: Signer, ledger: Ledger, entry: Entry): Promise<Ledger> {
  if (hexOf(signer.publicKey) !== ledger.owner) throw new ParameterError('a ledger is signed by its owner alone');
  const read = check(contentSchema, entry.content);
  if (read.kind === 'invalid') {
    const { path, what } = read.problems[0]!;
    throw new ParameterError(`${path} of a record ${what}`);
  }
  const { records, head, owner } = ledger;
  const record = await signedRecord(primitives, signer, {
    index: records.length,
    previous: head,
    atMs: entry.atMs,
    content: read.value,
  });
  return Object.freeze({ owner, records: Object.freeze([...records, record]), head: recordHash(primitives, record) });
}
