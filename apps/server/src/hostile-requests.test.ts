// What strangers, members and owners of other runs can try at the door, over real HTTP: each is refused by name, nothing of it happens, and the
// server answers the next honest request.
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificateHash, encodeCertificate, encodeRevocationList, revoke } from '@sumus/secure-sum/identity';
import type { Signer } from '@sumus/secure-sum/primitives';
import { BYTES_TYPE, FRAME_BLOB_TYPE, JSON_TYPE } from '@sumus/wire/bodies';
import { addressOf, ROUTES } from '@sumus/wire/routes';
import { hexOf, jsonBytes } from '@sumus/wire/text';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLog } from './log.ts';
import { readOptions } from './options.ts';
import {
  type Answered,
  type At,
  ask,
  askJson,
  certificateFor,
  createAt,
  enrolAt,
  freshSigner,
  type Owner,
  ownerOf,
  PROJECT,
  primitives,
  rawAsk,
  signedHeaders,
  TestParticipant,
  uploadFirst,
} from './over-network.contract.ts';
import { type RunningServer, startServer } from './server.ts';

const lines: string[] = [];
let folder: string;
let server: RunningServer;
let at: At;
let owner: Owner;
let other: Owner;
let member: Signer;
let second: Signer;
const run = { run: 'run-1' };

const codeOf = ({ status, body }: Answered): string =>
  `${status} ${status < 400 ? '' : JSON.parse(body.toString('utf8')).code}`;
const refused = async (answer: Promise<Answered>): Promise<string> => codeOf(await answer);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sumus-hostile-'));
  const pages = join(folder, 'pages');
  mkdirSync(join(pages, 'assets'), { recursive: true });
  writeFileSync(join(pages, 'index.html'), '<!doctype html><title>sumus</title>');
  writeFileSync(join(pages, 'join.html'), '<!doctype html><title>join</title>');
  writeFileSync(join(pages, 'assets', 'app.js'), 'export {};');
  writeFileSync(join(pages, '.secret.html'), 'never');
  writeFileSync(join(pages, 'notes.md'), 'never');
  [owner, other] = [await ownerOf(), await ownerOf({ runId: 'run-2' })];
  const words = [owner, other].map((one) => `--owner=${hexOf(one.owner.publicKey)}`);
  const read = readOptions(
    ['--listen', '127.0.0.1:0', '--state', join(folder, 'state'), '--pages', pages, ...words],
    {},
  );
  if (read.kind === 'help') throw new Error('help');
  server = await startServer(
    read.options,
    jsonLog((line) => lines.push(line)),
  );
  at = { url: server.url, coordinator: server.coordinator };
  await createAt(owner, at);
  await createAt(other, at);
  [member, second] = [await freshSigner(), await freshSigner()];
  await enrolAt(owner, at, 'silo-1', member);
  await enrolAt(owner, at, 'silo-2', second);
}, 60_000);
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a request', () => {
  const path = addressOf('run', run);

  it('without a signature, or with half of one, is nobody’s', async () => {
    expect(await refused(rawAsk(at, 'GET', path, {}))).toBe('401 unsigned');
    const signed = await signedHeaders(at, member, 'GET', path);
    for (const name of Object.keys(signed)) {
      const { [name as keyof typeof signed]: _gone, ...rest } = signed;
      expect(await refused(rawAsk(at, 'GET', path, rest))).toBe('401 unsigned');
    }
  });

  it('is taken once', async () => {
    const signed = { ...(await signedHeaders(at, member, 'GET', path)) };
    expect((await rawAsk(at, 'GET', path, signed)).status).toBe(200);
    expect(await refused(rawAsk(at, 'GET', path, signed))).toBe('401 replayed');
  });

  it('that was signed for another server, address, method or body is refused', async () => {
    const elsewhere = { ...at, coordinator: hexOf((await freshSigner()).publicKey) };
    expect(await refused(rawAsk(at, 'GET', path, { ...(await signedHeaders(elsewhere, member, 'GET', path)) }))).toBe(
      '401 unsigned',
    );
    const events = addressOf('events', run, { format: 'ndjson' });
    expect(await refused(rawAsk(at, 'GET', events, { ...(await signedHeaders(at, member, 'GET', path)) }))).toBe(
      '401 unsigned',
    );
    const start = addressOf('start', run);
    const signed = await signedHeaders(at, owner.owner, 'POST', start, { body: jsonBytes({}) });
    const type = { 'content-type': JSON_TYPE };
    expect(await refused(rawAsk(at, 'POST', addressOf('pause', run), { ...signed, ...type }, jsonBytes({})))).toBe(
      '401 unsigned',
    );
    expect(await refused(rawAsk(at, 'POST', start, { ...signed, ...type }, Buffer.from('{ }')))).toBe('401 unsigned');
  });

  it('of ten minutes ago, or of tomorrow, is refused and says whose clock is off', async () => {
    for (const nowMs of [Date.now() - 600_000, Date.now() + 86_400_000]) {
      const answer = await ask(at, member, 'run', { parameters: run, nowMs });
      expect(codeOf(answer)).toBe('401 clock');
      expect(answer.body.toString()).toContain('your clock');
    }
  });
});

