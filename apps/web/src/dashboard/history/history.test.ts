import { eventLine, fold, liveRound, memberOf, type RunEvent, type RunState } from '@sumus/federation/run';
import { nodePrimitives } from '@sumus/platform/node';
import { madeLog } from '@sumus/simulation/made-logs';
import { play } from '@sumus/simulation/replay';
import { beforeAll, describe, expect, it } from 'vitest';
import { DOING, type Phase } from './codes.ts';
import { History, LogDamage } from './history.ts';
import { LineSplitter } from './lines.ts';

const platform = nodePrimitives();
const encoder = new TextEncoder();

function historyOf(lines: readonly string[]): History {
  const history = new History();
  const splitter = new LineSplitter();
  for (const line of splitter.push(encoder.encode(`${lines.join('\n')}\n`))) history.add(line);
  return history;
}

async function madeLines(participants: number, rounds: number): Promise<string[]> {
  let text = '';
  const options = { platform, seed: 11, participants, rounds, dropChance: 0.2, failChance: 0.2 };
  for await (const piece of madeLog(options)) text += piece;
  return text.split('\n').slice(0, -1);
}

/** Where the run's own fold says that it is, in the words of the page. */
function phaseOf({ phase }: RunState): Phase {
  switch (phase.kind) {
    case 'gathering':
      return 'joining';
    case 'drawing':
      return 'drawing';
    case 'in a round':
      return phase.live.phase;
    case 'between rounds':
      return 'between rounds';
    case 'ended':
      return 'ended';
    default:
      return phase satisfies never;
  }
}

/** What the run's own fold knows of everybody has to be what the stage shows. */
function agree(state: RunState, history: History, position: number, aside: ReadonlySet<string>): void {
  const scene = history.sceneAt(position);
  const where = `after ${position} events`;
  expect(scene.phase, where).toBe(phaseOf(state));
  expect(scene.round, where).toBe(state.nextRound - 1);
  const live = liveRound(state);
  const names = history.summary()?.members ?? [];
  for (const [at, name] of names.entries()) {
    const doing = scene.doing[at];
    const member = memberOf(state, name);
    if (member === undefined) expect(doing, where).toBe(DOING.away);
    else if (member.standing === 'left') expect(doing, where).toBe(DOING.left);
    else if (member.standing === 'declined') expect(doing, where).toBe(DOING.declined);
    else if (member.standing === 'offered') expect(doing, where).toBe(DOING.offered);
    else if (live?.without.includes(name) === true && !aside.has(name))
      expect([DOING.lost, DOING.satOut], where).toContain(doing);
  }
  const last = state.releases.at(-1);
  if (state.phase.kind === 'between rounds' && last?.round === state.nextRound - 1) {
    const shown = names.filter((_, at) => scene.doing[at] === DOING.published);
    expect(new Set(shown), where).toEqual(new Set(last.contributors));
  }
}

async function agreesAllTheWay(lines: readonly string[], events: readonly RunEvent[]): Promise<void> {
  const history = historyOf(lines);
  let state: RunState | undefined;
  // Who was silent for long is not waited for, from the opening of a round on; it may still speak, and is shown as if it might.
  let aside: ReadonlySet<string> = new Set();
  for (const [at, event] of events.entries()) {
    state = fold(platform, state, event);
    if (event.kind === 'round opened') aside = new Set(state === undefined ? [] : liveRound(state)?.without);
    if (state !== undefined) agree(state, history, at + 1, aside);
  }
  const summary = history.summary();
  expect(summary?.releases).toBe(state?.releases.length);
  expect(summary?.rounds.length).toBe(state?.nextRound);
  expect(summary?.phase).toBe('ended');
}

describe('a history', () => {
  it.each([
    ['mask', 8],
    ['one-shot', 14],
    ['mask', 21],
  ] as const)(
    'shows at every event what the run’s own fold says, under %s with faults of seed %d',
    async (protection, seed) => {
      const { simulated } = await play(platform, seed, { protection });
      const { events } = simulated.server.disk;
      await agreesAllTheWay(events.map(eventLine), events);
    },
  );

  it('does so for a log with rounds that failed and members that were lost', async () => {
    const lines = await madeLines(12, 8);
    await agreesAllTheWay(
      lines,
      lines.map((line): RunEvent => JSON.parse(line)),
    );
  });
});

