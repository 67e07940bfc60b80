import { expect, it } from 'vitest';
import { Stopwatch } from './stopwatch.ts';

it('counts what work took, what failed too, until it is taken off', async () => {
  let now = 0;
  const watch = new Stopwatch(() => now);
  const taking = (ms: number) => async () => {
    now += ms;
    return ms;
  };
  expect(await watch.measure(taking(5))).toBe(5);
  now += 100;
  await expect(
    watch.measure(async () => {
      now += 2;
      throw new RangeError('it failed');
    }),
  ).rejects.toThrow('it failed');
  expect(watch.takeMs()).toBe(7);
  expect(watch.takeMs()).toBe(0);
});
