import { wasmEngine } from '@sumus/learning/engine';
import { IMAGE_LENGTH } from '@sumus/learning/features';
import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { firstWeightsOf } from '../model/model.ts';
import { featureMap } from '../one-round/features.ts';
import { statisticsOf } from '../one-round/statistics.ts';
import { planHash } from '../plan/identity.ts';
import { checkedPlan, oneRoundPlan, samplePlan } from '../plan/sample-plans.contract.ts';
import { LocalTraining, randomSourceOf } from '../training/index.ts';
import { networkOf, preparedInputs, type WorkerData, type WorkerTools, workerOf } from './index.ts';

const platform = nodePrimitives();
const ROWS = 120;

/** Every request for randomness is answered alike: what is compared here is what is done with it. */
const randomBytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 37 + 11) & 255);

const digits: WorkerData = {
  inputs: Float32Array.from({ length: ROWS * IMAGE_LENGTH }, (_, i) => ((i * 31) % 256) / 255),
  labels: Uint32Array.from({ length: ROWS }, (_, i) => i % 10),
  inputSize: IMAGE_LENGTH,
};

const scattered = checkedPlan(
  samplePlan({
    features: { kind: 'scattering', count: 60 },
    architecture: { input: [60], layers: [{ kind: 'dense', units: 10 }] },
    parameterCount: 610,
  }),
);

const toolsFor = async (plan: typeof scattered): Promise<WorkerTools> => {
  const engine = await wasmEngine();
  return { engine, platform, network: networkOf(engine, plan) };
};

describe('a worker', () => {
  it('trains on the scattering features that the plan names, projected by its hash', async () => {
    const tools = await toolsFor(scattered);
    const start = firstWeightsOf(scattered);
    const found = workerOf(tools, scattered, digits, randomBytes)({ kind: 'update', start, drift: undefined });
    const shape = { features: 'scattering', featureCount: 60, radius: 8 } as const;
    const key = planHash(platform, scattered);
    const map = featureMap(shape, { inputSize: IMAGE_LENGTH, key }, { ...tools, chacha20: platform.chacha20 });
    const examples = { inputs: map(digits.inputs), targets: digits.labels };
    const training = new LocalTraining(tools.network, scattered, randomSourceOf(randomBytes));
    expect(found).toEqual(training.contribute({ start, data: { examples } }));
  });

  it('gives the network the data as they are where the plan does nothing to them', async () => {
    const plan = checkedPlan();
    expect(preparedInputs(await toolsFor(plan), plan, digits)).toBe(digits.inputs);
  });

  it('gives the same features in pieces as at once', async () => {
    const tools = await toolsFor(scattered);
    const many = new Float32Array(1001 * IMAGE_LENGTH);
    for (let at = 0; at < many.length; at += 1) many[at] = ((at * 13) % 101) / 100;
    const all = preparedInputs(tools, scattered, { inputs: many, inputSize: IMAGE_LENGTH });
    const last = preparedInputs(tools, scattered, { ...digits, inputs: many.subarray(1000 * IMAGE_LENGTH) });
    expect(all).toHaveLength(1001 * 60);
    expect(all.subarray(1000 * 60)).toEqual(last);
  });

  it('sums statistics of one round, gives each caller its own, and refuses too few', async () => {
    const plan = checkedPlan(oneRoundPlan());
    const tools = await toolsFor(plan);
    const worker = workerOf(tools, plan, digits, randomBytes);
    const first = worker({ kind: 'statistics' });
    if (first.kind !== 'statistics' || plan.exchange.schedule !== 'one-round') throw new Error(first.kind);
    expect(first.values).toEqual(statisticsOf(preparedInputs(tools, plan, digits), digits.labels, plan.exchange));
    const kept = first.values.slice();
    // Whoever protects them wipes them.
    first.values.fill(0);
    expect(worker({ kind: 'statistics' })).toMatchObject({ values: kept, units: ROWS });
    const few = {
      ...digits,
      inputs: digits.inputs.subarray(0, 99 * IMAGE_LENGTH),
      labels: digits.labels.subarray(0, 99),
    };
    expect(workerOf(tools, plan, few, randomBytes)({ kind: 'statistics' })).toEqual({
      kind: 'too few',
      found: 99,
      needed: 100,
      countedIn: 'rows',
    });
  });

  it('refuses work that the plan does not ask for', async () => {
    const tools = await toolsFor(scattered);
    expect(() => workerOf(tools, scattered, digits, randomBytes)({ kind: 'statistics' })).toThrow(/plan trains/);
    const plan = checkedPlan(oneRoundPlan());
    const order = { kind: 'update', start: new Float32Array(1), drift: undefined } as const;
    expect(() => workerOf(tools, plan, digits, randomBytes)(order)).toThrow(/plan sums statistics/);
  });
});
