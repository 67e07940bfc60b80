// Test material: a lattice whose fresh bytes come from a seed, so that a test that passes passes again. For every room of this package.

import type { Lattice } from '@sumus/lattice/ckks';
import { wasmEngine } from '@sumus/lattice/engine';
import { nodePrimitives } from '@sumus/platform/node';

export async function reproducibleLattice(seed: number): Promise<Lattice> {
  const primitives = nodePrimitives();
  const key = new Uint8Array(32).fill(seed);
  let calls = 0;
  const randomBytes = (length: number): Uint8Array => {
    const nonce = new Uint8Array(12);
    new DataView(nonce.buffer).setUint32(0, calls++, true);
    const out = new Uint8Array(length);
    primitives.chacha20(key, nonce, 0, out);
    return out;
  };
  return { engine: await wasmEngine(), primitives: { ...primitives, randomBytes } };
}
