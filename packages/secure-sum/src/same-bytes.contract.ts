// The same bytes in every runtime: contexts, derivations, messages, certificates, boxes, roots, the beacon and its shuffle, from
// one seed. Members on two platforms that differed in one of them would not find each other.

import type { Primitives } from '@sumus/platform/primitives';
import { describe, expect, it } from 'vitest';
import { commitmentTo, shuffle } from './beacon/index.ts';
import { authenticate, openBox, openChannel, pairSeed, sealBox } from './boxes/index.ts';
import { hexOf, memberId } from './canonical/index.ts';
import { configurationHash, derive, wholeContext } from './context/index.ts';
import { encodeCertificate } from './identity/index.ts';
import { encodeEntry, rootOf, treeOf } from './log/index.ts';
import { encodeMessage, signMessage } from './messages/index.ts';
import { advertise, encodeRoster, rosterOf } from './roster/index.ts';
import { agreementOf, freshSecretKey, type SecretPrimitives } from './secret-primitives.ts';
import { CONFIGURATION, project, seededPrimitives } from './seeded-members.contract.ts';

const of = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

/** `platform`: a fresh set of primitives. */
export function sameBytesSuite(name: string, platform: () => Primitives | Promise<Primitives>): void {
  describe(`from one seed, on ${name}`, () => {
    it('everything has the same bytes everywhere', async () => {
      const primitives: SecretPrimitives = seededPrimitives(await platform(), 9);
      const world = await project(primitives, 3);
      const digest = (bytes: Uint8Array): string => hexOf(primitives.sha256(bytes)).slice(0, 32);
      const { open, members } = world;
      const whole = wholeContext(primitives, open, { rosterRoot: of(4), beacon: of(5) });
      const entries = [];
      const keys = [];
      for (const { certificate, signer } of members) {
        const key = await agreementOf(primitives, freshSecretKey(primitives, 'x25519'));
        keys.push(key);
        const advertisement = await advertise(primitives, signer, open, { certificate, keys: [key.publicKey] });
        entries.push({ certificate, advertisement });
      }
      const roster = rosterOf(primitives, open, 1, entries);
      const [alice, bob] = roster.members;
      const pair = {
        own: { memberId: alice!.memberId, key: keys[0]! },
        peer: { memberId: bob!.memberId, publicKey: bob!.keys[0]! },
      };
      const back = {
        own: { memberId: bob!.memberId, key: keys[1]! },
        peer: { memberId: alice!.memberId, publicKey: alice!.keys[0]! },
      };
      const channel = await openChannel(primitives, { context: whole, ...pair });
      const box = sealBox(primitives, channel, 'mask/shares', of(6));
      expect(
        openBox(primitives, await openChannel(primitives, { context: whole, ...back }), 'mask/shares', box),
      ).toEqual(of(6));
      const message = await signMessage(primitives, members[0]!.signer, whole, {
        phase: 2,
        type: 'mask/masked',
        sender: memberId('silo-01'),
        body: of(7),
      });
      const log = treeOf(
        primitives,
        [{ kind: 'roster' as const, contextHash: open.hash, content: roster.root }].map(encodeEntry),
      );
      const commitment = commitmentTo(
        primitives,
        { context: open, rosterRoot: roster.root, memberId: alice!.memberId },
        of(8),
      );

      expect({
        configuration: hexOf(configurationHash(primitives, CONFIGURATION)).slice(0, 32),
        open: hexOf(open.hash).slice(0, 32),
        whole: hexOf(whole.hash).slice(0, 32),
        derived: hexOf(
          derive(primitives, of(1), { context: whole, label: 'mask/self', parts: ['a'], lengthBytes: 16 }),
        ),
        certificate: digest(encodeCertificate(members[0]!.certificate)),
        message: digest(encodeMessage(message)),
        roster: hexOf(roster.root).slice(0, 32),
        rosterBytes: digest(encodeRoster(roster)),
        log: hexOf(rootOf(primitives, log)).slice(0, 32),
        box: digest(box),
        mac: hexOf(authenticate(primitives, channel, 'mask/alive', 'silo-02')),
        pair: digest(await pairSeed(primitives, { context: whole, label: 'mask/pair', lengthBytes: 32, ...pair })),
        commitment: hexOf(commitment).slice(0, 32),
        shuffle: [...shuffle(primitives, whole, 'mask/graph', 10)].join(' '),
      }).toEqual({
        configuration: '261cd2cd924007aed10c8b7d5e67979c',
        open: 'd56586bc8e52b02247846395ccceff79',
        whole: '68d7e0b4448bd41074d0150756494c6a',
        derived: '7d494a81b5380c1551c2b8a006672c66',
        certificate: '34e352064d4092d958ad9f05fb57d987',
        message: '7d287668632fbfb33b2d08bc69d8eee6',
        roster: 'f22eb61ba5cf2171b98ddfbf9bc5430d',
        rosterBytes: '9df6f83adaf4b831d4929736647d2865',
        log: '960abd4eaf36cde9aeeef16902c1b625',
        box: 'de6b446d26104784af038ff01d5c43e2',
        mac: 'ea4d5964cfe09eef665087393f650994',
        pair: '77da3cf26ea271887f77f2c4ecc5aace',
        commitment: '2bafe9ce1cbd0ccb85e2d8081d032056',
        shuffle: '3 9 1 8 5 4 7 0 6 2',
      });
    });
  });
}
