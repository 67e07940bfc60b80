// Sums that are opened to participants alone: they come to one model, and nothing that the coordinator has holds a sum or a model. And plans of one
// round, whose sum is one of statistics.

import { describe, expect, it } from 'vitest';
import { appendTo } from '../ledger/ledger.ts';
import { withLeastNoise } from '../plan/calibration.ts';
import type { Plan } from '../plan/plan.ts';
import { priceOfRound } from '../plan/price.ts';
import { vectorLengthOf } from '../plan/sums.ts';
import { bytesOfPublished } from '../release/published-bytes.ts';
import { type RunWorld, runWorld } from './run-world.contract.ts';

const toParticipants = (plan: Plan): Plan => ({
  ...plan,
  protection: { kind: 'one-shot', committee: { members: 4, corrupt: 1, choice: 'fixed', mayBeBlocked: false } },
  openedTo: 'participants',
});

const why = ({ coordinator, members }: RunWorld): string =>
  JSON.stringify([coordinator.state.phase, members.map(({ notes, over }) => [over, notes.map(({ text }) => text)])]);

describe('sums that are opened to participants alone', () => {
  const shared = { members: 4, plan: { protection: 'none', rounds: 2, maximumContributors: 4 } } as const;

  it('make one model at all of them, the same as where everybody may see', async () => {
    const world = await runWorld({ ...shared, change: toParticipants });
    await world.play();
    expect(world.coordinator.state.phase, why(world)).toMatchObject({ why: 'all rounds done' });
    expect(world.coordinator.published).toBeUndefined();
    const open = await runWorld({ ...shared, change: (plan) => ({ ...toParticipants(plan), openedTo: 'everyone' }) });
    await open.play();
    for (const { models } of world.members) expect(models.at(-1)?.published).toEqual(open.coordinator.published);
  });

  it('are nowhere in what the coordinator stores, receives or sends: no model, no sum, no mean of it', async () => {
    const seen: Uint8Array[] = [];
    const play = async (change: (plan: Plan) => Plan): Promise<RunWorld> => {
      seen.length = 0;
      const world = await runWorld({ ...shared, change });
      world.carriage = (mail) => {
        seen.push(mail.bytes);
        return [mail];
      };
      await world.play();
      return world;
    };
    // Any weight after the first release, and any word of a sum, as bytes: as good as unique.
    const tracesOf = ({ members }: RunWorld): Uint8Array[] =>
      members[0]?.models.map(({ published }) => bytesOfPublished(published).slice(60, 76)) ?? [];
    const world = await play(toParticipants);
    const stored = [...world.blobs.values(), ...seen, new TextEncoder().encode(JSON.stringify(world.log))];
    expect(tracesOf(world)).toHaveLength(2);
    expect(tracesOf(world).filter((trace) => stored.some((bytes) => holds(bytes, trace)))).toEqual([]);
    // The same search does find them where everybody may see.
    const open = await play((plan) => ({ ...toParticipants(plan), openedTo: 'everyone' }));
    const everything = [...open.blobs.values(), ...seen];
    expect(tracesOf(open).every((trace) => everything.some((bytes) => holds(bytes, trace)))).toBe(true);
  });
});

const holds = (bytes: Uint8Array, trace: Uint8Array): boolean => Buffer.from(bytes).includes(Buffer.from(trace));

describe('a plan of one round', () => {
  it('sums statistics once and ends with a classifier that everybody computes', async () => {
    const oneRound = (plan: Plan): Plan => ({
      ...plan,
      exchange: {
        schedule: 'one-round',
        statistics: 'ridge',
        features: 'inputs',
        featureCount: 4,
        classes: 3,
        radius: 1,
        ridge: 1e-2,
      },
      encoding: { clippingNorm: 100, valueBits: 18, rotation: 'hadamard' },
      metrics: [],
    });
    const world = await runWorld({
      plan: { protection: 'mask', rounds: 1 },
      change: oneRound,
      train: ({ plan }, { index }) => {
        const values = new Float32Array(vectorLengthOf(plan));
        // Of features with no covariance: a diagonal, and a class each.
        values.set([1, 0, 0, 0, 1, 0, 0, 1, 0, 1]);
        values[10 + index] = 1;
        return { kind: 'statistics', values, units: 20 };
      },
    });
    await world.play();
    expect(world.coordinator.state.phase, why(world)).toMatchObject({ why: 'all rounds done' });
    const [first, ...others] = world.members.map(({ models }) => models.at(-1)?.published);
    expect(first).toMatchObject({ kind: 'statistics', version: 1 });
    for (const other of others) expect(other).toEqual(first);
  });
});

describe('a participant whose budget is spent', () => {
  it('lets the round pass and, where only who is in a sum may open it, leaves; the others go on', async () => {
    // Not of the committee, which is the first four: a round without one of these would fail.
    const spent = 'silo-5';
    const world = await runWorld({
      members: 5,
      plan: {
        protection: 'one-shot',
        rounds: 2,
        epsilon: 3,
        maximumContributors: 5,
        minimumUnits: 10,
        batchSize: 20,
      },
      change: (plan) => ({ ...toParticipants(withLeastNoise(plan)), metrics: [] }),
      policy: () => ({ budgets: [{ dataset: 'ward', unit: 'record', epsilonAtMost: 3.1, delta: 1e-6 }] }),
    });
    const member = world.member(spent);
    let isCharged = false;
    world.onMember = async (one) => {
      if (one !== member || isCharged || one.state.standing !== 'accepted') return;
      isCharged = true;
      // Another run on the same data, between the plan's acceptance and its first round.
      const mechanism = priceOfRound(world.plan);
      if (mechanism === undefined) throw new Error('no price');
      const content = {
        kind: 'charged',
        plan: 'cd'.repeat(32),
        round: 0,
        dataset: 'ward',
        mechanism,
        count: 50,
      } as const;
      const { primitives, signer } = one.setup;
      const ledger = await appendTo(primitives, signer, one.state.ledger, { content, atMs: world.nowMs });
      one.state = { ...one.state, ledger };
    };
    await world.play({ stepMs: 300_000 });
    expect(world.coordinator.state.phase, why(world)).toMatchObject({ why: 'all rounds done' });
    const others = ['silo-1', 'silo-2', 'silo-3', 'silo-4'];
    expect(world.coordinator.state.releases.map(({ contributors }) => contributors)).toEqual([others, others]);
    expect(member.over).toMatch(/opened without this participant/);
    expect(member.state.ledger.records.map(({ content }) => content.kind)).not.toContain('left');
    expect(world.log.find(({ kind }) => kind === 'member sat out')).toMatchObject({
      reasons: [{ code: 'budget-overrun' }],
    });
  });
});
