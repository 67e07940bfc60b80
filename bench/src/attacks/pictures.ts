// Pictures for the bench, and batches of them. MNIST lies where SUMUS_MNIST says, else in a folder shared beside the repository; a smoke
// run makes its own pictures. Batches follow from a seed, because a bench is repeated.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readIdx } from '@sumus/dataset/idx';
import { nodePrimitives } from '@sumus/platform/node';

export const PIXELS = 784;

export interface Pictures {
  readonly inputs: Float32Array;
  readonly targets: Uint32Array;
}

const folder =
  process.env['SUMUS_MNIST'] ?? join(fileURLToPath(new URL('../../../', import.meta.url)), '../shared/data/mnist');

/** The attacked pictures, and others of the same kind that the attacker may know; or why there are none. */
export function mnist(): { readonly victims: Pictures; readonly known: Pictures } | { readonly missing: string } {
  const files = (part: string): string[] =>
    ['images-idx3', 'labels-idx1'].map((kind) => join(folder, `${part}-${kind}-ubyte.gz`));
  const missing = [...files('train'), ...files('t10k')].find((path) => !existsSync(path));
  if (missing !== undefined) return { missing: `there is no ${missing}` };
  const read = (part: string): Pictures => {
    const [images, labels] = files(part).map((path) => readIdx(readFileSync(path)).data);
    return { inputs: Float32Array.from(images ?? [], (pixel) => pixel / 255), targets: Uint32Array.from(labels ?? []) };
  };
  return { victims: read('train'), known: read('t10k') };
}

/** Random words that follow from a seed and a stream. */
export function seededWords(seed: number, stream: number): (count: number) => Uint32Array<ArrayBuffer> {
  const { chacha20 } = nodePrimitives();
  const key = new Uint8Array(32);
  new DataView(key.buffer).setUint32(0, seed);
  new DataView(key.buffer).setUint32(4, stream);
  let block = 0;
  return (count) => {
    const bytes = new Uint8Array(64 * Math.ceil(count / 16));
    chacha20(key, new Uint8Array(12), block, bytes);
    block += bytes.length / 64;
    return new Uint32Array(bytes.buffer, 0, count);
  };
}

/** Pictures with a bright patch of random place, size and texture, for smoke runs. */
export function madeUp(count: number): Pictures {
  const words = seededWords(1, 0);
  const inputs = new Float32Array(count * PIXELS);
  for (let example = 0; example < count; example += 1) {
    const drawn = words(PIXELS);
    const size = 50 + ((drawn[0] ?? 0) % 600);
    for (let i = 0; i < size; i += 1) inputs[example * PIXELS + i] = ((drawn[i] ?? 0) % 256) / 255;
  }
  return { inputs, targets: Uint32Array.from({ length: count }, (_, i) => i % 10) };
}

/** `size` distinct pictures. */
export function batchOf({ inputs, targets }: Pictures, size: number, words: (count: number) => Uint32Array): Pictures {
  const chosen = new Set<number>();
  // Of 2^32 values modulo a few ten thousand: biased by less than one in 2^16.
  while (chosen.size < size) chosen.add((words(1)[0] ?? 0) % targets.length);
  const batch = { inputs: new Float32Array(size * PIXELS), targets: new Uint32Array(size) };
  [...chosen].forEach((example, place) => {
    batch.inputs.set(inputs.subarray(example * PIXELS, (example + 1) * PIXELS), place * PIXELS);
    batch.targets[place] = targets[example] ?? 0;
  });
  return batch;
}
