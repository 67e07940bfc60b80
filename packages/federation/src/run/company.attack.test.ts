// Whose company a participant is in is nobody's choice; one member does not stop the others; and a file that changes its mind costs a round alone.

import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../plan/plan.ts';
import { decodeFrame } from '../sum/frame.ts';
import { cohortsOf } from './draw.ts';
import { blobName, joinFrame, readFrameToCoordinator, readFrameToParticipant, writeHead } from './frame.ts';
import type { RoundBegins } from './messages.ts';
import { NOW_MS, type RunWorld, type RunWorldOptions, runWorld } from './run-world.contract.ts';

const MOST = 2 ** 26;
/** The label of a sum's frame, before the name of the sum. */
const HEAD = 4 + 'sumus/1/sum'.length;

const typeIn = (body: Uint8Array): string => decodeFrame(body.subarray(HEAD, HEAD + 32), body).type;

/** One member is told of other rounds than the others. */
async function toldOf(options: RunWorldOptions, change: (begins: RoundBegins) => RoundBegins): Promise<RunWorld> {
  const world = await runWorld(options);
  const { primitives, signer } = world.coordinatorSetup;
  world.carriage = (mail) => {
    if (mail.to !== 'silo-2' || mail.type !== 'round') return [mail];
    const { header, body } = readFrameToParticipant(mail.bytes, MOST);
    if (header.message.type !== 'round') return [mail];
    const rewritten = { ...header, message: change(header.message) };
    return [{ ...mail, late: writeHead(primitives, signer, rewritten).then((head) => joinFrame(head, body)) }];
  };
  await world.play({ stepMs: 300_000, steps: 5 });
  return world;
}

describe('company that the coordinator chooses', () => {
  const five: RunWorldOptions = { members: 5, plan: { protection: 'mask', rounds: 1, maximumContributors: 5 } };

  it('some of all members instead of all is left', async () => {
    const world = await toldOf(five, (begins) => ({ ...begins, members: ['silo-1', 'silo-2', 'silo-3'] }));
    expect(world.member('silo-2').over).toMatch(/is to be of silo-1, silo-2, silo-3, and the draw says/);
    expect(world.member('silo-2').evidence).toHaveLength(1);
  });

  it('another cohort than the one that was drawn is left', async () => {
    const sampled = (plan: Plan): Plan =>
      plan.exchange.schedule === 'synchronous'
        ? { ...plan, exchange: { ...plan.exchange, cohort: { kind: 'sampled', size: 3 } } }
        : plan;
    const world = await toldOf({ ...five, change: sampled }, (begins) => {
      const others = ['silo-1', 'silo-2', 'silo-3', 'silo-4', 'silo-5'].filter(
        (name) => !begins.members.includes(name),
      );
      return {
        ...begins,
        members: ['silo-2', ...others.filter((name) => name !== 'silo-2'), 'silo-1', 'silo-3'].slice(0, 3),
      };
    });
    expect(world.member('silo-2').over).toMatch(/and the draw says/);
  });

  it('cohorts are cut anew with each model, and not with each attempt at it', () => {
    const names = Array.from({ length: 12 }, (_, i) => `silo-${String(i).padStart(2, '0')}`);
    const place = { projectId: 'hospitals', runId: 'run-1' };
    const cut = (version: number) =>
      cohortsOf(nodePrimitives(), place, names, 'ab'.repeat(32), { version, taking: names, count: 3 });
    expect(cut(4)).toEqual(cut(4));
    expect(cut(4)).not.toEqual(cut(5));
  });
});

