// Every schedule, under the protections that have it: the same integers with and without protection, and one model that everybody computes.

import { describe, expect, it } from 'vitest';
import type { Plan } from '../plan/plan.ts';
import { restoreParticipant, storeParticipantInTheClear } from './participant/storage.ts';
import { type RunWorld, type RunWorldOptions, runWorld } from './run-world.contract.ts';

async function played(options: RunWorldOptions): Promise<RunWorld> {
  const world = await runWorld(options);
  await world.play();
  return world;
}

const whys = ({ coordinator, members, refused, log }: RunWorld) => ({
  phase: coordinator.state.phase,
  notes: members.map(({ notes }) => notes.map(({ text }) => text)),
  over: members.map(({ over }) => over),
  refused: [refused, ...members.map((one) => one.refused)],
  kinds: log.map((event) => ('why' in event ? `${event.kind} ${event.why}` : event.kind)),
});

const models = ({ coordinator }: RunWorld): readonly (string | null)[] =>
  coordinator.state.releases.map(({ modelHash }) => modelHash);

const oneShot = (plan: Plan): Plan => ({
  ...plan,
  protection: { kind: 'one-shot', committee: { members: 4, corrupt: 1, choice: 'fixed', mayBeBlocked: false } },
});

describe.each(['synchronous', 'round-robin', 'random-order'] as const)('%s', (schedule) => {
  it('comes to the same models under one-shot as in clear, to the bit, and everybody computes them', async () => {
    const shared = { members: 4, plan: { schedule, rounds: 2, maximumContributors: 4 } } as const;
    const clear = await played({ ...shared, plan: { ...shared.plan, protection: 'none' } });
    expect(models(clear), JSON.stringify(whys(clear), null, 1)).toHaveLength(2);
    const hidden = await played({ ...shared, plan: { ...shared.plan, protection: 'none' }, change: oneShot });
    expect(models(hidden), JSON.stringify(whys(hidden), null, 1)).toHaveLength(2);
    expect(models(hidden)).toEqual(models(clear));
    expect(hidden.members.map((one) => one.models.length)).toEqual([2, 2, 2, 2]);
  });
});

describe('asynchronous', () => {
  it('releases a buffer when it is full, under one-shot too', async () => {
    const shared = { members: 4, plan: { schedule: 'asynchronous', rounds: 3, maximumContributors: 4 } } as const;
    const clear = await played({ ...shared, plan: { ...shared.plan, protection: 'none' } });
    expect(models(clear), JSON.stringify(whys(clear), null, 1)).toHaveLength(3);
    expect(clear.coordinator.state.releases.map(({ contributors }) => contributors.length)).toEqual([3, 3, 3]);
    const hidden = await played({ ...shared, plan: { ...shared.plan, protection: 'none' }, change: oneShot });
    expect(models(hidden), JSON.stringify(whys(hidden), null, 1)).toHaveLength(3);
  });

  it('comes to the same models under one-shot as in clear, to the bit, where the same members fill each buffer', async () => {
    const shared = { members: 4, plan: { schedule: 'asynchronous', rounds: 2, maximumContributors: 4 } } as const;
    const buffered = (plan: Plan): Plan =>
      plan.exchange.schedule === 'asynchronous' ? { ...plan, exchange: { ...plan.exchange, buffer: 4 } } : plan;
    const clear = await played({ ...shared, plan: { ...shared.plan, protection: 'none' }, change: buffered });
    expect(models(clear), JSON.stringify(whys(clear), null, 1)).toHaveLength(2);
    const hidden = await played({
      ...shared,
      plan: { ...shared.plan, protection: 'none' },
      change: (plan) => buffered(oneShot(plan)),
    });
    expect(models(hidden), JSON.stringify(whys(hidden), null, 1)).toEqual(models(clear));
  });

  it('takes what came after a buffer was full into the next one, the same words, once', async () => {
    const world = await runWorld({
      members: 4,
      plan: { schedule: 'asynchronous', protection: 'none', rounds: 3, maximumContributors: 4 },
      change: (plan) => ({
        ...oneShot(plan),
        // Error feedback: what is kept is kept once, whichever sum takes the words.
        sharing: {
          ...plan.sharing,
          upload: { fraction: 0.5, selection: { kind: 'largest' } },
          errorFeedback: true,
        },
      }),
    });
    let others = 0;
    world.onMember = async (member) => {
      others += 1;
      if (others % 7 !== 0) return;
      const stored = storeParticipantInTheClear(member.setup, member.state);
      member.state = await restoreParticipant(member.setup, stored, world.nowMs);
    };
    await world.play();
    const { releases } = world.coordinator.state;
    expect(releases, JSON.stringify(whys(world), null, 1)).toHaveLength(3);
    // Of twelve places nine were filled; whoever came too late for one was in the next.
    const [one, two] = releases.map(({ contributors }) => contributors);
    const late = world.members.map(({ name }) => name).filter((name) => !one?.includes(name));
    expect(late).toHaveLength(1);
    expect(two).toEqual(expect.arrayContaining(late));
    for (const member of world.members) {
      const contents = member.state.ledger.records.map(({ content }) => content);
      const left = contents.flatMap((content) => (content.kind === 'left' ? [content.hash] : []));
      const kept = contents.flatMap((content) => (content.kind === 'receipt kept' ? [content.contribution] : []));
      expect(new Set(left).size).toBe(left.length);
      expect(left).toEqual(expect.arrayContaining(kept));
      expect(kept.length).toBeGreaterThanOrEqual(1);
    }
  });
});

