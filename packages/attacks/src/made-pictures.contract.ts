// Pictures for tests, from a seed: every one has a brightness of its own, evenly spread, and a texture of its own.
import { wasmEngine } from '@sumus/learning/engine';
import { architecture } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';

export const SIZE = 48;
export const CLASSES = 5;

/** Numbers in [0, 1) from a seed: xorshift of 32 bits (Marsaglia 2003). */
export function numbers(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b9);
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export interface Pictures {
  readonly inputs: Float32Array<ArrayBuffer>;
  readonly targets: Uint32Array<ArrayBuffer>;
}

export function madePictures(count: number, next: () => number): Pictures {
  const inputs = new Float32Array(count * SIZE);
  for (let example = 0; example < count; example++) {
    const level = next();
    for (let i = 0; i < SIZE; i++) inputs[example * SIZE + i] = 0.1 + 0.8 * level + 0.1 * (next() - 0.5);
  }
  return { inputs, targets: Uint32Array.from({ length: count }, () => Math.floor(next() * CLASSES)) };
}

/** The examples from `first` on, `count` of them. */
export function part({ inputs, targets }: Pictures, first: number, count: number): Pictures {
  return {
    inputs: inputs.slice(first * SIZE, (first + count) * SIZE),
    targets: targets.slice(first, first + count),
  };
}

/** SIZE-units-CLASSES with ReLU. */
export async function network(units: number, maxBatch: number): Promise<Network> {
  const model = architecture({
    input: [SIZE],
    layers: [{ kind: 'dense', units }, { kind: 'relu' }, { kind: 'dense', units: CLASSES }],
  });
  return new Network(await wasmEngine(), model, { seed: 7, maxBatch });
}

/** The aggregated gradient of a batch, as it would be sent. */
export function gradientOf(attacked: Network, batch: Pictures): Float32Array<ArrayBuffer> {
  attacked.batchGradient(batch, { kind: 'crossEntropy' });
  return attacked.gradient.slice();
}
