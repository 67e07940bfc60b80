// What the log keeps: certificates, revocations, configurations, models, rosters, openings and results, each by its bytes or by
// their hash. The kind is part of the leaf, so a roster is never taken for a result.

import { CanonicalReader, CanonicalWriter } from '../canonical/index.ts';

export const ENTRY_KINDS = [
  'certificate',
  'revocations',
  'charter',
  'configuration',
  'policy',
  'model',
  'committee key',
  'roster',
  'beacon commitments',
  'beacon',
  'contributors',
  'result',
  'abort',
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

export interface LogEntry {
  readonly kind: EntryKind;
  /** Hash of the context it belongs to; empty for what belongs to none (certificates). */
  readonly contextHash: Uint8Array;
  /** Usually a hash of 32 bytes; at most 64 KiB. */
  readonly content: Uint8Array;
}

const CONTENT_BYTES_AT_MOST = 65_536;

/** The leaf of the tree. */
export function encodeEntry({ kind, contextHash, content }: LogEntry): Uint8Array<ArrayBuffer> {
  return new CanonicalWriter(64 + content.length)
    .name('a label', 'sumus/1/log-entry')
    .u8('kind', ENTRY_KINDS.indexOf(kind))
    .blob('context', contextHash)
    .blob('content', content)
    .finish();
}

export function decodeEntry(leaf: Uint8Array): LogEntry {
  const reader = new CanonicalReader(leaf, 'a log entry');
  const label = reader.name('label');
  if (label !== 'sumus/1/log-entry') reader.refuse('E_MALFORMED', `label ${label} is not sumus/1/log-entry`);
  const kind = ENTRY_KINDS[reader.within('kind', 1, 0, ENTRY_KINDS.length - 1)]!;
  const contextHash = reader.blob('context', 32);
  const content = reader.blob('content', CONTENT_BYTES_AT_MOST);
  reader.finish();
  return Object.freeze({ kind, contextHash, content });
}
