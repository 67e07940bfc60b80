// Work that is watched is the same work, to the bit, and what is told of it ends where it ends.

import { networkOf, workerOf } from '@sumus/federation/worker';
import { wasmEngine } from '@sumus/learning/engine';
import { describe, expect, it } from 'vitest';
import { LittleWorld, type LittleWorldOptions } from '../little-world.contract.ts';
import type { TrainingProgress } from './index.ts';
import { stepsOf, watchedWorker } from './watched-worker.ts';

/** Every request for randomness is answered alike: what is compared is what is done with it. */
const randomBytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 37 + 11) & 255);
const start = Float32Array.from({ length: 21 }, (_, i) => Math.cos(i) / 3);
const enough = { minimumContributors: 9, maximumContributors: 12 };

describe('watched work', () => {
  it.each<[string, LittleWorldOptions['plan'], number]>([
    ['shuffled epochs', {}, 6],
    ['Poisson batches under privacy of records', { epsilon: 8, ...enough }, 1],
  ])('is the same work on %s', async (_, plan, steps) => {
    const world = await LittleWorld.make({ plan });
    const engine = await wasmEngine();
    const tools = { engine, platform: world.primitives };
    const data = world.data(0);
    const work = { kind: 'update', start, drift: undefined } as const;
    const told: TrainingProgress[] = [];
    const watched = watchedWorker(tools, world.plan, data, randomBytes)(work, (one) => void told.push(one));
    const plain = workerOf({ ...tools, network: networkOf(engine, world.plan) }, world.plan, data, randomBytes)(work);
    expect(watched).toEqual(plain);
    expect(watched.kind).toBe('update');
    expect(stepsOf(world.plan, data.labels.length).steps).toBe(steps);
    expect(told.at(0)).toMatchObject({ step: 0, steps, epoch: 1 });
    expect(told.at(-1)).toMatchObject({ step: steps, steps });
    expect(told.every((one, i) => i === 0 || one.step >= (told[i - 1]?.step ?? 0))).toBe(true);
  });

  it('counts epochs as batches are drawn', async () => {
    const { plan } = await LittleWorld.make();
    if (plan.exchange.schedule === 'one-round') throw new Error('a plan of rounds');
    const twice = { ...plan, exchange: { ...plan.exchange, localWork: { ...plan.exchange.localWork, count: 2 } } };
    expect(stepsOf(twice, 61)).toEqual({ epochs: 2, steps: 14 });
    const batches = { ...plan.exchange.localWork, unit: 'batches' as const, count: 9 };
    expect(stepsOf({ ...plan, exchange: { ...plan.exchange, localWork: batches } }, 60)).toEqual({
      epochs: 2,
      steps: 9,
    });
  });
});
