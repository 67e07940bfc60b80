// Measuring, on a clock that the test moves: what is counted, in which order, and which ratio comes out.
import { describe, expect, it } from 'vitest';
import { type Clock, measure, once, processClock, statistic, timesFaster } from './measure.ts';

/** A clock that stands still except when work moves it. */
function standing(): Clock & { pass(cpuMs: number): void } {
  let now = 0;
  return { cpuMs: () => now, wallMs: () => 2 * now, pass: (cpuMs) => (now += cpuMs) };
}

describe('measuring', () => {
  it('times one unit of the work, however many units make a sample', async () => {
    const clock = standing();
    const [timing] = await measure([{ name: 'a', work: () => clock.pass(3) }], { rounds: 4, sampleMs: 100, clock });
    expect(timing?.cpuMs).toEqual({ median: 3, minimum: 3 });
    expect(timing?.wallMs).toEqual({ median: 6, minimum: 6 });
    expect((timing?.unitsPerSample ?? 0) * 6).toBeGreaterThanOrEqual(100);
    expect(timing?.cpuMsByRound).toHaveLength(4);
  });

  it('interleaves the peers and lets each of them begin a round in turn', async () => {
    const order: string[] = [];
    const contestants = ['a', 'b', 'c'].map((name) => ({ name, work: () => void order.push(name) }));
    await measure(contestants, { rounds: 3, sampleMs: 0, clock: standing() });
    expect(order.join('')).toBe('abcbcacab');
  });

  it('waits for work that is asynchronous', async () => {
    const clock = standing();
    const work = async (): Promise<void> => {
      await Promise.resolve();
      clock.pass(5);
    };
    const [timing] = await measure([{ name: 'a', work }], { ...once, clock });
    expect(timing?.cpuMs.minimum).toBe(5);
  });

  it('reports how many times faster, also when a slow machine spoils one round for both', async () => {
    const clock = standing();
    let slowness = 1;
    let calls = 0;
    const work = (cpuMs: number) => () => {
      slowness = Math.floor(calls / 2) === 1 ? 50 : 1;
      calls += 1;
      clock.pass(cpuMs * slowness);
    };
    const [ours, theirs] = await measure(
      [
        { name: 'ours', work: work(2) },
        { name: 'theirs', work: work(7) },
      ],
      { rounds: 5, sampleMs: 0, clock },
    );
    expect(timesFaster(ours!, theirs!)).toEqual({ ofMinima: 3.5, ofRounds: 3.5 });
    expect(timesFaster(theirs!, ours!).ofMinima).toBeCloseTo(2 / 7);
  });

  it('counts processor time that really passes', async () => {
    const spin = (): void => {
      const end = processClock.cpuMs() + 5;
      while (processClock.cpuMs() < end);
    };
    const [timing] = await measure([{ name: 'spin', work: spin }], { rounds: 2, sampleMs: 0 });
    expect(timing?.cpuMs.minimum).toBeGreaterThanOrEqual(5);
  });

  it('refuses a measurement without rounds and a statistic without values', async () => {
    await expect(measure([], { rounds: 0, sampleMs: 0 })).rejects.toThrow('at least one round, not 0');
    expect(() => statistic([])).toThrow(RangeError);
  });

  it('takes the middle of an odd number of values and the mean of the two in the middle of an even number', () => {
    expect(statistic([9, 1, 5])).toEqual({ median: 5, minimum: 1 });
    expect(statistic([9, 1, 5, 7])).toEqual({ median: 6, minimum: 1 });
  });
});
