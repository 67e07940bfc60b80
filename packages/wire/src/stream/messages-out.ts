// What the coordinator says to one participant, as events: a frame's head, and its body where it is short; a long one is named and fetched. The
// id of an event is where it stands in what is said, `chapter.number`; what has no number has no id. Who went away asks with the protocol's
// own `resume`, so nothing here has to be remembered by a server.

import { MalformedMessage } from '@sumus/federation/errors';
import { type BlobReference, blobReference } from '../bodies/names.ts';
import { object, type Shape, text } from '../shape/shape.ts';
import { base64, bytesOfBase64 } from '../text/base64.ts';
import { readJsonText } from '../text/json.ts';
import type { StreamEvent } from './event-stream.ts';

/** Where a message stands: a round or the draw before it, and its number in it. */
export interface MessagePlace {
  readonly chapter: number;
  readonly number: number;
}

export interface MessageOut {
  readonly place: MessagePlace | undefined;
  /** A frame without its body. */
  readonly head: Uint8Array;
  readonly body: Uint8Array | BlobReference | null;
}

interface MessageText {
  readonly head: string;
  readonly body: string | BlobReference | null;
}

const encoded: Shape<string> = text({ atLeast: 1, atMost: 2 ** 27 });

const messageText: Shape<MessageText> = object<MessageText>({
  head: encoded,
  body: {
    read: (value, path) => {
      if (value === null) return null;
      return typeof value === 'string' ? encoded.read(value, path) : blobReference.read(value, path);
    },
    json: { anyOf: [{ type: 'null' }, encoded.json, blobReference.json] },
  },
});

export const messageOutJson: Shape<MessageText>['json'] = messageText.json;

export function messageEvent({ place, head, body }: MessageOut): StreamEvent {
  const inData = body instanceof Uint8Array ? base64(body) : body;
  const data: MessageText = { head: base64(head), body: inData };
  return {
    id: place === undefined ? undefined : `${place.chapter}.${place.number}`,
    event: 'message',
    data: JSON.stringify(data),
  };
}

export function readMessageEvent({ id, data }: StreamEvent): MessageOut {
  const { head, body } = readJsonText(messageText, data);
  return {
    place: id === undefined ? undefined : placeOf(id),
    head: bytesOfBase64(head),
    body: typeof body === 'string' ? bytesOfBase64(body) : body,
  };
}

function placeOf(id: string): MessagePlace {
  const [, chapter, number] = /^(0|[1-9][0-9]{0,9})\.(0|[1-9][0-9]{0,9})$/.exec(id) ?? [];
  if (chapter === undefined || number === undefined) {
    throw new MalformedMessage(`${JSON.stringify(id.slice(0, 40))} is no place of a message`);
  }
  return { chapter: Number(chapter), number: Number(number) };
}
