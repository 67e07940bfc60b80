// A whole run over real HTTP and TLS: an owner, participants with the real protocols, and the server in this process.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hexOf } from '@sumus/wire/text';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jsonLog, type Log } from './log.ts';
import { readOptions } from './options.ts';
import {
  type At,
  ask,
  createAt,
  type Owner,
  type OwnerOptions,
  ownerOf,
  participantsOf,
  statusAt,
} from './over-network.contract.ts';
import { type RunningServer, startServer } from './server.ts';

let folder: string;
let server: RunningServer | undefined;
const lines: string[] = [];
const log: Log = jsonLog((line) => lines.push(line));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sumus-server-'));
  lines.length = 0;
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function start(owner: Owner, ...words: string[]): Promise<At> {
  const read = readOptions(
    ['--listen', '127.0.0.1:0', '--state', folder, '--owner', hexOf(owner.owner.publicKey), ...words],
    {},
  );
  if (read.kind === 'help') throw new Error('help');
  server = await startServer(read.options, log);
  const { url, coordinator, fingerprint } = server;
  const ca = fingerprint === undefined ? undefined : readFileSync(join(folder, 'tls', 'ca.crt'), 'utf8');
  return { url, coordinator, ca };
}

interface Play {
  readonly words?: readonly string[];
  readonly inlineBytes?: number;
  readonly members?: number;
}

async function play(
  options: OwnerOptions,
  { words = [], inlineBytes = 2 ** 20, members: count = 4 }: Play,
): Promise<Owner> {
  const owner = await ownerOf(options);
  const at = await start(owner, ...words);
  await createAt(owner, at);
  const members = await participantsOf(owner, () => at, count, { inlineBytes });
  for (const member of members) await member.begin();
  for (const member of members) {
    expect(await member.ended(60_000)).toBe('2 sums were published.');
    expect(member.versions).toEqual([1, 2]);
    expect(member.refused).toEqual([]);
  }
  const status = await statusAt(owner, at);
  expect(status).toMatchObject({ phase: 'ended', version: 2, ended: { why: 'all rounds done' } });
  return owner;
}

describe('a run over the network', () => {
  it('goes from its creation to its end, one-shot, over TLS of its own', { timeout: 120_000 }, async () => {
    await play({}, { words: ['--tls', 'own'] });
  });

  it('goes with masks, its frames uploaded in pieces', { timeout: 120_000 }, async () => {
    await play({ template: { protection: 'mask' } }, { inlineBytes: 200 });
  });

  it('goes with a threshold key', { timeout: 120_000 }, async () => {
    await play({ template: { protection: 'threshold', maximumContributors: 3 } }, { members: 3 });
  });

  it('leaves a log that anybody reads back as it happened, and no frame on disk', { timeout: 120_000 }, async () => {
    const owner = await play({}, {});
    const at: At = { url: server!.url, coordinator: server!.coordinator };
    const answer = await ask(at, owner.owner, 'events', {
      parameters: { run: owner.runId },
      query: { format: 'ndjson' },
    });
    const kinds = answer.body
      .toString('utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).kind);
    expect(kinds[0]).toBe('run created');
    expect(kinds.at(-1)).toBe('run ended');
    expect(kinds.filter((kind) => kind === 'released')).toHaveLength(2);
    const frame =
      answer.body
        .toString('utf8')
        .split('\n')
        .find((line) => line.includes('"frame taken"')) ?? '';
    const { sha256 } = JSON.parse(frame).frame;
    expect((await ask(at, owner.owner, 'blob', { parameters: { run: owner.runId, sha256 } })).status).toBe(404);
  });
});
