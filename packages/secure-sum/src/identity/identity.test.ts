import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { MalformedMessage } from '../errors.ts';
import {
  codeOf,
  enrol,
  flipped,
  freshSigner,
  NOW_MS,
  PROJECT,
  project,
  seededPrimitives,
  type TestProject,
} from '../seeded-members.contract.ts';
import {
  type Certificate,
  certificateHash,
  decodeCertificate,
  decodeRevocationList,
  encodeCertificate,
  encodeRevocationList,
  noRevocations,
  type RevocationList,
  type RevocationTrust,
  type Role,
  revoke,
  type Trust,
  verifyCertificate,
  verifyRevocations,
} from './index.ts';

const primitives = seededPrimitives(nodePrimitives(), 2);
let world: TestProject;
let certificate: Certificate;

beforeAll(async () => {
  world = await project(primitives, 3);
  certificate = world.members[0]!.certificate;
});

const verify = (
  changed: Partial<Certificate> = {},
  trust: Partial<Trust> = {},
  role?: Role | readonly Role[],
): Promise<unknown> =>
  verifyCertificate(primitives, { ...world.trust, ...trust }, { ...certificate, ...changed }, role);

describe('a certificate', () => {
  it('verifies, also on the first and last millisecond and after it travelled', async () => {
    await verify();
    await verify({}, { nowMs: certificate.notBeforeMs }, 'silo');
    await verify(decodeCertificate(encodeCertificate(certificate)), { nowMs: certificate.notAfterMs });
  });

  it('that is expired, not yet valid, foreign, or for another role is refused (attack 2)', async () => {
    expect(await codeOf(() => verify({}, { nowMs: certificate.notAfterMs + 1 }))).toBe('E_CERT');
    expect(await codeOf(() => verify({}, { nowMs: certificate.notBeforeMs - 1 }))).toBe('E_CERT');
    expect(await codeOf(() => verify({}, { projectId: 'banks', revocations: noRevocations('banks') }))).toBe('E_CERT');
    expect(await codeOf(() => verify({}, {}, 'committee'))).toBe('E_CERT');
    expect(await codeOf(() => verify({}, {}, ['device', 'committee']))).toBe('E_CERT');
    await verify({}, {}, ['device', 'silo']);
  });

  it('of another authority is refused, the coordinator’s included', async () => {
    const coordinator = await freshSigner(primitives);
    const foreign = await enrol(primitives, coordinator, 'silo-01');
    expect(await codeOf(() => verify(foreign.certificate))).toBe('E_CERT');
  });

  it('that was seen before is not verified again, but asked for its time, its revocation and its authority', async () => {
    let calls = 0;
    const ed25519 = {
      ...primitives.ed25519,
      verify: (...input: Parameters<typeof primitives.ed25519.verify>) => {
        calls += 1;
        return primitives.ed25519.verify(...input);
      },
    };
    const again = (trust: Partial<Trust> = {}): Promise<unknown> =>
      verifyCertificate({ ...primitives, ed25519 }, { ...world.trust, ...trust }, certificate);
    await again();
    await again();
    expect(calls).toBe(1);
    expect(await codeOf(() => again({ nowMs: certificate.notAfterMs + 1 }))).toBe('E_CERT');
    const other = (await freshSigner(primitives)).publicKey;
    expect(await codeOf(() => again({ authority: other }))).toBe('E_CERT');
    const list = await revoke(world.authority, {
      projectId: PROJECT,
      sequence: 1,
      issuedAtMs: NOW_MS,
      certificateHashes: [certificateHash(primitives, certificate)],
    });
    const before = noRevocations(PROJECT);
    const held = { authority: world.authority.publicKey, nowMs: NOW_MS, maximumAgeMs: 1000, before };
    const revocations = await verifyRevocations(primitives, held, list);
    expect(await codeOf(() => again({ revocations }))).toBe('E_CERT');
    // A refused one is never remembered.
    expect(await codeOf(() => again({ authority: other }))).toBe('E_CERT');
  });

  it('with any changed field is refused', async () => {
    const other = world.members[1]!.certificate;
    const changes: Partial<Certificate>[] = [
      { memberId: other.memberId },
      { role: 'device' },
      { publicKey: other.publicKey },
      { notBeforeMs: certificate.notBeforeMs - 1 },
      { notAfterMs: certificate.notAfterMs + 1 },
      { quotaClass: 'login' },
      { signature: other.signature },
      { signature: flipped(certificate.signature, 40) },
    ];
    for (const changed of changes) expect(await codeOf(() => verify(changed))).toBe('E_CERT');
  });

  it('that was revoked is refused; the others still hold', async () => {
    const list = await revoke(world.authority, {
      projectId: PROJECT,
      sequence: 1,
      issuedAtMs: NOW_MS,
      certificateHashes: [certificateHash(primitives, certificate)],
    });
    const revocations = await verifyRevocations(primitives, trustNow(), list);
    expect(await codeOf(() => verify({}, { revocations }))).toBe('E_CERT');
    await verify(world.members[1]!.certificate, { revocations });
    // Another signature of the authority over the same statement is the same certificate.
    expect(await codeOf(() => verify({ signature: new Uint8Array(64) }, { revocations }))).toBe('E_CERT');
  });

  it('is not believed beside the revocations of another project', async () => {
    expect(await codeOf(() => verify({}, { revocations: noRevocations('banks') }))).toBe('E_CERT');
  });

  it('is refused as bytes when cut, padded or of an unknown role', () => {
    const bytes = encodeCertificate(certificate);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeCertificate(bytes.subarray(0, length))).toThrow(MalformedMessage);
    }
    expect(() => decodeCertificate(Uint8Array.of(...bytes, 0))).toThrow(MalformedMessage);
    const roleAt = 4 + PROJECT.length + 4 + certificate.memberId.length;
    const hostile = bytes.slice();
    hostile[roleAt] = 3;
    expect(() => decodeCertificate(hostile)).toThrow(/role is 3/);
  });
});

