// Test material: a lattice whose "fresh" bytes are reproducible (the package itself takes its primitives from its caller).

import { nodePrimitives } from '@sumus/platform/node';
import type { Engine } from '../engine/engine.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import type { Lattice, LatticePrimitives } from '../lattice.ts';

/** Node's primitives, but "fresh" bytes come from a seed: every run of a test sees the same keys and noise. */
export function reproduciblePrimitives(seed: number): LatticePrimitives {
  const primitives = nodePrimitives();
  const key = new Uint8Array(32).fill(seed);
  let calls = 0;
  return {
    ...primitives,
    randomBytes: (length) => {
      const nonce = new Uint8Array(12);
      new DataView(nonce.buffer).setUint32(0, calls++, true);
      const out = new Uint8Array(length);
      primitives.chacha20(key, nonce, 0, out);
      return out;
    },
  };
}

export async function reproducibleLattice(seed: number, engine?: Engine): Promise<Lattice> {
  return { engine: engine ?? (await wasmEngine()), primitives: reproduciblePrimitives(seed) };
}
