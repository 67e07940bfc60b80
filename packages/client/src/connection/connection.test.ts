// What passes is tried again, after a pause that grows and is shared out by chance; what does not is thrown. An upload goes on where the server
// stands, and believes no nonsense about where that is.

import { nodePrimitives } from '@sumus/platform/node';
import type { PublicPrimitives } from '@sumus/secure-sum/primitives';
import type { BlobState } from '@sumus/wire/bodies';
import { serverInfo, USUAL_LIMITS } from '@sumus/wire/bodies';
import { PROBLEMS, Problem, type ProblemCode } from '@sumus/wire/problem';
import { hexOf, jsonBytes, utf8Bytes } from '@sumus/wire/text';
import { describe, expect, it } from 'vitest';
import { fastClock } from '../little-world.contract.ts';
import {
  Impostor,
  type Transport,
  type TransportAnswer,
  type TransportRequest,
  Unreachable,
} from '../transport/index.ts';
import { Connection, passes, patiently, pauseMs, upload } from './index.ts';

const primitives = nodePrimitives();
const key = '11'.repeat(32);

type Answer = (request: TransportRequest) => {
  readonly status: number;
  readonly body?: Uint8Array;
  readonly headers?: Record<string, string>;
  readonly isBroken?: boolean;
};

function answering(answer: Answer): { readonly connection: Connection; readonly asked: TransportRequest[] } {
  const asked: TransportRequest[] = [];
  const transport: Transport = {
    server: 'http://127.0.0.1',
    prefix: '/below',
    request: async (request): Promise<TransportAnswer> => {
      asked.push(request);
      const { status, body = new Uint8Array(0), headers = {}, isBroken = false } = answer(request);
      async function* pieces(): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < body.length; at += 7) yield body.subarray(at, at + 7);
        if (isBroken) throw new Unreachable('the line broke');
      }
      return { status, headers, body: pieces(), close: () => undefined };
    },
    close: () => undefined,
  };
  const signer = { publicKey: new Uint8Array(32).fill(9), sign: async () => new Uint8Array(64) };
  return { asked, connection: new Connection({ transport, primitives, clock: fastClock, signer, server: key }) };
}

const info = { protocol: 'sumus/wire/1', version: '1', coordinator: key, nowMs: 1, limits: USUAL_LIMITS };

describe('a connection', () => {
  it('signs each request anew, with the prefix in its path, and reads the answer by its shape', async () => {
    const { connection, asked } = answering(() => ({ status: 200, body: jsonBytes(info) }));
    expect(await connection.ask(serverInfo, 'server')).toEqual(info);
    await connection.ask(serverInfo, 'server');
    expect(asked.map(({ path }) => path)).toEqual(['/below/v1/server', '/below/v1/server']);
    expect(new Set(asked.map(({ headers }) => headers['sumus-nonce'])).size).toBe(2);
    expect(asked[0]?.headers).toMatchObject({ 'sumus-key': '09'.repeat(32), 'sumus-body': hexOf(primitives.sha256()) });
  });

  it('throws the problem that it is told, with when to come again', async () => {
    const { connection } = answering(() => ({
      status: 429,
      body: jsonBytes({ code: 'too-many', message: 'slower' }),
      headers: { 'retry-after': '7' },
    }));
    await expect(connection.tell('server')).rejects.toMatchObject({
      code: 'too-many',
      message: 'slower',
      retryAfter: 7,
    });
  });

  it.each([
    [502, 'unavailable'],
    [301, 'conflict'],
    [404, 'conflict'],
  ])('takes a page of somebody in between, status %d, for %s', async (status, code) => {
    const { connection } = answering(() => ({ status, body: utf8Bytes('<html>no') }));
    await expect(connection.tell('server')).rejects.toMatchObject({ code });
  });

  it('takes no answer of another shape, and no more bytes than it asked for', async () => {
    const { connection } = answering(() => ({ status: 200, body: jsonBytes({ ...info, more: 1 }) }));
    await expect(connection.ask(serverInfo, 'server')).rejects.toThrow(/not known/);
    const name = { sha256: key, bytes: 10 };
    const long = answering(() => ({ status: 200, body: new Uint8Array(11) }));
    await expect(long.connection.blob('r', name)).rejects.toThrow(/more than 10/);
    const short = answering(() => ({ status: 200, body: new Uint8Array(9) }));
    await expect(short.connection.blob('r', name)).rejects.toThrow(/of 9 bytes/);
  });
});

describe('a blob that is fetched', () => {
  const whole = Uint8Array.from({ length: 50 }, (_, i) => i);
  const name = { sha256: key, bytes: 50 };

  /** Breaks after so many bytes of each answer; with or without ranges. */
  function breaking(lengths: readonly number[], hasRanges: boolean) {
    const ranges: (string | undefined)[] = [];
    const { connection } = answering(({ headers }) => {
      const [, from = '0'] = /^bytes=([0-9]+)-$/.exec(headers['range'] ?? '') ?? [];
      ranges.push(headers['range']);
      const at = hasRanges ? Number(from) : 0;
      const length = lengths[ranges.length - 1] ?? 50;
      return { status: at > 0 ? 206 : 200, body: whole.subarray(at, at + length), isBroken: at + length < 50 };
    });
    return { connection, ranges };
  }

  it('goes on where it broke off, or anew where the server has no ranges', async () => {
    const served = breaking([20, 7, 50], true);
    expect(await served.connection.blob('r', name)).toEqual(whole);
    expect(served.ranges).toEqual([undefined, 'bytes=20-', 'bytes=27-']);
    const anew = breaking([20, 30, 50], false);
    expect(await anew.connection.blob('r', name)).toEqual(whole);
  });

  it('is given up where nothing new comes', async () => {
    const { connection, ranges } = breaking([20, 0], true);
    await expect(connection.blob('r', name)).rejects.toMatchObject({ code: 'E_UNREACHABLE' });
    expect(ranges.length).toBe(2);
  });
});

