// A whole participant on this machine, over real HTTP: from a link and a folder to a model; with a thread that trains, and with a function of
// somebody's own in three lines.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publishedHash } from '@sumus/federation/release';
import { type InvitationLink, writeInvitationLink } from '@sumus/wire/link';
import { hexOf } from '@sumus/wire/text';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LittleWorld } from '../little-world.contract.ts';
import type { Outcome, Progress } from '../participation/index.ts';
import { answeringFor, type Listening, listening } from './http-for-tests.contract.ts';
import { LocalParticipant, takePart, threadWorker } from './index.ts';
import { nodeClock } from './node-clock.ts';

let root = '';
let world: LittleWorld;
let line: Listening;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'sumus-client-'));
  world = await LittleWorld.make({ plan: { rounds: 2 }, clock: nodeClock });
  line = await listening(answeringFor(world.server));
  world.start();
});
afterEach(async () => {
  world.stop();
  await line.close();
  rmSync(root, { recursive: true, force: true });
});

const linkOf = (place: number, changes: Partial<InvitationLink> = {}): string =>
  writeInvitationLink(world.primitives, { ...world.link(place), server: line.url, ...changes });
const modelOf = ({ published }: Outcome): string =>
  published === undefined ? 'none' : hexOf(publishedHash(world.primitives, published));

describe('a participant on this machine', () => {
  it('looks before it leaps, takes part with a thread, and keeps its ledger', async () => {
    const told: Progress[] = [];
    const runs = [0, 1, 2].map(async (place) => {
      const participant = await LocalParticipant.open(linkOf(place), { folder: join(root, `${place}`) });
      const dry = await participant.dryRun('this plan');
      expect(dry.judgement.kind).toBe('accepted');
      expect(dry.leaves[0]).toMatchObject({ what: 'update', readableBy: expect.stringContaining('nobody') });
      const data = world.data(place);
      const participation = await participant.begin({
        policy: 'this plan',
        worker: place === 0 ? threadWorker(data) : await world.worker(place),
        onProgress: (progress) => void (place === 0 && told.push(progress)),
      });
      const outcome = await participation.run();
      const ledger = await participant.ledger();
      expect(ledger.records).toEqual(outcome.ledger);
      expect(ledger.owner).toBe(participant.key);
      await participant.close();
      return outcome;
    });
    const outcomes = await Promise.all(runs);
    expect(outcomes.map(({ ended }) => ended.kind)).toEqual(['run over', 'run over', 'run over']);
    expect(new Set(outcomes.map(modelOf)).size).toBe(1);
    expect(told.some((one) => one.kind === 'training' && one.step === one.steps)).toBe(true);
    const files = readdirSync(join(root, '0')).sort();
    expect(files.map((name) => name.replace(/[0-9a-f]{32}$/, '…'))).toEqual([
      'certificate-…',
      'identity',
      'ledger',
      'participant-…',
      'sealing-key',
    ]);
  });

  it('is three lines for a training function of one’s own', async () => {
    const train = async ({ weights }: { readonly weights: Float32Array }) => ({
      weights: weights.map((weight, i) => weight + 0.01 * (i % 3)),
      examples: 60,
      meanLoss: 0.5,
    });
    const outcomes = await Promise.all(
      [0, 1, 2].map(async (place) => {
        const run = await takePart(linkOf(place), { folder: join(root, `${place}`), policy: 'this plan' });
        for await (const task of run) await task.send(await train(task));
        return run.outcome;
      }),
    );
    expect(outcomes.map(({ ended }) => ended.kind)).toEqual(['run over', 'run over', 'run over']);
    expect(new Set(outcomes.map(modelOf)).size).toBe(1);
    expect(outcomes[0]?.published?.version).toBe(2);
  });

  it('pauses where its loop is left, and goes on with the same folder', async () => {
    const options = (place: number) => ({ folder: join(root, `${place}`), policy: 'this plan' as const });
    const others = [1, 2].map(async (place) => {
      const run = await takePart(linkOf(place), options(place));
      for await (const task of run) await task.send({ weights: task.weights, examples: 60 });
      return run.outcome;
    });
    const first = await takePart(linkOf(0), options(0));
    for await (const _ of first) break;
    expect((await first.outcome).ended).toEqual({ kind: 'paused' });
    const again = await takePart(linkOf(0), options(0));
    for await (const task of again) await task.send({ weights: task.weights, examples: 60 });
    const outcomes = [await again.outcome, ...(await Promise.all(others))];
    expect(new Set(outcomes.map(modelOf)).size).toBe(1);
  });

  it('throws into the loop what ended the run', async () => {
    const run = await takePart(linkOf(0, { plan: 'ab'.repeat(32) }), {
      folder: join(root, '0'),
      policy: 'this plan',
    }).catch((error: Error) => error);
    expect(String(run)).toMatch(/another plan than the invitation/);
    // The folder is free again.
    const participant = await LocalParticipant.open(linkOf(0), { folder: join(root, '0') });
    await participant.close();
  });

  it('leaves nothing of its key readable in its folder', async () => {
    const participant = await LocalParticipant.open(linkOf(0), {
      folder: join(root, '0'),
      passphrase: 'a long passphrase',
    });
    const { key } = participant;
    await participant.close();
    const all = readdirSync(join(root, '0')).map((name) => readFileSync(join(root, '0', name), 'latin1'));
    for (const text of all) expect(text).not.toContain(Buffer.from(key, 'hex').toString('latin1'));
    await expect(
      LocalParticipant.open(linkOf(0), { folder: join(root, '0'), passphrase: 'another passphrase' }),
    ).rejects.toThrow(/not sealed under this key/);
    const again = await LocalParticipant.open(linkOf(0), { folder: join(root, '0'), passphrase: 'a long passphrase' });
    expect(again.key).toBe(key);
    await again.close();
  });
});
