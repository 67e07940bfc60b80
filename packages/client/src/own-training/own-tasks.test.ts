// Somebody's own training function: it is asked, what it sends is held to what a contribution is, and what it cannot keep is refused.

import { describe, expect, it } from 'vitest';
import { LittleWorld, type LittleWorldOptions } from '../little-world.contract.ts';
import type { TrainingTask } from '../worker/index.ts';
import { type OwnResult, type OwnTask, OwnTasks } from './index.ts';

const start = new Float32Array(21).fill(1);
const after = new Float32Array(21).fill(1.5);

async function taskOf(plan: LittleWorldOptions['plan'] = {}): Promise<TrainingTask> {
  const world = await LittleWorld.make({ plan });
  return { task: 0, round: 4, version: 2, work: { kind: 'update', start, drift: undefined }, plan: world.plan };
}

async function sent(result: OwnResult, plan: LittleWorldOptions['plan'] = {}): Promise<unknown> {
  const tasks = new OwnTasks(() => undefined);
  const answer = tasks.worker.train(await taskOf(plan), () => undefined);
  for await (const task of tasks) {
    await task.send(result);
    tasks.end();
  }
  return answer;
}

describe('a task of one’s own', () => {
  it('says where to start, with weights that are a copy, and takes what came of it', async () => {
    const tasks = new OwnTasks(() => undefined);
    const answer = tasks.worker.train(await taskOf(), () => undefined);
    const seen: OwnTask[] = [];
    for await (const task of tasks) {
      seen.push(task);
      task.weights.fill(9);
      await task.send({ weights: after, examples: 40, steps: 4, meanLoss: 0.25 });
      tasks.end();
    }
    expect(seen).toMatchObject([{ round: 4, version: 2, drift: undefined }]);
    expect(start[0]).toBe(1);
    expect(await answer).toMatchObject({ kind: 'update', steps: 4, examples: 40, units: 40, meanLoss: 0.25 });
    expect(await answer).toMatchObject({ update: new Float32Array(21).fill(0.5), weights: after });
  });

  it('hands nothing on of too little, and nothing that is not finite', async () => {
    expect(await sent({ weights: after, examples: 9 })).toMatchObject({ kind: 'too few', found: 9, needed: 10 });
    expect(await sent({ weights: after, examples: 90, units: 3 })).toMatchObject({ kind: 'too few', found: 3 });
    expect(await sent({ weights: after.map(() => Number.NaN), examples: 40 })).toMatchObject({ kind: 'not finite' });
    expect(await sent({ weights: after, examples: 40, meanLoss: Number.POSITIVE_INFINITY })).toMatchObject({
      kind: 'not finite',
    });
  });

  it.each<[string, OwnResult]>([
    ['weights of another model', { weights: new Float32Array(20), examples: 40 }],
    ['half an example', { weights: after, examples: 40.5 }],
    ['an accuracy that is none', { weights: after, examples: 40, accuracy: Number.NaN }],
    ['more right answers than answers', { weights: after, examples: 40, accuracy: 1.5 }],
    ['fewer than no steps', { weights: after, examples: 40, steps: -1 }],
  ])('takes no %s', async (_, result) => {
    await expect(sent(result)).rejects.toMatchObject({ name: 'ParameterError' });
  });

  it('is not asked where the plan promises what a foreign function cannot keep', async () => {
    const tasks = new OwnTasks(() => undefined);
    const records = await taskOf({ epsilon: 8, minimumContributors: 9, maximumContributors: 12 });
    await expect(tasks.worker.train(records, () => undefined)).rejects.toThrow(/privacy of records/);
    const statistics = { ...(await taskOf()), work: { kind: 'statistics' } as const };
    await expect(tasks.worker.train(statistics, () => undefined)).rejects.toThrow(/statistics/);
    const participants = await taskOf({
      epsilon: 8,
      unit: 'participant',
      minimumContributors: 9,
      maximumContributors: 12,
    });
    const asked = tasks.worker.train(participants, () => undefined);
    for await (const task of tasks) {
      await task.send({ weights: after, examples: 40 });
      tasks.end();
    }
    expect(await asked).toMatchObject({ kind: 'update' });
  });

  it('says so when the loop is left', async () => {
    let left = 0;
    const onLeft = (): void => {
      left += 1;
    };
    const tasks = new OwnTasks(onLeft);
    void tasks.worker.train(await taskOf(), () => undefined);
    for await (const _ of tasks) break;
    expect(left).toBe(1);
    const over = new OwnTasks(onLeft);
    over.end();
    for await (const _ of over) throw new Error('there is no task');
    expect(left).toBe(1);
  });
});
