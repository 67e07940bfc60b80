// A thread does what the plan's own worker does, says how far it is, throws here what it threw there, and ends when it is told to.

import { afterEach, describe, expect, it } from 'vitest';
import { LittleWorld } from '../little-world.contract.ts';
import type { TrainingProgress, TrainingTask, TrainingWorker } from '../worker/index.ts';
import { threadWorker } from './index.ts';

const start = Float32Array.from({ length: 21 }, (_, i) => Math.cos(i) / 3);
const open: TrainingWorker[] = [];
afterEach(() => {
  for (const worker of open.splice(0)) worker.close();
});

function threadFor(...given: Parameters<typeof threadWorker>): TrainingWorker {
  const worker = threadWorker(...given);
  open.push(worker);
  return worker;
}

describe('a training thread', () => {
  it('trains, task after task, and tells how far it is', async () => {
    const world = await LittleWorld.make();
    const thread = threadFor(world.data(0));
    const task: TrainingTask = {
      plan: world.plan,
      task: 0,
      round: 0,
      version: 0,
      work: { kind: 'update', start, drift: undefined },
    };
    for (let i = 0; i < 2; i++) {
      const told: TrainingProgress[] = [];
      const result = await thread.train(task, (one) => void told.push(one));
      expect(result).toMatchObject({ kind: 'update', steps: 6, examples: 60, units: 60 });
      if (result.kind === 'update') expect(result.update.some((value) => value !== 0)).toBe(true);
      expect(told.at(-1)).toMatchObject({ step: 6, steps: 6 });
    }
    // The weights that were handed over are still there.
    expect(start.length).toBe(21);
  });

  it('throws what was wrong, and works afterwards', async () => {
    const world = await LittleWorld.make();
    const thread = threadFor({ ...world.data(0), labels: new Uint32Array(7) });
    const wrong = { plan: world.plan, task: 0, round: 0, version: 0 };
    const update = { kind: 'update', start, drift: undefined } as const;
    await expect(thread.train({ ...wrong, work: update }, () => undefined)).rejects.toThrow(/no whole examples/);
    await expect(thread.train({ ...wrong, work: { kind: 'statistics' } }, () => undefined)).rejects.toThrow(
      /statistics/,
    );
  });

  it('ends in the middle of its work', async () => {
    const world = await LittleWorld.make();
    const thread = threadFor(world.data(0));
    const work = { kind: 'update', start, drift: undefined } as const;
    const training = thread.train({ plan: world.plan, task: 0, round: 0, version: 0, work }, () => undefined);
    thread.close();
    await expect(training).rejects.toThrow(/ended/);
  });
});
