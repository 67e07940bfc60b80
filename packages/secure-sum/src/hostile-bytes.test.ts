// Every decoder of the common layer against bytes from somebody who knows the format (attack 75): valid messages with bytes changed,
// inserted and cut. A decoder answers with a value that encodes to the very same bytes, or with one of our errors; it never throws
// anything else, and a claimed length costs nothing. SUMUS_FULL=1 tries a hundred times as many, from a fresh seed.

import { nodePrimitives } from '@sumus/platform/node';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { hexOf } from './canonical/index.ts';
import { MalformedMessage, ProtocolViolation } from './errors.ts';
import { decodeHighWater, encodeHighWater, resumeAbove } from './high-water/index.ts';
import {
  certificateHash,
  decodeCertificate,
  decodeCharter,
  decodeRevocationList,
  encodeCertificate,
  encodeCharter,
  encodeRevocationList,
  revoke,
} from './identity/index.ts';
import {
  decodeEntry,
  decodeTreeHead,
  decodeWitness,
  encodeEntry,
  encodeTreeHead,
  encodeWitness,
  signTreeHead,
  treeOf,
} from './log/index.ts';
import {
  admit,
  decodeMessage,
  decodeReceived,
  encodeMessage,
  encodeReceived,
  NOTHING_RECEIVED,
  verifyMessage,
} from './messages/index.ts';
import {
  ADVERTISE,
  advertise,
  decodeAdvertisement,
  decodeRoster,
  encodeAdvertisement,
  encodeRoster,
  rosterOf,
} from './roster/index.ts';
import { agreementOf, freshSecretKey } from './secret-primitives.ts';
import { NOW_MS, PROJECT, project, seededPrimitives } from './seeded-members.contract.ts';

const primitives = seededPrimitives(nodePrimitives(), 11);
const full = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'];
const RUNS = full === '1' ? 20_000 : 150;
if (full !== '1') fc.configureGlobal({ seed: 20_261_120 });

interface Codec {
  readonly bytes: Uint8Array;
  readonly again: (bytes: Uint8Array) => Uint8Array;
}
const codecs = new Map<string, Codec>();

beforeAll(async () => {
  const { authority, members, open } = await project(primitives, 3);
  const entries = [];
  for (const { certificate, signer } of members) {
    const key = await agreementOf(primitives, freshSecretKey(primitives, 'x25519'));
    entries.push({
      certificate,
      advertisement: await advertise(primitives, signer, open, { certificate, keys: [key.publicKey] }),
    });
  }
  const [{ certificate, advertisement }] = entries as [(typeof entries)[0]];
  const verified = await verifyMessage(primitives, advertisement, { ...ADVERTISE, context: open, sender: certificate });
  const admission = admit(primitives, NOTHING_RECEIVED, verified);
  const list = await revoke(authority, {
    projectId: PROJECT,
    sequence: 1,
    issuedAtMs: NOW_MS,
    certificateHashes: members.map((one) => certificateHash(primitives, one.certificate)),
  });
  const entry = { kind: 'roster' as const, contextHash: open.hash, content: open.hash };
  const signedHead = await signTreeHead(primitives, authority, treeOf(primitives, [encodeEntry(entry)]), NOW_MS);
  const parties = members.map((one) => ({ memberId: one.memberId, publicKey: one.signer.publicKey }));
  const head = {
    ...signedHead,
    cosignatures: members.map((one) => ({ witness: one.memberId, signature: signedHead.signature })),
  };
  const charter = {
    projectId: PROJECT,
    authority: authority.publicKey,
    logKey: authority.publicKey,
    witnesses: parties,
    organisations: parties,
    signatures: members.map(() => signedHead.signature),
  };
  const codec = (name: string, bytes: Uint8Array, again: Codec['again']): void =>
    void codecs.set(name, { bytes, again });
  codec('certificate', encodeCertificate(certificate), (b) => encodeCertificate(decodeCertificate(b)));
  codec('revocations', encodeRevocationList(list), (b) => encodeRevocationList(decodeRevocationList(b)));
  codec('charter', encodeCharter(charter), (b) => encodeCharter(decodeCharter(b)));
  codec('message', encodeMessage(advertisement), (b) => encodeMessage(decodeMessage(b, 1000)));
  codec('advertisement', advertisement.body, (b) => encodeAdvertisement(decodeAdvertisement(b)));
  codec('roster', encodeRoster(rosterOf(primitives, open, 1, entries)), (b) =>
    encodeRoster(decodeRoster(primitives, open, 1, b)),
  );
  codec('log entry', encodeEntry(entry), (b) => encodeEntry(decodeEntry(b)));
  codec('tree head', encodeTreeHead(head), (b) => encodeTreeHead(decodeTreeHead(b)));
  codec('witness', encodeWitness({ memberId: members[0]!.memberId, logKey: head.logKey, last: head }), (b) =>
    encodeWitness(decodeWitness(b)),
  );
  codec('high water', encodeHighWater(primitives, resumeAbove(PROJECT, 'sepsis', { round: 3, flush: 1 })), (b) =>
    encodeHighWater(primitives, decodeHighWater(primitives, b)),
  );
  if (admission.kind === 'new') {
    codec('received', encodeReceived(admission.received), (b) => encodeReceived(decodeReceived(b)));
  }
});

