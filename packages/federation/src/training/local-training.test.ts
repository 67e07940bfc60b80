import { wasmEngine } from '@sumus/learning/engine';
import { initialWeights } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';
import { Optimiser } from '@sumus/learning/optimisers';
import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { architectureOf } from '../model/index.ts';
import type { CheckedPlan } from '../plan/check.ts';
import type { LocalWork, Plan } from '../plan/plan.ts';
import { checkedPlan, oneRoundPlan, samplePlan } from '../plan/sample-plans.contract.ts';
import { LocalTraining, type LocalUpdate } from './local-training.ts';
import { randomSourceOf, randomWordsOf } from './own-randomness.ts';
import { rightAnswers } from './right-answers.ts';

const ROWS = 120;
const { chacha20 } = nodePrimitives();

/** Seeded: tests are simulations. */
function seededBytes(seed: number): (length: number) => Uint8Array {
  let block = 0;
  const key = new Uint8Array(32).fill(seed);
  return (length) => {
    const bytes = new Uint8Array(length);
    chacha20(key, new Uint8Array(12), block, bytes);
    block += Math.ceil(length / 64);
    return bytes;
  };
}
const source = (seed: number) => randomSourceOf(seededBytes(seed));

const inputs = Float32Array.from({ length: ROWS * 784 }, (_, i) => ((Math.imul(i, 0x9e3779b1) >>> 8) % 1000) / 1000);
const targets = Uint32Array.from({ length: ROWS }, (_, i) => (i * 7) % 10);
const examples = { inputs, targets };
const data = { examples };
const rowsAt = (rows: readonly number[]) => ({
  inputs: Float32Array.from(rows.flatMap((row) => [...inputs.subarray(row * 784, (row + 1) * 784)])),
  targets: Uint32Array.from(rows, (row) => targets[row] ?? 0),
});

const all = (plan: Plan, changes: Partial<LocalWork> = {}, batching: Partial<Plan['batching']> = {}): CheckedPlan =>
  checkedPlan({
    ...plan,
    exchange: {
      ...plan.exchange,
      localWork: { ...('localWork' in plan.exchange ? plan.exchange.localWork : {}), ...changes },
    },
    batching: { ...plan.batching, ...batching },
  });
const full = { sampling: { kind: 'full' as const } };
const sgd = { kind: 'sgd' as const, learningRate: 0.05, momentum: 0, weightDecay: 0 };

const networkOf = async (plan: CheckedPlan): Promise<Network> =>
  new Network(await wasmEngine(), architectureOf(plan), { seed: 1, maxBatch: plan.batching.pieceSize });
const start = initialWeights(architectureOf(checkedPlan()), 3);

async function contribution(
  plan: CheckedPlan,
  { seed = 1, drift }: { seed?: number; drift?: Float32Array } = {},
): Promise<LocalUpdate> {
  const result = new LocalTraining(await networkOf(plan), plan, source(seed)).contribute({ start, data, drift });
  if (result.kind !== 'update') throw new Error(JSON.stringify(result));
  return result;
}

/** The gradient of the mean loss at some weights. */
async function gradientAt(weights: Float32Array, rows = [...targets.keys()]): Promise<Float32Array> {
  const network = await networkOf(checkedPlan());
  network.setParameters(weights);
  network.batchGradient(rowsAt(rows), { kind: 'crossEntropy' });
  return network.gradient.slice();
}
const plus = (a: Float32Array, factor: number, b: Float32Array): Float32Array =>
  a.map((value, i) => value + factor * b[i]);
