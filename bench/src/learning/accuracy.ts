// Accuracy on MNIST, where the four files of the data set are: SUMUS_MNIST names their folder, else a folder shared beside the repository.
// lenet takes minutes and is trained only with SUMUS_FULL=1.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { wasmEngine } from '@sumus/learning/engine';
import { zoo } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';
import { Optimiser, type OptimiserSpec } from '@sumus/learning/optimisers';
import type { BenchOptions, Outcome, Result, Target } from '../report.ts';
import type { Findings } from './steps.ts';
import { TARGETS } from './targets.ts';

interface Digits {
  readonly images: Float32Array;
  readonly labels: Uint32Array;
}

const folder =
  process.env['SUMUS_MNIST'] ?? join(fileURLToPath(new URL('../../../', import.meta.url)), '../shared/data/mnist');

function digits(part: 'train' | 't10k'): Digits {
  const images = gunzipSync(readFileSync(join(folder, `${part}-images-idx3-ubyte.gz`))).subarray(16);
  const labels = gunzipSync(readFileSync(join(folder, `${part}-labels-idx1-ubyte.gz`))).subarray(8);
  return { images: Float32Array.from(images, (pixel) => pixel / 255), labels: Uint32Array.from(labels) };
}

interface Training {
  readonly name: string;
  readonly epochs: number;
  readonly optimiser: (steps: number) => OptimiserSpec;
  readonly target: Target;
}

const BATCH = 64;
const trainings: readonly Training[] = [
  {
    name: 'phong-mlp',
    epochs: 10,
    optimiser: (steps) => ({
      kind: 'sgd',
      learningRate: 0.1,
      momentum: 0.9,
      weightDecay: 1e-5,
      schedule: { kind: 'cosine', steps },
    }),
    target: TARGETS.mlpAccuracy,
  },
  {
    name: 'lenet',
    epochs: 3,
    optimiser: (steps) => ({
      kind: 'sgd',
      learningRate: 0.05,
      momentum: 0.9,
      schedule: { kind: 'cosine', steps },
    }),
    target: TARGETS.lenetAccuracy,
  },
];

export async function accuracyRows(options: BenchOptions): Promise<Findings> {
  const skip = (target: Target, reason: string): readonly [string, Outcome] => [
    target.name,
    { measured: null, reason },
  ];
  if (options.smoke || !existsSync(join(folder, 'train-images-idx3-ubyte.gz'))) {
    return { results: [], outcomes: trainings.map(({ target }) => skip(target, `there is no MNIST in ${folder}`)) };
  }
  const [train, test] = [digits('train'), digits('t10k')];
  const results: Result[] = [];
  const outcomes: (readonly [string, Outcome])[] = [];
  for (const training of trainings) {
    if (training.name === 'lenet' && process.env['SUMUS_FULL'] !== '1') {
      outcomes.push(skip(training.target, 'takes minutes: run with SUMUS_FULL=1'));
      continue;
    }
    options.say(`${training.name}: ${training.epochs} epochs of MNIST`);
    const before = process.cpuUsage();
    const accuracy = await trained(training, train, test, options);
    const { user, system } = process.cpuUsage(before);
    const { name, epochs } = training;
    results.push({ name: `MNIST, ${name}`, epochs, accuracyPercent: accuracy, cpuSeconds: (user + system) / 1e6 });
    outcomes.push([training.target.name, { measured: accuracy }]);
  }
  return { results, outcomes };
}

async function trained(
  { name, epochs, optimiser: spec }: Training,
  train: Digits,
  test: Digits,
  options: BenchOptions,
): Promise<number> {
  const network = new Network(await wasmEngine(), zoo(name), { seed: 1, maxBatch: BATCH });
  const count = train.labels.length;
  const stepsPerEpoch = Math.floor(count / BATCH);
  const optimiser = new Optimiser(network, spec(epochs * stepsPerEpoch));
  const inputs = new Float32Array(BATCH * 784);
  const targets = new Uint32Array(BATCH);
  // Every epoch walks through the examples with another stride that has no factor in common with their number.
  const strides = [
    7919, 104_729, 1_299_709, 15_485_863, 32_452_843, 49_979_687, 67_867_967, 86_028_121, 104_395_301, 122_949_823,
  ];
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    for (let step = 0; step < stepsPerEpoch; step += 1) {
      for (let i = 0; i < BATCH; i += 1) {
        const example = ((step * BATCH + i) * (strides[epoch % strides.length] ?? 1)) % count;
        inputs.set(train.images.subarray(example * 784, (example + 1) * 784), i * 784);
        targets[i] = train.labels[example] ?? 0;
      }
      network.batchGradient({ inputs, targets }, { kind: 'crossEntropy' });
      if (optimiser.step().kind !== 'done') throw new Error(`${name}: the gradient was not finite`);
    }
    options.say(`${name}: epoch ${epoch + 1}, ${accuracyOf(network, test).toFixed(2)} %`);
  }
  return accuracyOf(network, test);
}

function accuracyOf(network: Network, { images, labels }: Digits): number {
  const outputs = network.predict(images);
  let right = 0;
  labels.forEach((label, i) => {
    const row = outputs.subarray(i * 10, (i + 1) * 10);
    if (row.indexOf(Math.max(...row)) === label) right += 1;
  });
  return (100 * right) / labels.length;
}