type Change = { readonly kind: 'set' | 'insert' | 'cut'; readonly at: number; readonly bytes: Uint8Array };
const interesting = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 4 }),
  fc
    .constantFrom([255, 255, 255, 255], [0, 0, 0, 0], [255, 255, 255, 127], [1, 0, 0, 0])
    .map((one) => Uint8Array.from(one)),
);
const change = fc.record({
  kind: fc.constantFrom('set', 'set', 'insert', 'cut'),
  at: fc.nat(10_000),
  bytes: interesting,
});

function spoil(bytes: Uint8Array, changes: readonly Change[]): Uint8Array {
  let spoilt = [...bytes];
  for (const { kind, at: anywhere, bytes: other } of changes) {
    const at = anywhere % (spoilt.length + 1);
    if (kind === 'cut') spoilt = [...spoilt.slice(0, at), ...spoilt.slice(at + other.length)];
    else spoilt = [...spoilt.slice(0, at), ...other, ...spoilt.slice(kind === 'set' ? at + other.length : at)];
  }
  return Uint8Array.from(spoilt);
}

const names = [
  'certificate',
  'revocations',
  'charter',
  'message',
  'advertisement',
  'roster',
  'log entry',
  'tree head',
  'witness',
  'high water',
  'received',
];

describe('a decoder', () => {
  it('is tested for every format', () => {
    expect([...codecs.keys()].sort()).toEqual([...names].sort());
  });

  it.each(names)('of a %s gives back what was encoded', (name) => {
    const { bytes, again } = codecs.get(name)!;
    expect(hexOf(again(bytes))).toBe(hexOf(bytes));
  });

  it.each(names)('of a %s answers hostile bytes with the same bytes or an error of ours (attack 75)', (name) => {
    const { bytes, again } = codecs.get(name)!;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const hostile = spoil(bytes, changes);
        let back: Uint8Array;
        try {
          back = again(hostile);
        } catch (error) {
          if (error instanceof MalformedMessage || error instanceof ProtocolViolation) return;
          throw error;
        }
        expect(hexOf(back)).toBe(hexOf(hostile));
      }),
      { numRuns: RUNS },
    );
  });

  it.each(names)('of a %s answers noise with an error of ours (attack 75)', (name) => {
    const { again } = codecs.get(name)!;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        try {
          again(noise);
        } catch (error) {
          if (error instanceof MalformedMessage || error instanceof ProtocolViolation) return;
          throw error;
        }
        // An advertisement or a witness without content is short; noise may be one.
        expect(hexOf(again(noise))).toBe(hexOf(noise));
      }),
      { numRuns: RUNS },
    );
  });
});
