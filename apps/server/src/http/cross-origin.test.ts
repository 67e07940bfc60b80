import { Problem } from '@sumus/wire/problem';
import { describe, expect, it } from 'vitest';
import { CrossOrigin } from './cross-origin.ts';

const page = 'http://127.0.0.1:7480';
const stranger = 'https://elsewhere.example';
const some = new CrossOrigin([page]);
const none = new CrossOrigin([]);
const target = '/v1/runs/r/frames';
const asks = (origin: string, method = 'POST') => ({
  method: 'OPTIONS',
  target,
  headers: { origin, 'access-control-request-method': method },
});

describe('a page of another host', () => {
  it('that was named reads answers of the interface, and what it needs of their headers', () => {
    const said = some.headersFor({ target, headers: { origin: page } });
    expect(said['access-control-allow-origin']).toBe(page);
    expect(said['access-control-expose-headers']).toContain('retry-after');
    expect(said['vary']).toBe('origin');
    // There are no sessions, and nothing is to be sent by a browser of itself.
    expect(said).not.toHaveProperty('access-control-allow-credentials');
  });

  it('that was not named reads nothing, and a page or another address is read by nobody', () => {
    for (const origin of [stranger, 'null', `${page}/`, `${page}.example`, page.toUpperCase()]) {
      expect(some.headersFor({ target, headers: { origin } })).toEqual({ vary: 'origin' });
      expect(some.preflight(asks(origin))).toBeUndefined();
    }
    for (const other of ['/', '/join', '/metrics', '/openapi.json']) {
      expect(some.headersFor({ target: other, headers: { origin: page } })).toEqual({});
      expect(some.preflight({ ...asks(page), target: other })).toBeUndefined();
    }
    expect(none.headersFor({ target, headers: { origin: page } })).toEqual({});
    expect(none.preflight(asks(page))).toBeUndefined();
  });

  it('is told before what it may ask: the one method of an address, and the headers of a signed request', () => {
    const answer = some.preflight(asks(page));
    expect(answer).toMatchObject({ kind: 'nothing', status: 204 });
    const headers = answer?.kind === 'nothing' ? answer.headers : undefined;
    expect(headers?.['access-control-allow-methods']).toBe('POST');
    for (const name of ['key', 'time', 'nonce', 'body', 'signature']) {
      expect(headers?.['access-control-allow-headers']).toContain(`sumus-${name}`);
    }
    expect(() => some.preflight(asks(page, 'DELETE'))).toThrow(Problem);
    expect(() => some.preflight({ ...asks(page), target: '/v1/nowhere' })).toThrow(Problem);
  });
});
