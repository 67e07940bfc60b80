// Who comes, goes, refuses and lies: the run goes on with those who may and want to, or ends cleanly, and both sides are told why.

import { describe, expect, it } from 'vitest';
import { appendTo } from '../ledger/ledger.ts';
import { withLeastNoise } from '../plan/calibration.ts';
import type { Plan } from '../plan/plan.ts';
import { priceOfRound } from '../plan/price.ts';
import { lossOf, type RunWorld, runWorld } from './run-world.contract.ts';

const ended = ({ coordinator }: RunWorld): unknown => coordinator.state.phase;
const kindsOf = ({ log }: RunWorld): readonly string[] => log.map(({ kind }) => kind);
const texts = ({ members }: RunWorld): readonly string[] =>
  members.flatMap(({ notes }) => notes.map(({ text }) => text));

describe('members', () => {
  it('that are gone when their words are due are missing, and the sum is of the others', async () => {
    const world = await runWorld({ members: 5, plan: { protection: 'mask', rounds: 1, maximumContributors: 5 } });
    const gone = world.member('silo-4');
    world.onMember = async (member) => {
      if (member === gone && member.state.work?.result !== undefined) member.isAway = true;
    };
    await world.play({ stepMs: 300_000 });
    expect(ended(world)).toMatchObject({ why: 'all rounds done' });
    expect(world.coordinator.state.releases[0]?.contributors).toEqual(['silo-1', 'silo-2', 'silo-3', 'silo-5']);
    expect(gone.models).toHaveLength(0);
  });

  it('that leave are not waited for, and the others draw anew and go on', async () => {
    const world = await runWorld({ members: 4, plan: { protection: 'mask', rounds: 3, maximumContributors: 4 } });
    const leaver = world.member('silo-2');
    world.onStep = async ({ events }) => {
      if (!events.some((event) => event.kind === 'released' && event.version === 1)) return;
      await world.happen(leaver, { kind: 'leave', reason: 'The ward is closed.' });
    };
    await world.play();
    expect(ended(world)).toMatchObject({ why: 'all rounds done' });
    expect(world.coordinator.state.roster).toEqual(['silo-1', 'silo-3', 'silo-4']);
    expect(kindsOf(world).filter((kind) => kind === 'run started')).toHaveLength(2);
    expect(world.coordinator.state.releases.map(({ contributors }) => contributors.length)).toEqual([4, 3, 3]);
  });

  it('that come late join between two rounds and take over the model that all have', async () => {
    const world = await runWorld({ members: 4, plan: { protection: 'mask', rounds: 4, maximumContributors: 4 } });
    const late = world.member('silo-1');
    late.isAway = true;
    world.onStep = async ({ events }) => {
      if (!events.some((event) => event.kind === 'released' && event.version === 1)) return;
      late.isAway = false;
      await world.happen(late, { kind: 'begin' });
    };
    await world.play();
    expect(ended(world), JSON.stringify(texts(world))).toMatchObject({ why: 'all rounds done' });
    expect(world.coordinator.state.releases.at(-1)?.contributors).toHaveLength(4);
    expect(late.models.at(-1)?.published).toEqual(world.coordinator.published);
    expect(late.state.ledger.records.some(({ content }) => content.kind === 'receipt kept')).toBe(true);
  });

  it('that were away for rounds catch up', async () => {
    const world = await runWorld({ members: 4, plan: { protection: 'mask', rounds: 4, maximumContributors: 4 } });
    const away = world.member('silo-3');
    world.onStep = async ({ events }) => {
      if (events.some((event) => event.kind === 'released' && event.version === 1)) away.isAway = true;
      if (events.some((event) => event.kind === 'released' && event.version === 3)) away.isAway = false;
    };
    await world.play({ stepMs: 300_000 });
    expect(ended(world), JSON.stringify(texts(world))).toMatchObject({ why: 'all rounds done' });
    expect(away.models.at(-1)?.published).toEqual(world.coordinator.published);
  });

  it('that say nothing any more cost the others two deadlines, not two a round, and are heard again when they come back', async () => {
    const world = await runWorld({ members: 4, plan: { protection: 'none', rounds: 8, maximumContributors: 4 } });
    const away = world.member('silo-2');
    let lostAtMs = 0;
    world.onStep = async ({ coordinator, events }) => {
      const { length } = coordinator.state.releases;
      if (length === 1 && lostAtMs === 0) {
        away.isAway = true;
        lostAtMs = world.nowMs;
      }
      if (length === 6) away.isAway = false;
      expect(events.filter(({ kind }) => kind === 'round failed')).toEqual([]);
      // Others need time as well, and this one comes back in it.
      if (length >= 6) world.nowMs += 40_000;
    };
    await world.play({ stepMs: 100_000 });
    const { releases } = world.coordinator.state;
    expect(ended(world), JSON.stringify(texts(world))).toMatchObject({ why: 'all rounds done' });
    expect((releases[5]?.atMs ?? 0) - lostAtMs).toBeLessThanOrEqual(4 * 600_000);
    expect(releases.slice(2, 6).map(({ contributors }) => contributors.length)).toEqual([3, 3, 3, 3]);
    expect(away.models.at(-1)?.published).toEqual(world.coordinator.published);
  });

  it('whose file does not allow the plan decline it, with reasons for both sides', async () => {
    const world = await runWorld({
      members: 4,
      plan: { protection: 'none', rounds: 1, maximumContributors: 4 },
      policy: (index) => (index === 2 ? { protections: ['mask'] } : {}),
    });
    await world.play();
    const refuser = world.member('silo-3');
    expect(refuser.state.standing).toBe('declined');
    expect(refuser.notes[0]?.refusals[0]).toMatchObject({ code: 'protection-not-allowed' });
    expect(refuser.state.ledger.records[0]?.content).toMatchObject({ kind: 'refused', code: 'protection-not-allowed' });
    const told = world.log.find((event) => event.kind === 'plan declined');
    expect(told).toMatchObject({ reasons: [{ code: 'protection-not-allowed', path: 'protection.kind' }] });
    expect(ended(world)).toMatchObject({ why: 'all rounds done' });
    expect(world.coordinator.state.releases[0]?.contributors).toHaveLength(3);
  });

  it('whose file allows no more let rounds pass, and the run ends where too few are left', async () => {
    const promising = (plan: Plan): Plan => withLeastNoise(plan);
    const world = await runWorld({
      members: 3,
      plan: { protection: 'mask', rounds: 6, epsilon: 3, minimumUnits: 10, batchSize: 20 },
      change: promising,
      // Enough for the plan as a whole; two rounds a day, and the third is on the same day.
      policy: () => ({
        budgets: [{ dataset: 'ward', unit: 'record', epsilonAtMost: 3, delta: 1e-6 }],
        roundsPerDayAtMost: 2,
      }),
    });
    await world.play();
    expect(kindsOf(world).filter((kind) => kind === 'released')).toHaveLength(2);
    const pause = world.log.find((event) => event.kind === 'member sat out');
    expect(pause).toMatchObject({ reasons: [{ code: 'too-many-rounds-a-day' }] });
    expect(ended(world)).toMatchObject({ why: 'rounds keep failing' });
    const charges = world.members.map(
      ({ state }) => state.ledger.records.filter(({ content }) => content.kind === 'charged').length,
    );
    expect(charges).toEqual([2, 2, 2]);
  });

  it('whose budgets are spent end the run with that reason', async () => {
    const world = await runWorld({
      plan: { protection: 'mask', rounds: 6, epsilon: 3, minimumUnits: 10, batchSize: 20 },
      change: withLeastNoise,
      policy: () => ({ budgets: [{ dataset: 'ward', unit: 'record', epsilonAtMost: 3, delta: 1e-6 }] }),
    });
    const mechanism = priceOfRound(world.plan);
    if (mechanism === undefined) throw new Error('this plan promises nothing');
    world.onStep = async ({ events }) => {
      if (!events.some((event) => event.kind === 'released' && event.version === 1)) return;
      // Another run on the same data spends what is left.
      const content = {
        kind: 'charged',
        plan: 'ab'.repeat(32),
        round: 0,
        dataset: 'ward',
        mechanism,
        count: 6,
      } as const;
      for (const member of world.members) {
        const { primitives, signer } = member.setup;
        const ledger = await appendTo(primitives, signer, member.state.ledger, { content, atMs: world.nowMs });
        member.state = { ...member.state, ledger };
      }
    };
    await world.play();
    expect(kindsOf(world).filter((kind) => kind === 'released')).toHaveLength(1);
    expect(kindsOf(world).filter((kind) => kind === 'round failed')).toHaveLength(1);
    expect(ended(world)).toMatchObject({ why: 'the budget is spent' });
  });

  it('with too few rows behind a contribution make none', async () => {
    const world = await runWorld({
      members: 4,
      plan: { protection: 'mask', rounds: 1, maximumContributors: 4 },
      train: (own, { training, inputs, targets, index }, { work }) => {
        expect(own.members).toHaveLength(4);
        if (index === 1) return { kind: 'too few', found: 3, needed: 10, countedIn: 'rows' };
        if (training === undefined || work.kind !== 'update') throw new Error('no update');
        return training.contribute({ start: work.start, data: { examples: { inputs, targets } } });
      },
    });
    await world.play({ stepMs: 300_000 });
    expect(world.coordinator.state.releases[0]?.contributors).toEqual(['silo-1', 'silo-3', 'silo-4']);
    expect(kindsOf(world)).toContain('member sat out');
  });
});

