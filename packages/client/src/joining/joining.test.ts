// Joining believes the link and nothing else: whatever a server tells otherwise ends it, and an invitation is good for one key.

import { signPlan } from '@sumus/federation/plan';
import { certificateHash, certify, encodeCertificate, memberId, revoke } from '@sumus/secure-sum/identity';
import type { Signer } from '@sumus/secure-sum/primitives';
import { freshSecretKey, signerOf } from '@sumus/secure-sum/secret-primitives';
import { type InvitationLink, InvitationSecret } from '@sumus/wire/link';
import { hexOf } from '@sumus/wire/text';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Weather } from '../little-server.contract.ts';
import { fastClock, LittleWorld, MemoryStorage } from '../little-world.contract.ts';
import { type EnrolmentSetup, enrolled, identityIn, lookAt, placeOf } from './index.ts';

let world: LittleWorld;
beforeEach(async () => {
  world = await LittleWorld.make();
});

async function setupOf(
  place: number,
  changes: Partial<InvitationLink> = {},
  storage = new MemoryStorage(),
): Promise<EnrolmentSetup & { readonly storage: MemoryStorage }> {
  const { connection, signer } = await world.connection(storage);
  const { primitives } = world;
  return { connection, primitives, clock: fastClock, storage, signer, link: { ...world.link(place), ...changes } };
}

const fresh = (): Promise<Signer> => signerOf(world.primitives, freshSecretKey(world.primitives, 'ed25519'));

describe('an identity', () => {
  it('is made once, stored before it is used, and the same afterwards', async () => {
    const storage = new MemoryStorage();
    const first = await identityIn(storage, world.primitives);
    expect((await identityIn(storage, world.primitives)).publicKey).toEqual(first.publicKey);
    storage.entries.set('identity', new Uint8Array(31));
    await expect(identityIn(storage, world.primitives)).rejects.toThrow(/31 bytes/);
    const full = new MemoryStorage();
    full.writesLeft = 0;
    await expect(identityIn(full, world.primitives)).rejects.toThrow('the power failed');
  });
});

describe('a look at an invitation', () => {
  it('tells the plan, and says nothing but the number', async () => {
    const seen: string[] = [];
    const weather: Weather = ({ method, path, body }) => {
      seen.push(`${method} ${path} ${body.length}`);
      return 'fine';
    };
    const { connection } = await world.connection(new MemoryStorage(), weather);
    const link = world.link(0);
    const invited = await lookAt(connection, world.primitives, link);
    expect(invited).toMatchObject({ role: 'silo', isSpent: false });
    expect(invited.plan.id).toBe(link.plan);
    expect(seen).toEqual([`GET /v1/runs/run-1/invitations/${link.invitation} 0`]);
  });

  it.each<[string, Partial<InvitationLink>]>([
    ['another plan', { plan: 'ab'.repeat(32) }],
    ['another owner', { owner: 'ab'.repeat(32) }],
    ['another project', { projectId: 'elsewhere' }],
    ['another member', { member: 'ward-9' }],
    ['another authority', { authority: 'ab'.repeat(32) }],
  ])('is refused where the server tells of %s', async (_, changes) => {
    const { connection } = await world.connection(new MemoryStorage());
    const looking = lookAt(connection, world.primitives, { ...world.link(0), ...changes });
    await expect(looking).rejects.toMatchObject({ name: 'ProtocolViolation' });
  });

  it('is refused where the plan is signed by somebody else', async () => {
    const { connection } = await world.connection(new MemoryStorage());
    const other = await signPlan(world.primitives, await fresh(), world.plan);
    Object.defineProperty(world.server.setup, 'plan', { value: other });
    await expect(lookAt(connection, world.primitives, world.link(0))).rejects.toThrow(/signed by/);
  });
});

