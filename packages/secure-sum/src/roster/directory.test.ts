import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { memberId } from '../canonical/index.ts';
import type { Certificate } from '../identity/index.ts';
import { agreementOf, freshSecretKey } from '../secret-primitives.ts';
import {
  codeOf,
  enrol,
  flipped,
  freshSigner,
  PROJECT,
  project,
  seededPrimitives,
  type TestProject,
} from '../seeded-members.contract.ts';
import {
  advertise,
  certifiedDirectory,
  isListed,
  type ListedDirectory,
  listedDirectory,
  proveListing,
  type Roster,
  requireContributor,
  rosterOf,
} from './index.ts';

const primitives = seededPrimitives(nodePrimitives(), 12);
let world: TestProject;
let committee: Roster;
let certificates: Certificate[];
let directory: ListedDirectory;

async function committeeOf(count: number): Promise<Roster> {
  const entries = [];
  for (const { certificate, signer } of world.members.slice(0, count)) {
    const key = await agreementOf(primitives, freshSecretKey(primitives, 'x25519'));
    const advertisement = await advertise(primitives, signer, world.open, { certificate, keys: [key.publicKey] });
    entries.push({ certificate, advertisement });
  }
  return rosterOf(primitives, world.open, 1, entries);
}

beforeAll(async () => {
  world = await project(primitives, 5);
  committee = await committeeOf(3);
  certificates = [];
  for (let i = 0; i < 6; i++) {
    certificates.push((await enrol(primitives, world.authority, `device-${i}`, { role: 'device' })).certificate);
  }
  directory = listedDirectory(primitives, certificates, committee);
});

describe('a directory of contributors', () => {
  it('has one root for one set, and another for every other set or committee', async () => {
    const rootOf = (list: readonly Certificate[], by = committee): string =>
      Buffer.from(listedDirectory(primitives, list, by).root).toString('hex');
    expect(rootOf([...certificates].reverse())).toBe(rootOf(certificates));
    const renewed = (await enrol(primitives, world.authority, 'device-0', { role: 'device' })).certificate;
    const roots = [
      rootOf(certificates),
      rootOf(certificates.slice(1)),
      rootOf([renewed, ...certificates.slice(1)]),
      rootOf(certificates, await committeeOf(2)),
      rootOf([]),
    ];
    expect(new Set(roots).size).toBe(5);
  });

  it('admits its members, with the certificate that is listed and holds', async () => {
    for (const certificate of certificates) await requireContributor(primitives, world.trust, directory, certificate);
    const admit = (certificate: Certificate, trust = world.trust): Promise<unknown> =>
      codeOf(() => requireContributor(primitives, trust, directory, certificate));
    const stranger = await enrol(primitives, world.authority, 'device-9', { role: 'device' });
    const renewed = await enrol(primitives, world.authority, 'device-0', { role: 'device' });
    expect(await admit(stranger.certificate)).toBe('E_CERT');
    expect(await admit(renewed.certificate)).toBe('E_CERT');
    const late = { ...world.trust, nowMs: certificates[0]!.notAfterMs + 1 };
    expect(await admit(certificates[0]!, late)).toBe('E_CERT');
    expect(await admit({ ...certificates[0]!, signature: new Uint8Array(64) })).toBe('E_CERT');
  });

  it('lists nobody twice (attack 3)', async () => {
    const renewed = await enrol(primitives, world.authority, 'device-0', { role: 'device' });
    for (const again of [certificates[0]!, renewed.certificate]) {
      expect(await codeOf(() => listedDirectory(primitives, [...certificates, again], committee))).toBe('E_DUPLICATE');
    }
  });

  it('shows a member that it is in it, without the list', () => {
    for (const certificate of certificates) {
      const proof = proveListing(primitives, directory, certificate.memberId);
      expect(isListed(primitives, directory.root, certificate, proof)).toBe(true);
      for (const wrong of [
        { index: proof.index + 1 },
        { size: 7 },
        { size: -1 },
        { path: [] },
        { committeeRoot: new Uint8Array(32) },
      ]) {
        expect(isListed(primitives, directory.root, certificate, { ...proof, ...wrong })).toBe(false);
      }
      expect(isListed(primitives, flipped(directory.root, 0), certificate, proof)).toBe(false);
    }
    expect(() => proveListing(primitives, directory, memberId('nobody'))).toThrow(/not in the directory/);
  });

  it('that nobody lists admits whom the authority gave the role, and nobody else', async () => {
    const { authority, trust } = world;
    const open = { authority: authority.publicKey, projectId: PROJECT, role: 'device' as const };
    const whoever = certifiedDirectory(primitives, open, committee);
    await requireContributor(primitives, trust, whoever, certificates[3]!);
    const admit = (certificate: Certificate): Promise<unknown> =>
      codeOf(() => requireContributor(primitives, trust, whoever, certificate));
    expect(await admit(world.members[0]!.certificate)).toBe('E_CERT');
    const sybil = await enrol(primitives, await freshSigner(primitives), 'device-8', { role: 'device' });
    expect(await admit(sybil.certificate)).toBe('E_CERT');
    const others = [{ role: 'silo' as const }, { projectId: 'banks' }, { authority: sybil.signer.publicKey }];
    const roots = [open, ...others.map((part) => ({ ...open, ...part }))].map((one) =>
      Buffer.from(certifiedDirectory(primitives, one, committee).root).toString('hex'),
    );
    expect(new Set([...roots, Buffer.from(directory.root).toString('hex')]).size).toBe(5);
  });
});
