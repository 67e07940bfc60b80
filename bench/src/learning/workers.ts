// Does a second worker help? The training loop on lenet with gradients from one worker and from two, by wall time, in turns. The weights must
// be the same bits. On a machine whose cores are busy the ratio says nothing about this code: the load is reported beside it.

import { loadavg } from 'node:os';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { wasmEngine } from '@sumus/learning/engine';
import { zoo } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';
import { type Endpoint, serveGradients, train, workerGradients } from '@sumus/learning/training';
import type { BenchOptions } from '../report.ts';
import type { Findings } from './steps.ts';
import { TARGETS } from './targets.ts';
import { LEARNING_RATE, workOf } from './work.ts';

// This file is also what its workers run.
if (!isMainThread && parentPort !== null) serveGradients(endpointOf(parentPort), await wasmEngine());

const LOSS = { kind: 'crossEntropy' } as const;

export async function workerRows(options: BenchOptions): Promise<Findings> {
  const steps = options.smoke ? 1 : 8;
  const rounds = options.smoke ? 1 : 4;
  const batchSize = options.smoke ? 2 : 64;
  options.say('lenet: one worker and two, in turns');
  const fleets = [1, 2].map((workerCount) =>
    Array.from({ length: workerCount }, () => new Worker(new URL(import.meta.url))),
  );
  try {
    const best = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    const weights: Float32Array[] = [];
    // The first round only warms up.
    for (let round = 0; round <= rounds; round += 1) {
      for (const [i, workers] of fleets.entries()) {
        const { wallMs, parameters } = await trainOnce(workers, batchSize, steps);
        if (round > 0 || options.smoke) best[i] = Math.min(best[i] ?? wallMs, wallMs);
        weights[i] = parameters;
      }
    }
    if (!sameBits(weights[0], weights[1])) throw new Error('one worker and two gave different weights');
    const [one = Number.NaN, two = Number.NaN] = best;
    const samples = 1000 * batchSize * steps;
    return {
      results: [
        { name: 'lenet, one worker', wallMsMinimum: one, samplesPerSecond: samples / one },
        { name: 'lenet, two workers', wallMsMinimum: two, samplesPerSecond: samples / two },
        { name: 'load of the machine over the last minute', load: loadavg()[0] ?? null },
      ],
      outcomes: [[TARGETS.workers.name, { measured: one / two }]],
    };
  } finally {
    await Promise.all(fleets.flat().map((worker) => worker.terminate()));
  }
}

async function trainOnce(
  workers: readonly Worker[],
  batchSize: number,
  steps: number,
): Promise<{ readonly wallMs: number; readonly parameters: Float32Array }> {
  for (const worker of workers) worker.removeAllListeners('message');
  const model = zoo('lenet');
  const network = new Network(await wasmEngine(), model, { seed: 1, maxBatch: Math.max(1, batchSize / 2) });
  const { inputs, labels } = workOf('lenet', batchSize * steps);
  const events = train(
    network,
    { inputs, targets: labels },
    {
      loss: LOSS,
      optimiser: { kind: 'sgd', learningRate: LEARNING_RATE },
      epochs: 1,
      batchSize,
      seed: 1,
      source: workerGradients(workers.map(endpointOf), network, LOSS),
    },
  );
  let began = 0;
  let last = 0;
  for await (const event of events) {
    // From the end of the first step on: before it the workers build their networks.
    if (event.kind === 'step' && event.step === 1) began = performance.now();
    if (event.kind === 'end' && event.reason !== 'finished') throw new Error(`training ended: ${event.reason}`);
    last = performance.now();
  }
  return { wallMs: ((last - began) * steps) / Math.max(1, steps - 1), parameters: network.parameters.slice() };
}

function endpointOf(port: {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  on(event: 'message', handler: (message: unknown) => void): unknown;
}): Endpoint {
  return {
    post: (message, transfer) => port.postMessage(message, [...transfer]),
    listen: (handler) => {
      port.on('message', handler);
    },
  };
}

function sameBits(a: Float32Array | undefined, b: Float32Array | undefined): boolean {
  return a !== undefined && b !== undefined && a.length === b.length && a.every((x, i) => Object.is(x, b[i]));
}
