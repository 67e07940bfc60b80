// What a socket may cost: time, headers and memory, measured on listeners without an application.
import { connect } from 'node:net';
import { Problem } from '@sumus/wire/problem';
import { afterEach, describe, expect, it } from 'vitest';
import type { Answer, Asked } from './answer.ts';
import { done } from './answer.ts';
import { Listener } from './listener.ts';
import { MemoryBudget } from './memory-budget.ts';
import { networkOf, RateLimit } from './rate-limit.ts';
import { StreamLimit } from './stream-limit.ts';

const listeners: Listener[] = [];
afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.close(100)));
});

async function listen(
  answer: (asked: Asked) => Promise<Answer>,
  memory = new MemoryBudget(1000, 200),
): Promise<number> {
  const withinMs = { headers: 300, request: 600 };
  const listener = new Listener({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    answer,
    memory,
    withinMs,
    onMistake: () => undefined,
  });
  listeners.push(listener);
  return listener.listen();
}

/** What comes back until the other end closes, and after how long. */
function talk(port: number, texts: readonly string[], everyMs = 0): Promise<{ answer: string; ms: number }> {
  const began = performance.now();
  return new Promise((resolve) => {
    const left = [...texts];
    const socket = connect(port, '127.0.0.1');
    const next = (): void => {
      const text = left.shift();
      if (text === undefined || socket.destroyed) return;
      socket.write(text);
      setTimeout(next, everyMs);
    };
    socket.on('connect', next);
    let answer = '';
    socket.on('data', (data) => {
      answer += data;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve({ answer, ms: performance.now() - began }));
  });
}

describe('a listener', () => {
  it('waits for headers and bodies for so long, however steadily they drip', async () => {
    const port = await listen(async ({ body }) => {
      await body(1000);
      return done;
    });
    const drips = Array.from({ length: 200 }, (_, n) => `x-${n}: y\r\n`);
    const slowHeaders = await talk(port, ['GET / HTTP/1.1\r\nhost: x\r\n', ...drips], 20);
    expect(slowHeaders.answer).toContain(' 408 ');
    expect(slowHeaders.ms).toBeLessThan(2500);
    const bytes = Array.from({ length: 200 }, () => 'b');
    const slowBody = await talk(port, ['POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 200\r\n\r\n', ...bytes], 20);
    expect(slowBody.answer).not.toContain(' 204 ');
    expect(slowBody.ms).toBeLessThan(3500);
  });

  it('refuses what is too large before a byte of it is read, and says so to who still sends', async () => {
    const port = await listen(async ({ body }) => {
      await body(100);
      return done;
    });
    const { answer } = await talk(port, [
      `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5000000\r\n\r\n${'b'.repeat(100_000)}`,
    ]);
    expect(answer).toContain(' 413 ');
  });

  it('holds as many bytes of bodies as its budget, lets others wait, and tells the impatient to come again', async () => {
    const memory = new MemoryBudget(1000, 200);
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    let most = 0;
    const port = await listen(async ({ body }) => {
      await body(1000);
      most = Math.max(most, memory.held);
      await gate;
      return done;
    }, memory);
    const post = `POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 600\r\n\r\n${'b'.repeat(600)}`;
    const first = talk(port, [post]);
    const second = await talk(port, [post]);
    expect(second.answer).toMatch(/ 429 [\s\S]*retry-after: 1/i);
    go();
    expect((await first).answer).toContain(' 204 ');
    expect((await talk(port, [post])).answer).toContain(' 204 ');
    expect(most).toBe(600);
    expect(memory.held).toBe(0);
  });

  it('holds a part of its budget for one key, whose other bodies are told to come again, and the rest for others', async () => {
    const megabyte = 2 ** 20;
    const memory = new MemoryBudget(64 * megabyte, 200);
    const first = await memory.take(6 * megabyte, 'a');
    await expect(memory.take(3 * megabyte, 'a')).rejects.toMatchObject({ code: 'too-many', retryAfter: 1 });
    const second = await memory.take(2 * megabyte, 'a');
    const others = await memory.take(8 * megabyte, 'b');
    first();
    first();
    (await memory.take(6 * megabyte, 'a'))();
    // One that is larger than a part goes alone.
    (await memory.take(30 * megabyte, 'c'))();
    second();
    others();
    expect(memory.held).toBe(0);
  });

  it('gives a key back what waited for nothing', async () => {
    const memory = new MemoryBudget(1000, 20);
    const all = await memory.take(1000);
    await expect(memory.take(8 * 2 ** 20, 'a')).rejects.toMatchObject({ code: 'too-many' });
    all();
    (await memory.take(8 * 2 ** 20, 'a'))();
    expect(memory.held).toBe(0);
  });

  it('holds nothing of a body that breaks off', async () => {
    const memory = new MemoryBudget(1000, 200);
    const port = await listen(async ({ body }) => {
      await body(1000);
      return done;
    }, memory);
    const socket = connect(port, '127.0.0.1', () =>
      socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 600\r\n\r\nhalf'),
    );
    await expect.poll(() => memory.held).toBe(600);
    socket.destroy();
    await expect.poll(() => memory.held).toBe(0);
  });

  it('writes a stream no faster than it is read, and ends it when the server closes', async () => {
    let made = 0;
    const events = async function* (): AsyncGenerator<string> {
      for (; made < 10_000; made += 1) yield `data: ${'e'.repeat(10_000)}\n\n`;
    };
    const port = await listen(async () => ({ kind: 'events', events: events() }));
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'));
    socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 300));
    // What fits into the buffers between here and there; not all 100 MB.
    expect(made).toBeLessThan(3000);
    const before = made;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(made).toBe(before);
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    await listeners.splice(0)[0]?.close(50);
    socket.resume();
    await closed;
  });

  it('tells nobody outside what went wrong inside', async () => {
    const port = await listen(async () => {
      throw new Error('the password is 1234');
    });
    const { answer } = await talk(port, ['GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n']);
    expect(answer).toContain(' 500 ');
    expect(answer).not.toContain('1234');
  });
});

describe('a limit of requests', () => {
  it('lets so many at once through, then as many as a second has, each name by itself', () => {
    const limit = new RateLimit({ perSecond: 10, atOnce: 3 });
    for (let n = 0; n < 3; n += 1) limit.take('a', 0);
    expect(() => limit.take('a', 0)).toThrow(Problem);
    limit.take('b', 0);
    limit.take('a', 100);
    expect(() => limit.take('a', 150)).toThrow(/more than 10/);
    // A clock that goes back gives nothing.
    expect(() => limit.take('a', 0)).toThrow(Problem);
  });

  it('counts a network, not an address that one person has millions of, and nothing of this machine', () => {
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2');
    expect(networkOf('2001:db8::6')).toBe('2001:db8:0:0');
    expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0');
    expect(networkOf('::ffff:192.0.2.7')).toBe('192.0.2.7');
    for (const here of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) expect(networkOf(here)).toBeUndefined();
  });

  it('lets a key have so many streams, and another when one of them has ended', async () => {
    const limit = new StreamLimit();
    const open = (): AsyncIterator<string> => {
      const answer = limit.counted('key', { kind: 'events', events: forever() });
      if (answer.kind !== 'events') throw new Error('no stream');
      return answer.events[Symbol.asyncIterator]();
    };
    const streams: AsyncIterator<string>[] = [];
    for (let n = 0; n < 32; n += 1) {
      const stream = open();
      await stream.next();
      streams.push(stream);
    }
    expect(open).toThrow(Problem);
    await streams[0]?.return?.();
    await open().next();
  });
});

async function* forever(): AsyncGenerator<string> {
  for (;;) yield 'again';
}