describe('a key', () => {
  it('does what its role may, and nothing else', async () => {
    const stranger = await freshSigner();
    for (const name of ['start', 'pause', 'resume'] as const) {
      for (const key of [member, stranger, other.owner])
        expect(await refused(askJson(at, key, name, run, {}))).toBe('403 forbidden');
    }
    expect(await refused(askJson(at, member, 'stop', run, { reason: 'mine now' }))).toBe('403 forbidden');
    expect(await refused(askJson(at, member, 'remove', run, { member: 'silo-2', reason: 'alone' }))).toBe(
      '403 forbidden',
    );
    const frame = { parameters: run, body: Buffer.from('x'), type: BYTES_TYPE };
    for (const key of [stranger, owner.owner])
      expect(await refused(ask(at, key, 'frames', frame))).toBe('403 forbidden');
    expect(await refused(ask(at, stranger, 'events', { parameters: run, query: { format: 'ndjson' } }))).toBe(
      '403 forbidden',
    );
    expect(await refused(ask(at, undefined, 'events', { parameters: run, query: { format: 'ndjson' } }))).toBe(
      '401 unsigned',
    );
    expect(await refused(ask(at, other.owner, 'enrolments', { parameters: run }))).toBe('403 forbidden');
    expect((await ask(at, other.owner, 'runs')).json()).toMatchObject({ runs: [{ runId: 'run-2' }] });
  });

  it('that the owner names may look, and only look', async () => {
    const observer = await freshSigner();
    const events = { parameters: run, query: { format: 'ndjson' } };
    expect((await askJson(at, owner.owner, 'observers', run, { publicKey: hexOf(observer.publicKey) })).status).toBe(
      204,
    );
    expect((await ask(at, observer, 'events', events)).status).toBe(200);
    expect(await refused(askJson(at, observer, 'stop', run, { reason: 'seen enough' }))).toBe('403 forbidden');
    expect(await refused(ask(at, observer, 'messages', { parameters: run }))).toBe('403 forbidden');
  });

  it('that is not among the server’s owners creates no run', async () => {
    const stranger = await ownerOf({ runId: 'run-3' });
    expect(codeOf(await uploadFirst(stranger, at))).toBe('404 not-found');
    expect(await refused(askJson(at, stranger.owner, 'createRun', {}, stranger.create))).toBe('403 forbidden');
  });
});

