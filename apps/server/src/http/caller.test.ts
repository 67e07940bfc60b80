// Strangers fill a memory of their own: whoever has a part in a run is told from a replay all the same.

import { RecentNonces, signRequest } from '@sumus/wire/request';
import { ROUTES } from '@sumus/wire/routes';
import { hexOf } from '@sumus/wire/text';
import { describe, expect, it } from 'vitest';
import { freshSigner, primitives } from '../over-network.contract.ts';
import type { Asked } from './answer.ts';
import { type CallerChecks, countedAs, verified } from './caller.ts';

describe('who asks', () => {
  it('is heard, when strangers have asked more than can be remembered', async () => {
    const [member, stranger, server] = [
      await freshSigner(),
      await freshSigner(),
      hexOf((await freshSigner()).publicKey),
    ];
    const checks: CallerChecks = {
      primitives,
      server,
      nonces: { known: new RecentNonces(4), strangers: new RecentNonces(2) },
      knows: (key) => key === hexOf(member.publicKey),
      nowMs: () => 1_000_000,
    };
    let count = 0;
    const ask = async (signer: typeof member): Promise<Asked> => {
      count += 1;
      const nonce = new Uint8Array(16).fill(count);
      const signed = {
        server,
        method: 'GET' as const,
        path: '/v1/runs/a',
        body: new Uint8Array(0),
        nowMs: 1_000_000,
        nonce,
      };
      const headers = { ...(await signRequest(primitives, signer, signed)) };
      const { signal } = new AbortController();
      return {
        method: 'GET',
        target: '/v1/runs/a',
        headers,
        address: '192.0.2.1',
        body: async () => new Uint8Array(0),
        signal,
      };
    };
    const told = async (asked: Asked): Promise<string | undefined> =>
      (await verified(checks, asked, ROUTES.run, false))?.key;
    for (let n = 0; n < 2; n += 1) await told(await ask(stranger));
    await expect(told(await ask(stranger))).rejects.toMatchObject({ code: 'too-many' });
    const asked = await ask(member);
    expect(await told(asked)).toBe(hexOf(member.publicKey));
    await expect(told(asked)).rejects.toMatchObject({ code: 'replayed' });
  });

  it('and has a key that nobody knows is counted as its network: another key a stream is not another person', () => {
    const checks = { knows: (key: string) => key === 'member' };
    const caller = (key: string) => ({ key, nonce: '', timeMs: 0, bodyHash: '' });
    expect(countedAs(checks, caller('member'), '192.0.2.1')).toBe('member');
    expect(countedAs(checks, caller('made just now'), '192.0.2.1')).toBe('192.0.2.1');
    expect(countedAs(checks, undefined, '192.0.2.1')).toBe('192.0.2.1');
  });
});
