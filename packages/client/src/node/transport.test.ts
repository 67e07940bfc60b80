// Node's transport: who is pinned is believed, and nobody else hears a word; what breaks is a broken line, never a short answer.

import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TransportRequest } from '../transport/transport.ts';
import { type Listening, listening, type TlsFiles } from './http-for-tests.contract.ts';
import { nodeTransport } from './index.ts';

const asked: TransportRequest = { method: 'GET', path: '/', headers: {}, body: new Uint8Array(0), silenceMs: 2000 };
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function at(...given: Parameters<typeof listening>): Promise<Listening> {
  const server = await listening(...given);
  open.push(server);
  return server;
}

function to(server: string, fingerprint?: string) {
  const transport = nodeTransport({ server, fingerprint });
  open.push(transport);
  return transport;
}

function portOf(server: Server): number | undefined {
  const address = server.address();
  return typeof address === 'object' ? address?.port : undefined;
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe('a request', () => {
  it('says what it was told, and hears what was answered', async () => {
    const server = await at((request, response) => {
      const { method, url, headers } = request;
      request.on('data', (piece: Buffer) =>
        response.writeHead(201, { 'x-one': 'two' }).end(`${method} ${url} ${headers['x-a']} ${piece}`),
      );
    });
    const transport = to(`${server.url}/below`);
    expect(transport.prefix).toBe('/below');
    const answer = await transport.request({
      ...asked,
      method: 'POST',
      path: '/below/v1?x=1',
      headers: { 'x-a': 'b' },
      body: Buffer.from('body'),
    });
    expect([answer.status, answer.headers['x-one'], await textOf(answer.body)]).toEqual([
      201,
      'two',
      'POST /below/v1?x=1 b body',
    ]);
  });

  it('follows nobody elsewhere', async () => {
    const server = await at((_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
    expect((await to(server.url).request(asked)).status).toBe(302);
  });

  it('is broken off where nobody answers, where nothing comes any more, and where less comes than was said', async () => {
    await expect(to('http://127.0.0.1:1').request(asked)).rejects.toMatchObject({ code: 'E_UNREACHABLE' });
    const silent = await at(() => undefined);
    await expect(to(silent.url).request({ ...asked, silenceMs: 100 })).rejects.toMatchObject({ code: 'E_UNREACHABLE' });
    const cut = await at((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('only this');
      setTimeout(() => response.destroy(), 20);
    });
    const answer = await to(cut.url).request(asked);
    await expect(textOf(answer.body)).rejects.toMatchObject({ code: 'E_UNREACHABLE' });
    const stalled = await at((_, response) => void response.writeHead(200).write('begins'));
    const begun = await to(stalled.url).request({ ...asked, silenceMs: 100 });
    await expect(textOf(begun.body)).rejects.toMatchObject({ code: 'E_UNREACHABLE' });
  });

  it('ends with its transport, also in the middle', async () => {
    const stalled = await at((_, response) => void response.writeHead(200).write('begins'));
    const transport = to(stalled.url);
    const answer = await transport.request(asked);
    const heard = textOf(answer.body);
    transport.close();
    await expect(heard).rejects.toMatchObject({ code: 'E_UNREACHABLE' });
    await expect(transport.request(asked)).rejects.toMatchObject({ code: 'E_UNREACHABLE' });
  });

  it('comes again on a fresh connection where the kept one was closed meanwhile', async () => {
    let connections = 0;
    const forgetful: Server = createServer((socket) => {
      connections += 1;
      let asked = 0;
      socket.on('error', () => undefined);
      socket.on('data', () => {
        asked += 1;
        if (asked === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
        else socket.resetAndDestroy();
      });
    });
    await new Promise<void>((resolve) => forgetful.listen(0, '127.0.0.1', resolve));
    open.push(forgetful);
    const transport = to(`http://127.0.0.1:${portOf(forgetful)}`);
    for (let i = 0; i < 2; i++) {
      expect(await textOf((await transport.request(asked)).body)).toBe('ok');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(connections).toBe(2);
    transport.close();
  });

  it.each(['http://sums.example', 'http://192.168.0.1', 'ftp://127.0.0.1', 'http://127.0.0.1.evil.example'])(
    'is not made to %s, which has no TLS',
    (server) => {
      expect(() => nodeTransport({ server, fingerprint: undefined })).toThrow(/no TLS/);
    },
  );
});

const hasOpenssl = ((): boolean => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

// Certificates of this package's own making do not exist: the server's are tested with it. Here openssl makes them, where it is.
describe.skipIf(!hasOpenssl)('a pinned authority', () => {
  let mine: TlsFiles & { readonly fingerprint: string };
  let other: TlsFiles & { readonly fingerprint: string };

  function authority(name: string): TlsFiles & { readonly fingerprint: string } {
    const folder = mkdtempSync(join(tmpdir(), 'sumus-tls-'));
    const run = (...words: readonly string[]): void =>
      void execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    run('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', `/CN=${name}`);
    run('req', ...key, '-keyout', 'leaf.key', '-out', 'leaf.csr', '-subj', '/CN=leaf');
    writeFileSync(join(folder, 'san'), 'subjectAltName=IP:127.0.0.1');
    run(
      'x509',
      '-req',
      '-in',
      'leaf.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-out',
      'leaf.pem',
      '-days',
      '2',
      '-extfile',
      'san',
    );
    const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
    const ca = read('ca.pem');
    const files = { key: read('leaf.key'), cert: `${read('leaf.pem')}${ca}` };
    rmSync(folder, { recursive: true });
    return { ...files, fingerprint: createHash('sha256').update(new X509Certificate(ca).raw).digest('hex') };
  }

  beforeAll(() => {
    mine = authority('mine');
    other = authority('other');
  });

  it('is believed, for this host', async () => {
    const server = await at((_, response) => response.end('ok'), mine);
    const answer = await to(server.url, mine.fingerprint).request(asked);
    expect(await textOf(answer.body)).toBe('ok');
    const elsewhere = server.url.replace('127.0.0.1', 'localhost');
    await expect(to(elsewhere, mine.fingerprint).request(asked)).rejects.toMatchObject({ code: 'E_IMPOSTOR' });
  });

  it('is the only one: to others nothing is said', async () => {
    const impostor = await at((_, response) => response.end('ok'), other);
    await expect(to(impostor.url, mine.fingerprint).request(asked)).rejects.toMatchObject({ code: 'E_IMPOSTOR' });
    await expect(to(impostor.url).request(asked)).rejects.toMatchObject({ code: 'E_IMPOSTOR' });
    // It was looked at, and heard no request.
    expect(impostor.seen.connections).toBeGreaterThan(0);
    expect(impostor.seen.requests).toBe(0);
  });

  it('is not believed for showing the right certificate beside one that it did not sign', async () => {
    const { cert } = mine;
    const chain = `${other.cert.split('-----END CERTIFICATE-----')[0]}-----END CERTIFICATE-----\n${cert.slice(cert.lastIndexOf('-----BEGIN'))}`;
    const forged = await at((_, response) => response.end('ok'), { key: other.key, cert: chain });
    await expect(to(forged.url, mine.fingerprint).request(asked)).rejects.toMatchObject({ code: 'E_IMPOSTOR' });
    expect(forged.seen.requests).toBe(0);
  });

  it('is asked for also where the environment says that certificates are not', async () => {
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      const { cert } = mine;
      const chain = `${other.cert.split('-----END CERTIFICATE-----')[0]}-----END CERTIFICATE-----\n${cert.slice(cert.lastIndexOf('-----BEGIN'))}`;
      const forged = await at((_, response) => response.end('ok'), { key: other.key, cert: chain });
      await expect(to(forged.url, mine.fingerprint).request(asked)).rejects.toMatchObject({ code: 'E_IMPOSTOR' });
      await expect(to(forged.url).request(asked)).rejects.toMatchObject({ code: 'E_IMPOSTOR' });
      expect(forged.seen.requests).toBe(0);
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    }
  });

  it('cannot be looked at where nobody speaks TLS', async () => {
    const plain: Server = createServer((socket) => socket.end('hello\n'));
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    open.push(plain);
    await expect(to(`https://127.0.0.1:${portOf(plain)}`, mine.fingerprint).request(asked)).rejects.toMatchObject({
      code: 'E_UNREACHABLE',
    });
  });
});
