// What a member is told, across streams that break: in order, once, and the rest again.
import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { type Letter, Mailbox, type SendToMember } from './mailbox.ts';

const { sha256 } = nodePrimitives();

function sendOf(chapter: number, number: number | null, body = new Uint8Array(0)): SendToMember {
  const bodyName = body.length === 0 ? null : { bytes: body.length, sha256: Buffer.from(sha256(body)).toString('hex') };
  return { place: number === null ? null : { chapter, number }, bodyName, head: new Uint8Array(8), body };
}

async function some(letters: AsyncGenerator<Letter>, count: number): Promise<(string | undefined)[]> {
  const found: (string | undefined)[] = [];
  while (found.length < count) {
    const { value, done } = await letters.next();
    if (done) break;
    found.push(value.token);
  }
  return found;
}

describe('a mailbox', () => {
  it('gives letters in their order, and those that come while somebody listens', async () => {
    const box = new Mailbox();
    const stop = new AbortController();
    box.put(sendOf(1, 0));
    const letters = box.letters(undefined, stop.signal);
    expect(await some(letters, 1)).toEqual(['1.0']);
    const next = some(letters, 2);
    box.put(sendOf(1, 1));
    box.put(sendOf(1, null));
    expect(await next).toEqual(['1.1', undefined]);
    stop.abort();
    expect(await some(letters, 1)).toEqual([]);
    expect(box.isHeard).toBe(false);
  });

  it('goes on after the last that was heard, and gives an answer without a number once', async () => {
    const box = new Mailbox();
    for (const one of [sendOf(1, 0), sendOf(1, null), sendOf(1, 1)]) box.put(one);
    const { signal } = new AbortController();
    expect(await some(box.letters(undefined, signal), 3)).toEqual(['1.0', undefined, '1.1']);
    expect(await some(box.letters('1.0', signal), 1)).toEqual(['1.1']);
    expect(await some(box.letters('9.9', signal), 2)).toEqual(['1.0', '1.1']);
  });

  it('keeps a chapter and the one before it, and of what is said again the later', async () => {
    const box = new Mailbox();
    for (const one of [sendOf(1, 0), sendOf(2, 0), sendOf(3, 0), sendOf(2, 0)]) box.put(one);
    expect(await some(box.letters(undefined, new AbortController().signal), 2)).toEqual(['3.0', '2.0']);
  });

  it('has one reader: a new stream ends the one before it', async () => {
    const box = new Mailbox();
    const { signal } = new AbortController();
    const first = box.letters(undefined, signal);
    const waiting = some(first, 1);
    await Promise.resolve();
    const second = box.letters(undefined, signal);
    const heard = some(second, 1);
    expect(await waiting).toEqual([]);
    box.put(sendOf(1, 0));
    expect(await heard).toEqual(['1.0']);
  });

  it('shows a body to the member who was told of it, by its hash', () => {
    const box = new Mailbox();
    const body = new Uint8Array(100_000).fill(3);
    box.put(sendOf(1, 0, body));
    expect(box.body(Buffer.from(sha256(body)).toString('hex'))).toBe(body);
    expect(box.body('00'.repeat(32))).toBeUndefined();
  });
});
