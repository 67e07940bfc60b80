// The reference engine: plain TypeScript, slow and obvious, sums in doubles. It exists to be compared with; nothing real runs on it.

import type { Engine } from './engine.ts';
import { EngineMemory, type MemoryBacking } from './memory.ts';
import { referenceActivations } from './reference/activations.ts';
import { referenceConvolution } from './reference/convolution.ts';
import { referenceLosses } from './reference/losses.ts';
import { referenceMatrix } from './reference/matrix.ts';
import { referenceNormalisation } from './reference/normalisation.ts';
import { referenceOptimisers } from './reference/optimisers.ts';
import { referencePooling } from './reference/pooling.ts';
import { referenceScattering } from './reference/scattering.ts';
import { referenceTokens } from './reference/tokens.ts';
import { referenceVectors } from './reference/vectors.ts';
import { referenceWinograd } from './reference/winograd.ts';

class GrowingBuffer implements MemoryBacking {
  buffer: ArrayBuffer = new ArrayBuffer(1 << 16);

  ensure(bytes: number): void {
    if (bytes <= this.buffer.byteLength) return;
    const larger = new ArrayBuffer(bytes + (bytes >> 1));
    new Uint8Array(larger).set(new Uint8Array(this.buffer));
    this.buffer = larger;
  }
}

export function referenceEngine(): Engine {
  const backing = new GrowingBuffer();
  const memory = new EngineMemory(backing);
  /** All of memory as floats; kernels index it by address / 4. */
  const floats = (): Float32Array<ArrayBuffer> => new Float32Array(backing.buffer);
  return {
    name: 'reference',
    memory,
    matrix: referenceMatrix(floats),
    convolution: referenceConvolution(floats),
    winograd: referenceWinograd(floats),
    vectors: referenceVectors(memory, floats),
    activations: referenceActivations(floats),
    pooling: referencePooling(floats),
    normalisation: referenceNormalisation(floats),
    tokens: referenceTokens(floats),
    losses: referenceLosses(memory, floats),
    optimisers: referenceOptimisers(floats),
    scattering: referenceScattering(floats),
  };
}
