import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { diceOf, seededBytes } from '../seeds/seeded.ts';
import { VirtualTime } from './virtual-time.ts';

describe('virtual time', () => {
  it('lets things happen by their moments, and in the order of planning where moments are equal', async () => {
    const dice = diceOf(seededBytes(nodePrimitives(), 1, 'test'));
    for (let repetition = 0; repetition < 50; repetition++) {
      const time = new VirtualTime(0);
      const moments = Array.from({ length: 1 + dice.below(40) }, (_, place) => ({ atMs: dice.below(10), place }));
      const happened: typeof moments = [];
      for (const moment of moments) time.at(moment.atMs, () => void happened.push(moment));
      await time.run({ atMost: 100 });
      expect(happened).toEqual([...moments].sort((a, b) => a.atMs - b.atMs || a.place - b.place));
    }
  });

  it('stands at the moment of what happens, and takes what is planned meanwhile', async () => {
    const time = new VirtualTime(1000);
    const seen: number[] = [];
    time.after(5, () => time.after(7, () => void seen.push(time.nowMs)));
    time.at(1006, () => void seen.push(time.nowMs));
    expect(await time.run({ atMost: 10 })).toBe(3);
    expect(seen).toEqual([1006, 1012]);
  });

  it('waits for what takes a while before the next thing happens', async () => {
    const time = new VirtualTime(0);
    const seen: string[] = [];
    time.at(0, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push('first');
    });
    time.at(0, () => void seen.push('second'));
    await time.run({ atMost: 10 });
    expect(seen).toEqual(['first', 'second']);
  });

  it('refuses the past and a run without end', async () => {
    const time = new VirtualTime(10);
    expect(() => time.at(9, () => undefined)).toThrow(RangeError);
    const again = (): void => time.after(1, again);
    again();
    await expect(time.run({ atMost: 100 })).rejects.toThrow(/no end/);
  });

  it('ends early where somebody says that it is over', async () => {
    const time = new VirtualTime(0);
    let count = 0;
    for (let i = 0; i < 10; i++) {
      time.at(i, () => {
        count += 1;
      });
    }
    await time.run({ atMost: 100, isOver: () => count === 3 });
    expect(count).toBe(3);
  });
});
