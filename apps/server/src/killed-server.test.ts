// kill -9 of the server in the middle of a run, between its participants' messages, as often as the run lasts. SUMUS_FULL=1 kills a hundred times.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyLedger } from '@sumus/federation/ledger';
import { fold, type RunEvent, type RunState, readEvent } from '@sumus/federation/run';
import { hexOf } from '@sumus/wire/text';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type At,
  ask,
  createAt,
  type Owner,
  ownerOf,
  participantsOf,
  primitives,
  statusAt,
  type TestParticipant,
} from './over-network.contract.ts';
import { ServerProcess } from './server-process.contract.ts';
import { postgresForTests } from './store/postgres-server.contract.ts';

const isFull = process.env['SUMUS_FULL'] === '1';
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const clean: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const one of clean.splice(0).reverse()) await one();
});

const KILLS = isFull ? 100 : 3;
/** A killed server is back within so long; what it does between two kills. */
const LIFE_MS = { least: 150, most: 900 } as const;

async function killedOften(server: ServerProcess, owner: Owner): Promise<void> {
  let at: At = await server.start();
  clean.push(() => server.kill());
  await createAt(owner, at);
  const members: TestParticipant[] = await participantsOf(owner, () => at);
  clean.push(async () => {
    for (const member of members) await member.stop();
  });
  for (const member of members) await member.begin();
  for (let kill = 0; kill < KILLS; kill += 1) {
    // Spread evenly over the moments of a round, the same in every run.
    await pause(LIFE_MS.least + (LIFE_MS.most - LIFE_MS.least) * ((kill * 0.618) % 1));
    if (members.every(({ over }) => over !== undefined)) break;
    await server.kill();
    at = await server.start();
  }
  for (const member of members) {
    const over = await member.ended(40_000 + KILLS * 1000).catch((error) => {
      throw new Error(`${error.message}; the server: ${server.log.slice(-1500)}`);
    });
    expect(over).toContain('sums were published');
  }
  expect(await statusAt(owner, at)).toMatchObject({ phase: 'ended', ended: { why: 'all rounds done' } });
  await provesItself(owner, at);
  for (const member of members) expect(member.versions.at(-1)).toBe(owner.signed.plan.stopping.rounds);
}

/** Every event follows from those before, no point is opened twice, and the ledger is what its owner signed. */
async function provesItself(owner: Owner, at: At): Promise<void> {
  const answer = await ask(at, owner.owner, 'events', {
    parameters: { run: owner.runId },
    query: { format: 'ndjson' },
  });
  const events: RunEvent[] = answer.body
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => readEvent(line));
  let state: RunState | undefined;
  for (const [place, event] of events.entries()) {
    const next = fold(primitives, state, event);
    expect(next, `event ${place}, ${event.kind}`).not.toBe(state);
    state = next;
  }
  const released = events.flatMap((event) => (event.kind === 'released' ? [event.round] : []));
  expect(new Set(released).size).toBe(released.length);
  expect(released).toHaveLength(owner.signed.plan.stopping.rounds);
  const opened = events.flatMap((event) => (event.kind === 'round opened' ? [event.round] : []));
  expect(opened).toEqual(opened.map((_, round) => round));
  if (state === undefined) throw new Error('no run');
  const { records } = state.ledger;
  expect(await verifyLedger(primitives, at.coordinator, records)).toMatchObject({ kind: 'intact' });
}

const rounds = isFull ? 60 : 5;
const limit = { timeout: 60_000 + KILLS * 8000 };

describe(`a server that is killed ${KILLS} times in a run`, () => {
  it('loses nothing on SQLite: the run goes to its end, and its ledger verifies', limit, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sumus-killed-'));
    clean.push(() => rmSync(folder, { recursive: true, force: true }));
    const owner = await ownerOf({ template: { protection: 'mask', rounds } });
    await killedOften(new ServerProcess(['--state', folder, '--owner', hexOf(owner.owner.publicKey)]), owner);
  });

  const postgres = postgresForTests();
  if (typeof postgres === 'string') it.skip(`loses nothing on PostgreSQL (skipped: ${postgres})`, () => {});
  else {
    it('loses nothing on PostgreSQL', limit, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'sumus-killed-'));
      clean.push(() => rmSync(folder, { recursive: true, force: true }));
      await postgres.start();
      clean.push(() => postgres.remove());
      const owner = await ownerOf({ template: { protection: 'mask', rounds } });
      const words = ['--state', folder, '--owner', hexOf(owner.owner.publicKey)];
      await killedOften(new ServerProcess(words, { SUMUS_DATABASE_URL: postgres.url }), owner);
    });
  }
});