function trustNow(part: Partial<RevocationTrust> = {}): RevocationTrust {
  const { publicKey } = world.authority;
  return { authority: publicKey, nowMs: NOW_MS, maximumAgeMs: 1000, before: noRevocations(PROJECT), ...part };
}

describe('a list of revocations', () => {
  const hashes = (...bytes: number[]): Uint8Array[] => bytes.map((byte) => new Uint8Array(32).fill(byte));
  const listOf = (sequence: number, certificateHashes: Uint8Array[], issuedAtMs = NOW_MS): Promise<RevocationList> =>
    revoke(world.authority, { projectId: PROJECT, sequence, issuedAtMs, certificateHashes });

  it('has one encoding, whatever order it was made in', async () => {
    const bytes = encodeRevocationList(await listOf(1, hashes(3, 1, 2)));
    expect(bytes).toEqual(encodeRevocationList(await listOf(1, hashes(1, 2, 3))));
    expect((await verifyRevocations(primitives, trustNow(), decodeRevocationList(bytes))).revoked.size).toBe(3);
  });

  it('that is withheld, rolled back, or forgets a revocation is refused', async () => {
    const before = await verifyRevocations(primitives, trustNow(), await listOf(5, hashes(1, 2)));
    const after = (list: RevocationList, part: Partial<RevocationTrust> = {}): Promise<unknown> =>
      codeOf(() => verifyRevocations(primitives, trustNow({ before, ...part }), list));
    const older = await listOf(4, hashes(1, 2));
    const forgetful = await listOf(6, hashes(2, 3));
    const different = await listOf(5, hashes(1, 2, 3));
    expect(await after(older)).toBe('E_CERT');
    expect(await after(forgetful)).toBe('E_CERT');
    expect(await after(different)).toBe('E_CERT');
    expect(await after(await listOf(6, hashes(1, 2)), { nowMs: NOW_MS + 1001 })).toBe('E_CERT');
    await verifyRevocations(primitives, trustNow({ before }), await listOf(6, hashes(1, 2, 3)));
  });

  it('that the authority did not sign, or not so, is refused', async () => {
    const list = await listOf(1, hashes(1));
    const forged = [{ certificateHashes: [] }, { sequence: 2 }, { issuedAtMs: NOW_MS + 1 }, { projectId: 'banks' }];
    for (const changed of forged) {
      expect(await codeOf(() => verifyRevocations(primitives, trustNow(), { ...list, ...changed }))).toBe('E_CERT');
    }
  });

  it('is refused as bytes when it is out of order, or claims more than there is', async () => {
    const bytes = encodeRevocationList(await listOf(1, hashes(1, 2)));
    const first = bytes.length - 64 - 64;
    const exchanged = bytes.slice();
    exchanged.fill(2, first, first + 32).fill(1, first + 32, first + 64);
    expect(() => decodeRevocationList(exchanged)).toThrow(/not above/);
    const hostile = bytes.slice();
    hostile.set([255, 255, 0, 0], first - 4);
    expect(() => decodeRevocationList(hostile)).toThrow(/are left/);
  });
});