describe('words that come too late for a buffer', () => {
  it.each([
    ['all coordinates', {}],
    [
      'a drawn support',
      { upload: { fraction: 0.5, selection: { kind: 'all' } }, support: { kind: 'random', fraction: 0.5 } },
    ],
  ] as const)('mean in the next sum what they meant when they were made: %s', async (_, sharing) => {
    // Everybody always moves every weight alike: whatever the order, each release moves the support by that.
    const moved = 0.01;
    const world = await runWorld({
      members: 4,
      plan: { schedule: 'asynchronous', protection: 'none', rounds: 3, maximumContributors: 4 },
      change: (plan) => ({
        ...oneShot(plan),
        exchange: {
          ...plan.exchange,
          staleness: { atMost: 4, weight: 'constant' },
        } as Plan['exchange'],
        sharing: { ...plan.sharing, ...sharing },
        metrics: [],
      }),
      train: (_world, { inputs }, { work }) => {
        if (work.kind !== 'update') throw new Error('no update');
        const update = work.start.map(() => moved);
        return {
          kind: 'update',
          update,
          weights: work.start.map((weight) => weight + moved),
          steps: 1,
          examples: inputs.length,
          units: 20,
          meanLoss: 1,
          accuracy: undefined,
        };
      },
    });
    const firstModel = world.coordinator.published;
    await world.play();
    const { releases } = world.coordinator.state;
    expect(releases, JSON.stringify(whys(world), null, 1)).toHaveLength(3);
    const late = world.members.filter(({ name }) => !releases[0]?.contributors.includes(name));
    expect(late).toHaveLength(1);
    const last = world.coordinator.published;
    if (firstModel?.kind !== 'model' || last?.kind !== 'model') throw new Error('no models');
    const distances = [...last.server.weights].map((weight, i) => weight - (firstModel.server.weights[i] ?? 0));
    const off = distances.map((distance) => Math.min(Math.abs(distance), Math.abs(distance - 3 * moved)));
    expect(Math.max(...off)).toBeLessThan(0.002);
    expect(distances.some((distance) => distance > 2 * moved)).toBe(true);
  });
});

const sampled = (plan: Plan): Plan =>
  plan.exchange.schedule === 'synchronous'
    ? { ...plan, exchange: { ...plan.exchange, cohort: { kind: 'sampled', size: 3 } } }
    : plan;

describe('a cohort', () => {
  it('is drawn by all, another one each round; the others follow and compute the same models', async () => {
    const change = (plan: Plan): Plan =>
      plan.exchange.schedule === 'synchronous'
        ? { ...plan, exchange: { ...plan.exchange, cohort: { kind: 'sampled', size: 3 } } }
        : plan;
    const world = await runWorld({
      members: 5,
      plan: { protection: 'mask', rounds: 3, maximumContributors: 5 },
      change,
    });
    let steps = 0;
    world.onMember = async (member) => {
      steps += 1;
      if (steps % 4 !== 0) return;
      const stored = storeParticipantInTheClear(member.setup, member.state);
      member.state = await restoreParticipant(member.setup, stored, world.nowMs);
    };
    await world.play();
    const { releases } = world.coordinator.state;
    expect(releases, JSON.stringify(whys(world), null, 1)).toHaveLength(3);
    expect(releases.every(({ contributors }) => contributors.length === 3)).toBe(true);
    expect(new Set(releases.map(({ contributors }) => contributors.join())).size).toBeGreaterThan(1);
    for (const { models: own } of world.members) expect(own.at(-1)?.published).toEqual(world.coordinator.published);
  });

  it('is the same again where a round failed, and another one when the model is', async () => {
    const world = await runWorld({
      members: 6,
      plan: { protection: 'mask', rounds: 3, maximumContributors: 6 },
      change: sampled,
    });
    let opened = 0;
    world.onStep = async ({ events }) => {
      for (const event of events) {
        if (event.kind !== 'round opened') continue;
        opened += 1;
        // One of the first cohort misses its first round, and is there again for the next.
        const first = world.members.find(({ name }) => event.members.includes(name));
        for (const member of world.members) member.isAway = opened === 1 && member === first;
      }
    };
    await world.play();
    const rounds = world.log.flatMap((event) => (event.kind === 'round opened' ? [event] : []));
    expect(world.log.filter(({ kind }) => kind === 'round failed').length).toBeGreaterThanOrEqual(1);
    expect(world.coordinator.state.releases, JSON.stringify(whys(world), null, 1)).toHaveLength(3);
    const cohorts = new Map<number, Set<string>>();
    for (const { version, members } of rounds) {
      cohorts.set(version, (cohorts.get(version) ?? new Set()).add(members.join(' ')));
    }
    expect([...cohorts.values()].map(({ size }) => size)).toEqual([1, 1, 1]);
    expect(new Set([...cohorts.values()].flatMap((one) => [...one])).size).toBeGreaterThan(1);
  });

  it('goes on without one of it that is gone for good', async () => {
    const world = await runWorld({
      members: 6,
      plan: { protection: 'mask', rounds: 2, maximumContributors: 6 },
      change: sampled,
    });
    world.onStep = async ({ events }) => {
      const event = events.find(({ kind }) => kind === 'round opened');
      if (event?.kind !== 'round opened' || world.members.some(({ isAway }) => isAway)) return;
      const first = world.members.find(({ name }) => event.members.includes(name));
      if (first !== undefined) first.isAway = true;
    };
    await world.play();
    expect(world.coordinator.state.releases, JSON.stringify(whys(world), null, 1)).toHaveLength(2);
  });
});