const farthest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe('local work', () => {
  it('of one full batch is one step of gradient descent', async () => {
    const {
      update,
      weights,
      steps,
      units,
      examples: seen,
    } = await contribution(all(samplePlan(), { unit: 'batches' }, full));
    const naive = plus(new Float32Array(start.length), -0.05, await gradientAt(start));
    expect(farthest(update, naive)).toBeLessThan(1e-6);
    expect(farthest(weights, plus(start, 1, update))).toBeLessThan(1e-6);
    expect({ steps, units, seen }).toEqual({ steps: 1, units: ROWS, seen: ROWS });
  });

  it('of an epoch sees every row once, in batches of the plan', async () => {
    const plan = all(samplePlan(), { unit: 'epochs', count: 2 }, { sampling: { kind: 'shuffled', batchSize: 50 } });
    const { steps, units, examples: seen, meanLoss } = await contribution(plan);
    expect({ steps, units, seen }).toEqual({ steps: 6, units: ROWS, seen: 2 * ROWS });
    expect(meanLoss).toBeGreaterThan(0);
  });

  it('draws its batches from the participant’s own generator: the plan’s seed decides nothing', async () => {
    const seeded = (firstWeightsSeed: number): CheckedPlan => {
      const plan = samplePlan();
      return checkedPlan({ ...plan, model: { ...plan.model, firstWeightsSeed } });
    };
    const [one, same, other] = [
      await contribution(seeded(1), { seed: 1 }),
      await contribution(seeded(2), { seed: 1 }),
      await contribution(seeded(1), { seed: 2 }),
    ];
    expect(same.update).toEqual(one.update);
    expect(other.update).not.toEqual(one.update);
  });

  it('is the same for the same randomness, whatever was done before in the network', async () => {
    const adam = {
      kind: 'adamW' as const,
      learningRate: 0.01,
      beta1: 0.9,
      beta2: 0.99,
      epsilon: 1e-8,
      weightDecay: 0.1,
    };
    for (const optimiser of [{ ...sgd, momentum: 0.9 }, adam]) {
      const plan = all(samplePlan(), { optimiser });
      const network = await networkOf(plan);
      new LocalTraining(network, plan, source(9)).contribute({ start, data });
      const training = new LocalTraining(network, plan, source(1));
      const first = training.contribute({ start, data });
      expect(first).toEqual(await contribution(plan, { seed: 1 }));
      // The network is left as it was: nothing of the contribution is in it.
      expect(network.parameters).toEqual(start);
      expect(network.gradient.every((value) => value === 0)).toBe(true);
      const reserved = network.engine.memory.reservedBytes;
      training.contribute({ start, data });
      expect(network.engine.memory.reservedBytes).toBe(reserved);
    }
  });

  it('steps as learning’s optimisers do, and starts them afresh each time', async () => {
    const adam = {
      kind: 'adamW' as const,
      learningRate: 0.01,
      beta1: 0.9,
      beta2: 0.99,
      epsilon: 1e-8,
      weightDecay: 0.1,
    };
    for (const optimiser of [{ ...sgd, momentum: 0.9, weightDecay: 0.01 }, adam]) {
      const plan = all(samplePlan(), { unit: 'batches', count: 3, optimiser }, full);
      const network = await networkOf(plan);
      network.setParameters(start);
      const steps = new Optimiser(network, optimiser);
      for (let step = 0; step < 3; step++) {
        network.batchGradient(examples, { kind: 'crossEntropy' });
        steps.step();
      }
      const training = new LocalTraining(await networkOf(plan), plan, source(1));
      for (let time = 0; time < 2; time++) {
        const result = training.contribute({ start, data });
        if (result.kind !== 'update') throw new Error(result.kind);
        expect(result.weights).toEqual(network.parameters);
      }
    }
  });

  it('is pulled to its start by FedProx: every gradient + μ·(w − w_start)', async () => {
    const mu = 0.7;
    const proximal = { unit: 'batches' as const, count: 2, correction: { kind: 'proximal' as const, mu } };
    const { weights } = await contribution(all(samplePlan(), proximal, full));
    const first = plus(start, -0.05, await gradientAt(start));
    const pulled = plus(await gradientAt(first), mu, plus(first, -1, start));
    expect(farthest(weights, plus(first, -0.05, pulled))).toBeLessThan(1e-6);
    // Without the term it goes farther: the comparison above would see that it is missing.
    expect(farthest(weights, plus(first, -0.05, await gradientAt(first)))).toBeGreaterThan(1e-5);
  });

  it('is corrected for its drift by SCAFFOLD: every gradient + (c − c_i)', async () => {
    const corrected = { unit: 'batches' as const, count: 2, correction: { kind: 'control-variates' as const } };
    const plan = all(samplePlan(), corrected, full);
    const drift = start.map((_, i) => Math.sin(i) / 100);
    const { weights } = await contribution(plan, { drift });
    const first = plus(plus(start, -0.05, await gradientAt(start)), -0.05, drift);
    const second = plus(plus(first, -0.05, await gradientAt(first)), -0.05, drift);
    expect(farthest(weights, second)).toBeLessThan(1e-6);
    await expect(contribution(plan)).rejects.toThrow(/not given/);
    await expect(contribution(all(samplePlan()), { drift })).rejects.toThrow(/was given/);
  });

  it('ends without an update when numbers stop being finite', async () => {
    const plan = all(samplePlan(), { unit: 'batches', optimiser: { ...sgd, learningRate: 1e4 } }, full);
    const far = { inputs: inputs.map((value) => 1e38 * value), targets };
    const result = new LocalTraining(await networkOf(plan), plan, source(1)).contribute({
      start,
      data: { examples: far },
    });
    expect(result.kind).toBe('not finite');
  });

  it('is not for another network, other pieces, or a plan of one round', async () => {
    const plan = checkedPlan();
    const network = new Network(await wasmEngine(), architectureOf(plan), { seed: 1, maxBatch: 32 });
    expect(() => new LocalTraining(network, plan, source(1))).toThrow(/maxBatch is 32/);
    expect(() => new LocalTraining(network, checkedPlan(oneRoundPlan()), source(1))).toThrow(/one round/);
  });
});

