// Training on real handwritten digits: a small convolutional network, two workers that compute gradients side by side, and this
// thread, which only adds them up, steps and draws the progress bar. The weights are the same bits with one worker or with four.
//
// Prints: more than 95 % of 2,000 digits it has not seen are recognised
import { createRequire } from 'node:module';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { wasmEngine } from '@sumus/learning/engine';
import { architecture, parameterCount } from '@sumus/learning/model';
import { type LossSpec, Network } from '@sumus/learning/network';
import {
  type DataSet,
  type Endpoint,
  evaluate,
  serveGradients,
  train,
  workerGradients,
} from '@sumus/learning/training';

const PIXELS = 28 * 28;
const workerCount = 2;
const loss: LossSpec = { kind: 'crossEntropy' };

if (isMainThread) await story();
else if (parentPort !== null) serveGradients(endpointOf(parentPort), await wasmEngine());

async function story(): Promise<void> {
  const { training, validation } = digits(2000);
  const model = architecture({
    input: [28, 28, 1],
    layers: [
      { kind: 'conv2d', filters: 8, kernel: 5, padding: 'same' },
      { kind: 'relu' },
      { kind: 'maxPool', window: 2 },
      { kind: 'conv2d', filters: 16, kernel: 5, padding: 'same' },
      { kind: 'relu' },
      { kind: 'maxPool', window: 2 },
      { kind: 'flatten' },
      { kind: 'dense', units: 64 },
      { kind: 'relu' },
      { kind: 'dense', units: 10 },
    ],
  });
  const network = new Network(await wasmEngine(), model, { seed: 1, maxBatch: 32 });
  const exampleCount = training.inputs.length / PIXELS;
  console.log(`${exampleCount} digits to learn from, ${parameterCount(model)} parameters, ${workerCount} workers`);

  const workers = Array.from({ length: workerCount }, () => new Worker(new URL(import.meta.url)));
  const source = workerGradients(workers.map(endpointOf), network, loss);
  const began = performance.now();
  const events = train(network, training, {
    loss,
    optimiser: { kind: 'sgd', learningRate: 0.05, momentum: 0.9, nesterov: true },
    epochs: 3,
    batchSize: 64,
    seed: 2,
    validation,
    source,
    now: () => performance.now(),
  });
  for await (const event of events) {
    if (event.kind === 'step') drawBar(event.progress, event.samplesPerSecond);
    if (event.kind === 'epoch') {
      const { accuracy = 0, calibrationError = 0 } = event.validation?.classes ?? {};
      clearBar();
      console.log(
        `epoch ${event.epoch}: loss ${event.meanLoss.toFixed(3)}, ${(100 * accuracy).toFixed(1)} % of the unseen right, ` +
          `calibration error ${(100 * calibrationError).toFixed(1)} %`,
      );
    }
  }
  await Promise.all(workers.map((worker) => worker.terminate()));

  const recognised = evaluate(network, validation, loss).classes?.accuracy ?? 0;
  console.log(`${((performance.now() - began) / 1000).toFixed(1)} s`);
  if (recognised <= 0.95) {
    console.error(`only ${(100 * recognised).toFixed(1)} % are recognised`);
    process.exit(1);
  }
  console.log('more than 95 % of 2,000 digits it has not seen are recognised');
}

/** The 10,000 digits of the `mnist` package, every fifth kept apart. */
function digits(validationCount: number): { training: DataSet; validation: DataSet } {
  const require = createRequire(import.meta.url);
  const images: { pixels: readonly number[]; label: number }[] = [];
  for (let label = 0; label < 10; label++) {
    const { data }: { data: number[] } = require(`mnist/src/digits/${label}.json`);
    for (let at = 0; at + PIXELS <= data.length; at += PIXELS)
      images.push({ pixels: data.slice(at, at + PIXELS), label });
  }
  const every = Math.floor(images.length / validationCount);
  const isHeldOut = (i: number): boolean => i % every === 0 && i / every < validationCount;
  return {
    training: dataSet(images.filter((_, i) => !isHeldOut(i))),
    validation: dataSet(images.filter((_, i) => isHeldOut(i))),
  };
}

function dataSet(images: readonly { pixels: readonly number[]; label: number }[]): DataSet {
  const inputs = new Float32Array(images.length * PIXELS);
  for (const [i, { pixels }] of images.entries()) inputs.set(pixels, i * PIXELS);
  return { inputs, targets: Uint32Array.from(images, ({ label }) => label) };
}

/** A worker's message channel, from either side. */
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

function drawBar(progress: number, samplesPerSecond: number | undefined): void {
  if (!process.stdout.isTTY) return;
  const done = Math.round(40 * progress);
  const speed = samplesPerSecond === undefined ? '' : ` ${Math.round(samplesPerSecond)} digits/s`;
  process.stdout.write(`\r[${'='.repeat(done)}${' '.repeat(40 - done)}] ${(100 * progress).toFixed(0)} %${speed}   `);
}

function clearBar(): void {
  if (process.stdout.isTTY) process.stdout.write(`\r${' '.repeat(72)}\r`);
}
