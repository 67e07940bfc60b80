// A list of revocations: by the authority, of every run of the project, never shorter; and a certificate that is on it holds no more.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import {
  certify,
  decodeRevocationList,
  encodeCertificate,
  memberId,
  noRevocations,
  verifyCertificate,
  verifyRevocations,
} from '@sumus/secure-sum/identity';
import { freshSecretKey, signerOf } from '@sumus/secure-sum/secret-primitives';
import { InvitationSecret } from '@sumus/wire/link';
import { bytesOfHex, hexOf } from '@sumus/wire/text';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvitationBook } from './invitation-book.ts';
import { markRevoked, revocationList } from './revoke-member.ts';

const primitives = { ...nodePrimitives(), secretKeys: SecretKey };
const NOW = 1_795_000_000_000;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sumus revoke '));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('revocations', () => {
  it('of all runs of a project are one list, which grows, and which certificates are held against', async () => {
    const authority = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
    const books = ['one', 'two'].map((name) => InvitationBook.open(join(folder, name, 'invitations.jsonl')));
    const certificates = [];
    for (const [place, book] of books.entries()) {
      const id = String(place).repeat(32);
      const member = `member-${place}`;
      book.invite({ id, member, role: 'silo', notAfterMs: NOW, secret: new InvitationSecret(new Uint8Array(16)) });
      const key = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
      const certificate = await certify(authority, {
        projectId: 'clinics',
        memberId: memberId(member),
        role: 'silo',
        publicKey: key.publicKey,
        notBeforeMs: NOW,
        notAfterMs: NOW + 1000,
        quotaClass: 'invitation',
      });
      book.certify(id, hexOf(key.publicKey), hexOf(encodeCertificate(certificate)));
      certificates.push(certificate);
    }
    const signing = { primitives, authority, projectId: 'clinics', books, nowMs: NOW };
    expect(await revocationList(signing)).toBeUndefined();
    let before = noRevocations('clinics');
    for (const [place, book] of books.entries()) {
      markRevoked(book, `member-${place}`);
      const list = decodeRevocationList(bytesOfHex((await revocationList(signing)) ?? ''));
      const trust = { authority: authority.publicKey, nowMs: NOW, maximumAgeMs: 1000, before };
      before = await verifyRevocations(primitives, trust, list);
      expect(before).toMatchObject({ sequence: place + 1 });
      const held = { authority: authority.publicKey, projectId: 'clinics', nowMs: NOW, revocations: before };
      const [first, second] = certificates;
      if (first === undefined || second === undefined) throw new Error('two certificates');
      await expect(verifyCertificate(primitives, held, first)).rejects.toThrow(/revoked/);
      if (place === 0) await expect(verifyCertificate(primitives, held, second)).resolves.toBeDefined();
    }
  });

  it('of somebody who was never invited are refused', () => {
    const book = InvitationBook.open(join(folder, 'one', 'invitations.jsonl'));
    expect(() => markRevoked(book, 'nobody')).toThrow(/nobody was invited/);
  });
});