describe('a history of many rounds', () => {
  let lines: string[];
  beforeAll(async () => {
    lines = await madeLines(40, 30);
  });

  it('counts bytes, contributions and misses as a naive count over the events does', () => {
    const summary = historyOf(lines).summary();
    const bytes = new Map<string, number>();
    const contributed = new Map<string, number>();
    let frames = 0;
    for (const event of lines.map((line): RunEvent => JSON.parse(line))) {
      if (event.kind === 'frame taken') {
        frames += 1;
        bytes.set(event.cause.member, (bytes.get(event.cause.member) ?? 0) + event.frame.bytes);
      }
      if (event.kind === 'released') {
        for (const name of event.contributors) contributed.set(name, (contributed.get(name) ?? 0) + 1);
      }
    }
    const rows = summary?.rounds ?? [];
    expect(rows.reduce((all, row) => all + row.frames, 0)).toBe(frames);
    const inSteps = rows.flatMap((row) => row.bytes).reduce((all, one) => all + one, 0);
    expect(inSteps).toBe([...bytes.values()].reduce((all, one) => all + one, 0));
    for (const [at, name] of (summary?.members ?? []).entries()) {
      expect(summary?.bytesOfMember[at]).toBe(bytes.get(name));
      expect(summary?.contributedOf[at]).toBe(contributed.get(name));
      expect((summary?.contributedOf[at] ?? 0) + (summary?.missedOf[at] ?? 0)).toBe(summary?.releases);
    }
  });

  it('finds the text of every event again', () => {
    const history = historyOf(lines);
    const text = lines.join('\n');
    for (let index = 0; index < lines.length; index += 97) {
      const { offset = 0, length = 0 } = history.placeOf(index) ?? {};
      expect(text.slice(offset, offset + length)).toBe(lines[index]);
    }
  });

  it('is the same whatever moment is asked for first: scrubbing back gives what was there', () => {
    const history = historyOf(lines);
    const positions = [0, 1, 60, 500, 1000, history.length - 1, history.length];
    const forwards = positions.map((position) => history.sceneAt(position));
    const backwards = [...positions].reverse().map((position) => history.sceneAt(position));
    expect(backwards.reverse()).toEqual(forwards);
    expect(history.positionAt(forwards[4]?.atMs ?? 0)).toBeGreaterThanOrEqual(1000);
  });

  it('refuses, by its line, what does not follow', () => {
    const frame = lines.findIndex((line) => line.includes('"frame taken"'));
    const broken: readonly (readonly [string, string[], number])[] = [
      ['a line that is gone', lines.filter((_, at) => at !== frame), frame + 1],
      ['a line twice', lines.toSpliced(frame, 0, lines[frame] ?? ''), frame + 2],
      ['a line that is no event', lines.toSpliced(frame, 1, '{"kind":"frame taken"}'), frame + 1],
      [
        'a member nobody knows',
        lines.toSpliced(frame, 1, (lines[frame] ?? '').replace('clinic-', 'nobody-')),
        frame + 1,
      ],
      ['another round', lines.toSpliced(frame, 1, (lines[frame] ?? '').replace(/"round":0/, '"round":7')), frame + 1],
      ['white space', lines.toSpliced(frame, 1, (lines[frame] ?? '').replace(',', ', ')), frame + 1],
      ['no beginning', lines.slice(1), 1],
      ['something behind the end', [...lines, lines[frame] ?? ''], lines.length + 1],
    ];
    for (const [what, log, line] of broken) {
      let caught: unknown;
      try {
        historyOf(log);
      } catch (error) {
        caught = error;
      }
      // A message that is missing shows at its member's next one.
      if (what === 'a line that is gone') expect(caught, what).toBeInstanceOf(LogDamage);
      else expect(caught instanceof LogDamage ? caught.line : undefined, what).toBe(line);
    }
  });
});
