// Every decoder of the common layer against hostile bytes (attack 75; hostile-bytes.contract.ts says how).

import { nodePrimitives } from '@sumus/platform/node';
import { commitToBeacon, decodeContributor, encodeContributorInTheClear } from './beacon/contributor.ts';
import { rosterEntry } from './beacon/index.ts';
import { decodeHighWater, encodeHighWater, resumeAbove } from './high-water/index.ts';
import { type Codec, hostileSuite } from './hostile-bytes.contract.ts';
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
  type LoggedEntry,
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
async function codecsOf(): Promise<ReadonlyMap<string, Codec>> {
  const codecs = new Map<string, Codec>();
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
  const { state } = commitToBeacon(primitives, certificate.memberId, open, rosterEntry(open, open.hash) as LoggedEntry);
  const { memberId, context, rosterRoot } = state;
  const revealed = { memberId, context, rosterRoot, commitmentsHash: open.hash, body: new Uint8Array(64).fill(5) };
  const contributor = (b: Uint8Array): Uint8Array => encodeContributorInTheClear(decodeContributor(open, b));
  codec('committed contributor', encodeContributorInTheClear(state), contributor);
  codec('revealed contributor', encodeContributorInTheClear({ kind: 'revealed', ...revealed }), contributor);
  if (admission.kind === 'new') {
    codec('received', encodeReceived(admission.received), (b) => encodeReceived(decodeReceived(b)));
  }
  return codecs;
}

hostileSuite(
  'the common layer',
  [
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
    'committed contributor',
    'revealed contributor',
  ],
  codecsOf,
);
