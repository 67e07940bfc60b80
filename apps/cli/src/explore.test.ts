import { architectureData } from '@sumus/federation/model';
import { checkPlan, type Plan, planTemplate } from '@sumus/federation/plan';
import { wasmEngine } from '@sumus/learning/engine';
import { architecture, parameterCount } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';
import { nodePrimitives } from '@sumus/platform/node';
import { labelledExamples } from '@sumus/simulation/examples';
import { diceOf, seededBytes } from '@sumus/simulation/federation';
import { describe, expect, it } from 'vitest';
import { front, plotLines } from './commands/explore-front.ts';
import { inversionOf } from './commands/explore-inversion.ts';
import { candidatesOf } from './commands/explore-settings.ts';

const shape = architecture({
  input: [64],
  layers: [{ kind: 'dense', units: 32 }, { kind: 'relu' }, { kind: 'dense', units: 4 }],
});

const planOf = (epsilon: number | null): Plan =>
  planTemplate({
    name: 'explored',
    purpose: 'A test.',
    architecture: architectureData(shape),
    parameterCount: parameterCount(shape),
    loss: 'crossEntropy',
    firstWeightsSeed: 1,
    schedule: 'synchronous',
    protection: 'mask',
    reason: 'a test that needs no privacy',
    minimumContributors: 5,
    maximumContributors: 8,
    rounds: 3,
    epsilon,
    delta: 1e-6,
    unit: 'record',
    uploadFraction: 1,
    batchSize: 16,
    learningRate: 0.1,
    minimumUnits: 4,
    authority: null,
    endsAtMs: 1_900_000_000_000,
  });

function checked(plan: Plan) {
  const check = checkPlan(plan);
  if (check.kind === 'invalid') throw new Error('no plan');
  return check.plan;
}

describe('the settings of an exploration', () => {
  it('are every combination, each a plan of its own', () => {
    const candidates = candidatesOf(planOf(null), { batch: '8,16', rate: '0.1,0.2,0.4' }, 100);
    expect(candidates).toHaveLength(6);
    const last = candidates.at(-1);
    if (last?.kind !== 'plan' || last.plan.exchange.schedule === 'one-round') throw new Error('no plan');
    expect(last.setting).toEqual({ batch: 16, rate: 0.4, noise: null });
    expect(last.plan.batching.sampling).toEqual({ kind: 'shuffled', batchSize: 16 });
    expect(last.plan.exchange.localWork.optimiser.learningRate).toBe(0.4);
    expect(last.plan.encoding.clippingNorm).toBe(40);
  });

  it('change with a batch of records what follows from it: rate and divisor; and with a noise nothing else', () => {
    const [few, many] = candidatesOf(planOf(3), { batch: '8', noise: '1,2' }, 100);
    if (few?.kind !== 'plan' || many?.kind !== 'plan') throw new Error('no plan');
    expect(few.plan.batching.sampling).toEqual({ kind: 'poisson', rate: 0.08, divisor: 8 });
    expect({ ...many.plan.privacy, noiseMultiplier: 1 }).toEqual(few.plan.privacy);
  });

  it('keep a combination that makes no plan, with the reason', () => {
    const [one] = candidatesOf(planOf(null), { batch: '8', rate: '1e300' }, 100);
    expect(one).toMatchObject({ kind: 'refused', reason: expect.stringContaining('learningRate') });
  });

  it('refuse what is no list, noise for a plan that has none, and a search without end', () => {
    expect(() => candidatesOf(planOf(null), { batch: '8,x' }, 100)).toThrow(/--batch/);
    expect(() => candidatesOf(planOf(null), { batch: '8.5' }, 100)).toThrow(/--batch/);
    expect(() => candidatesOf(planOf(null), { noise: '1' }, 100)).toThrow(/--noise/);
    const many = Array.from({ length: 300 }, (_, i) => i + 1).join(',');
    expect(() => candidatesOf(planOf(null), { batch: many }, 100)).toThrow(/combinations/);
  });
});

describe('the front', () => {
  const at = (accuracy: number, epsilon: number, inversion: number | null) => ({
    label: '',
    accuracy,
    epsilon,
    inversion,
  });

  it('is what nothing beats in everything', () => {
    const explored = [at(0.9, 3, 0.1), at(0.8, 1, 0.1), at(0.7, 2, 0.1), at(0.9, 3, 0.1), at(0.5, 8, 0)];
    expect(front(explored)).toEqual([true, true, false, true, true]);
  });

  it('counts an attack that does not apply as none, and promises of nothing as equal', () => {
    const infinite = Number.POSITIVE_INFINITY;
    expect(front([at(0.9, infinite, null), at(0.8, infinite, null)])).toEqual([true, false]);
  });

  it('is drawn with its ends named', () => {
    const lines = plotLines([at(0.9, 3, 0), at(0.8, 1, 0), at(0.7, 2, 0)], { width: 30, height: 5 });
    expect(lines).toHaveLength(7);
    expect(lines[0]).toMatch(/90\.0 %│ *●$/);
    expect(lines[4]).toMatch(/70\.0 %│ *○$/);
    expect(lines[6]).toMatch(/ε 1\.00 +3\.00$/);
    expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(31);
    expect(plotLines([], { width: 30, height: 5 })).toEqual([]);
  });
});

describe('what an attacker gets back', async () => {
  const random = (stream: string) => seededBytes(nodePrimitives(), 5, stream);
  const dice = diceOf(random('inputs'));
  const parts = Array.from({ length: 6 }, (_, part) =>
    labelledExamples({
      name: String(part),
      inputSize: 64,
      inputs: Float32Array.from({ length: 200 * 64 }, () => dice.below(256) / 255),
      labels: Uint32Array.from({ length: 200 }, () => dice.below(4)),
      classNames: ['a', 'b', 'c', 'd'],
    }),
  );
  const network = new Network(await wasmEngine(), shape, { seed: 1, maxBatch: 64 });

  it('is everything of a batch of one, less of larger ones, and less of a sum than of an update', () => {
    const rates = ['1', '4', '64'].map((batch) => {
      const [one] = candidatesOf(planOf(null), { batch }, 200);
      if (one?.kind !== 'plan') throw new Error('no plan');
      return inversionOf(network, one.plan, parts, random('attack'));
    });
    expect(rates[0]?.ofUpdate).toBe(1);
    expect(rates[1]?.ofUpdate).toBeLessThan(1);
    expect(rates[2]?.ofUpdate).toBeLessThanOrEqual(rates[1]?.ofUpdate ?? 0);
    expect(rates[0]?.ofSum).toBeLessThan(1);
  });

  it('is nothing where the sum has noise', () => {
    const inversion = inversionOf(network, checked(planOf(3)), parts, random('attack'));
    expect(inversion.ofSum).toBe(0);
  });

  it('is not claimed for a network that does not begin with a dense layer', async () => {
    const convolution = architecture({
      input: [8, 8, 1],
      layers: [{ kind: 'conv2d', filters: 2, kernel: 3 }, { kind: 'flatten' }, { kind: 'dense', units: 4 }],
    });
    const other = new Network(await wasmEngine(), convolution, { seed: 1, maxBatch: 8 });
    const base = planOf(null);
    const plan = checked({
      ...base,
      model: {
        ...base.model,
        architecture: architectureData(convolution),
        parameterCount: parameterCount(convolution),
      },
    });
    expect(inversionOf(other, plan, parts, random('attack'))).toEqual({ ofUpdate: null, ofSum: null });
  });
});
