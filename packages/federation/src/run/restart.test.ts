// A crash at every step, of the coordinator and of participants: the run goes on from what was stored, opens nothing twice, and comes to the
// very model that it comes to without crashes.

import { describe, expect, it } from 'vitest';
import type { Plan } from '../plan/plan.ts';
import { restoreParticipant, storeParticipantInTheClear } from './participant/storage.ts';
import { type RunWorld, type RunWorldOptions, runWorld } from './run-world.contract.ts';

/** Every step where there is time; else every few, at another offset for each protection. */
const isFull = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'];
const everyOf = (name: string): number => (isFull !== undefined ? 1 : name.startsWith('one-shot') ? 13 : 4);
/** The whole of it takes minutes. */
const limitMs = isFull === undefined ? 60_000 : 900_000;
const rounds = isFull === undefined ? 1 : 2;

const oneShot = (plan: Plan): Plan => ({
  ...plan,
  protection: { kind: 'one-shot', committee: { members: 4, corrupt: 1, choice: 'fixed', mayBeBlocked: false } },
});
const four = { members: 4, plan: { protection: 'none', rounds, maximumContributors: 4 }, change: oneShot } as const;
const kinds: readonly (readonly [string, RunWorldOptions])[] = [
  ['none', { plan: { protection: 'none', rounds } }],
  ['mask', { plan: { protection: 'mask', rounds } }],
  ['one-shot', four],
  ['one-shot, whenever ready', { ...four, plan: { ...four.plan, schedule: 'asynchronous' } }],
  [
    'one-shot, in turns, opened to participants',
    {
      ...four,
      plan: { ...four.plan, schedule: 'random-order' },
      change: (plan) => ({ ...oneShot(plan), openedTo: 'participants' }),
    },
  ],
];
async function played(options: RunWorldOptions, disturb: (world: RunWorld) => void): Promise<RunWorld> {
  const world = await runWorld(options);
  disturb(world);
  await world.play();
  return world;
}

function drawn(seed: number): () => number {
  let word = seed;
  return () => {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
    return word / 2 ** 32;
  };
}

const resultOf = ({ coordinator, members }: RunWorld) => ({
  phase: coordinator.state.phase,
  models: coordinator.state.releases.map(({ modelHash }) => modelHash),
  reached: members.map(({ models }) => models.length),
});

describe('a coordinator that crashes again and again', () => {
  it('reaches the deadline of a phase all the same, and goes on without who is away', async () => {
    const world = await runWorld({ members: 4, plan: { protection: 'mask', rounds: 1, maximumContributors: 4 } });
    const windowMs = world.plan.deadline.roundSeconds * 1000;
    const [gone] = world.members;
    if (gone === undefined) throw new Error('nobody');
    world.onStep = async ({ events }) => {
      if (events.some(({ kind }) => kind === 'round opened')) gone.isAway = true;
    };
    await world.gather();
    expect(world.coordinator.state.phase.kind).toBe('in a round');
    const began = world.nowMs;
    // It is never up for a whole window.
    for (let falls = 0; falls < 40 && world.coordinator.state.releases.length === 0; falls++) {
      world.nowMs += 0.4 * windowMs;
      await world.crashCoordinator();
      world.nowMs += 0.6 * windowMs;
      await world.coordinate({ kind: 'tick' });
      for (const member of world.members.slice(1)) await world.happen(member, { kind: 'resume' });
      await world.settle();
    }
    expect(world.coordinator.state.releases).toHaveLength(1);
    expect(world.coordinator.state.releases[0]?.contributors).toHaveLength(3);
    // Not sooner than after a whole window, and after few of them for each phase.
    expect(world.nowMs - began).toBeGreaterThan(windowMs);
    expect(world.nowMs - began).toBeLessThan(20 * windowMs);
  });
});

describe.each(kinds)('under %s', (name, options) => {
  const every = everyOf(name);
  const undisturbed = played(options, () => undefined).then(resultOf);

  it(
    'a coordinator that is restored after its steps does the same run',
    async () => {
      let steps = 0;
      let crashes = 0;
      const crashed = await played(options, (world) => {
        world.onStep = async ({ coordinator, events }) => {
          steps += 1;
          if (steps % every !== 0) return;
          crashes += 1;
          await world.crashCoordinator();
          expect(world.coordinator.state).toEqual(coordinator.state);
          expect(world.coordinator.outbox).toEqual(coordinator.outbox);
          expect(events.length).toBeGreaterThanOrEqual(0);
        };
      });
      expect(crashes).toBeGreaterThan(1);
      expect(resultOf(crashed)).toEqual(await undisturbed);
      const opened = crashed.log.filter(({ kind }) => kind === 'released');
      expect(opened).toHaveLength(rounds);
    },
    limitMs,
  );

  it(
    'a participant that is restored after its steps does the same run',
    async () => {
      let steps = 0;
      const crashed = await played(options, (world) => {
        world.onMember = async (member) => {
          steps += 1;
          if (steps % every !== 0) return;
          const stored = storeParticipantInTheClear(member.setup, member.state);
          member.state = await restoreParticipant(member.setup, stored, world.nowMs);
          expect(storeParticipantInTheClear(member.setup, member.state)).toEqual(stored);
        };
      });
      expect(resultOf(crashed)).toEqual(await undisturbed);
    },
    limitMs,
  );

  it(
    'whatever is lost on the way is said again, and said twice counts once',
    async () => {
      const draw = drawn(name.length);
      let lost = 0;
      const disturbed = await played(options, (world) => {
        world.carriage = (mail) => {
          const chance = draw();
          if (chance < 0.1) lost += 1;
          return chance < 0.1 ? [] : chance < 0.2 ? [mail, mail] : [mail];
        };
      });
      expect(lost).toBeGreaterThan(1);
      expect(resultOf(disturbed).phase).toEqual((await undisturbed).phase);
      expect(resultOf(disturbed).reached).toEqual((await undisturbed).reached);
    },
    limitMs,
  );
});
