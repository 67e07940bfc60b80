// What members and their coordinator say to each other: frames in, acknowledged once what followed is on disk; messages out, in order; and the
// log, for whoever may look. Nothing of a frame is believed here but who handed it in.

import type { BlobName } from '@sumus/federation/run';
import { BYTES_TYPE, blobReference, FRAME_BLOB_TYPE, LINES_TYPE } from '@sumus/wire/bodies';
import { Problem } from '@sumus/wire/problem';
import { eventText } from '@sumus/wire/stream';
import { readJson } from '@sumus/wire/text';
import type { Letter, SendToMember } from '../run/mailbox.ts';
import { type Answer, done } from './answer.ts';
import { changes } from './changes.ts';
import { bodyOf, callerKey, fromOf, type Handlers, type RunCall, requireType } from './context.ts';
import { taken } from './owner-routes.ts';

export const messageRoutes: Handlers<RunCall> = {
  frames: async (call) => {
    const { place, known, house } = call;
    const from = memberOf(call);
    const type = requireType(call, [BYTES_TYPE, FRAME_BLOB_TYPE]);
    if (type === BYTES_TYPE) {
      await taken(place, { kind: 'frame', from, bytes: await bodyOf(call, house.limits.frameBytes) });
      return done;
    }
    const blob = readJson(blobReference, await bodyOf(call, 1024));
    const atMost = place.frameBytesAtMost(known);
    if (blob.bytes > atMost)
      throw new Problem('too-large', `a message of ${blob.bytes} bytes, at most ${atMost} are taken in this run`);
    const key = callerKey(call);
    await taken(place, { kind: 'stored frame', from, key, blob });
    place.uploads.end(key, blob);
    return done;
  },

  messages: async (call) => {
    const { place, asked, house } = call;
    await place.lead();
    const last = asked.headers['last-event-id'];
    const letters = place.mailbox(memberOf(call)).letters(typeof last === 'string' ? last : undefined, asked.signal);
    return { kind: 'events', events: textsOf(letters, house.limits.inlineBodyBytes) };
  },

  events: async (call) => {
    const { place, asked, house, matched } = call;
    const { store } = house.runs;
    const from = fromOf(call);
    if (matched.query['format'] === 'ndjson') {
      const lines = async function* (): AsyncGenerator<Uint8Array> {
        for await (const { line } of store.read(place.id, from)) yield Buffer.from(`${line}\n`, 'utf8');
      };
      return { kind: 'bytes', status: 200, headers: { 'content-type': LINES_TYPE }, pieces: lines() } satisfies Answer;
    }
    const events = async function* (): AsyncGenerator<string> {
      let next = from;
      for await (const _ of changes(house, (listener) => place.watch(listener), asked.signal)) {
        for await (const { line, sequence } of store.read(place.id, next)) {
          yield eventText({ id: String(sequence), event: 'message', data: line });
          next = sequence + 1;
        }
      }
    };
    return { kind: 'events', events: events() };
  },
};

export function memberOf({ role }: RunCall): string {
  if (role.kind !== 'participant') throw new Problem('forbidden', 'this is for participants');
  return role.member.name;
}

async function* textsOf(letters: AsyncIterable<Letter>, inlineBytes: number): AsyncGenerator<string> {
  for await (const { send } of letters) {
    const { place, body, bodyName } = send;
    const out = bodyName === null ? null : body.length <= inlineBytes ? base64Of(body) : bodyName;
    yield messageText(place, base64Of(send.head), out);
  }
}

/**
 * What messageEvent and eventText of @sumus/wire make, written at once: to a thousand participants a message of a thousand certificates is long, and
 * base64 in a loop of JavaScript is not how it gets there.
 */
export function messageText(place: SendToMember['place'], head: string, body: string | BlobName | null): string {
  const id = place === null ? '' : `id: ${place.chapter}.${place.number}\n`;
  return `${id}data: {"head":"${head}","body":${JSON.stringify(body)}}\n\n`;
}

const base64Of = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
