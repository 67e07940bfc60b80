import { describe, expect, it } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { architecture } from '../model/architecture.ts';
import { Network } from '../network/network.ts';
import { Optimiser } from '../optimisers/optimiser.ts';
import { seededGenerator, shuffledOrder } from '../random/generator.ts';
import { type DataSet, gather } from './data-set.ts';
import { localGradients } from './gradient-source.ts';
import { type EndEvent, type TrainingEvent, type TrainingOptions, train } from './train.ts';
import { type Endpoint, serveGradients, workerGradients } from './worker-gradients.ts';

const model = architecture({
  input: [2],
  layers: [{ kind: 'dense', units: 16 }, { kind: 'tanh' }, { kind: 'dense', units: 2 }],
});
const dropping = architecture({
  input: [2],
  layers: [{ kind: 'dense', units: 16 }, { kind: 'relu' }, { kind: 'dropout', rate: 0.5 }, { kind: 'dense', units: 2 }],
});

/** Inside or outside a circle: not separable by a line. */
function circle(count: number, seed: number): DataSet {
  const generator = seededGenerator(seed);
  const inputs = Float32Array.from({ length: 2 * count }, () => 2 * generator.float() - 1);
  const targets = Uint32Array.from({ length: count }, (_, i) =>
    inputs[2 * i] ** 2 + inputs[2 * i + 1] ** 2 < 0.6 ? 1 : 0,
  );
  return { inputs, targets };
}

const base: TrainingOptions = {
  loss: { kind: 'crossEntropy' },
  optimiser: { kind: 'sgd', learningRate: 0.1, momentum: 0.9 },
  epochs: 3,
  batchSize: 20,
  seed: 5,
};

async function network(maxBatch = 8, of = model): Promise<Network> {
  return new Network(await wasmEngine(), of, { seed: 1, maxBatch });
}

async function run(net: Network, data: DataSet, options: TrainingOptions): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = [];
  for await (const event of train(net, data, options)) events.push(event);
  return events;
}

function endOf(events: readonly TrainingEvent[]): EndEvent {
  const last = events.at(-1);
  if (last?.kind !== 'end') throw new Error('training did not end');
  return last;
}

/** Both ends of a channel that copies as a real one does, and delivers later. */
function channel(): [Endpoint, Endpoint] {
  const handlers: ((message: unknown) => void)[] = [];
  const side = (own: 0 | 1): Endpoint => ({
    post: (message, transfer) => {
      const copy: unknown = structuredClone(message, { transfer: [...transfer] });
      setTimeout(() => handlers[1 - own](copy), 0);
    },
    listen: (handler) => {
      handlers[own] = handler;
    },
  });
  return [side(0), side(1)];
}

function workers(engines: readonly Engine[]): Endpoint[] {
  return engines.map((engine) => {
    const [mine, theirs] = channel();
    serveGradients(theirs, engine);
    return mine;
  });
}

