import type { Happening, RoundReleased } from '@sumus/simulation/federation';
import { describe, expect, it } from 'vitest';
import { isLive, LiveLines, mayColour } from './live-lines.ts';
import { byteText, emptyView, foldView, logLine, sparkline, upwards, viewLines } from './run-view.ts';

const members = ['aarau', 'basel', 'chur'];
const cost = {
  bytesUp: 1_234_567,
  bytesDown: 999,
  seconds: { training: 1.5, protecting: 0.25, server: 0.125, evaluating: 0.5 },
  virtualSeconds: 12,
};
const released = (round: number, accuracy: number): RoundReleased => ({
  kind: 'round released',
  round,
  version: round,
  contributors: 3,
  accuracy,
  loss: 0.5,
  epsilon: round / 2,
  ...cost,
});
const story: readonly Happening[] = [
  {
    kind: 'began',
    run: 'digits',
    planId: '0'.repeat(64),
    seed: 7,
    protection: 'mask',
    schedule: 'synchronous',
    rounds: 4,
    participants: members.map((name) => ({ name, examples: 100 })),
    testExamples: 50,
    budget: { epsilonAtMost: 3, delta: 1e-6 },
  },
  { kind: 'round began', round: 1, members, virtualMs: 0 },
  released(1, 0.5),
  released(2, 0.75),
  { kind: 'round began', round: 3, members, virtualMs: 5 },
  { kind: 'phase began', round: 3, phase: 'contributing' },
  { kind: 'trained', round: 3, member: 'aarau', seconds: 1 },
  { kind: 'answered', round: 3, member: 'basel' },
  { kind: 'member is out', member: 'chur', reason: 'its budget is spent\u001b[2J' },
];
const view = story.reduce(foldView, emptyView);
const plain = { width: 80, hasColour: false };

describe('the view of a run', () => {
  it('says who, where, how good, how private, how large and how long, in so many lines', () => {
    expect(viewLines(view, plain)).toEqual([
      'run       digits, 3 participants, synchronous, mask',
      'round     3, contributing; 2 of 4 sums',
      'members   ○●× 1/3',
      'accuracy  75.0 % ▁█',
      'privacy   ε 1 of 3 ████████░░░░░░░░░░░░░░░░',
      'bytes     2.5 MB up, 2.0 KB down',
      'seconds   training 3.0, protecting 0.5, server 0.3',
      'trouble   chur: its budget is spent·[2J',
      'A simulation: its seed reaches keys, noise and batches, which in a run it never…',
    ]);
  });

  it('keeps to the width of narrow terminals, and colours change nothing but colours', () => {
    for (const width of [24, 30, 41, 80, 200]) {
      const lines = viewLines(view, { width, hasColour: false });
      expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(width);
      const coloured = viewLines(view, { width, hasColour: true });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is taken out
      expect(coloured.map((line) => line.replaceAll(/\u001b\[\d+m/g, ''))).toEqual(lines);
      expect(coloured).not.toEqual(lines);
    }
  });

  it('adds up failures, and says the last trouble and the end', () => {
    const failed = foldView(view, { kind: 'round failed', round: 3, code: 'E', reason: 'too few', ...cost });
    expect([failed.failed, failed.trouble]).toEqual([1, 'round 3 failed: too few']);
    const ended = foldView(failed, { kind: 'ended', why: 'all rounds done', text: 'all rounds are done' });
    expect(viewLines(ended, plain).join('\n')).toContain('end       all rounds are done');
  });

  it('begins anew with a new run', () => {
    const [began] = story;
    if (began === undefined) throw new Error('no story');
    expect(foldView(view, began).released).toEqual([]);
  });

  it('rounds an ε up and never down', () => {
    for (const epsilon of [1, 1.0001, 2.345, 2.3451, 7.999, 0.012345]) {
      expect(Number(upwards(epsilon))).toBeGreaterThanOrEqual(epsilon);
      expect(Number(upwards(epsilon))).toBeLessThan(epsilon * 1.02);
    }
  });

  it('writes bytes and lines of values as people read them', () => {
    expect([0, 999, 1000, 1_500_000].map(byteText)).toEqual(['0 B', '999 B', '1.0 KB', '1.5 MB']);
    expect(sparkline([1, 2, 3, 4, 5, 6, 7, 8], 8)).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([1, 1, 1, 5], 2)).toBe('▁█');
    expect(sparkline([], 5)).toBe('');
  });
});

describe('lines for a log', () => {
  it('tell a round, its accuracy, ε, bytes and seconds by phase', () => {
    expect(logLine(released(2, 0.75))).toBe(
      'round 2: 3 in the sum · accuracy 75.0 % · ε ≤ 1 · 1.2 MB up, 999 B down · training 1.50 s, protecting 0.25 s, server 0.13 s',
    );
  });

  it('say of a simulation that it is one', () => {
    expect(logLine(story[0]!)).toContain('its seed reaches keys, noise and batches');
  });

  it('are silent about what only a live view shows, and let no sign move a cursor', () => {
    expect(story.map(logLine).filter((line) => line === undefined)).toHaveLength(5);
    expect(logLine(story.at(-1)!)).not.toContain('\u001b');
  });
});

describe('a live terminal', () => {
  const terminal = (isTTY: boolean) => {
    const written: string[] = [];
    return { isTTY, written, write: (text: string) => void written.push(text) };
  };

  it('is written over, and not more often than an eye sees', () => {
    const screen = terminal(true);
    const live = new LiveLines(screen);
    live.show(() => ['a', 'b'], 0);
    live.show(() => ['too soon'], 10);
    live.show(() => ['c'], 100);
    live.show(() => ['last'], 101, 'now');
    expect(screen.written).toEqual(['\r\u001b[Ja\nb\n', '\u001b[2A\r\u001b[Jc\n', '\u001b[1A\r\u001b[Jlast\n']);
  });

  it('is one only where there is somebody to look, and coloured only where colour is wanted', () => {
    expect([isLive(terminal(true), {}), isLive(terminal(false), {}), isLive(terminal(true), { TERM: 'dumb' })]).toEqual(
      [true, false, false],
    );
    expect([
      mayColour(terminal(true), {}),
      mayColour(terminal(true), { NO_COLOR: '1' }),
      mayColour(terminal(true), { NO_COLOR: '' }),
    ]).toEqual([true, false, true]);
  });
});

describe('an ε in three digits', () => {
  it('is never below the bound, and at most one in the last digit above it', () => {
    expect([7.981, 7.98, 9.994, 0.04567, 123.2, 0].map(upwards)).toEqual(['7.99', '7.98', '10', '0.0457', '124', '0']);
  });
});
