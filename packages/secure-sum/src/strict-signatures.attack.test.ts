// Attack 8 of the specification's list: signatures about which verifiers disagree. One that some members take and others refuse splits
// them; one that fits every message needs no key. The rule is the platform's (packages/platform/src/strict-signatures.ts); here messages
// and certificates are shown to stand on it, on every platform, and that a lax verifier would be taken in.

import { createPublicKey, verify } from 'node:crypto';
import { nodePrimitives } from '@sumus/platform/node';
import { loadWebPrimitives } from '@sumus/platform/web';
import { describe, expect, it } from 'vitest';
import { verifyCertificate } from './identity/index.ts';
import { signedBytes, signMessage, verifyMessage } from './messages/index.ts';
import { codeOf, enrol, project, seededPrimitives } from './seeded-members.contract.ts';

const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const littleEndian = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
const numberOf = (bytes: Uint8Array): bigint => bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);

/** The neutral point; the base point B, so that R = B and S = 1 fit S·B = R + h·A for every message under A = 0. */
const NEUTRAL = littleEndian(1n);
const BASE = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 0x58 : 0x66));
const FITS_EVERYTHING = Uint8Array.from([...BASE, ...littleEndian(1n)]);

const kind = { phase: 2, type: 'mask/masked' };

describe.each([
  ['Node', nodePrimitives],
  ['the web', loadWebPrimitives],
])('attack 8: signatures that split verifiers, on %s', (_, platform) => {
  it('a second spelling of a signature, S + L, is none', async () => {
    const primitives = seededPrimitives(await platform(), 8);
    const { members, open } = await project(primitives, 1);
    const [{ memberId, signer, certificate }] = members as [(typeof members)[0]];
    const message = await signMessage(primitives, signer, open, { ...kind, sender: memberId, body: Uint8Array.of(1) });
    await verifyMessage(primitives, message, { ...kind, context: open, sender: certificate });
    const S = numberOf(message.signature.subarray(32));
    for (const other of [S + L, S + 8n * L].filter((value) => value < 2n ** 256n)) {
      const signature = Uint8Array.from([...message.signature.subarray(0, 32), ...littleEndian(other)]);
      const expected = { ...kind, context: open, sender: certificate };
      expect(await codeOf(() => verifyMessage(primitives, { ...message, signature }, expected))).toBe('E_SIG');
    }
  });

  it('a certificate for a key of small order speaks for nobody', async () => {
    const primitives = seededPrimitives(await platform(), 9);
    const { authority, trust, open } = await project(primitives, 1);
    for (const publicKey of [
      NEUTRAL,
      littleEndian(2n ** 255n - 20n),
      littleEndian(0n),
      littleEndian(1n + (1n << 255n)),
    ]) {
      const { certificate, memberId } = await enrol(primitives, authority, 'mallory', { publicKey });
      const message = {
        ...kind,
        contextHash: open.hash,
        sender: memberId,
        body: Uint8Array.of(9),
        signature: FITS_EVERYTHING,
      };
      const expected = { ...kind, context: open, sender: certificate };
      expect(await codeOf(() => verifyMessage(primitives, message, expected))).toBe('E_SIG');
    }
    // Nor does such a key enrol anybody.
    const { certificate } = await enrol(primitives, authority, 'eve');
    const forged = { ...certificate, signature: FITS_EVERYTHING };
    const lax = { ...trust, authority: NEUTRAL };
    expect(await codeOf(() => verifyCertificate(primitives, lax, forged))).toBe('E_CERT');
  });
});

describe('attack 8: the planted break', () => {
  it('OpenSSL by itself takes one signature under the neutral key for every message', async () => {
    const primitives = seededPrimitives(nodePrimitives(), 8);
    const { members, open } = await project(primitives, 1);
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(NEUTRAL).toString('base64url') },
      format: 'jwk',
    });
    for (const body of [Uint8Array.of(1), Uint8Array.of(2)]) {
      const message = {
        ...kind,
        contextHash: open.hash,
        sender: members[0]!.memberId,
        body,
        signature: FITS_EVERYTHING,
      };
      const bytes = signedBytes(primitives, message);
      expect(verify(null, bytes, key, FITS_EVERYTHING)).toBe(true);
      expect(await primitives.ed25519.verify(NEUTRAL, bytes, FITS_EVERYTHING)).toBe(false);
    }
  });
});