describe('a run', () => {
  it('is created by who signed its plan, from a first model that fits, and is not another one later', async () => {
    const again = await askJson(at, owner.owner, 'createRun', {}, owner.create);
    expect(again.status).toBe(201);
    expect(await refused(askJson(at, other.owner, 'createRun', {}, { ...owner.create, runId: 'run-4' }))).toBe(
      '403 forbidden',
    );
    expect(await refused(askJson(at, owner.owner, 'createRun', {}, { ...owner.create, runId: 'run-5' }))).toBe(
      '409 conflict',
    );
    const later = await ownerOf({ keys: owner, template: { rounds: 3 } });
    expect(await refused(askJson(at, owner.owner, 'createRun', {}, later.create))).toBe('409 conflict');
    const forged = { ...owner.create, runId: 'run-6', plan: { ...owner.create.plan, signature: '00'.repeat(64) } };
    expect(await refused(askJson(at, owner.owner, 'createRun', {}, forged))).toBe('422 refused');
    for (const runId of ['run-7.office', `run-1.up.${'0'.repeat(32)}`]) {
      expect(await refused(askJson(at, owner.owner, 'createRun', {}, { ...owner.create, runId }))).toBe(
        '400 malformed',
      );
    }
  });

  it('whose authority is the server, or not the plan’s, is refused', async () => {
    const asOwn = { ...owner.create, runId: 'run-8', authority: at.coordinator };
    expect(await refused(askJson(at, owner.owner, 'createRun', {}, asOwn))).toBe('403 forbidden');
    const planned = await ownerOf({ runId: 'run-8', keys: owner, template: { authority: at.coordinator } });
    const both = { ...planned.create, authority: at.coordinator };
    expect(await refused(askJson(at, owner.owner, 'createRun', {}, both))).toBe('403 forbidden');
  });
});

describe('an invitation', () => {
  const invite = async (notAfterMs = Date.now() + 60_000, name = 'silo-3'): Promise<string> => {
    const id = randomBytes(16).toString('hex');
    const answer = await askJson(at, owner.owner, 'invite', run, { id, member: name, role: 'silo', notAfterMs });
    expect(answer.status).toBe(204);
    return id;
  };
  const enrol = (key: Signer, invitation: string, publicKey = hexOf(key.publicKey)): Promise<Answered> =>
    askJson(at, key, 'enrol', run, { invitation, publicKey, proof: '11'.repeat(32) });

  it('is used once: the first key that asks is the one', async () => {
    const invitation = await invite();
    const [first, late] = [await freshSigner(), await freshSigner()];
    expect((await enrol(first, invitation)).status).toBe(204);
    expect((await enrol(first, invitation)).status).toBe(204);
    expect(await refused(enrol(late, invitation))).toBe('410 spent');
    expect(await refused(ask(at, late, 'enrolment', { parameters: { ...run, invitation } }))).toBe('403 forbidden');
    expect((await ask(at, first, 'enrolment', { parameters: { ...run, invitation } })).json()).toEqual({
      kind: 'waiting',
    });
  });

  it('is asked under in few bytes: whoever knows a run’s name could otherwise hold all that the server has for bodies', async () => {
    const key = await freshSigner();
    const path = addressOf('enrol', run);
    const body = Buffer.alloc(1025, ' ');
    const headers = { ...(await signedHeaders(at, key, 'POST', path, { body })), 'content-type': JSON_TYPE };
    expect(await refused(rawAsk(at, 'POST', path, headers, body))).toBe('413 too-large');
  });

  it('that is unknown, late, or for another key than the one that signs, lets nobody in', async () => {
    const key = await freshSigner();
    expect(await refused(enrol(key, '00'.repeat(16)))).toBe('404 not-found');
    expect(await refused(enrol(key, await invite(Date.now() - 1)))).toBe('410 spent');
    expect(await refused(enrol(key, await invite(), hexOf(member.publicKey)))).toBe('403 forbidden');
  });

  it('is answered by the owner with the authority’s certificate for that name and key, once', async () => {
    const invitation = await invite();
    const [key, authority] = [await freshSigner(), await freshSigner()];
    expect((await enrol(key, invitation)).status).toBe(204);
    const answer = (certificate: Awaited<ReturnType<typeof certificateFor>>): Promise<string> =>
      refused(
        askJson(
          at,
          owner.owner,
          'answerEnrolment',
          { ...run, invitation },
          { kind: 'certified', certificate: hexOf(encodeCertificate(certificate)) },
        ),
      );
    expect(await answer(await certificateFor({ ...owner, authority }, 'silo-3', key))).toBe('422 refused');
    expect(await answer(await certificateFor(owner, 'silo-4', key))).toBe('422 refused');
    expect(await answer(await certificateFor(owner, 'silo-3', member))).toBe('422 refused');
    const right = await certificateFor(owner, 'silo-3', key);
    expect(await answer(right)).toBe('204 ');
    expect(await answer(right)).toBe('204 ');
    expect(
      await refused(
        askJson(at, owner.owner, 'answerEnrolment', { ...run, invitation }, { kind: 'refused', reason: 'no' }),
      ),
    ).toBe('409 conflict');
    const again = await invite();
    const twin = await freshSigner();
    await enrol(twin, again);
    const certificate = hexOf(encodeCertificate(await certificateFor(owner, 'silo-3', twin)));
    expect(
      await refused(
        askJson(at, owner.owner, 'answerEnrolment', { ...run, invitation: again }, { kind: 'certified', certificate }),
      ),
    ).toBe('422 refused');
  });

  it('has no secret that the server was told, and no proof in its log', async () => {
    expect(lines.join('')).not.toContain('11'.repeat(32));
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('message');
  });
});

