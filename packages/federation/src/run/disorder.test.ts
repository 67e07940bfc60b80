// Messages out of their order, and a coordinator that was away: neither may turn into a storm of questions or cost a round.

import { describe, expect, it } from 'vitest';
import { runWorld } from './run-world.contract.ts';

describe('messages that come before those they follow', () => {
  it('are asked for once a gap, and not again before time has passed', async () => {
    const world = await runWorld({ members: 4, plan: { protection: 'mask', rounds: 1 } });
    const late = world.member('silo-1');
    world.onStep = async ({ events }) => {
      if (events.some(({ kind }) => kind === 'round opened')) late.isAway = true;
    };
    await world.play();
    const told = world.coordinator.outbox.get('silo-1') ?? [];
    expect(told.length).toBeGreaterThan(3);
    let questions = 0;
    world.carriage = ({ type }) => {
      if (type === 'resume') questions += 1;
      return [];
    };
    for (const { bytes } of told.slice(1).reverse()) await world.happen(late, { kind: 'received', bytes });
    expect(questions).toBe(1);
    world.nowMs += 60_000;
    await world.happen(late, { kind: 'received', bytes: told[1]!.bytes });
    expect(questions).toBe(2);
  });
});

describe('a coordinator that was down for longer than a phase', () => {
  it('gives the phase time from when it is back, so that nobody is missed who was not away', async () => {
    const world = await runWorld({ plan: { protection: 'mask', rounds: 1 } });
    const windowMs = world.plan.deadline.roundSeconds * 1000;
    let isDown = false;
    world.onStep = async ({ events }) => {
      if (isDown || !events.some(({ kind }) => kind === 'frame taken')) return;
      isDown = true;
      world.mail.length = 0;
      world.nowMs += 5 * windowMs;
      await world.crashCoordinator();
      expect(world.log.filter(({ kind }) => kind === 'phase closed')).toEqual([]);
    };
    await world.play({ stepMs: windowMs / 4 });
    expect(isDown).toBe(true);
    expect(world.coordinator.state.phase).toMatchObject({ kind: 'ended', why: 'all rounds done' });
    expect(world.log.filter(({ kind }) => kind === 'round failed')).toEqual([]);
    expect(world.coordinator.state.members.map(({ standing }) => standing)).toEqual(Array(3).fill('accepted'));
  });

  it.each([
    ['all of its time, after one window', 1, 1],
    ['half of it, after many: by the log no phase takes more than four', 5, 0.5],
  ])('gives the phase %s, and closes it then', async (_, down, given) => {
    const world = await runWorld({ plan: { protection: 'none', rounds: 1 } });
    const windowMs = world.plan.deadline.roundSeconds * 1000;
    world.onStep = async ({ events }) => {
      if (!events.some(({ kind }) => kind === 'round opened')) return;
      world.mail.length = 0;
      for (const member of world.members) member.isAway = true;
    };
    await world.gather();
    world.nowMs += down * windowMs;
    await world.crashCoordinator();
    expect(world.log.some(({ kind }) => kind === 'phase closed')).toBe(false);
    world.nowMs += given * windowMs - 1;
    await world.coordinate({ kind: 'tick' });
    expect(world.log.some(({ kind }) => kind === 'phase closed')).toBe(false);
    world.nowMs += 1;
    await world.coordinate({ kind: 'tick' });
    expect(world.log.some(({ kind }) => kind === 'phase closed')).toBe(true);
  });
});
