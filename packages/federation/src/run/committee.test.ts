// A run of more members than its fixed committee or its shared key has: everybody derives the same ones, and who is away is named, not waited for.

import { describe, expect, it } from 'vitest';
import type { Plan } from '../plan/plan.ts';
import { type RunWorldOptions, runWorld } from './run-world.contract.ts';

const oneShot = (plan: Plan): Plan => ({
  ...plan,
  protection: { kind: 'one-shot', committee: { members: 4, corrupt: 1, choice: 'fixed', mayBeBlocked: false } },
});
const six = { members: 6, plan: { protection: 'none', rounds: 1, maximumContributors: 6 }, change: oneShot } as const;
const modelOf = async (options: RunWorldOptions): Promise<string | null | undefined> => {
  const world = await runWorld(options);
  await world.play();
  expect(world.coordinator.state.phase).toMatchObject({ kind: 'ended', why: 'all rounds done' });
  return world.coordinator.state.releases[0]?.modelHash;
};

describe('a fixed committee smaller than the run', () => {
  it('opens the very sum of all six, and it is the first four by name on both sides', async () => {
    const world = await runWorld(six);
    const sitting = new Set<string>();
    world.onMember = async ({ name, state }) => {
      for (const one of state.open?.own?.agreement.committee ?? []) sitting.add(one);
      expect(state.open?.own?.agreement.committee?.length ?? 4, name).toBe(4);
    };
    await world.play();
    expect([...sitting].sort()).toEqual(['silo-1', 'silo-2', 'silo-3', 'silo-4']);
    const [released] = world.coordinator.state.releases;
    expect(released?.contributors).toHaveLength(6);
    expect(released?.modelHash).toBe(await modelOf({ ...six, change: (plan) => plan }));
  });

  it('fails the round by the name of a member that is away, and goes on without it', async () => {
    const world = await runWorld(six);
    world.onStep = async ({ events }) => {
      if (events.some(({ kind }) => kind === 'order drawn')) world.member('silo-2').isAway = true;
    };
    await world.play();
    const failed = world.log.filter((event) => event.kind === 'round failed');
    expect(failed.map(({ code, members }) => [code, members])).toEqual([
      ['E_COMMITTEE', ['silo-2']],
      ['E_COMMITTEE', ['silo-2']],
    ]);
    expect(world.coordinator.state.phase).toMatchObject({ kind: 'ended', why: 'all rounds done' });
    expect(world.coordinator.state.roster).not.toContain('silo-2');
  });
});

describe('a shared key of fewer than the plan admits', () => {
  it('is held by as many as it has members; whoever comes later is no part of the run', async () => {
    const world = await runWorld({
      members: 4,
      plan: { protection: 'threshold', rounds: 1, minimumContributors: 3, maximumContributors: 4 },
      change: (plan) => ({
        ...plan,
        protection: {
          kind: 'threshold',
          members: 3,
          threshold: 3,
          corruptMembers: 1,
          trust: 'participants follow the protocol',
        },
      }),
    });
    await world.play();
    expect(world.coordinator.state.phase).toMatchObject({ kind: 'ended', why: 'all rounds done' });
    expect(world.coordinator.state.roster).toHaveLength(3);
  });
});