describe('privacy of records', () => {
  const poisson = (rate: number, minimumUnits = 100): CheckedPlan => {
    const plan = samplePlan({ epsilon: 3 });
    return all(plan, {}, { sampling: { kind: 'poisson', rate, divisor: 10 }, minimumUnits });
  };

  it('is one clipped sum over a public divisor: no row moves it by more than C·η/divisor', async () => {
    const plan = all(samplePlan({ epsilon: 3 }), {}, { sampling: { kind: 'poisson', rate: 1, divisor: 10 } });
    const { update, steps } = await contribution(plan);
    expect(steps).toBe(1);
    const { privacy } = plan;
    if (privacy.kind !== 'central') throw new Error('no central privacy');
    const naive = new Float32Array(start.length);
    let longest = 0;
    for (const row of targets.keys()) {
      const gradient = await gradientAtRow(row);
      const norm = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0));
      longest = Math.max(longest, norm);
      const factor = (-0.05 / 10) * Math.min(1, privacy.clippingNorm / norm);
      gradient.forEach((value, i) => {
        naive[i] += factor * value;
      });
    }
    expect(longest).toBeGreaterThan(2 * privacy.clippingNorm);
    expect(farthest(update, naive)).toBeLessThan(1e-5);
  });

  it('draws every row with the rate: batches of the expected size, different each time', async () => {
    const plan = poisson(0.25);
    const training = new LocalTraining(await networkOf(plan), plan, source(5));
    const sizes = Array.from({ length: 60 }, () => {
      const result = training.contribute({ start, data });
      if (result.kind !== 'update') throw new Error(result.kind);
      return result.examples;
    });
    const mean = sizes.reduce((a, b) => a + b, 0) / sizes.length;
    // 30 expected; the deviation of a mean of 60 is 0.61. A draw at 1.2 times the rate is 36.
    expect(Math.abs(mean - 30)).toBeLessThan(5 * 0.62);
    expect(new Set(sizes).size).toBeGreaterThan(5);
  });

  it('sends an empty batch like any other, and refuses by the set, never by the draw', async () => {
    const { update, examples: seen, meanLoss } = await contribution(poisson(1e-9));
    expect({ seen, meanLoss }).toEqual({ seen: 0, meanLoss: 0 });
    expect(update.every((value) => value === 0)).toBe(true);
    const few = poisson(1, 121);
    const result = new LocalTraining(await networkOf(few), few, source(1)).contribute({ start, data });
    expect(result).toEqual({ kind: 'too few', found: 120, needed: 121, countedIn: 'rows' });
  });

  const gradientAtRow = async (row: number): Promise<Float32Array> => gradientAt(start, [row]);
});

