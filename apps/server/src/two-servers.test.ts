// Two processes of one server on one PostgreSQL: participants talk to either, one of them leads the run, and when it dies the other goes on.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BYTES_TYPE } from '@sumus/wire/bodies';
import { addressOf } from '@sumus/wire/routes';
import { hexOf } from '@sumus/wire/text';
import { Client } from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type At,
  ask,
  askJson,
  createAt,
  enrolAt,
  freshSigner,
  ownerOf,
  rawAsk,
  signedHeaders,
  statusAt,
  TestParticipant,
} from './over-network.contract.ts';
import { ServerProcess } from './server-process.contract.ts';
import { postgresForTests } from './store/postgres-server.contract.ts';

const postgres = postgresForTests();
const clean: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const one of clean.splice(0).reverse()) await one();
});

const metric = async (at: At, name: string): Promise<number> => {
  const text = (await rawAsk(at, 'GET', '/metrics', {})).body.toString('utf8');
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
};

if (typeof postgres === 'string') {
  describe(`two servers on one PostgreSQL (skipped: ${postgres})`, () => {
    it.skip('run one run', () => {});
  });
} else {
  describe('two servers on one PostgreSQL', () => {
    it('run one run: one leads, both are asked, and who is left goes on', { timeout: 120_000 }, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'sumus-two-'));
      clean.push(() => rmSync(folder, { recursive: true, force: true }));
      await postgres.start();
      clean.push(() => postgres.remove());
      const owner = await ownerOf({ template: { protection: 'mask', rounds: 3 } });
      const servers = ['a', 'b'].map((name) => {
        const words = [
          '--state',
          join(folder, name),
          '--key',
          join(folder, 'coordinator.key'),
          `--owner=${hexOf(owner.owner.publicKey)}`,
        ];
        const server = new ServerProcess(words, { SUMUS_DATABASE_URL: postgres.url });
        clean.push(() => server.kill());
        return server;
      });
      const ats: At[] = [];
      for (const server of servers) ats.push(await server.start());
      const [first, second] = ats as [At, At];
      expect(second.coordinator).toBe(first.coordinator);
      await createAt(owner, first);

      // A request that one took is nothing to the other but what doing twice changes nothing.
      const path = addressOf('start', { run: owner.runId });
      const body = Buffer.from('{}');
      const signed = {
        ...(await signedHeaders(first, owner.owner, 'POST', path, { body })),
        'content-type': 'application/json',
      };
      expect((await rawAsk(first, 'POST', path, signed, body)).status).toBe(200);
      expect((await rawAsk(first, 'POST', path, signed, body)).status).toBe(401);

      // Two at the first, two at the second; whoever's server is gone asks the other.
      const alive = [true, true];
      const members: TestParticipant[] = [];
      for (let index = 0; index < 4; index += 1) {
        const mine = index % 2;
        const at = (): At => (alive[mine] ? ats[mine]! : ats[1 - mine]!);
        const key = await freshSigner();
        const certificate = await enrolAt(owner, at(), `silo-${index + 1}`, key);
        // Frames of some are uploaded to whichever, in pieces.
        members.push(
          await TestParticipant.make({
            owner,
            name: `silo-${index + 1}`,
            key,
            certificate,
            at,
            inlineBytes: index < 2 ? 200 : 2 ** 20,
          }),
        );
      }
      clean.push(async () => {
        for (const member of members) await member.stop();
      });
      for (const member of members) await member.begin();
      await expect.poll(async () => (await statusAt(owner, second)).version, { timeout: 30_000 }).toBeGreaterThan(0);
      expect(await metric(first, 'sumus_runs_led')).toBe(1);
      expect(await metric(second, 'sumus_runs_led')).toBe(0);
      // Nobody of outside says that a request came from inside.
      const forged = { 'sumus-passed': `${Date.now()} 10.0.0.1 ${'00'.repeat(64)}` };
      expect(
        (await ask(second, owner.owner, 'run', { parameters: { run: owner.runId }, headers: forged })).status,
      ).toBe(403);
      expect(
        (
          await ask(second, owner.owner, 'frames', {
            parameters: { run: owner.runId },
            body: Buffer.from('x'),
            type: BYTES_TYPE,
          })
        ).status,
      ).toBe(403);

      await servers[0]!.kill();
      alive[0] = false;
      for (const member of members) {
        const over = await member.ended(40_000).catch((error) => {
          throw new Error(`${error.message}; the server: ${servers[1]!.log.slice(-1500)}`);
        });
        expect(over).toBe('3 sums were published.');
        expect(member.versions.at(-1)).toBe(3);
      }
      expect(await statusAt(owner, second)).toMatchObject({ phase: 'ended', version: 3 });
      expect((await askJson(second, owner.owner, 'stop', { run: owner.runId }, { reason: 'late' })).status).toBe(204);
      expect(await servers[1]!.stop()).toBe(0);
    });

    it('open nothing twice where the one that led stood still, lost its lock, and goes on', {
      timeout: 120_000,
    }, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'sumus-still-'));
      clean.push(() => rmSync(folder, { recursive: true, force: true }));
      const fresh = postgresForTests();
      if (typeof fresh === 'string') throw new Error(fresh);
      await fresh.start();
      clean.push(() => fresh.remove());
      const owner = await ownerOf({ template: { protection: 'mask', rounds: 3 } });
      const [leader, other] = ['a', 'b'].map((name) => {
        const key = ['--key', join(folder, 'coordinator.key'), `--owner=${hexOf(owner.owner.publicKey)}`];
        const server = new ServerProcess(['--state', join(folder, name), ...key], { SUMUS_DATABASE_URL: fresh.url });
        clean.push(() => server.kill());
        return server;
      }) as [ServerProcess, ServerProcess];
      const [first, second] = [await leader.start(), await other.start()];
      await createAt(owner, first);
      expect((await askJson(second, owner.owner, 'start', { run: owner.runId }, {})).status).toBe(200);
      const members: TestParticipant[] = [];
      clean.push(async () => {
        for (const member of members) await member.stop();
      });
      // All at the one that stays: it passes on what the leader has to answer.
      for (const name of ['silo-1', 'silo-2', 'silo-3', 'silo-4']) {
        const key = await freshSigner();
        const certificate = await enrolAt(owner, second, name, key);
        members.push(await TestParticipant.make({ owner, name, key, certificate, at: () => second }));
      }
      for (const member of members) await member.begin();
      await expect.poll(async () => (await statusAt(owner, second)).version, { timeout: 30_000 }).toBeGreaterThan(0);
      leader.standStill();
      // As the database does by itself once a machine is silent, and an operator by hand.
      const client = new Client({ connectionString: fresh.url });
      await client.connect();
      await client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sumus ' || $1`,
        [first.url],
      );
      await client.end();
      await expect.poll(() => metric(second, 'sumus_runs_led'), { timeout: 30_000 }).toBe(1);
      // It wakes in the middle of what it was doing: whoever appends first leads on.
      leader.goOn();
      for (const member of members) expect(await member.ended(60_000)).toBe('3 sums were published.');
      const led = [await metric(first, 'sumus_runs_led'), await metric(second, 'sumus_runs_led')];
      expect(led.toSorted()).toEqual([0, 1]);
      const log = await ask(first, owner.owner, 'events', {
        parameters: { run: owner.runId },
        query: { format: 'ndjson' },
      });
      const events = log.body
        .toString('utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      const opened = events.filter(({ kind }) => kind === 'released').map(({ round }) => round);
      expect(opened).toEqual([...new Set(opened)]);
      expect(opened).toHaveLength(3);
    });
  });
}