describe('training', () => {
  const data = circle(600, 1);

  it('learns what a linear model cannot, on examples it has not seen', async () => {
    const net = await network(20);
    const validation = circle(400, 2);
    const events = await run(net, data, { ...base, epochs: 30, validation });
    const last = events.filter((event) => event.kind === 'epoch').at(-1);
    expect(last?.validation?.classes?.accuracy).toBeGreaterThan(0.95);
    expect(last?.validation?.classes?.areaUnderCurve).toBeGreaterThan(0.98);
    expect(endOf(events)).toMatchObject({ reason: 'finished', step: 30 * 30 });
  });

  it('is mean gradients in the seeded order, step by step, as a plain loop computes it', async () => {
    const net = await network(20);
    await run(net, data, base);
    const plain = await network(20);
    const optimiser = new Optimiser(plain, base.optimiser);
    for (let epoch = 1; epoch <= 3; epoch++) {
      const order = shuffledOrder(600, seededGenerator(base.seed, epoch));
      for (let first = 0; first < 600; first += 20) {
        plain.batchGradient(gather(data, order.subarray(first, first + 20), plain), base.loss);
        optimiser.step();
      }
    }
    const worst = plain.parameters.reduce((w, x, i) => Math.max(w, Math.abs(x - net.parameters[i])), 0);
    expect(worst).toBeLessThan(1e-5);
    expect(net.parameters).not.toEqual((await network(20)).parameters);
  });

  it('reports every step and epoch, its progress, and its speed by the clock it is given', async () => {
    let clock = 0;
    const events = await run(await network(20), data, { ...base, epochs: 2, now: () => (clock += 10) });
    const steps = events.filter((event) => event.kind === 'step');
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(steps.at(-1)?.progress).toBe(1);
    expect(steps[0].samplesPerSecond).toBe(2000);
    expect(events.filter((event) => event.kind === 'epoch').map(({ epoch }) => epoch)).toEqual([1, 2]);
  });

  it('gives the same bits for no, one, two and three workers, dropout included', async () => {
    for (const of of [model, dropping]) {
      const weights: Float32Array[] = [];
      for (const workerCount of [0, 1, 2, 3]) {
        const net = await network(6, of);
        const engines = await Promise.all(Array.from({ length: workerCount }, () => wasmEngine()));
        const source = workerCount === 0 ? undefined : workerGradients(workers(engines), net, base.loss);
        await run(net, data, { ...base, epochs: 1, ...(source === undefined ? {} : { source }) });
        weights.push(net.parameters.slice());
      }
      for (const other of weights.slice(1)) expect(other).toEqual(weights[0]);
    }
  });

  it('would give other bits if micro-batches were added in the order of arrival (planted)', async () => {
    const net = await network(6);
    const inOrder = localGradients(net, base.loss);
    const reversed = {
      gradients: (
        weights: Float32Array,
        all: Parameters<typeof inOrder.gradients>[1],
        take: Parameters<typeof inOrder.gradients>[2],
      ) => inOrder.gradients(weights, [...all].reverse(), take),
    };
    await run(net, data, { ...base, epochs: 1, source: reversed });
    const right = await network(6);
    await run(right, data, { ...base, epochs: 1 });
    expect(net.parameters).not.toEqual(right.parameters);
  });

  it('stops when it is told to, between steps, with the weights so far', async () => {
    const signal = { aborted: false };
    const net = await network(20);
    const events: TrainingEvent[] = [];
    for await (const event of train(net, data, { ...base, signal })) {
      events.push(event);
      if (event.kind === 'step' && event.step === 7) signal.aborted = true;
    }
    expect(endOf(events)).toMatchObject({ reason: 'cancelled', step: 7 });
    expect(net.parameters.every(Number.isFinite)).toBe(true);
  });

  it('ends with the best epoch when the validation loss rises, and stops early', async () => {
    const net = await network(20);
    // Labels that have nothing to do with the inputs: every epoch of fitting the others makes it worse.
    const noise = seededGenerator(9);
    const few: DataSet = { inputs: data.inputs.slice(0, 40), targets: data.targets.slice(0, 20) };
    const validation: DataSet = {
      inputs: few.inputs,
      targets: Uint32Array.from({ length: 20 }, () => noise.below(2)),
    };
    const epochs: { epoch: number; loss: number; weights: Float32Array }[] = [];
    const events: TrainingEvent[] = [];
    for await (const event of train(net, few, { ...base, epochs: 60, validation, patience: 4 })) {
      events.push(event);
      if (event.kind === 'epoch') {
        epochs.push({
          epoch: event.epoch,
          loss: event.validation?.meanLoss ?? Number.NaN,
          weights: net.parameters.slice(),
        });
      }
    }
    const end = endOf(events);
    expect(end.reason).toBe('noLongerImproving');
    const best = epochs.reduce((a, b) => (b.loss < a.loss ? b : a));
    expect(end.bestEpoch).toBe(best.epoch);
    expect(epochs.at(-1)?.epoch).toBe(best.epoch + 4);
    expect(net.parameters).toEqual(best.weights);
  });

  it('stops at a loss that is not finite and keeps the last good weights', async () => {
    const net = await network(20);
    const squared: DataSet = { inputs: data.inputs, targets: Float32Array.from({ length: 1200 }, () => 1) };
    const options = {
      ...base,
      loss: { kind: 'squaredError' } as const,
      optimiser: { kind: 'sgd', learningRate: 1e12 } as const,
    };
    const end = endOf(await run(net, squared, options));
    expect(end.reason).toBe('notFinite');
    expect(end.detail).toMatch(/step \d+/);
    expect(net.parameters.every(Number.isFinite)).toBe(true);
    expect(Number.isFinite(net.losses(squared, options.loss).meanLoss)).toBe(true);
  });

  it('stops at weights that overflow in the very last step', async () => {
    const net = await network(20);
    const before = net.parameters.slice();
    const optimiser = { kind: 'sgd', learningRate: 3e38 } as const;
    // One step only: no later loss would tell.
    const few: DataSet = { inputs: data.inputs.map((x) => 100 * x).slice(0, 40), targets: data.targets.slice(0, 20) };
    const end = endOf(await run(net, few, { ...base, epochs: 1, optimiser }));
    expect(end).toMatchObject({ reason: 'notFinite', detail: 'a weight after step 1 is not finite' });
    expect(net.parameters).toEqual(before);
  });

  it('passes on what a worker refuses', async () => {
    const [mine, theirs] = channel();
    theirs.listen(() => theirs.post({ kind: 'failed', message: 'out of memory' }, []));
    const net = await network(20);
    await expect(run(net, data, { ...base, source: workerGradients([mine], net, base.loss) })).rejects.toThrow(
      /a worker failed: out of memory/,
    );
  });
});

describe('training refuses, before a weight changes,', () => {
  const data = circle(40, 3);
  const nan = Float32Array.from(data.inputs);
  nan[33] = Number.NaN;
  it.each<[string, DataSet, Partial<TrainingOptions>, RegExp]>([
    ['inputs that are not finite', { ...data, inputs: nan }, {}, /input number 33 is NaN/],
    ['labels out of range', { ...data, targets: data.targets.map(() => 2) }, {}, /label 2 of example 0/],
    ['targets of another number of examples', { ...data, targets: data.targets.slice(1) }, {}, /targets/],
    ['no examples', { inputs: new Float32Array(0), targets: new Uint32Array(0) }, {}, /no whole examples/],
    ['no epochs', data, { epochs: 0 }, /epochs is a positive integer, not 0/],
    ['a batch size that is no number', data, { batchSize: Number.NaN }, /batchSize/],
    ['micro-batches above maxBatch', data, { microBatchSize: 9 }, /exceed the network's maxBatch 8/],
    ['patience without a validation set', data, { patience: 2 }, /need a validation set/],
    ['a bad validation set', data, { validation: { ...data, inputs: nan } }, /validation input number 33/],
  ])('%s', async (_, bad, change, message) => {
    const net = await network();
    const before = net.parameters.slice();
    await expect(run(net, bad, { ...base, ...change })).rejects.toThrow(message);
    expect(net.parameters).toEqual(before);
  });
});
