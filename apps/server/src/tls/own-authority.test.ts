// Certificates of our own are held against readers that are not ours: node's X509Certificate, a TLS handshake, and openssl where it is installed.
import { spawnSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as der from './der.ts';
import { ownTlsIdentity } from './own-authority.ts';

const NOW = Date.UTC(2026, 10, 20);
const DAY = 24 * 60 * 60 * 1000;
const names = ['localhost', '127.0.0.1', '::1', 'fed.example.org', '2001:db8::17'];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sumus-tls-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const parts = (chain: string): X509Certificate[] =>
  chain.split(/(?=-----BEGIN)/).map((pem) => new X509Certificate(pem));

describe('a root and a server of our own', () => {
  it('are read by node as what they are', () => {
    const { chain, fingerprint } = ownTlsIdentity(folder, names, NOW);
    const [server, root] = parts(chain);
    expect(root?.ca).toBe(true);
    expect(server?.ca).toBe(false);
    expect(root?.verify(root.publicKey)).toBe(true);
    expect(server?.verify(root!.publicKey)).toBe(true);
    expect(server?.checkIssued(root!)).toBe(true);
    for (const name of ['localhost', 'fed.example.org']) expect(server?.checkHost(name)).toBe(name);
    for (const address of ['127.0.0.1', '::1', '2001:db8::17']) expect(server?.checkIP(address)).toBe(address);
    expect(server?.checkHost('example.org')).toBeUndefined();
    expect(server?.checkIP('127.0.0.2')).toBeUndefined();
    expect(fingerprint).toBe(createHash('sha256').update(root!.raw).digest('hex'));
  });

  it('are taken by openssl, strictly', () => {
    const { chain, root } = ownTlsIdentity(folder, names, Date.now());
    writeFileSync(join(folder, 'root.pem'), root ?? '');
    writeFileSync(join(folder, 'leaf.pem'), chain.split(/(?=-----BEGIN)/)[0] ?? '');
    const words = ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', join(folder, 'root.pem')];
    const found = spawnSync('openssl', [...words, join(folder, 'leaf.pem')], { encoding: 'utf8' });
    // Without openssl on this machine the handshake below has to do.
    if (found.error !== undefined) return;
    expect(found.stdout + found.stderr).toContain('leaf.pem: OK');
  });

  it('carry a TLS connection to whoever trusts the root, and to nobody else', async () => {
    const { chain, key, root } = ownTlsIdentity(folder, names, Date.now());
    const server = createServer({ cert: chain, key }, (_, response) => response.end('here'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ask = (ca: string | undefined): Promise<string> =>
      new Promise((resolve, reject) => {
        get({ host: '127.0.0.1', port, ...(ca === undefined ? {} : { ca }), agent: false }, (response) => {
          response.on('data', (bytes) => resolve(String(bytes)));
        }).on('error', reject);
      });
    await expect(ask(root)).resolves.toBe('here');
    await expect(ask(undefined)).rejects.toThrow(/self-signed|certificate/);
    server.close();
  });

  it('stay the same over a restart, and the root over a renewal', () => {
    const first = ownTlsIdentity(folder, names, NOW);
    expect(ownTlsIdentity(folder, names, NOW + DAY)).toEqual(first);
    const renewed = ownTlsIdentity(folder, names, NOW + 370 * DAY);
    expect(renewed.fingerprint).toBe(first.fingerprint);
    expect(renewed.chain).not.toBe(first.chain);
    const elsewhere = ownTlsIdentity(folder, [...names, 'other.example.org'], NOW + 370 * DAY);
    expect(parts(elsewhere.chain)[0]?.checkHost('other.example.org')).toBe('other.example.org');
  });

  it("lie in files that are nobody else's to read", () => {
    ownTlsIdentity(folder, names, NOW);
    for (const file of ['ca.key', 'server.pem']) {
      expect(readFileSync(join(folder, file), 'utf8')).toContain('PRIVATE KEY');
      expect(statSync(join(folder, file)).mode & 0o077).toBe(0);
    }
  });
});

describe('DER', () => {
  it('has lengths in their shortest form', () => {
    expect(der.octets(new Uint8Array(127)).subarray(0, 2)).toEqual(Buffer.from([4, 127]));
    expect(der.octets(new Uint8Array(128)).subarray(0, 3)).toEqual(Buffer.from([4, 0x81, 128]));
    expect(der.octets(new Uint8Array(65_536)).subarray(0, 5)).toEqual(Buffer.from([4, 0x83, 1, 0, 0]));
  });

  it('writes numbers as positive ones, shortest', () => {
    expect(der.integer(Uint8Array.of(0, 0, 0x80))).toEqual(Buffer.from([2, 2, 0, 0x80]));
    expect(der.integer(Uint8Array.of(0))).toEqual(Buffer.from([2, 1, 0]));
  });

  it('writes object identifiers as X.690 has them', () => {
    expect(der.objectIdentifier('1.2.840.113549')).toEqual(Buffer.from([6, 6, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d]));
  });

  it('writes times of after 2049 in their long form', () => {
    expect(der.time(Date.UTC(2049, 11, 31, 23, 59, 59)).toString('latin1', 2)).toBe('491231235959Z');
    expect(der.time(Date.UTC(2050, 0, 1)).toString('latin1', 2)).toBe('20500101000000Z');
  });
});
