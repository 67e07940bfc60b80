// Every schedule, under the protections that have it: the same integers with and without protection, and one model that everybody computes.

import { describe, expect, it } from 'vitest';
import type { Plan } from '../plan/plan.ts';
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
});
