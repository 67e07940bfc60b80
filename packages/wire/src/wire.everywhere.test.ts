// The same bytes in every runtime: what a page signs, a server verifies; a link that a command wrote, a page reads.

import { SecretKey } from '@sumus/platform/primitives';
import { loadWebPrimitives } from '@sumus/platform/web';
import { signerOf } from '@sumus/secure-sum/secret-primitives';
import { describe, expect, it } from 'vitest';
import { enrolmentProof, InvitationSecret, readInvitationLink, writeInvitationLink } from './link/index.ts';
import { RecentNonces, requireBody, signRequest, verifyRequest } from './request/index.ts';
import { EventReader, eventText, messageEvent, readMessageEvent } from './stream/index.ts';
import { hexOf, utf8Bytes } from './text/index.ts';

const bytes = (length: number, from: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + from) & 255);
const hex = (length: number, from: number): string => hexOf(bytes(length, from));

describe('over the network', () => {
  it('everything has the same bytes everywhere', async () => {
    const primitives = { ...(await loadWebPrimitives()), secretKeys: SecretKey };
    const signer = await signerOf(primitives, SecretKey.fromBytes('ed25519', bytes(32, 1)));
    const request = { server: hex(32, 2), method: 'POST', path: '/v1/runs/r/frames', nowMs: 1.8e12 } as const;
    const body = utf8Bytes('grüße 𝄞');
    const headers = await signRequest(primitives, signer, { ...request, body, nonce: bytes(16, 3) });
    expect(headers['sumus-signature']).toBe(
      'facb37218e01eeac5855710e339e794122b1f67ad843420b3ec54b97168ff1032054f9aeaf60346e36b24c09e80f5127e4a4cd0e8420f0691e9542d19b9bea07',
    );
    const verified = await verifyRequest(primitives, { ...request, headers }, new RecentNonces());
    await requireBody(primitives, verified, body);

    const secret = new InvitationSecret(bytes(16, 4));
    const link = {
      server: 'https://sums.example:8443',
      runId: 'run-1',
      projectId: 'p',
      member: 'hospital-a',
      invitation: hex(16, 5),
      secret,
      coordinator: hex(32, 6),
      authority: hex(32, 7),
      plan: hex(32, 8),
      owner: hex(32, 9),
      fingerprint: hex(32, 10),
    };
    const text = writeInvitationLink(primitives, link);
    expect(text).toBe(
      'https://sums.example:8443/join#AQUAAABydW4tMQEAAABwCgAAAGhvc3BpdGFsLWEFDBMaISgvNj1ES1JZYGduBAsSGSAnLjU8Q0pRWF9mbQYNFBsiKTA3PkVMU1phaG92fYSLkpmgp661vMPK0djfBw4VHCMqMTg_Rk1UW2JpcHd-hYyTmqGor7a9xMvS2eAIDxYdJCsyOUBHTlVcY2pxeH-GjZSboqmwt77FzNPa4QkQFx4lLDM6QUhPVl1ka3J5gIeOlZyjqrG4v8bN1NviAQoRGB8mLTQ7QklQV15lbHN6gYiPlp2kq7K5wMfO1dzjaf8XZQ',
    );
    expect(readInvitationLink(primitives, text)).toMatchObject({ member: 'hospital-a', plan: hex(32, 8) });
    const proof = enrolmentProof(primitives, secret, { ...link, publicKey: signer.publicKey });
    expect(proof).toBe('7500561bee435c21e8251478eeb8404b643800e64799e3301afdc3fd3b6a096c');

    const message = { place: { chapter: 2, number: 5 }, head: bytes(90, 11), body: bytes(7, 12) };
    const [event] = new EventReader().read(utf8Bytes(eventText(messageEvent(message))));
    expect(event === undefined ? undefined : readMessageEvent(event)).toEqual(message);
  });
});