describe('threshold', () => {
  it('comes to the same models as in clear', async () => {
    const shared = { members: 4, plan: { protection: 'none', rounds: 2, maximumContributors: 4 } } as const;
    const clear = await played(shared);
    const hidden = await played({
      ...shared,
      change: (plan) => ({
        ...plan,
        contributors: { ...plan.contributors, population: 'silos' },
        protection: {
          kind: 'threshold',
          members: 4,
          threshold: 3,
          corruptMembers: 1,
          trust: 'participants follow the protocol',
        },
      }),
    });
    expect(models(hidden), JSON.stringify(whys(hidden), null, 1)).toHaveLength(2);
    expect(models(hidden)).toEqual(models(clear));
  });
});

describe('cohorts', () => {
  const inCohorts = (plan: Plan): Plan => ({
    ...plan,
    robustness: { kind: 'cohorts', cohorts: 5, rule: 'median', trim: 0 },
  });
  const shared = { members: 15, plan: { rounds: 1, minimumContributors: 15, maximumContributors: 15 } } as const;

  it('have a sum each, and a robust mean of these is the next model, with and without protection', async () => {
    const clear = await played({ ...shared, plan: { ...shared.plan, protection: 'none' }, change: inCohorts });
    expect(models(clear), JSON.stringify(whys(clear), null, 1)).toHaveLength(1);
    expect(clear.log.filter(({ kind }) => kind === 'cohort opened')).toHaveLength(4);
    const hidden = await played({ ...shared, plan: { ...shared.plan, protection: 'mask' }, change: inCohorts });
    expect(models(hidden), JSON.stringify(whys(hidden), null, 1)).toEqual(models(clear));
    for (const { models: own } of hidden.members) {
      expect(own).toHaveLength(1);
      expect(own.every(({ contributed }) => contributed)).toBe(true);
    }
  });

  it('go on where they were after a crash of either side', async () => {
    const undisturbed = await played({ ...shared, plan: { ...shared.plan, protection: 'none' }, change: inCohorts });
    const world = await runWorld({ ...shared, plan: { ...shared.plan, protection: 'none' }, change: inCohorts });
    let steps = 0;
    world.onStep = async ({ coordinator }) => {
      steps += 1;
      if (steps % 17 !== 0) return;
      await world.crashCoordinator();
      expect(world.coordinator.outbox).toEqual(coordinator.outbox);
    };
    let others = 0;
    world.onMember = async (member) => {
      others += 1;
      if (others % 5 !== 0) return;
      const stored = storeParticipantInTheClear(member.setup, member.state);
      member.state = await restoreParticipant(member.setup, stored, world.nowMs);
    };
    await world.play();
    expect(models(world)).toEqual(models(undisturbed));
  });
});

describe('a release per turn', () => {
  it('shows single updates to a file that allows it, and trains', async () => {
    const world = await runWorld({
      members: 3,
      plan: { schedule: 'round-robin', protection: 'none', rounds: 5 },
      change: (plan) => ({
        ...plan,
        exchange: {
          ...plan.exchange,
          release: { after: 'turn', warning: 'every release shows the update of one participant' },
        } as Plan['exchange'],
        metrics: [],
      }),
      policy: () => ({ releasePerTurn: true }),
    });
    await world.play();
    const { releases } = world.coordinator.state;
    expect(
      releases.map(({ contributors }) => contributors.join()),
      JSON.stringify(whys(world), null, 1),
    ).toEqual(['silo-1', 'silo-2', 'silo-3', 'silo-1', 'silo-2']);
    for (const { models: own } of world.members) expect(own.at(-1)?.published).toEqual(world.coordinator.published);
  });
});
