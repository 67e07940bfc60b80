// A certificate authority of one server, for those who have none: a root that participants pin by its fingerprint (it stands in the link of an
// invitation), and a certificate for the server's names, made anew when it is about to run out or the names change. The root's key stays in
// the state folder; whoever has it can pretend to be this server, and nothing else: it vouches for no participant.

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { makeCertificate } from './certificate.ts';

export interface TlsIdentity {
  /** PEM: the server's certificate, then the root. */
  readonly chain: string;
  readonly key: string;
  /** SHA-256 of the root's DER, hexadecimal; undefined where the certificate is of a public authority. */
  readonly fingerprint: string | undefined;
  /** PEM of the root: what another process of this server trusts. */
  readonly root: string | undefined;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const ROOT_DAYS = 3650;
/** As long as browsers take. */
const SERVER_DAYS = 397;
const RENEW_DAYS = 30;
/** Clocks differ. */
const BEFORE_DAYS = 1;

/** Of this folder, made where there is none. `names`: host names and addresses under which participants reach the server. */
export function ownTlsIdentity(folder: string, names: readonly string[], nowMs: number): TlsIdentity {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const root = rootIn(folder, nowMs);
  const { chain, key } = serverIn(folder, root, [...new Set(names)].sort(), nowMs);
  const fingerprint = createHash('sha256').update(new X509Certificate(root.pem).raw).digest('hex');
  return { chain: `${chain}${root.pem}`, key, fingerprint, root: root.pem };
}

interface Root {
  readonly pem: string;
  readonly name: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

function rootIn(folder: string, nowMs: number): Root {
  const [keyFile, certificateFile] = [join(folder, 'ca.key'), join(folder, 'ca.crt')];
  if (!existsSync(certificateFile)) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const name = `sumus ${createHash('sha256')
      .update(publicKey.export({ type: 'spki', format: 'der' }))
      .digest('hex')
      .slice(0, 16)}`;
    const made = makeCertificate({
      subject: name,
      publicKey,
      issuer: { name, publicKey, privateKey },
      notBeforeMs: nowMs - BEFORE_DAYS * DAY_MS,
      notAfterMs: nowMs + ROOT_DAYS * DAY_MS,
      kind: { is: 'root' },
    });
    write(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    write(certificateFile, pemOf(made));
  }
  const privateKey = createPrivateKey(readFileSync(keyFile));
  const pem = readFileSync(certificateFile, 'utf8');
  const [, name = ''] = /CN=(.*)/.exec(new X509Certificate(pem).subject) ?? [];
  return { pem, name, privateKey, publicKey: createPublicKey(privateKey) };
}

function serverIn(folder: string, root: Root, names: readonly string[], nowMs: number): { chain: string; key: string } {
  const file = join(folder, 'server.pem');
  if (existsSync(file)) {
    const [chain = '', key = ''] = readFileSync(file, 'utf8').split(/(?=-----BEGIN PRIVATE KEY-----)/);
    if (holds(chain, root, names, nowMs)) return { chain, key };
  }
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const chain = pemOf(
    makeCertificate({
      subject: names[0] ?? 'localhost',
      publicKey,
      issuer: root,
      notBeforeMs: nowMs - BEFORE_DAYS * DAY_MS,
      notAfterMs: nowMs + SERVER_DAYS * DAY_MS,
      kind: { is: 'server', names },
    }),
  );
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  write(file, `${chain}${key}`);
  return { chain, key };
}

function holds(chain: string, root: Root, names: readonly string[], nowMs: number): boolean {
  const certificate = new X509Certificate(chain);
  const isFresh = Date.parse(certificate.validTo) > nowMs + RENEW_DAYS * DAY_MS;
  const isFor = (name: string): boolean =>
    (isIP(name) === 0 ? certificate.checkHost(name, { subject: 'never' }) : certificate.checkIP(name)) !== undefined;
  return isFresh && certificate.verify(root.publicKey) && names.every(isFor);
}

const pemOf = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der)
    .toString('base64')
    .replace(/(.{64})/g, '$1\n')
    .trimEnd()}\n-----END CERTIFICATE-----\n`;

/** Whole or not at all, and nobody else's to read. */
function write(file: string, text: string): void {
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, file);
}