describe('patience', () => {
  it('is had with what passes, and with nothing else', () => {
    const passing = (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) => passes(new Problem(code, 'x')));
    expect(passing.sort()).toEqual(['internal', 'no-space', 'replayed', 'too-many', 'too-slow', 'unavailable']);
    expect(passes(new Unreachable('x'))).toBe(true);
    expect(passes(new Impostor('x'))).toBe(false);
    expect(passes(new TypeError('x'))).toBe(false);
  });

  it('doubles up to half a minute, is shortened by chance by half at most, and does as it is asked', () => {
    const lost = new Unreachable('x');
    expect([0, 1, 2, 6, 7, 50].map((failures) => pauseMs(lost, failures, 0))).toEqual([
      250, 500, 1000, 16000, 30000, 30000,
    ]);
    expect(pauseMs(lost, 2, 0.999)).toBeGreaterThanOrEqual(500);
    expect(pauseMs(new Problem('too-many', 'x', { retryAfter: 20 }), 0, 0.5)).toBe(20_000);
    expect(pauseMs(new Problem('too-many', 'x', { retryAfter: 9999 }), 0, 0.5)).toBe(300_000);
  });

  it('tries until it works, ends when it is over, and throws what does not pass', async () => {
    const pauses: number[] = [];
    let left = 3;
    const setup = {
      randomBytes: (length: number) => new Uint8Array(length),
      isOver: () => false,
      pause: async (ms: number) => void pauses.push(ms),
    };
    const work = async (): Promise<string> => {
      if (left-- > 0) throw new Unreachable('x');
      return 'done';
    };
    expect(await patiently(setup, work)).toBe('done');
    expect(pauses).toEqual([250, 500, 1000]);
    await expect(patiently(setup, () => Promise.reject(new Problem('forbidden', 'x')))).rejects.toThrow('x');
    left = 5;
    expect(await patiently({ ...setup, isOver: () => left < 3 }, work)).toBeUndefined();
  });
});

describe('an upload', () => {
  const bytes = Uint8Array.from({ length: 25 }, (_, i) => i);
  const name = { sha256: hexOf(primitives.sha256(bytes)), bytes: 25 };
  const state = (changes: Partial<BlobState>): Uint8Array =>
    jsonBytes({ ...name, received: 0, isComplete: false, ...changes });
  const problem = (code: ProblemCode) => ({ status: PROBLEMS[code].status, body: jsonBytes({ code, message: 'x' }) });
  const uploading = (connection: Connection, told: number[] = []) =>
    upload(connection, { run: 'r', name, bytes, pieceBytes: 10, tell: (sent) => void told.push(sent) });

  it('goes in pieces, from where the server stands', async () => {
    let received = 10;
    const { connection, asked } = answering(({ method, body }) => {
      if (method === 'PUT') received += body.length;
      return { status: 200, body: state({ received, isComplete: received === 25 }) };
    });
    const told: number[] = [];
    await uploading(connection, told);
    expect(asked.map(({ method, path }) => `${method} ${path.split(/[?/]/).at(-1)}`)).toEqual([
      'GET state',
      'PUT bytes=25&offset=10',
      'PUT bytes=25&offset=20',
    ]);
    expect(asked.slice(1).map(({ body }) => [...body])).toEqual([[...bytes.slice(10, 20)], [...bytes.slice(20)]]);
    expect(told).toEqual([10, 20, 25]);
  });

  it('begins where nothing is there, asks again where it stands elsewhere, and sends nothing that is there', async () => {
    const complete = answering(() => ({ status: 200, body: state({ received: 25, isComplete: true }) }));
    await uploading(complete.connection);
    expect(complete.asked.length).toBe(1);
    let asks = 0;
    const moved = answering(({ method }) => {
      asks += 1;
      if (asks === 1) return problem('not-found');
      if (asks === 2) return problem('offset');
      if (method === 'GET') return { status: 200, body: state({ received: 20 }) };
      return { status: 200, body: state({ received: 25, isComplete: true }) };
    });
    await uploading(moved.connection);
    expect(moved.asked.map(({ method }) => method).join(' ')).toBe('GET PUT GET PUT');
  });

  it.each<[string, Partial<BlobState>]>([
    ['another blob', { sha256: key }],
    ['another length', { bytes: 26 }],
    ['more than there is', { received: 26 }],
    ['nothing of a piece', { received: 0 }],
  ])('ends where the server tells of %s', async (_, changes) => {
    const { connection, asked } = answering(() => ({ status: 200, body: state(changes) }));
    await expect(uploading(connection)).rejects.toMatchObject({ name: 'MalformedMessage' });
    expect(asked.length).toBeLessThanOrEqual(2);
  });

  it('throws what the server refuses', async () => {
    const { connection } = answering(({ method }) => (method === 'GET' ? problem('not-found') : problem('too-large')));
    await expect(uploading(connection)).rejects.toMatchObject({ code: 'too-large' });
  });
});

// The interfaces fit: a connection takes the platform's own primitives.
void (primitives satisfies PublicPrimitives);
