// Who becomes a member, and who does not: the desk holds the secrets and the authority's key, and each invitation makes one member, once, also
// after the command was killed and whatever a server says.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import { decodeCertificate, noRevocations, verifyCertificate } from '@sumus/secure-sum/identity';
import type { Signer } from '@sumus/secure-sum/primitives';
import { freshSecretKey, signerOf } from '@sumus/secure-sum/secret-primitives';
import type { EnrolmentAsked } from '@sumus/wire/bodies';
import { enrolmentProof, InvitationSecret } from '@sumus/wire/link';
import { bytesOfHex, hexOf } from '@sumus/wire/text';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerTo, type DeskOptions } from './enrolment-desk.ts';
import { InvitationBook } from './invitation-book.ts';

const primitives = { ...nodePrimitives(), secretKeys: SecretKey };
const signer = (): Promise<Signer> => signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
const NOW = 1_795_000_000_000;
const id = '11'.repeat(16);
const secret = new InvitationSecret(new Uint8Array(16).fill(7));

let folder = '';
let path = '';
let desk: DeskOptions;

const openDesk = (book: InvitationBook, authority: Signer): DeskOptions => ({
  primitives,
  authority,
  book,
  projectId: 'digits',
  runId: 'run-1',
  certifiedUntilMs: NOW + 1e9,
});

const askedBy = async (
  key: Signer,
  { given = secret, ...changes }: Partial<EnrolmentAsked> & { given?: InvitationSecret } = {},
): Promise<EnrolmentAsked> => {
  const claim = { projectId: 'digits', runId: 'run-1', invitation: id, member: 'basel', publicKey: key.publicKey };
  const proof = enrolmentProof(primitives, given, claim);
  return {
    invitation: id,
    publicKey: hexOf(key.publicKey),
    proof,
    member: 'basel',
    role: 'silo',
    notAfterMs: NOW + 1000,
    atMs: NOW,
    ...changes,
  };
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sumus desk '));
  path = join(folder, 'runs', 'invitations.jsonl');
  const book = InvitationBook.open(path);
  book.invite({ id, member: 'basel', role: 'silo', notAfterMs: NOW + 1000, secret });
  desk = openDesk(book, await signer());
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the desk', () => {
  it('certifies who has the link, for the name that the owner wrote', async () => {
    const key = await signer();
    const answer = await answerTo(await askedBy(key, { member: 'somebody-else', role: 'committee' }), NOW, desk);
    if (answer?.kind !== 'certified') throw new Error(JSON.stringify(answer));
    const certificate = decodeCertificate(bytesOfHex(answer.certificate));
    const trust = {
      authority: desk.authority.publicKey,
      projectId: 'digits',
      nowMs: NOW,
      revocations: noRevocations('digits'),
    };
    const valid = await verifyCertificate(primitives, trust, certificate, 'silo');
    expect(valid.memberId).toBe('basel');
    expect(hexOf(valid.publicKey)).toBe(hexOf(key.publicKey));
  });

  it('refuses a proof under another secret, for another key, or after the time', async () => {
    const [key, other] = [await signer(), await signer()];
    const guessed = await askedBy(key, { given: new InvitationSecret(new Uint8Array(16).fill(8)) });
    const moved = await askedBy(key, { publicKey: hexOf(other.publicKey) });
    expect(await answerTo(guessed, NOW, desk)).toMatchObject({ kind: 'refused' });
    expect(await answerTo(moved, NOW, desk)).toMatchObject({ kind: 'refused' });
    expect(await answerTo(await askedBy(key), NOW + 1001, desk)).toMatchObject({ reason: /over/ });
    expect(desk.book.find(id)?.certified).toBeUndefined();
  });

  it('takes each invitation once, also after a restart; the same key gets the same certificate', async () => {
    const [key, other] = [await signer(), await signer()];
    const first = await answerTo(await askedBy(key), NOW, desk);
    const again = openDesk(InvitationBook.open(path), desk.authority);
    expect(await answerTo(await askedBy(other), NOW, again)).toMatchObject({ kind: 'refused', reason: /used already/ });
    expect(await answerTo(await askedBy(key), NOW + 5000, again)).toEqual(first);
  });

  it('knows nothing of an invitation that is not in its book', async () => {
    const asked = await askedBy(await signer(), { invitation: '22'.repeat(16) });
    expect(await answerTo(asked, NOW, desk)).toBeUndefined();
  });

  it('takes an invitation back', async () => {
    desk.book.revoke(id);
    const again = openDesk(InvitationBook.open(path), desk.authority);
    expect(await answerTo(await askedBy(await signer()), NOW, again)).toMatchObject({ reason: /taken back/ });
  });
});

describe('the book of invitations', () => {
  it.skipIf(process.platform === 'win32')('is for the owner alone', () => {
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('loses a line that was not finished, and nothing before it', () => {
    appendFileSync(path, '{"kind":"certified","id":"11');
    const book = InvitationBook.open(path);
    expect(book.all).toHaveLength(1);
    book.revoke(id);
    expect(InvitationBook.open(path).find(id)).toMatchObject({ isRevoked: true, certified: undefined });
    expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(2);
  });

  it('hears what another command of the owner wrote', async () => {
    InvitationBook.open(path).revoke(id);
    expect(desk.book.find(id)?.isRevoked).toBe(true);
    expect(await answerTo(await askedBy(await signer()), NOW, desk)).toMatchObject({ reason: /taken back/ });
  });

  it('with a line that this program did not write is refused', () => {
    appendFileSync(path, '{"kind":"certified","id":1}\n');
    expect(() => InvitationBook.open(path)).toThrow(/did not write/);
  });

  it('does not show secrets by accident', () => {
    expect(() => JSON.stringify(desk.book.all)).toThrow(/accident/);
  });
});
