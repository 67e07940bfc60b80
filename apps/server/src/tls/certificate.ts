// X.509 certificates of our own making (RFC 5280): a root for one server, and what it vouches for. ECDSA over P-256 with SHA-256, which every
// browser takes. Signed by node:crypto; the bytes are der.ts's.

import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import * as der from './der.ts';

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';
const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14';
const AUTHORITY_KEY_IDENTIFIER = '2.5.29.35';
const DNS_NAME = 2;
const IP_ADDRESS = 7;
const SERIAL_BYTES = 16;

export interface CertificateToMake {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly issuer: { readonly name: string; readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** A root may sign what it names itself; a server answers for names and addresses. */
  readonly kind: { readonly is: 'root' } | { readonly is: 'server'; readonly names: readonly string[] };
}

/** As DER. */
export function makeCertificate(of: CertificateToMake): Buffer {
  const algorithm = der.sequence(der.objectIdentifier(ECDSA_WITH_SHA256));
  const serial = randomBytes(SERIAL_BYTES);
  // Positive, and never shorter.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const toSign = der.sequence(
    der.explicit(0, der.integer(Uint8Array.of(2))),
    der.integer(serial),
    algorithm,
    nameOf(of.issuer.name),
    der.sequence(der.time(of.notBeforeMs), der.time(of.notAfterMs)),
    nameOf(of.subject),
    of.publicKey.export({ type: 'spki', format: 'der' }),
    der.explicit(3, der.sequence(...extensionsOf(of))),
  );
  return der.sequence(toSign, algorithm, der.bits(sign('sha256', toSign, of.issuer.privateKey)));
}

const nameOf = (commonName: string): Buffer =>
  der.sequence(der.set(der.sequence(der.objectIdentifier(COMMON_NAME), der.utf8(commonName))));

function extensionsOf({ kind, publicKey, issuer }: CertificateToMake): readonly Buffer[] {
  const authority = der.sequence(der.implicit(0, keyIdentifier(issuer.publicKey)));
  const common = [extension(SUBJECT_KEY_IDENTIFIER, der.octets(keyIdentifier(publicKey)))];
  if (kind.is === 'root') {
    return [
      extension(BASIC_CONSTRAINTS, der.sequence(der.boolean(true), der.integer(Uint8Array.of(0))), true),
      // keyCertSign and cRLSign: bits 5 and 6.
      extension(KEY_USAGE, der.bits(Uint8Array.of(0x06), 1), true),
      ...common,
    ];
  }
  return [
    extension(BASIC_CONSTRAINTS, der.sequence(), true),
    // digitalSignature: bit 0.
    extension(KEY_USAGE, der.bits(Uint8Array.of(0x80), 7), true),
    extension(EXTENDED_KEY_USAGE, der.sequence(der.objectIdentifier(SERVER_AUTHENTICATION))),
    extension(SUBJECT_ALTERNATIVE_NAME, der.sequence(...kind.names.map(generalName))),
    extension(AUTHORITY_KEY_IDENTIFIER, authority),
    ...common,
  ];
}

const extension = (identifier: string, value: Uint8Array, isCritical = false): Buffer =>
  der.sequence(der.objectIdentifier(identifier), ...(isCritical ? [der.boolean(true)] : []), der.octets(value));

/** RFC 7093, 2 (1): 160 bits of the SHA-256 of the key. */
const keyIdentifier = (key: KeyObject): Buffer =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20);

function generalName(name: string): Buffer {
  const version = isIP(name);
  if (version === 0) return der.implicit(DNS_NAME, Buffer.from(name, 'latin1'));
  return der.implicit(IP_ADDRESS, version === 4 ? Buffer.from(name.split('.').map(Number)) : bytesOfIpv6(name));
}

function bytesOfIpv6(address: string): Buffer {
  const [head = '', tail] = address.split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const between = new Array<number>(8 - before.length - after.length).fill(0);
  return Buffer.from([...before, ...between, ...after].flatMap((group) => [group >> 8, group & 0xff]));
}