describe('a message', () => {
  const post = (key: Signer, body: Uint8Array, type: string = BYTES_TYPE): Promise<string> =>
    refused(ask(at, key, 'frames', { parameters: run, body, type }));

  it('that does not read, or is another member’s, is refused, and the run stands', async () => {
    expect(await post(member, Buffer.from('not a frame'))).toBe('400 malformed');
    const sent: Uint8Array[] = [];
    const certificate = await certificateFor(owner, 'silo-2', second);
    // What the second member would send, caught on its way by who can read its connection.
    const participant = await TestParticipant.make({
      owner,
      name: 'silo-2',
      key: second,
      certificate,
      at: () => at,
      onSend: (bytes) => sent.push(bytes),
    });
    await participant.begin();
    await expect.poll(() => sent.length, { timeout: 5000 }).toBeGreaterThan(0);
    await participant.stop();
    expect(await post(member, sent[0]!)).toBe('422 refused');
    expect(await post(second, sent[0]!)).toBe('204 ');
    const changed = sent[0]!.slice();
    changed[60]! ^= 1;
    expect(['400 malformed', '422 refused']).toContain(await post(second, changed));
  });

  it('in a blob that is not here, or too large, is refused', async () => {
    expect(await post(member, jsonBytes({ sha256: '00'.repeat(32), bytes: 5 }), FRAME_BLOB_TYPE)).toBe('404 not-found');
    expect(await post(member, jsonBytes({ sha256: '00'.repeat(32), bytes: 2 ** 39 }), FRAME_BLOB_TYPE)).toBe(
      '413 too-large',
    );
    expect(await post(member, jsonBytes({ sha256: '00'.repeat(32), bytes: 5, more: 1 }), FRAME_BLOB_TYPE)).toBe(
      '400 malformed',
    );
    expect(await post(member, Buffer.from('x'), 'text/plain')).toBe('415 media-type');
    expect(await post(member, new Uint8Array(2 ** 20 + 1))).toBe('413 too-large');
  });
});

