// An invitation comes back as it was written, and no other text is one; the proof is of one key alone.

import { inspect } from 'node:util';
import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { hexOf } from '../text/hexadecimal.ts';
import {
  enrolmentProof,
  type InvitationLink,
  InvitationSecret,
  isEnrolmentProof,
  readInvitationLink,
  writeInvitationLink,
} from './index.ts';

const primitives = nodePrimitives();
const bytes = (length: number, byte: number): string => hexOf(new Uint8Array(length).fill(byte));
const link: InvitationLink = {
  server: 'https://sums.example:8443',
  runId: 'run-1',
  projectId: 'three-hospitals',
  member: 'hospital-a',
  invitation: bytes(16, 1),
  secret: new InvitationSecret(new Uint8Array(16).fill(2)),
  coordinator: bytes(32, 3),
  authority: bytes(32, 4),
  plan: bytes(32, 5),
  owner: bytes(32, 6),
  fingerprint: bytes(32, 7),
};
const plain = ({ secret, ...rest }: InvitationLink) => ({ ...rest, secret: hexOf(secret.expose()) });

describe('an invitation', () => {
  it.each([
    ['with a fingerprint', link],
    ['of a public authority', { ...link, fingerprint: undefined }],
    ['below a path', { ...link, server: 'https://sums.example/federation/one' }],
    ['at a loopback address without TLS', { ...link, server: 'http://127.0.0.1:4711', fingerprint: undefined }],
    ['at an address of version 6', { ...link, server: 'https://[2001:db8::1]:443' }],
  ])('comes back as it was written %s', (_, one) => {
    const text = writeInvitationLink(primitives, one);
    expect(plain(readInvitationLink(primitives, `  ${text}\n`))).toEqual(plain(one));
    expect(text.split('#')[0]).toBe(`${one.server}/join`);
    expect(text.length).toBeLessThan(480);
  });

  it('does not survive a changed, missing or added character of its fragment', () => {
    const text = writeInvitationLink(primitives, link);
    const from = text.indexOf('#') + 1;
    for (let at = from; at < text.length; at++) {
      const other = text[at] === 'A' ? 'B' : 'A';
      expect(() => readInvitationLink(primitives, text.slice(0, at) + other + text.slice(at + 1)), `${at}`).toThrow(
        /damaged/,
      );
      expect(() => readInvitationLink(primitives, text.slice(0, at))).toThrow(/damaged|no invitation/);
    }
    expect(() => readInvitationLink(primitives, `${text}A`)).toThrow(/damaged/);
  });

  it.each([
    ['http://sums.example', /without TLS/],
    ['http://127.0.0.1.evil.example', /without TLS/],
    ['https://user:word@sums.example', /no invitation|no address/],
    ['https://sums.example/../x', /no invitation|no address/],
    ['ftp://sums.example', /no invitation|no address/],
    ['javascript:alert(1)//', /no invitation|no address/],
  ])('is not followed to %s', (server, why) => {
    const fragment = writeInvitationLink(primitives, link).split('#')[1];
    const text = `${server}/join#${fragment}`;
    expect(() => readInvitationLink(primitives, text)).toThrow(why);
  });

  it('does not print its secret', () => {
    const secretText = hexOf(link.secret.expose());
    expect(inspect(link, { depth: 9, showHidden: true })).not.toMatch(/02, 02|2,\s*2,\s*2/);
    expect(`${link.secret}`).not.toContain(secretText);
    expect(() => JSON.stringify(link)).toThrow(/not written anywhere/);
  });
});

describe('a proof of enrolment', () => {
  const claim = {
    projectId: link.projectId,
    runId: link.runId,
    invitation: link.invitation,
    member: link.member,
    publicKey: new Uint8Array(32).fill(9),
  };
  const proof = enrolmentProof(primitives, link.secret, claim);

  it('is the HMAC of what the certificate will say, and of nothing else', () => {
    expect(isEnrolmentProof(primitives, link.secret, claim, proof)).toBe(true);
    const others = [
      { ...claim, projectId: 'three-hospital', runId: 'srun-1' },
      { ...claim, runId: 'run-2' },
      { ...claim, invitation: bytes(16, 8) },
      { ...claim, member: 'hospital-b' },
      { ...claim, publicKey: new Uint8Array(32).fill(10) },
    ];
    for (const other of others) expect(isEnrolmentProof(primitives, link.secret, other, proof)).toBe(false);
    const another = new InvitationSecret(new Uint8Array(16).fill(3));
    expect(isEnrolmentProof(primitives, another, claim, proof)).toBe(false);
    expect(isEnrolmentProof(primitives, link.secret, claim, proof.slice(2))).toBe(false);
  });
});
