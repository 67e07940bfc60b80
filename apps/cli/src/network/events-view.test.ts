// What is drawn of a run follows from its log alone: a real log, of a federation in one process, and what stands on the terminal for it.
import { checkPlan, planTemplate } from '@sumus/federation/plan';
import type { RunEvent } from '@sumus/federation/run';
import { nodePrimitives } from '@sumus/platform/node';
import { labelledExamples } from '@sumus/simulation/examples';
import { simulate } from '@sumus/simulation/federation';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventsLines, eventText, foldEvent, noEvents } from './events-view.ts';

const style = { width: 80, hasColour: false, epsilonAfter: (releases: number) => releases / 2 };
let log: readonly RunEvent[] = [];

beforeAll(async () => {
  const check = checkPlan(
    planTemplate({
      name: 'tiny',
      purpose: 'A test.',
      architecture: { input: [3], layers: [{ kind: 'dense', units: 2 }] },
      parameterCount: 8,
      loss: 'crossEntropy',
      firstWeightsSeed: 1,
      schedule: 'synchronous',
      protection: 'mask',
      reason: 'a test that needs no privacy',
      minimumContributors: 4,
      maximumContributors: 4,
      rounds: 2,
      epsilon: 100,
      delta: 1e-6,
      unit: 'record',
      uploadFraction: 1,
      batchSize: 10,
      learningRate: 0.5,
      minimumUnits: 1,
      authority: null,
      endsAtMs: 1_900_000_000_000,
    }),
  );
  if (check.kind === 'invalid') throw new Error(JSON.stringify(check.problems));
  const inputs = Float32Array.from({ length: 60 }, (_, i) => (i % 7) / 7);
  const labels = Uint32Array.from({ length: 20 }, (_, i) => i % 2);
  const parts = ['a', 'b', 'c', 'd'].map((name) =>
    labelledExamples({ name, inputSize: 3, inputs, labels, classNames: ['no', 'yes'] }),
  );
  const { server } = await simulate({ platform: nodePrimitives(), plan: check.plan, parts, seed: 1, now: () => 0 });
  log = server.disk.events;
});

describe('the view of a log', () => {
  it('says who, which round, what it costs and how it ended', () => {
    const view = log.reduce(foldEvent, noEvents);
    const lines = eventsLines(view, style, [['pages', 'http://127.0.0.1:1']]);
    expect(lines[0]).toBe('run       run-1, synchronous, mask');
    expect(lines[1]).toMatch(/^round {5}1, over; 2 of 2 sums$/);
    expect(lines[2]).toBe('members   ●●●● 4/4');
    expect(lines[3]).toMatch(/^privacy {3}ε 1 of 100 at δ = 1e-6/);
    expect(lines[4]).toMatch(/^bytes {5}\d+\.\d KB protected/);
    expect(lines[5]).toBe('pages     http://127.0.0.1:1');
    expect(lines.at(-1)).toMatch(/^end {7}2 sums were published/);
    expect(lines.every((line) => line.length <= 80)).toBe(true);
  });

  it('is the same for who comes late, and shows who is awaited in the middle of a round', () => {
    const at = log.findIndex((event) => event.kind === 'frame taken' && event.contributes !== null);
    const view = log.slice(0, at + 1).reduce(foldEvent, noEvents);
    expect(eventsLines(view, style)[2]).toMatch(/^members {3}[·●]{4} 1\/4$/);
    expect(view.ended).toBeUndefined();
  });

  it('shows signs that would move a cursor, and does not send them', () => {
    const left = { kind: 'member left', atMs: 1, member: 'a', cause: null, reason: 'gone\u001b[2J' } as const;
    const lines = eventsLines(foldEvent(noEvents, left), style);
    expect(lines.join('')).not.toContain('\u001b');
    expect(eventText(left, () => null)).toBe('a is out: gone·[2J');
  });

  it('as lines says what a log should have, each sum with its cost', () => {
    const lines = log.map((event) => eventText(event, style.epsilonAfter)).filter((line) => line !== undefined);
    expect(lines[0]).toMatch(/^run run-1: plan [0-9a-f]{64}, synchronous, mask$/);
    expect(lines).toContain('round 1: sum 2 of 4 participants is out · ε ≤ 1');
    expect(lines.at(-1)).toMatch(/^end: /);
  });
});
