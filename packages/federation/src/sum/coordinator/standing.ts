// What the coordinator carries from sum to sum: the log, and the committee or key that several sums use. Public.

import { CanonicalReader, CanonicalWriter } from '@sumus/secure-sum/canonical';
import type { Hashing } from '@sumus/secure-sum/primitives';
import { EMPTY_LOG, type LogBook, openLogBook } from './log-book.ts';

export interface CoordinatorEpoch {
  readonly kind: 'one-shot' | 'threshold';
  /** The round in which it was founded. */
  readonly round: number;
  readonly stored: Uint8Array;
}

export interface CoordinatorStanding {
  readonly book: LogBook;
  readonly epoch: CoordinatorEpoch | undefined;
}

export const freshStanding = (): CoordinatorStanding => Object.freeze({ book: EMPTY_LOG, epoch: undefined });

const LABEL = 'sumus/1/sum/coordinator-standing';
const KINDS = ['one-shot', 'threshold'] as const;
const MOST = 2 ** 30;
const ENTRIES_AT_MOST = 2 ** 24;

export function encodeStanding({ book, epoch }: CoordinatorStanding): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter(4096).name('a label', LABEL).u32('entries', book.leaves.length);
  for (const leaf of book.leaves) writer.blob('an entry', leaf);
  writer.u8('epoch', epoch === undefined ? KINDS.length : KINDS.indexOf(epoch.kind));
  if (epoch !== undefined) writer.u64('founded in', epoch.round).blob('epoch', epoch.stored);
  return writer.finish();
}

export function decodeStanding(primitives: Hashing, bytes: Uint8Array): CoordinatorStanding {
  const reader = new CanonicalReader(bytes, 'what a coordinator carries on');
  if (reader.name('label') !== LABEL) reader.refuse('E_MALFORMED', 'not what a coordinator carries on');
  const count = reader.count('entries', ENTRIES_AT_MOST, 4);
  const leaves = Array.from({ length: count }, () => reader.blob('an entry', MOST));
  const kind = KINDS[reader.within('epoch', 1, 0, KINDS.length)];
  const epoch =
    kind === undefined
      ? undefined
      : Object.freeze({ kind, round: reader.u64('founded in'), stored: reader.blob('epoch', MOST) });
  reader.finish();
  return Object.freeze({ book: openLogBook(primitives, leaves), epoch });
}
