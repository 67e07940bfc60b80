// One record of a ledger, and the chain: each holds the hash of the one before, and its owner signs its own hash, so a record cannot be
// changed, taken out or put elsewhere without its being seen; only the tail can be cut, which whoever kept a head finds out.
//
//   hash_i = SHA-256(canonical JSON of { index, previous, atMs, owner, content })      previous_0 = 64 zeros

import { canonicalJson } from '@sumus/differential-privacy/mechanisms';
import type { Hashing, PublicPrimitives, Signer } from '@sumus/secure-sum/primitives';
import { statementOf } from '../canonical/statement.ts';
import { bytesOfHex, hexOf, utf8Bytes } from '../canonical/utf8.ts';
import { object } from '../schema/objects.ts';
import { type Schema, text, whole } from '../schema/schema.ts';
import { contentSchema, hash, type LedgerContent } from './content.ts';

export interface LedgerRecord {
  /** From 0. */
  readonly index: number;
  /** Hash of the record before, hexadecimal. */
  readonly previous: string;
  /** The owner's clock; no proof of time. */
  readonly atMs: number;
  /** The Ed25519 key of whose ledger this is, hexadecimal. */
  readonly owner: string;
  readonly content: LedgerContent;
  readonly signature: string;
}

export const NO_RECORD: string = '0'.repeat(64);

export const recordSchema: Schema<LedgerRecord> = object<LedgerRecord>({
  index: whole(0, 2 ** 53 - 1),
  previous: hash,
  atMs: whole(0, 2 ** 53 - 1),
  owner: hash,
  content: contentSchema,
  signature: text({
    atLeast: 128,
    atMost: 128,
    pattern: { source: '^[0-9a-f]{128}$', means: 'an Ed25519 signature: 128 hexadecimal digits' },
  }),
});

/** What is hashed: everything but the signature. */
export function recordBytes({ index, previous, atMs, owner, content }: Omit<LedgerRecord, 'signature'>): Uint8Array {
  return utf8Bytes(canonicalJson({ index, previous, atMs, owner, content }));
}

export const recordHash = (primitives: Hashing, record: Omit<LedgerRecord, 'signature'>): string =>
  hexOf(primitives.sha256(recordBytes(record)));

export async function signedRecord(
  primitives: Hashing,
  signer: Signer,
  fields: Omit<LedgerRecord, 'signature' | 'owner'>,
): Promise<LedgerRecord> {
  const record = { ...fields, owner: hexOf(signer.publicKey) };
  const statement = statementOf('sumus/1/ledger-record', bytesOfHex(recordHash(primitives, record)));
  return Object.freeze({ ...record, signature: hexOf(await signer.sign(statement)) });
}

export async function isSigned(primitives: PublicPrimitives, record: LedgerRecord): Promise<boolean> {
  const statement = statementOf('sumus/1/ledger-record', bytesOfHex(recordHash(primitives, record)));
  return primitives.ed25519.verify(bytesOfHex(record.owner), statement, bytesOfHex(record.signature));
}
