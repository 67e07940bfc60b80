// Where a participant stands under one-shot: what lasts as long as the committee, what one sum adds, and both as bytes for storage that its owner
// alone reads.

import { CanonicalReader, CanonicalWriter } from '@sumus/secure-sum/canonical';
import { type Send, send, TO_COORDINATOR } from '@sumus/secure-sum/machine';
import {
  type ContributorState,
  type OneShotRound,
  restoreContributor,
  storeContributorInTheClear,
} from '@sumus/secure-sum/one-shot';
import { type MemberState, restoreMember, storeMemberInTheClear } from '@sumus/secure-sum/one-shot/committee';
import type { SecretKey } from '@sumus/secure-sum/secret-primitives';
import { type Drawn, decodeDrawn, encodeDrawn } from '../drawn.ts';
import { decodeList, encodeList, readText, textPart } from '../frame.ts';
import { roundOf } from '../one-shot-round.ts';
import { decodeOpened, encodeOpened, type Opened } from '../opened.ts';
import type { SumEnvironment } from './state.ts';

const empty = new Uint8Array(0);
const KEY_BYTES = 32;
const MOST = 2 ** 30;

/** What lasts as long as the committee. */
export interface Serving {
  readonly drawn: Drawn;
  readonly round: OneShotRound;
  readonly secretBoxKey: SecretKey<'x25519'>;
  readonly contributor: ContributorState;
  /** Undefined where this participant does not sit in the committee. */
  readonly member: MemberState | undefined;
  /** Of the contribution made last: its hash, and the version of the model that it began from. */
  readonly own: Uint8Array | undefined;
  readonly ownVersion: number;
}

/** What one sum adds. */
export interface InSum {
  /** It contributed, or said that it does not. */
  readonly hasSpoken: boolean;
  /** What it said in this sum besides its contribution: sent again as it is. */
  readonly said: readonly Send[];
  /** Opened to participants: encrypted total and boxes. */
  readonly total: Uint8Array | undefined;
  readonly boxes: Uint8Array | undefined;
  readonly opened: Opened | undefined;
}

export const FRESH: InSum = Object.freeze({
  hasSpoken: false,
  said: [],
  total: undefined,
  boxes: undefined,
  opened: undefined,
});

export function writeServing({
  drawn,
  round,
  secretBoxKey,
  contributor,
  member,
  own,
  ownVersion,
}: Serving): Uint8Array {
  const key = secretBoxKey.expose();
  const writer = new CanonicalWriter(8192)
    .blob('drawn', encodeDrawn(drawn))
    .fixed('a key', key, KEY_BYTES)
    .blob('contributor', storeContributorInTheClear(round, contributor))
    .blob('member', member === undefined ? empty : storeMemberInTheClear(round, member))
    .blob('own', own ?? empty)
    .u32('version', ownVersion);
  key.fill(0);
  return writer.finish();
}

export async function readServing(env: SumEnvironment, stored: Uint8Array, nowMs: number): Promise<Serving> {
  const { setup, open, point } = env;
  const { primitives } = setup;
  const reader = new CanonicalReader(stored, 'a committee that stands');
  const drawn = decodeDrawn(primitives, setup, open, reader.blobView('drawn', MOST));
  const key = reader.fixed('a key', KEY_BYTES);
  const secretBoxKey = primitives.secretKeys.fromBytes('x25519', key);
  key.fill(0);
  const contributor = reader.blobView('contributor', MOST);
  const member = reader.blobView('member', MOST);
  const own = reader.blob('own', KEY_BYTES);
  const ownVersion = reader.u32('version');
  reader.finish();
  const round = await roundOf(primitives, setup, open, point, drawn, nowMs);
  return {
    drawn,
    round,
    secretBoxKey,
    contributor: restoreContributor(round, contributor),
    member: member.length === 0 ? undefined : restoreMember(round, member),
    own: own.length === 0 ? undefined : own,
    ownVersion,
  };
}

export function writeInSum({ hasSpoken, said, total, boxes, opened }: InSum): Uint8Array {
  const writer = new CanonicalWriter(4096).u8('has spoken', Number(hasSpoken));
  writer.blob('said', encodeList(...said.flatMap(({ type, bytes }) => [textPart(type), bytes])));
  writer.blob('total', total ?? empty).blob('boxes', boxes ?? empty);
  return writer.blob('opened', opened === undefined ? empty : encodeOpened(opened)).finish();
}

export function readInSum(stored: Uint8Array): InSum {
  const reader = new CanonicalReader(stored, 'a sum under one-shot');
  const hasSpoken = reader.within('has spoken', 1, 0, 1) === 1;
  const parts = decodeList(reader.blobView('said', MOST), 'what was said');
  const [total, boxes] = [reader.blob('total', MOST), reader.blob('boxes', MOST)];
  const opened = reader.blobView('opened', MOST);
  const said: Send[] = [];
  for (let i = 0; i + 1 < parts.length; i += 2) {
    said.push(send(TO_COORDINATOR, readText(parts[i]!), parts[i + 1]!.slice()));
  }
  const some = (bytes: Uint8Array): Uint8Array | undefined => (bytes.length === 0 ? undefined : bytes);
  const list = opened.length === 0 ? undefined : decodeOpened(opened);
  reader.finish();
  return { hasSpoken, said, total: some(total), boxes: some(boxes), opened: list };
}