describe('an upload', () => {
  const bytes = Buffer.from('many bytes of a message');
  const sha256 = hexOf(primitives.sha256(bytes));
  const put = (offset: number, body: Uint8Array, of = sha256, length = bytes.length): Promise<Answered> =>
    ask(at, member, 'upload', {
      parameters: { ...run, sha256: of },
      query: { bytes: length, offset },
      body,
      type: BYTES_TYPE,
    });

  it('goes on where it was, in pieces, and says where that is', async () => {
    expect((await put(0, bytes.subarray(0, 5))).json()).toEqual({
      sha256,
      bytes: bytes.length,
      received: 5,
      isComplete: false,
    });
    expect(await refused(put(9, bytes.subarray(9)))).toBe('409 offset');
    expect((await ask(at, member, 'uploaded', { parameters: { ...run, sha256 } })).json()).toMatchObject({
      received: 5,
    });
    expect((await put(5, bytes.subarray(5))).json()).toMatchObject({ received: bytes.length, isComplete: true });
    // What a participant uploaded is nobody's to read.
    for (const key of [member, owner.owner])
      expect(await refused(ask(at, key, 'blob', { parameters: { ...run, sha256 } }))).toBe('404 not-found');
  });

  it('of other bytes than its name is thrown away', async () => {
    const wrong = '22'.repeat(32);
    expect(await refused(put(0, bytes, wrong))).toBe('422 wrong-hash');
    expect(await refused(ask(at, member, 'uploaded', { parameters: { ...run, sha256: wrong } }))).toBe('404 not-found');
  });

  it('that is too large, too long, empty, or says no length is refused before it is read', async () => {
    expect(await refused(put(0, bytes, sha256, 2 ** 33))).toBe('413 too-large');
    expect(await refused(put(20, bytes, sha256, 24))).toBe('400 malformed');
    expect(await refused(put(0, new Uint8Array(0)))).toBe('400 malformed');
    expect(await refused(put(0, new Uint8Array(2 ** 22 + 1), sha256, 2 ** 23))).toBe('413 too-large');
    expect(await raw('PUT /v1/runs/run-1/frames HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n')).toContain(
      ' 405 ',
    );
    const path = addressOf('frames', run);
    const signed = await signedHeaders(at, member, 'POST', path);
    const head = Object.entries(signed)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('');
    const chunked = `POST ${path} HTTP/1.1\r\nhost: x\r\n${head}content-type: ${BYTES_TYPE}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`;
    expect(await raw(chunked)).toContain(' 411 ');
  });

  it('under the name of the model, or of what another sent, touches neither', async () => {
    const events = await ask(at, owner.owner, 'events', { parameters: run, query: { format: 'ndjson' } });
    const { model } = JSON.parse(events.body.toString('utf8').split('\n')[0] ?? '');
    const parameters = { ...run, sha256: model.sha256 };
    const before = (await ask(at, member, 'blob', { parameters })).body;
    expect(hexOf(primitives.sha256(before))).toBe(model.sha256);
    // It is not there for who never sent it, it is not used from there, and what is thrown away for it is the member's own.
    expect(await refused(ask(at, member, 'uploaded', { parameters }))).toBe('404 not-found');
    const named = jsonBytes({ sha256: model.sha256, bytes: model.bytes });
    expect(await refused(ask(at, member, 'frames', { parameters: run, body: named, type: FRAME_BLOB_TYPE }))).toBe(
      '404 not-found',
    );
    expect((await put(0, before, model.sha256, model.bytes)).json()).toMatchObject({ isComplete: true });
    expect(await refused(ask(at, second, 'uploaded', { parameters }))).toBe('404 not-found');
    expect(await refused(ask(at, member, 'frames', { parameters: run, body: named, type: FRAME_BLOB_TYPE }))).toBe(
      '400 malformed',
    );
    const length = 16 * 2 ** 20;
    for (const name of ['d', 'e', 'f']) expect((await put(0, bytes, name.repeat(64), length)).status).toBe(200);
    expect((await ask(at, member, 'blob', { parameters })).body).toEqual(before);
    const part = await ask(at, member, 'blob', { parameters, headers: { range: 'bytes=10-19' } });
    expect(part.status).toBe(206);
    expect(part.body).toEqual(before.subarray(10, 20));
    expect((await ask(at, member, 'blob', { parameters, headers: { range: `bytes=${before.length}-` } })).status).toBe(
      400,
    );
  });

  it('takes as much room as two messages: what a member began first goes for what it begins next', async () => {
    const length = 16 * 2 ** 20;
    const names = ['a', 'b', 'c'].map((name) => name.repeat(64));
    for (const name of names) expect((await put(0, bytes, name, length)).status).toBe(200);
    expect(await refused(ask(at, member, 'uploaded', { parameters: { ...run, sha256: names[0]! } }))).toBe(
      '404 not-found',
    );
    expect((await ask(at, member, 'uploaded', { parameters: { ...run, sha256: names[2]! } })).json()).toMatchObject({
      received: bytes.length,
    });
  });
});