describe('the floor of a contribution', () => {
  const counting = (countedIn: 'people' | 'rows', minimumUnits: number): CheckedPlan => {
    const plan = samplePlan();
    return all(
      { ...plan, metrics: [] },
      { unit: 'batches' },
      { sampling: { kind: 'shuffled', batchSize: 40 }, minimumUnits, countedIn },
    );
  };
  const attempt = async (plan: CheckedPlan, unitOfRow?: Uint32Array) =>
    new LocalTraining(await networkOf(plan), plan, source(1)).contribute({ start, data: { examples, unitOfRow } });

  it('counts rows of the batches that are used, not of the set', async () => {
    expect((await attempt(counting('rows', 40))).kind).toBe('update');
    expect(await attempt(counting('rows', 41))).toEqual({ kind: 'too few', found: 40, needed: 41, countedIn: 'rows' });
  });

  it('counts people once, however many rows they have', async () => {
    const four = Uint32Array.from({ length: ROWS }, (_, row) => row % 4);
    expect(await attempt(counting('people', 5), four)).toMatchObject({ kind: 'too few', found: 4, needed: 5 });
    const result = await attempt(counting('people', 4), four);
    expect(result).toMatchObject({ kind: 'update', units: 4, examples: 40 });
  });

  it('is not guessed where the set names no people', async () => {
    await expect(attempt(counting('people', 4))).rejects.toThrow(/names no unit column/);
    await expect(attempt(counting('people', 4), new Uint32Array(3))).rejects.toThrow(/120 rows have 3 units/);
  });
});

describe('accuracy', () => {
  const withAccuracy = (plan: Plan): Plan => ({
    ...plan,
    metrics: [{ name: 'accuracy', resolution: 0.01, minimumUnits: 100 }],
  });

  it('is that of the rows before each step, counted where the plan has it and nowhere else', async () => {
    const plan = all(withAccuracy(samplePlan()), { unit: 'batches' }, full);
    const network = await networkOf(plan);
    network.setParameters(start);
    const outputs = network.predict(inputs);
    const right = targets.filter((target, row) => {
      const scores = outputs.subarray(row * 10, (row + 1) * 10);
      return scores.indexOf(Math.max(...scores)) === target;
    }).length;
    const [counted, uncounted] = [
      await contribution(plan),
      await contribution(all(samplePlan(), { unit: 'batches' }, full)),
    ];
    expect(counted.accuracy).toBe(right / ROWS);
    expect(uncounted.accuracy).toBeUndefined();
    // Planted: to count the answers must not change the work.
    expect(counted.update).toEqual(uncounted.update);
  });

  it('of outputs on the side of 0 that their target is on, and of target vectors', async () => {
    const network = await networkOf(checkedPlan());
    const batch = rowsAt([0, 1, 2]);
    const outputs = network.predict(batch.inputs);
    const signs = outputs.map((score) => (score > 0 ? 1 : 0));
    expect(rightAnswers(network, { kind: 'binaryCrossEntropy' }, { ...batch, targets: signs })).toBe(3);
    signs[10] = 1 - signs[10];
    expect(rightAnswers(network, { kind: 'binaryCrossEntropy' }, { ...batch, targets: signs })).toBe(2);
    expect(rightAnswers(network, { kind: 'crossEntropy' }, { ...batch, targets: outputs })).toBe(3);
    expect(() => rightAnswers(network, { kind: 'squaredError' }, { ...batch, targets: outputs })).toThrow(
      'no accuracy',
    );
  });
});

describe('the participant’s generator', () => {
  it('is refused when it gives too little', () => {
    const short = (length: number): Uint8Array => new Uint8Array(Math.max(0, length - 1));
    expect(() => randomSourceOf(short).fill(new Uint8Array(8))).toThrow(/7 bytes/);
    expect(() => randomWordsOf(short)(4)).toThrow(/15 bytes/);
  });

  it('gives words of all its bytes, and leaves none of them in its own buffer', () => {
    const bytes = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 128);
    expect([...randomWordsOf(() => bytes)(2)]).toEqual([1, 2 ** 31]);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  it('stops a training whose randomness hangs', async () => {
    const plan = checkedPlan();
    const stuck = randomSourceOf((length) => new Uint8Array(length).fill(7));
    const training = new LocalTraining(await networkOf(plan), plan, stuck);
    expect(() => training.contribute({ start, data })).toThrow(/again and again/);
  });
});
