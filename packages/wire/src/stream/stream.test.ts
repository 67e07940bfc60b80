// Events come back as they were written, however the bytes are cut, and a message with them.

import { describe, expect, it } from 'vitest';
import { utf8Bytes } from '../text/utf8.ts';
import {
  EventReader,
  eventText,
  HEARTBEAT,
  type MessageOut,
  messageEvent,
  readMessageEvent,
  type StreamEvent,
} from './index.ts';

const events: readonly StreamEvent[] = [
  { id: '3.0', event: 'message', data: '{"head":"AA==","body":null}' },
  { id: undefined, event: 'enrolment', data: 'grüße 🙂 :data' },
  { id: '0', event: 'message', data: ' begins with a space' },
];
const text = `${events.map(eventText).join(HEARTBEAT)}${HEARTBEAT}`;

describe('a stream of events', () => {
  it.each([1, 2, 3, 5, 7, 64, 10_000])('is read in pieces of %d bytes', (size) => {
    const bytes = utf8Bytes(text);
    const reader = new EventReader();
    const found: StreamEvent[] = [];
    for (let at = 0; at < bytes.length; at += size) found.push(...reader.read(bytes.subarray(at, at + size)));
    expect(found).toEqual(events);
  });

  it('ends lines as the standard says, and joins lines of data', () => {
    const stream = ': hello\r\ndata: one\r\ndata: two\r\nid: 7\r\n\r\nretry: 5\rdata\r\rdata:x\n\n';
    for (const size of [1, 2, 1000]) {
      const bytes = utf8Bytes(stream);
      const reader = new EventReader();
      const found: StreamEvent[] = [];
      for (let at = 0; at < bytes.length; at += size) found.push(...reader.read(bytes.subarray(at, at + size)));
      expect(found).toEqual([
        { id: '7', event: 'message', data: 'one\ntwo' },
        { id: undefined, event: 'message', data: '' },
        { id: undefined, event: 'message', data: 'x' },
      ]);
    }
  });

  it('has no event that does not end, and no data that ends an event', () => {
    const reader = new EventReader(1000);
    expect(() => reader.read(utf8Bytes(`data: ${'x'.repeat(2000)}`))).toThrow(/more than 1000/);
    const lines = new EventReader(1000);
    expect(() => lines.read(utf8Bytes('data: 0123456789\n'.repeat(200)))).toThrow(/more than 1000/);
    const empty = new EventReader(1000);
    expect(() => empty.read(utf8Bytes('data\n'.repeat(2000)))).toThrow(/more than 1000/);
    expect(() => eventText({ id: undefined, event: 'message', data: 'a\ndata: b' })).toThrow(/one line/);
    expect(() => eventText({ id: '1\n', event: 'message', data: '' })).toThrow(/one line/);
  });
});

describe('a message to a participant', () => {
  const head = Uint8Array.from({ length: 300 }, (_, i) => i);
  it.each<[string, MessageOut]>([
    ['without a body', { place: { chapter: 4, number: 0 }, head, body: null }],
    ['with a short body', { place: undefined, head, body: Uint8Array.of(1, 2) }],
    [
      'with a body to be fetched',
      { place: { chapter: 0, number: 9 }, head, body: { sha256: 'ab'.repeat(32), bytes: 2 ** 30 } },
    ],
  ])('comes back %s', (_, message) => {
    expect(readMessageEvent(messageEvent(message))).toEqual(message);
  });

  it.each([
    '{}',
    '{"head":"AA==","body":7}',
    '{"head":"AA=","body":null}',
    '{"head":"AB==","body":null}',
    '{"head":"AA==","body":null,"more":1}',
    '{"head":"AA==","body":{"sha256":"../x","bytes":1}}',
  ])('is not %s', (data) => {
    expect(() => readMessageEvent({ id: undefined, event: 'message', data })).toThrow(
      expect.objectContaining({ name: 'MalformedMessage' }),
    );
  });

  it.each(['', '1', '1.', '01.2', '1.2.3', '-1.2', '1e3.0'])('has no place %s', (id) => {
    expect(() => readMessageEvent({ id, event: 'message', data: '{"head":"AA==","body":null}' })).toThrow(/no place/);
  });
});
