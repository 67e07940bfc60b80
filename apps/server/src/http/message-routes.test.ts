// What the server writes to streams by itself is what the wire would write.
import { randomBytes } from 'node:crypto';
import { eventText, messageEvent } from '@sumus/wire/stream';
import { describe, expect, it } from 'vitest';
import { messageText } from './message-routes.ts';

describe('a message in a stream', () => {
  it('is written as the wire has it, with a body, with the name of one, and without', () => {
    const blob = { sha256: 'ab'.repeat(32), bytes: 70_000 };
    for (const place of [null, { chapter: 0, number: 0 }, { chapter: 12, number: 345 }]) {
      for (const length of [1, 2, 3, 64, 1000]) {
        const head = randomBytes(length);
        for (const body of [null, blob, Uint8Array.from(randomBytes(length + 1))]) {
          const ours = messageText(
            place,
            head.toString('base64'),
            body instanceof Uint8Array ? Buffer.from(body).toString('base64') : body,
          );
          expect(ours).toBe(eventText(messageEvent({ place: place ?? undefined, head, body })));
        }
      }
    }
  });
});
