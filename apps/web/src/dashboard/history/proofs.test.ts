import { eventLine, type RunEvent } from '@sumus/federation/run';
import { nodePrimitives } from '@sumus/platform/node';
import { play } from '@sumus/simulation/replay';
import { beforeAll, describe, expect, it } from 'vitest';
import { planProblem, receiptOf, verifyLog } from './proofs.ts';
import { LogReader } from './reader.ts';

const platform = nodePrimitives();
const encoder = new TextEncoder();

function readerOf(lines: readonly string[]): LogReader {
  const reader = new LogReader();
  reader.push(encoder.encode(lines.map((line) => `${line}\n`).join('')));
  reader.end();
  expect(reader.damage).toBeUndefined();
  return reader;
}

describe('what a page checks of a log', () => {
  let events: readonly RunEvent[];
  let lines: readonly string[];
  beforeAll(async () => {
    const { simulated } = await play(platform, 5, { protection: 'mask', faults: [] });
    events = simulated.server.disk.events;
    lines = events.map(eventLine);
  });

  it('holds for a log that is as it was written', async () => {
    const reader = readerOf(lines);
    expect(await planProblem(platform, reader)).toBeNull();
    expect((await verifyLog(platform, reader)).findings).toEqual([]);
    const summary = reader.history.summary();
    const round = summary?.rounds.find(({ outcome }) => outcome === 'released')?.round ?? -1;
    const released = events.find((event) => event.kind === 'released' && event.round === round);
    const member = released?.kind === 'released' ? (released.contributors[0] ?? '') : '';
    expect((await receiptOf(platform, reader, member, round))?.holds).toBe(true);
  });

  it('finds a plan with other words or numbers under the fingerprint and the signature of the signed one', async () => {
    const [first = '', ...rest] = lines;
    for (const [from, to] of [
      [/"purpose":"/, '"purpose":"Not '],
      [/"epsilonAtMost":\d+(\.\d+)?|"minimumUnits":\d+/, '"minimumUnits":77'],
    ] as const) {
      const changed = first.replace(from, to);
      expect(changed).not.toBe(first);
      const reader = readerOf([changed, ...rest]);
      expect(await planProblem(platform, reader)).toMatch(/changed after it was named/);
      expect((await verifyLog(platform, reader)).isIntact).toBe(false);
    }
  });

  it('finds contributors of a sum that the coordinator did not sign', async () => {
    const at = events.findIndex(({ kind }) => kind === 'released');
    const event = events[at];
    if (event?.kind !== 'released') throw new Error('no release');
    const [one = ''] = event.contributions;
    const changed = {
      ...event,
      contributions: event.contributions.with(0, one.replace(/^./, one[0] === '0' ? '1' : '0')),
    };
    const reader = readerOf(lines.with(at, eventLine(changed)));
    const found = await verifyLog(platform, reader);
    expect(found.isIntact).toBe(false);
    expect(found.findings[0]).toMatch(/is not what its signed record says/);
    expect((await receiptOf(platform, reader, event.contributors[0] ?? '', event.round))?.holds).toBe(false);
  });
});
