// How far a sum is prepared at the coordinator, and that as bytes. Public.

import { CanonicalReader, CanonicalWriter, hexOf, sameBytes } from '@sumus/secure-sum/canonical';
import { MalformedMessage, ProtocolViolation } from '@sumus/secure-sum/errors';
import type { MemberId } from '@sumus/secure-sum/identity';
import { decodeMessage } from '@sumus/secure-sum/messages';
import {
  decodeEntry,
  decodeRoster,
  encodeEntry,
  encodeRoster,
  type Roster,
  type RosterEntry,
  rosterOf,
} from '@sumus/secure-sum/roster';
import { keyCountOf } from '../agreement.ts';
import { decodePrepared, encodePrepared, type Prepared } from '../drawn.ts';
import { decodeList, encodeList, readText, textPart } from '../frame.ts';
import { decodePlace, encodePlace } from '../log-place.ts';
import { type PendingEntry, placeOf } from './log-book.ts';
import type { CoordinatorEnvironment } from './state.ts';

export const BEACON_BODY_BYTES_AT_MOST: number = 128;

/** By member. */
export type Messages = ReadonlyMap<MemberId, Uint8Array>;

interface Common {
  /** Sizes of the log that somebody may have seen last. */
  readonly seen: readonly number[];
}

export type Stage = Common &
  (
    | {
        readonly at: 'gathering';
        readonly entries: ReadonlyMap<MemberId, RosterEntry>;
        /** Whose each key is, by its hexadecimal. */
        readonly owners: ReadonlyMap<string, MemberId>;
      }
    | { readonly at: 'logging the roster'; readonly roster: Roster; readonly pending: PendingEntry }
    | { readonly at: 'committing'; readonly prepared: Prepared; readonly messages: Messages }
    | {
        readonly at: 'logging the commitments';
        readonly prepared: Prepared;
        readonly messages: Messages;
        readonly pending: PendingEntry;
      }
    | {
        readonly at: 'revealing';
        readonly prepared: Prepared;
        readonly commitments: Messages;
        /** What was sent with them. */
        readonly told: Uint8Array;
        readonly messages: Messages;
      }
  );
export type At<Name extends Stage['at']> = Extract<Stage, { readonly at: Name }>;

function storePending(writer: CanonicalWriter, pending: PendingEntry): void {
  writer.blob('pending', encodePlace(placeOf(pending)));
}

const readPending = (reader: CanonicalReader): PendingEntry => {
  const { head, consistency, index, path } = decodePlace(reader.blobView('pending', 2 ** 28));
  const cosignatures = new Map(head.cosignatures.map((one) => [one.witness, one]));
  return Object.freeze({ head: { ...head, cosignatures: [] }, consistency, index, path, cosignatures });
};

const list = (messages: Messages): Uint8Array =>
  encodeList(...[...messages].flatMap(([name, bytes]) => [textPart(name), bytes]));

function readMessages(reader: CanonicalReader): Messages {
  const parts = decodeList(reader.blobView('messages', 2 ** 28), 'messages');
  const messages = new Map<MemberId, Uint8Array>();
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const message = decodeMessage(parts[i + 1]!, BEACON_BODY_BYTES_AT_MOST);
    if (message.sender !== readText(parts[i]!))
      throw new MalformedMessage('E_MALFORMED', 'a message of another sender');
    messages.set(message.sender, parts[i + 1]!.slice());
  }
  return messages;
}

const STAGES: readonly Stage['at'][] = [
  'gathering',
  'logging the roster',
  'committing',
  'logging the commitments',
  'revealing',
];