/** Bytes as they are; what comes back until the other end closes. */
const raw = (text: string, withinMs = 5000): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.setTimeout(withinMs, () => socket.destroy());
    socket.on('data', (data) => {
      answer += data;
      if (answer.includes('\r\n\r\n')) socket.end();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });

describe('an address', () => {
  it.each([
    '/v1/runs/run-1/../run-2',
    '/v1//runs',
    '/v1/runs/',
    '/v1/runs/..%2frun-2',
    '/v1/runs/run%2d1',
    '/V1/server',
    '/v1/server/',
    '/v1/runs/.office',
    '/..%2fstate/coordinator.key',
    '/../state/coordinator.key',
    '/assets/../../state/coordinator.key',
    '/.secret.html',
    '/notes.md',
    '/assets',
    'http://elsewhere/v1/server',
  ])('%s is not there', async (target) => {
    expect(await raw(`GET ${target} HTTP/1.1\r\nhost: x\r\n\r\n`)).toContain(' 404 ');
  });

  it('with a query that nobody asks is refused, and a method that is not done, named', async () => {
    expect(await raw('GET /v1/server?verbose=1 HTTP/1.1\r\nhost: x\r\n\r\n')).toContain(' 400 ');
    expect(await raw('DELETE /v1/server HTTP/1.1\r\nhost: x\r\n\r\n')).toContain(' 405 ');
    expect(await raw('GET /v1/server HTTP/1.1\r\n\r\n')).toContain(' 400 ');
  });

  it('with headers beyond all measure is refused', async () => {
    expect(await raw(`GET /v1/server HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`)).toContain(' 431 ');
  });

  it('that is no HTTP at all ends the connection', async () => {
    expect(await raw('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03')).toMatch(/ 400 |^$/);
    expect(await raw('GET /v1/server HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n')).toContain(
      ' 400 ',
    );
  });
});

describe('pages', () => {
  it('are served under a policy that lets nothing foreign in, and an answer of the interface runs nowhere', async () => {
    for (const path of ['/', '/index.html', '/join']) {
      const page = await rawAsk(at, 'GET', path, {});
      expect(page.status).toBe(200);
      expect(page.headers['content-security-policy']).toMatch(
        /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/,
      );
      expect(page.headers['content-security-policy']).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*/);
      expect(page.headers['cross-origin-opener-policy']).toBe('same-origin');
      expect(page.headers['cross-origin-embedder-policy']).toBe('require-corp');
    }
    const again = await rawAsk(at, 'GET', '/join', {
      'if-none-match': (await rawAsk(at, 'GET', '/join', {})).headers.etag ?? '',
    });
    expect(again.status).toBe(304);
    const api = await rawAsk(at, 'GET', '/v1/server', {});
    expect(api.headers['content-security-policy']).toContain("default-src 'none'");
    expect(api.headers['x-content-type-options']).toBe('nosniff');
    expect(api.headers['cache-control']).toBe('no-store');
  });
});

