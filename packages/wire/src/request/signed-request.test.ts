// A signed request is one request: each part of it that is changed, moved to another server, late or said twice is refused.

import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import { signerOf } from '@sumus/secure-sum/secret-primitives';
import { describe, expect, it } from 'vitest';
import { hexOf } from '../text/hexadecimal.ts';
import { utf8Bytes } from '../text/utf8.ts';
import { REQUEST_WINDOW_MS, RecentNonces, requireBody, signRequest, verifyRequest } from './index.ts';

const primitives = { ...nodePrimitives(), secretKeys: SecretKey };
const signerFrom = (byte: number) =>
  signerOf(primitives, SecretKey.fromBytes('ed25519', new Uint8Array(32).fill(byte)));
const server = '11'.repeat(32);
const nowMs = 1_800_000_000_000;
const body = utf8Bytes('{"type":"hello"}');
const asked = { server, method: 'POST', path: '/v1/runs/r/frames?x=1', nowMs } as const;
const nonce = new Uint8Array(16).fill(5);

const signed = async (changes: Partial<Parameters<typeof signRequest>[2]> = {}) =>
  signRequest(primitives, await signerFrom(1), { ...asked, body, nonce, ...changes });
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'taken',
    (error: { readonly code: string }) => error.code,
  );

describe('a signed request', () => {
  it('is taken once, by the server that it is for, and says who asks', async () => {
    const headers = await signed();
    const nonces = new RecentNonces();
    const request = await verifyRequest(primitives, { ...asked, headers }, nonces);
    expect(request.key).toBe(hexOf((await signerFrom(1)).publicKey));
    await requireBody(primitives, request, body);
    expect(await codeOf(verifyRequest(primitives, { ...asked, headers }, nonces))).toBe('replayed');
  });

  it('is over exactly these bytes', async () => {
    // Known answer: Ed25519 is deterministic. Changing what is signed changes the protocol.
    const headers = await signed();
    expect(headers['sumus-body']).toBe(hexOf(primitives.sha256(body)));
    const text = `{"body":"${headers['sumus-body']}","method":"POST","nonce":"${'05'.repeat(16)}","path":"/v1/runs/r/frames?x=1","server":"${server}","time":1800000000000}`;
    const hash = primitives.sha256(utf8Bytes(text));
    const statement = new Uint8Array([...utf8Bytes('sumus/1/request'), 0, ...hash]);
    expect(headers['sumus-signature']).toBe(hexOf(await (await signerFrom(1)).sign(statement)));
  });

  it.each([
    ['another server', { server: '22'.repeat(32) }],
    ['another method', { method: 'PUT' }],
    ['another path', { path: '/v1/runs/s/frames?x=1' }],
    ['another query', { path: '/v1/runs/r/frames?x=2' }],
  ])('is refused at %s', async (_, changes) => {
    const headers = await signed();
    expect(await codeOf(verifyRequest(primitives, { ...asked, headers, ...changes }, new RecentNonces()))).toBe(
      'unsigned',
    );
  });

  it.each(['sumus-key', 'sumus-time', 'sumus-nonce', 'sumus-body', 'sumus-signature'] as const)(
    'is refused when %s is changed, missing or said twice',
    async (name) => {
      const headers = await signed();
      const value = headers[name];
      const changed = `${value.slice(0, -1)}${value.endsWith('1') ? '2' : '1'}`;
      for (const one of [changed, undefined, [value, value], value.toUpperCase().padStart(2, '0'), '']) {
        if (one === value) continue;
        const spoilt = { ...headers, [name]: one };
        expect(await codeOf(verifyRequest(primitives, { ...asked, headers: spoilt }, new RecentNonces()))).toBe(
          'unsigned',
        );
      }
    },
  );

  it('is refused beyond five minutes on either side, and its nonce is not used up by that', async () => {
    const headers = await signed();
    const nonces = new RecentNonces();
    const at = (ms: number) => codeOf(verifyRequest(primitives, { ...asked, headers, nowMs: nowMs + ms }, nonces));
    expect(await at(REQUEST_WINDOW_MS + 1)).toBe('clock');
    expect(await at(-REQUEST_WINDOW_MS - 1)).toBe('clock');
    expect(await at(-REQUEST_WINDOW_MS)).toBe('taken');
    expect(await at(REQUEST_WINDOW_MS)).toBe('replayed');
  });

  it('lets nobody use up the nonce of somebody else', async () => {
    const headers = await signed();
    const nonces = new RecentNonces();
    const forged = { ...headers, 'sumus-signature': '00'.repeat(64) };
    expect(await codeOf(verifyRequest(primitives, { ...asked, headers: forged }, nonces))).toBe('unsigned');
    expect(await codeOf(verifyRequest(primitives, { ...asked, headers }, nonces))).toBe('taken');
  });

  it('is refused with another body', async () => {
    const request = await verifyRequest(primitives, { ...asked, headers: await signed() }, new RecentNonces());
    expect(await codeOf(requireBody(primitives, request, utf8Bytes('{}')))).toBe('unsigned');
  });
});

describe('remembered nonces', () => {
  const one = (i: number) => ({ key: server, nonce: String(i), timeMs: nowMs });

  it('are bounded, refuse more, and make room once they are of no use', () => {
    const nonces = new RecentNonces(3);
    for (let i = 0; i < 3; i++) expect(nonces.take(one(i), nowMs)).toBe(true);
    expect(() => nonces.take(one(3), nowMs)).toThrow(/more requests/);
    expect(nonces.take(one(3), nowMs + 4 * REQUEST_WINDOW_MS)).toBe(true);
  });

  it('are not forgotten as long as the request would be taken, whenever it came', () => {
    for (let start = 0; start < 4 * REQUEST_WINDOW_MS; start += REQUEST_WINDOW_MS / 7) {
      const nonces = new RecentNonces();
      expect(nonces.take(one(0), nowMs + start)).toBe(true);
      expect(nonces.take(one(1), nowMs + start + REQUEST_WINDOW_MS)).toBe(true);
      expect(nonces.take(one(0), nowMs + start + 2 * REQUEST_WINDOW_MS)).toBe(false);
    }
  });
});
