// MNIST for the bench: SUMUS_MNIST names the folder of its four files, else a folder shared beside the repository. And the participants'
// shares of it: each drawn without replacement, independently of the others.

import { createCipheriv } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readIdx } from '@sumus/dataset/idx';

export interface Digits {
  readonly inputs: Float32Array;
  readonly targets: Uint32Array;
}

const folder =
  process.env['SUMUS_MNIST'] ?? join(fileURLToPath(new URL('../../../', import.meta.url)), '../shared/data/mnist');

/** Undefined where the files are not. */
export function digits(part: 'train' | 't10k'): Digits | undefined {
  const paths = ['images-idx3', 'labels-idx1'].map((kind) => join(folder, `${part}-${kind}-ubyte.gz`));
  if (!paths.every((path) => existsSync(path))) return undefined;
  const [images, labels] = paths.map((path) => readIdx(readFileSync(path)).data);
  if (images === undefined || labels === undefined) return undefined;
  return { inputs: Float32Array.from(images, (pixel) => pixel / 255), targets: Uint32Array.from(labels) };
}

export const placeOfDigits: string = folder;

/** Random bytes that follow from a seed: a bench is a simulation. */
export function seededBytes(seed: number, stream: number): (length: number) => Uint8Array {
  const key = Buffer.alloc(32);
  key.writeUInt32LE(seed, 0);
  key.writeUInt32LE(stream, 4);
  const cipher = createCipheriv('chacha20', key, Buffer.alloc(16));
  return (length) => Uint8Array.from(cipher.update(Buffer.alloc(length)));
}

/** `count` examples of the set. */
export function drawn({ inputs, targets }: Digits, count: number, randomBytes: (length: number) => Uint8Array): Digits {
  const order = Uint32Array.from(targets, (_, i) => i);
  for (let i = 0; i < count; i += 1) {
    const word = new DataView(randomBytes(4).buffer).getUint32(0, true);
    const other = i + (word % (order.length - i));
    const held = order[i] ?? 0;
    order[i] = order[other] ?? 0;
    order[other] = held;
  }
  const chosen = order.subarray(0, count);
  const pixels = new Float32Array(count * 784);
  chosen.forEach((row, i) => {
    pixels.set(inputs.subarray(row * 784, (row + 1) * 784), i * 784);
  });
  return { inputs: pixels, targets: Uint32Array.from(chosen, (row) => targets[row] ?? 0) };
}