describe('an enrolment', () => {
  it('waits for the owner, and is stored: the second time nothing is asked', async () => {
    const setup = await setupOf(0);
    world.server.isDeskOpen = false;
    let waits = 0;
    const opening = setTimeout(() => {
      world.server.isDeskOpen = true;
    }, 60);
    const onWaiting = (): void => {
      waits += 1;
    };
    const member = await enrolled({ ...setup, onWaiting });
    clearTimeout(opening);
    expect(member.certificate.memberId).toBe('ward-1');
    expect(waits).toBeLessThanOrEqual(1);
    const silent: Weather = () => 'lost';
    const { connection } = await world.connection(setup.storage, silent);
    expect((await enrolled({ ...setup, connection })).certificate).toEqual(member.certificate);
  });

  it('goes on after a crash between the question and the answer', async () => {
    const setup = await setupOf(0);
    const storage = new MemoryStorage();
    storage.entries.set('identity', setup.storage.entries.get('identity') ?? new Uint8Array(0));
    await enrolled(setup);
    // The certificate was not stored: it is asked for again, by the same key.
    const again = await setupOf(0, {}, storage);
    expect((await enrolled(again)).certificate.memberId).toBe('ward-1');
  });

  it('is good for one key: who comes second is refused', async () => {
    await enrolled(await setupOf(0));
    await expect(enrolled(await setupOf(0))).rejects.toMatchObject({ code: 'spent' });
  });

  it('is refused without the secret, and for another member than the invitation', async () => {
    const secret = new InvitationSecret(new Uint8Array(16).fill(9));
    await expect(enrolled(await setupOf(0, { secret }))).rejects.toMatchObject({ code: 'E_ENROLMENT_REFUSED' });
    await expect(enrolled(await setupOf(1, { member: 'ward-9' }))).rejects.toMatchObject({
      code: 'E_ENROLMENT_REFUSED',
    });
  });

  it.each(['of another authority', 'of another key', 'of another member', 'of another project', 'that is over'])(
    'takes no certificate %s',
    async (what) => {
      const setup = await setupOf(0);
      const { authority } = world.server.setup;
      const nowMs = fastClock.nowMs();
      const certificate = await certify(what === 'of another authority' ? await fresh() : authority, {
        projectId: what === 'of another project' ? 'elsewhere' : 'wards',
        memberId: memberId(what === 'of another member' ? 'ward-2' : 'ward-1'),
        role: 'silo',
        publicKey: what === 'of another key' ? (await fresh()).publicKey : setup.signer.publicKey,
        notBeforeMs: nowMs - 1000,
        notAfterMs: what === 'that is over' ? nowMs - 1 : nowMs + 10 ** 9,
        quotaClass: 'test',
      });
      await setup.storage.write(`certificate-${placeOf(world.primitives, setup.link)}`, encodeCertificate(certificate));
      await expect(enrolled(setup)).rejects.toMatchObject({ name: /MalformedMessage|ProtocolViolation/ });
    },
  );

  it('keeps runs apart that are called the same at different coordinators', () => {
    const link = world.link(0);
    const names = [link, { ...link, coordinator: 'ab'.repeat(32) }, { ...link, runId: 'r' }, { ...link, member: 'm' }];
    expect(new Set(names.map((one) => placeOf(world.primitives, one))).size).toBe(4);
  });
});

describe('a revocation', () => {
  it('reaches the participants at their next connection, and who is revoked is not summed with', async () => {
    const { server, primitives } = world;
    const member = await enrolled(await setupOf(2));
    const list = await revoke(server.setup.authority, {
      projectId: 'wards',
      sequence: 1,
      issuedAtMs: fastClock.nowMs(),
      certificateHashes: [certificateHash(primitives, member.certificate)],
    });
    await server.revoke(list);
    const told: string[] = [];
    const first = await world.member(0, { onProgress: (one) => void told.push(one.kind) });
    const running = first.run();
    while (!told.includes('connected')) await new Promise((resolve) => setTimeout(resolve, 5));
    first.pause();
    await running;
    expect(hexOf(certificateHash(primitives, member.certificate))).toHaveLength(64);
    expect([...first.revoked]).toEqual([hexOf(certificateHash(primitives, member.certificate))]);
  });
});
