// What a consortium agrees on before its first round, and what a participant pins: the organisations, the enrolment authority, the
// log and its witnesses. Every organisation signs the whole, so none of these keys is the coordinator's choice. A participant's
// build has the hash of the charter in it; the charter itself may come from anywhere.

import { CanonicalReader, CanonicalWriter, delimited, hexOf, type MemberId, sameBytes } from '../canonical/index.ts';
import { ProtocolViolation } from '../errors.ts';
import type { LogTrust, Witness } from '../log/index.ts';
import { type Hashing, PUBLIC_KEY_BYTES, type PublicPrimitives, SIGNATURE_BYTES, type Signer } from '../primitives.ts';

export interface CharterFields {
  readonly projectId: string;
  /** The enrolment authority's key. */
  readonly authority: Uint8Array;
  readonly logKey: Uint8Array;
  /** By name, ascending. */
  readonly witnesses: readonly Witness[];
  /** The organisations and the keys that they sign charters with; by name, ascending. */
  readonly organisations: readonly Witness[];
}

export interface Charter extends CharterFields {
  /** One for each organisation, in their order. */
  readonly signatures: readonly Uint8Array[];
}

/** What follows from a verified charter. */
export interface TrustRoots {
  readonly projectId: string;
  readonly authority: Uint8Array;
  readonly log: LogTrust;
}

const PARTIES_AT_MOST = 1024;

/** An organisation's signature; each makes its own, over fields that it has read. */
export const signCharter = (organisation: Signer, fields: CharterFields): Promise<Uint8Array> =>
  organisation.sign(charterBytes(fields));

/** What participants pin. Signatures are no part of it. */
export const charterHash = (primitives: Hashing, fields: CharterFields): Uint8Array<ArrayBuffer> =>
  primitives.sha256(charterBytes(fields));

export async function verifyCharter(
  primitives: PublicPrimitives,
  pinnedHash: Uint8Array,
  charter: Charter,
): Promise<TrustRoots> {
  const { projectId, authority, logKey, witnesses, organisations, signatures } = charter;
  const refuse = (why: string): never => {
    throw new ProtocolViolation('E_CERT', `the charter of ${projectId} ${why}`);
  };
  if (!sameBytes(charterHash(primitives, charter), pinnedHash)) refuse('is not the pinned one');
  if (organisations.length === 0 || witnesses.length === 0) refuse('has no organisations, or no witnesses');
  requireDistinct(organisations, refuse);
  requireDistinct(witnesses, refuse);
  // Who certifies members must not be who keeps the record of it.
  if (sameBytes(authority, logKey)) refuse('has one key for authority and log');
  if (signatures.length !== organisations.length) {
    refuse(`has ${signatures.length} signatures of ${organisations.length} organisations`);
  }
  const signed = charterBytes(charter);
  for (const [i, { memberId, publicKey }] of organisations.entries()) {
    if (!(await primitives.ed25519.verify(publicKey, signed, signatures[i]!))) refuse(`is not signed by ${memberId}`);
  }
  return Object.freeze({ projectId, authority, log: Object.freeze({ logKey, witnesses }) });
}

function requireDistinct(parties: readonly Witness[], refuse: (why: string) => never): void {
  const keys = new Set(parties.map((one) => hexOf(one.publicKey)));
  if (keys.size !== parties.length) refuse('has one key for two parties');
  for (const [i, { memberId }] of parties.entries()) {
    if (i > 0 && memberId <= parties[i - 1]!.memberId) refuse(`has ${memberId} twice or out of order`);
  }
}

const charterBytes = (fields: CharterFields): Uint8Array<ArrayBuffer> =>
  delimited('sumus/1/charter', writeFields(new CanonicalWriter(), fields).finish());

function writeFields(writer: CanonicalWriter, fields: CharterFields): CanonicalWriter {
  writer
    .name('project', fields.projectId)
    .fixed('authority', fields.authority, PUBLIC_KEY_BYTES)
    .fixed('log', fields.logKey, PUBLIC_KEY_BYTES);
  for (const parties of [fields.witnesses, fields.organisations]) {
    writer.u32('parties', parties.length);
    for (const { memberId, publicKey } of parties) {
      writer.name('a party', memberId).fixed('its key', publicKey, PUBLIC_KEY_BYTES);
    }
  }
  return writer;
}

export function encodeCharter(charter: Charter): Uint8Array<ArrayBuffer> {
  const writer = writeFields(new CanonicalWriter(), charter).u32('signatures', charter.signatures.length);
  for (const signature of charter.signatures) writer.fixed('a signature', signature, SIGNATURE_BYTES);
  return writer.finish();
}

export function decodeCharter(bytes: Uint8Array): Charter {
  const reader = new CanonicalReader(bytes, 'a charter');
  const parties = (): Witness[] => {
    const count = reader.count('parties', PARTIES_AT_MOST, 5 + PUBLIC_KEY_BYTES);
    const read: { memberId: MemberId; publicKey: Uint8Array }[] = [];
    for (let i = 0; i < count; i++) {
      read.push({ memberId: reader.member('a party'), publicKey: reader.fixed('its key', PUBLIC_KEY_BYTES) });
    }
    return read;
  };
  const projectId = reader.name('project');
  const authority = reader.fixed('authority', PUBLIC_KEY_BYTES);
  const logKey = reader.fixed('log', PUBLIC_KEY_BYTES);
  const witnesses = parties();
  const organisations = parties();
  const count = reader.count('signatures', PARTIES_AT_MOST, SIGNATURE_BYTES);
  const signatures = Array.from({ length: count }, () => reader.fixed('a signature', SIGNATURE_BYTES));
  reader.finish();
  return Object.freeze({ projectId, authority, logKey, witnesses, organisations, signatures });
}