export function storeStage(stage: Stage): Uint8Array {
  const writer = new CanonicalWriter(8192).u8('stage', STAGES.indexOf(stage.at)).u32('sizes', stage.seen.length);
  for (const size of stage.seen) writer.u64('a size', size);
  switch (stage.at) {
    case 'gathering':
      writer.blob('entries', encodeList(...[...stage.entries.values()].map(encodeEntry)));
      break;
    case 'logging the roster':
      writer.blob('roster', encodeRoster(stage.roster));
      storePending(writer, stage.pending);
      break;
    case 'committing':
      writer.blob('prepared', encodePrepared(stage.prepared)).blob('messages', list(stage.messages));
      break;
    case 'logging the commitments':
      writer.blob('prepared', encodePrepared(stage.prepared)).blob('messages', list(stage.messages));
      storePending(writer, stage.pending);
      break;
    case 'revealing':
      writer.blob('prepared', encodePrepared(stage.prepared)).blob('messages', list(stage.commitments));
      writer.blob('messages', list(stage.messages)).blob('told', stage.told);
      break;
    default:
      stage satisfies never;
  }
  return writer.finish();
}

export function readStage(env: CoordinatorEnvironment, stored: Uint8Array): Stage {
  const { setup, open } = env;
  const { primitives } = setup;
  const reader = new CanonicalReader(stored, 'a sum in preparation');
  const at = STAGES[reader.within('stage', 1, 0, STAGES.length - 1)]!;
  const count = reader.count('sizes', 4096, 8);
  const seen = Array.from({ length: count }, () => reader.u64('a size'));
  const prepared = (): Prepared => decodePrepared(primitives, setup, open, reader.blobView('prepared', 2 ** 28));
  const stage = ((): Stage => {
    switch (at) {
      case 'gathering': {
        const entries = decodeList(reader.blobView('entries', 2 ** 28), 'entries').map(decodeEntry);
        const { members } = rosterOf(primitives, open, keyCountOf(setup), entries);
        return {
          at,
          seen,
          entries: new Map(entries.map((one) => [one.certificate.memberId, one])),
          owners: new Map(members.flatMap(({ memberId, keys }) => keys.map((key) => [hexOf(key), memberId]))),
        };
      }
      case 'logging the roster': {
        const roster = decodeRoster(primitives, open, keyCountOf(setup), reader.blobView('roster', 2 ** 28));
        return { at, seen, roster, pending: readPending(reader) };
      }
      case 'committing':
        return { at, seen, prepared: prepared(), messages: readMessages(reader) };
      case 'logging the commitments':
        return { at, seen, prepared: prepared(), messages: readMessages(reader), pending: readPending(reader) };
      case 'revealing': {
        const [ready, commitments, messages] = [prepared(), readMessages(reader), readMessages(reader)];
        return { at, seen, prepared: ready, commitments, messages, told: reader.blob('told', 2 ** 28) };
      }
      default:
        return at satisfies never;
    }
  })();
  reader.finish();
  return stage;
}

export const namesOf = ({ members }: Roster): readonly MemberId[] => members.map(({ memberId }) => memberId);

/** Who has not answered what this stage asked. */
export function silent(stage: Stage): readonly MemberId[] {
  switch (stage.at) {
    case 'committing':
      return namesOf(stage.prepared.roster).filter((name) => !stage.messages.has(name));
    case 'revealing':
      return namesOf(stage.prepared.roster).filter((name) => stage.commitments.has(name) && !stage.messages.has(name));
    default:
      return [];
  }
}

/** Whether the roster of this stage has the entry as it is. */
export function isListed(stage: Stage, name: MemberId, encoded: Uint8Array): boolean {
  const roster = 'prepared' in stage ? stage.prepared.roster : 'roster' in stage ? stage.roster : undefined;
  const entry = roster?.entries[roster.indexOf.get(name) ?? -1];
  return entry !== undefined && sameBytes(encodeEntry(entry), encoded);
}

/** The same map where the same was said before; E_EQUIV where another was. */
export function withMessage(messages: Messages, sender: MemberId, bytes: Uint8Array): Messages {
  const before = messages.get(sender);
  if (before === undefined) return new Map(messages).set(sender, bytes.slice());
  if (sameBytes(before, bytes)) return messages;
  throw new ProtocolViolation('E_EQUIV', `${sender} said something else before`, { evidence: [before, bytes] });
}
