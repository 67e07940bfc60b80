import { verifyLedger } from '@sumus/federation/ledger';
import { eventLine, fold, type RunState, readEvent } from '@sumus/federation/run';
import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { madeLog } from './made-log.ts';

const platform = nodePrimitives();
const options = { platform, seed: 3, participants: 9, rounds: 6, dropChance: 0.2, failChance: 0.3 };

async function linesOf(more: Partial<typeof options> = {}): Promise<string[]> {
  let text = '';
  for await (const piece of madeLog({ ...options, ...more })) text += piece;
  return text.split('\n').slice(0, -1);
}

describe('a log that was made', () => {
  it('is taken line by line by the reader of events, and every event follows from those before it', async () => {
    let state: RunState | undefined;
    for (const line of await linesOf()) {
      const event = readEvent(line);
      expect(eventLine(event)).toBe(line);
      const next = fold(platform, state, event);
      expect(next, line).not.toBe(state);
      state = next;
    }
    expect(state?.phase.kind).toBe('ended');
    expect(state?.releases.length).toBeGreaterThan(1);
    expect(state?.releases.length).toBeLessThan(options.rounds);
  });

  it('has a ledger that verifies', async () => {
    const records = (await linesOf()).map(readEvent).flatMap((event) => ('record' in event ? [event.record] : []));
    const verdict = await verifyLedger(platform, records[0]?.owner ?? '', records);
    expect(verdict.kind).toBe('intact');
    expect(records).toHaveLength(options.rounds);
  });

  it('is the same for the same seed and another for another', async () => {
    expect(await linesOf()).toEqual(await linesOf());
    expect(await linesOf()).not.toEqual(await linesOf({ seed: 4 }));
  });
});