describe('a run', () => {
  it('ends when the loss has not fallen for as long as the plan waits', async () => {
    const world = await runWorld({
      plan: { protection: 'none', rounds: 30, learningRate: 0.0001 },
      change: (plan) => ({ ...plan, stopping: { rounds: 30, patienceRounds: 2 } }),
    });
    await world.play();
    expect(ended(world)).toMatchObject({ why: 'loss stopped falling' });
    expect(world.coordinator.state.releases.length).toBeLessThan(30);
    const model = world.coordinator.published;
    expect(model?.kind === 'model' && lossOf(world, model.server.weights)).toBeGreaterThan(0);
  });

  it('ends when its time is over, and when its owner says so', async () => {
    const world = await runWorld({ plan: { protection: 'none', rounds: 3 } });
    await world.gather();
    world.nowMs = world.plan.deadline.endsAtMs + 1;
    await world.coordinate({ kind: 'tick' });
    const other = await runWorld({ members: 4, plan: { protection: 'none', rounds: 3, maximumContributors: 4 } });
    await other.coordinate({ kind: 'stop', reason: 'The study is withdrawn.' });
    expect(ended(other)).toMatchObject({ why: 'stopped by its owner', text: 'The study is withdrawn.' });
    expect(['time is over', 'all rounds done']).toContain(
      world.coordinator.state.phase.kind === 'ended' ? world.coordinator.state.phase.why : '',
    );
  });
});