describe('a member that makes rounds fail', () => {
  it('by never revealing what it committed to is gone on without, before the run is given up', async () => {
    const world = await runWorld({ members: 5, plan: { protection: 'mask', rounds: 2, maximumContributors: 5 } });
    // It is heard, and says something else each time that it should reveal.
    const instead = new Map<number, Uint8Array>();
    world.onMember = async (member) => {
      if (member.name !== 'silo-4') return;
      for (const { number, bytes } of member.state.unacknowledged) {
        const { header, body } = readFrameToCoordinator(bytes, MOST);
        if (header.message.type !== 'sum' || typeIn(body) !== 'sum/reveal') continue;
        const garbage = Uint8Array.of(1, 2, 3);
        const { primitives } = world.coordinatorSetup;
        const head = await writeHead(primitives, member.setup.signer, {
          ...header,
          body: blobName(primitives, garbage),
        });
        instead.set(number, joinFrame(head, garbage));
      }
    };
    world.carriage = (mail) => {
      if (mail.from !== 'silo-4') return [mail];
      const { number } = readFrameToCoordinator(mail.bytes, MOST).header;
      return [{ ...mail, bytes: instead.get(number ?? -1) ?? mail.bytes }];
    };
    await world.play({ stepMs: 300_000 });
    expect(world.log.filter(({ kind }) => kind === 'round failed')).toHaveLength(2);
    expect(world.log.find(({ kind }) => kind === 'member left')).toMatchObject({
      member: 'silo-4',
      reason: '2 rounds in a row failed for it',
    });
    expect(world.coordinator.state.phase).toMatchObject({ why: 'all rounds done' });
    expect(world.coordinator.state.releases.map(({ contributors }) => contributors.length)).toEqual([4, 4]);
  });
});

describe('a member that was away when a committee was founded', () => {
  it('follows the sums of that committee, and is told no wrong by that', async () => {
    const world = await runWorld({
      members: 5,
      plan: { protection: 'none', schedule: 'asynchronous', rounds: 3, maximumContributors: 5 },
      change: (plan) => ({
        ...plan,
        protection: { kind: 'one-shot', committee: { members: 4, corrupt: 1, choice: 'fixed', mayBeBlocked: false } },
      }),
    });
    const away = world.member('silo-5');
    world.onStep = async ({ events }) => {
      if (events.some(({ kind }) => kind === 'order drawn')) away.isAway = true;
      if (events.some((event) => event.kind === 'released' && event.version === 1)) away.isAway = false;
    };
    await world.play({ stepMs: 300_000 });
    expect(away.evidence).toEqual([]);
    expect(away.over).toBe('3 sums were published.');
    expect(away.models.at(-1)?.published).toEqual(world.coordinator.published);
  });
});

describe('a file that allows so many rounds a day', () => {
  it('lets one more pass where rounds without its words were counted too: the coordinator is not accused', async () => {
    const world = await runWorld({
      members: 4,
      plan: { protection: 'mask', rounds: 3, maximumContributors: 4 },
      policy: (index) => (index === 1 ? { roundsPerDayAtMost: 2 } : {}),
      train: (_world, { training, inputs, targets, name }, { work, round }) => {
        if (training === undefined || work.kind !== 'update') throw new Error('this plan sums statistics');
        if (name === 'silo-2' && round === 0) return { kind: 'too few', found: 1, needed: 10, countedIn: 'rows' };
        return training.contribute({ ...work, data: { examples: { inputs, targets } } });
      },
    });
    const careful = world.member('silo-2');
    await world.play({ stepMs: 300_000 });
    expect(careful.evidence).toEqual([]);
    expect(careful.notes.flatMap(({ refusals }) => refusals.map(({ code }) => code))).toContain(
      'too-many-rounds-a-day',
    );
    expect(careful.over).toBe('3 sums were published.');
    expect(world.coordinator.state.releases.map(({ contributors }) => contributors.length)).toEqual([3, 4, 3]);
  });
});

describe('a file whose hours end between a round and its words', () => {
  it('lets that round pass: the coordinator is not accused, and nothing leaves', async () => {
    const minute = Math.floor(NOW_MS / 60_000) % 1440;
    const world = await runWorld({
      members: 4,
      plan: { protection: 'mask', rounds: 1, maximumContributors: 4 },
      policy: (index) =>
        index === 1 ? { hours: { fromMinute: minute, toMinute: (minute + 1) % 1440, utcOffsetMinutes: 0 } } : {},
    });
    const late = world.member('silo-2');
    world.onMember = async (member) => {
      // The clock moves on while it trains.
      if (member === late && member.state.work !== undefined) world.nowMs = NOW_MS + 120_000;
    };
    await world.play({ stepMs: 300_000 });
    expect(late.evidence).toEqual([]);
    expect(late.notes.flatMap(({ refusals }) => refusals.map(({ code }) => code))).toContain('outside-hours');
    expect(late.state.ledger.records.filter(({ content }) => content.kind === 'left')).toEqual([]);
    expect(world.coordinator.state.releases[0]?.contributors).toEqual(['silo-1', 'silo-3', 'silo-4']);
    expect(late.state.standing).toBe('over');
  });
});
