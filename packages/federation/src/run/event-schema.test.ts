import { beforeAll, describe, expect, it } from 'vitest';
import { MalformedMessage } from '../errors.ts';
import { foldAll } from './coordinator/restore.ts';
import { eventLine, readEvent } from './event-schema.ts';
import { fold } from './fold.ts';
import { type RunWorld, runWorld } from './run-world.contract.ts';

describe('a log', () => {
  let world: RunWorld;

  beforeAll(async () => {
    world = await runWorld({
      members: 4,
      plan: { protection: 'mask', rounds: 2, maximumContributors: 4 },
      policy: (index) => (index === 3 ? { protections: ['none'] } : {}),
    });
    const leaver = world.member('silo-2');
    world.onStep = async ({ events }) => {
      if (events.some(({ kind }) => kind === 'released'))
        await world.happen(leaver, { kind: 'leave', reason: 'Enough.' });
    };
    await world.play();
  });

  it('as text is read back event by event, and folds to the same state', () => {
    const lines = world.log.map(eventLine);
    expect(lines.length).toBeGreaterThan(50);
    const read = lines.map(readEvent);
    expect(read.map(eventLine)).toEqual(lines);
    expect(foldAll(world.coordinatorSetup, undefined, read)).toEqual(world.coordinator.state);
  });

  it('with an event changed, left out, repeated or moved does not follow from itself', () => {
    const { log, coordinatorSetup } = world;
    const follows = (events: typeof log): boolean => {
      try {
        foldAll(coordinatorSetup, undefined, events);
        return true;
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedMessage);
        return false;
      }
    };
    expect(follows(log)).toBe(true);
    // A member's last word, and a phase that the next frame shows to be over: nothing after them says that they are missing.
    const unnoticed = new Set<string>();
    for (const [at, event] of log.entries()) {
      if (at >= log.length - 2) break;
      expect(follows([...log.slice(0, at), event, ...log.slice(at)]), event.kind).toBe(false);
      if (follows(log.toSpliced(at, 1))) unnoticed.add(event.kind);
    }
    expect([...unnoticed].sort()).toEqual(['member left', 'phase closed', 'release reported']);
  });

  it('folds whatever comes, in any order, without an error', () => {
    const { log, coordinatorSetup } = world;
    let state: ReturnType<typeof fold>;
    for (let at = 0; at < log.length; at++) {
      const event = log[(at * 37) % log.length]!;
      state = fold(coordinatorSetup.primitives, state, event);
    }
    for (const event of log) {
      expect(() => fold(coordinatorSetup.primitives, world.coordinator.state, event)).not.toThrow();
    }
    expect(state).toBeDefined();
  });

  it('refuses lines that are no events', () => {
    const line = eventLine(world.log[1]!);
    for (const text of [
      '',
      '{}',
      '7',
      '{',
      ` ${line}`,
      line.replace('{', '{"more":1,'),
      line.replace('member joined', 'x'),
    ]) {
      expect(() => readEvent(text)).toThrow(MalformedMessage);
    }
  });
});
