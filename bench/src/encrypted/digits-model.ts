// The network of CryptoNets' shape for MNIST (a 5×5 convolution of step 2 with 5 filters, a square, 100 units, a square, 10 outputs), trained
// with learning. The recipe is all there is of it: the same seed gives the same weights to the last bit, so no weights are kept.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { wasmEngine } from '@sumus/learning/engine';
import { type Architecture, architecture } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';
import { Optimiser } from '@sumus/learning/optimisers';

export const PIXELS = 784;
export const CLASSES = 10;

export interface Digits {
  readonly images: Float32Array;
  readonly labels: Uint32Array;
}

const folder =
  process.env['SUMUS_MNIST'] ?? join(fileURLToPath(new URL('../../../', import.meta.url)), '../shared/data/mnist');

/** Why there are no digits, or undefined. */
export function withoutDigits(): string | undefined {
  return existsSync(join(folder, 'train-images-idx3-ubyte.gz')) ? undefined : `there is no MNIST in ${folder}`;
}

/** Pixels from 0 to 1. */
export function digits(part: 'train' | 't10k'): Digits {
  const images = gunzipSync(readFileSync(join(folder, `${part}-images-idx3-ubyte.gz`))).subarray(16);
  const labels = gunzipSync(readFileSync(join(folder, `${part}-labels-idx1-ubyte.gz`))).subarray(8);
  return { images: Float32Array.from(images, (pixel) => pixel / 255), labels: Uint32Array.from(labels) };
}

export const cryptoNets: Architecture = architecture({
  input: [28, 28, 1],
  layers: [
    { kind: 'conv2d', filters: 5, kernel: 5, step: 2, padding: 1 },
    { kind: 'square' },
    { kind: 'flatten' },
    { kind: 'dense', units: 100, initialiser: 'glorot' },
    { kind: 'square' },
    { kind: 'dense', units: CLASSES, initialiser: 'glorot' },
  ],
});

const EPOCHS = 14;
const BATCH = 64;
const SIDE = 28;

/**
 * AdamW with a cosine to nothing: squares make plain gradient descent diverge at any rate that is worth taking. Every digit is moved by up to
 * one pixel either way, or squares learn the training set by heart (98.4 % instead of 99 %).
 */
export async function trainedWeights({ images, labels }: Digits, say: (line: string) => void): Promise<Float32Array> {
  const network = new Network(await wasmEngine(), cryptoNets, { seed: 1, maxBatch: BATCH });
  const count = labels.length;
  const stepsPerEpoch = Math.floor(count / BATCH);
  const optimiser = new Optimiser(network, {
    kind: 'adamW',
    learningRate: 1e-3,
    weightDecay: 0,
    schedule: { kind: 'cosine', steps: EPOCHS * stepsPerEpoch },
  });
  const draw = seeded(12_346);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const inputs = new Float32Array(BATCH * PIXELS);
  const targets = new Uint32Array(BATCH);
  for (let epoch = 1; epoch <= EPOCHS; epoch += 1) {
    for (let i = count - 1; i > 0; i -= 1) {
      const j = Math.floor(draw() * (i + 1));
      [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
    }
    let loss = 0;
    for (let step = 0; step < stepsPerEpoch; step += 1) {
      for (let i = 0; i < BATCH; i += 1) {
        const example = order[step * BATCH + i] ?? 0;
        targets[i] = labels[example] ?? 0;
        const digit = images.subarray(example * PIXELS, (example + 1) * PIXELS);
        moved(
          inputs.subarray(i * PIXELS, (i + 1) * PIXELS),
          digit,
          Math.floor(draw() * 3) - 1,
          Math.floor(draw() * 3) - 1,
        );
      }
      loss += network.batchGradient({ inputs, targets }, { kind: 'crossEntropy' }).meanLoss;
      if (optimiser.step().kind !== 'done') throw new Error('a gradient was not finite');
    }
    say(`epoch ${epoch} of ${EPOCHS}: loss ${(loss / stepsPerEpoch).toFixed(4)}`);
  }
  return network.parameters.slice();
}

function moved(out: Float32Array, digit: Float32Array, down: number, right: number): void {
  out.fill(0);
  const from = Math.max(0, right);
  const width = SIDE - Math.abs(right);
  for (let row = Math.max(0, down); row < Math.min(SIDE, SIDE + down); row += 1) {
    const source = (row - down) * SIDE + Math.max(0, -right);
    out.set(digit.subarray(source, source + width), row * SIDE + from);
  }
}

/** In [0, 1): a linear congruential generator (Numerical Recipes' constants). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function largestAt(row: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < row.length; i += 1) if ((row[i] ?? 0) > (row[best] ?? 0)) best = i;
  return best;
}

export function accuracyPercent(outputs: ArrayLike<number>, labels: ArrayLike<number>): number {
  let right = 0;
  for (let i = 0; i < labels.length; i += 1) {
    const row = Array.from({ length: CLASSES }, (_, c) => outputs[i * CLASSES + c] ?? 0);
    if (largestAt(row) === labels[i]) right += 1;
  }
  return (100 * right) / labels.length;
}
