// The small parts of a stored participant: what they must look like when they are read back.

import { hash } from '../../ledger/content.ts';
import { object } from '../../schema/objects.ts';
import { flag, list, oneOf, orNull, type Schema, text, whole } from '../../schema/schema.ts';
import type { OwnRound, Standing } from './setup.ts';

export interface StoredScalars {
  readonly standing: Standing;
  readonly next: number;
  readonly messages: readonly StoredMessage[];
  readonly chapter: number;
  readonly heard: number;
  readonly drawn: StoredDraw | null;
  readonly sums: StoredSums | null;
  readonly open: StoredOpen | null;
  readonly work: StoredWork | null;
  readonly inFlight: { readonly version: number } | null;
  readonly tasks: number;
}

interface StoredMessage {
  readonly number: number;
  readonly type: string;
}

interface StoredDraw {
  readonly certificates: readonly string[];
  readonly members: readonly string[];
  readonly value: string | null;
  readonly commitments: readonly string[] | null;
  readonly draw: string | null;
}

interface StoredSums {
  readonly certificates: readonly string[];
}

interface StoredOpen {
  readonly round: number;
  readonly version: number;
  readonly members: readonly string[];
  readonly point: StoredPoint;
  /** Null where this participant only follows. */
  readonly words: OwnRound['words'] | null;
  readonly summing: readonly string[];
  readonly flush: number;
  readonly opened: StoredOpened | null;
}

export interface StoredPoint {
  readonly round: number;
  readonly flush: number;
  readonly modelHash: string;
  readonly supportHash: string;
  readonly epoch: number;
  readonly models: readonly string[] | null;
}

export interface StoredOpened {
  readonly contributors: readonly { readonly member: string; readonly contribution: string }[];
  readonly result: string;
  readonly contributed: boolean;
  readonly own: string | null;
  readonly hasWords: boolean;
}

interface StoredWork {
  readonly task: number;
  readonly round: number;
}

const many = { atLeast: 0, atMost: 2 ** 20 } as const;
const count: Schema<number> = whole(0, 2 ** 53 - 1);
const name: Schema<string> = text({ atLeast: 1, atMost: 64 });
const certificate: Schema<string> = text({ atLeast: 2, atMost: 1024 });

const point = object<StoredPoint>({
  round: count,
  flush: count,
  modelHash: hash,
  supportHash: hash,
  epoch: count,
  models: orNull(list(hash, many)),
});

const opened = object<StoredOpened>({
  contributors: list(object<StoredOpened['contributors'][number]>({ member: name, contribution: hash }), many),
  result: hash,
  contributed: flag,
  own: orNull(hash),
  hasWords: flag,
});

export const storedScalars: Schema<StoredScalars> = object<StoredScalars>({
  standing: oneOf('outside', 'asking', 'accepted', 'declined', 'left', 'over'),
  next: count,
  messages: list(object<StoredMessage>({ number: count, type: name }), many),
  chapter: count,
  heard: count,
  drawn: orNull(
    object<StoredDraw>({
      certificates: list(certificate, many),
      members: list(name, many),
      value: orNull(hash),
      commitments: orNull(list(hash, many)),
      draw: orNull(hash),
    }),
  ),
  sums: orNull(object<StoredSums>({ certificates: list(certificate, many) })),
  open: orNull(
    object<StoredOpen>({
      round: count,
      version: count,
      members: list(name, many),
      point,
      words: orNull(oneOf('not its turn', 'awaited', 'in', 'none')),
      summing: list(name, many),
      flush: count,
      opened: orNull(opened),
    }),
  ),
  work: orNull(object<StoredWork>({ task: count, round: count })),
  inFlight: orNull(object<NonNullable<StoredScalars['inFlight']>>({ version: count })),
  tasks: count,
});