describe('what anybody may ask', () => {
  it('is who the server is, whether it lives, and what it can be asked', async () => {
    const info = (await rawAsk(at, 'GET', '/v1/server', {})).json();
    expect(info).toMatchObject({
      protocol: 'sumus/wire/1',
      coordinator: at.coordinator,
      limits: { pieceBytes: 2 ** 22 },
    });
    for (const path of ['/health', '/ready']) expect((await rawAsk(at, 'GET', path, {})).status).toBe(200);
    const document = (await rawAsk(at, 'GET', '/openapi.json', {})).json() as {
      paths: Record<string, Record<string, unknown>>;
    };
    for (const { path, method } of Object.values(ROUTES))
      expect(document.paths[path]).toHaveProperty(method.toLowerCase());
  });

  it('are numbers without names', async () => {
    const text = (await rawAsk(at, 'GET', '/metrics', {})).body.toString('utf8');
    expect(text).toMatch(/^sumus_requests_total\{method="POST",status="204"\} \d+$/m);
    expect(text).toMatch(/^sumus_process_resident_bytes \d+$/m);
    for (const name of ['silo', 'run-1', PROJECT, hexOf(member.publicKey)]) expect(text).not.toContain(name);
  });
});

describe('a certificate', () => {
  it('that was revoked lets nobody in any more, and ends the stream that is open', { timeout: 20_000 }, async () => {
    const key = await freshSigner();
    const certificate = await enrolAt(owner, at, 'silo-9', key);
    const path = addressOf('messages', run);
    const signed = await signedHeaders(at, key, 'GET', path);
    const head = Object.entries(signed)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('');
    const socket = connect(server.port, '127.0.0.1', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n${head}\r\n`),
    );
    const opened = new Promise<void>((resolve) => socket.once('data', () => resolve()));
    // The last chunk of the answer, in its framing.
    const closed = new Promise<void>((resolve) => {
      let said = '';
      socket.on('data', (data) => {
        said += data;
        if (said.endsWith('0\r\n\r\n')) resolve();
      });
    });
    await opened;
    const fields = {
      projectId: PROJECT,
      sequence: 1,
      issuedAtMs: Date.now(),
      certificateHashes: [certificateHash(primitives, certificate)],
    };
    const forged = hexOf(encodeRevocationList(await revoke(await freshSigner(), fields)));
    expect(await refused(askJson(at, owner.owner, 'revoke', run, { list: forged }))).toBe('422 refused');
    const list = hexOf(encodeRevocationList(await revoke(owner.authority, fields)));
    expect((await askJson(at, owner.owner, 'revoke', run, { list })).status).toBe(204);
    await closed;
    socket.destroy();
    expect(await refused(ask(at, key, 'messages', { parameters: run }))).toBe('403 forbidden');
    expect(await refused(ask(at, key, 'frames', { parameters: run, body: Buffer.from('x'), type: BYTES_TYPE }))).toBe(
      '403 forbidden',
    );
    expect((await ask(at, member, 'revocations', { parameters: run })).json()).toEqual({ list });
    // A list that forgets somebody is no list.
    const shorter = hexOf(
      encodeRevocationList(await revoke(owner.authority, { ...fields, sequence: 2, certificateHashes: [] })),
    );
    expect(await refused(askJson(at, owner.owner, 'revoke', run, { list: shorter }))).toBe('422 refused');
  });
});

describe('a run that is paused', () => {
  it('can be stopped', { timeout: 20_000 }, async () => {
    const theirs = { run: 'run-2' };
    expect((await askJson(at, other.owner, 'pause', theirs, {})).status).toBe(204);
    expect(await refused(askJson(at, other.owner, 'start', theirs, {}))).toBe('503 unavailable');
    expect((await askJson(at, other.owner, 'stop', theirs, { reason: 'It was never begun.' })).status).toBe(204);
    expect((await ask(at, other.owner, 'run', { parameters: theirs })).json()).toMatchObject({
      phase: 'ended',
      isPaused: false,
      ended: { text: 'It was never begun.' },
    });
  });
});
