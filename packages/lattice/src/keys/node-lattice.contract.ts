// Test material: a lattice on Node's own primitives (the package itself takes them from its caller), and a reproducible one.

import { createCipheriv, createHash, randomFillSync } from 'node:crypto';
import type { Engine } from '../engine/engine.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import type { Lattice, LatticePrimitives } from '../lattice.ts';

const ZEROS = new Uint8Array(1 << 16);

/** Node's ChaCha20, in its frame of a 32-bit counter and a 96-bit nonce. */
function chacha20(key: Uint8Array, nonce: Uint8Array, counter: number, out: Uint8Array): void {
  const iv = new Uint8Array(16);
  new DataView(iv.buffer).setUint32(0, counter, true);
  iv.set(nonce, 4);
  const cipher = createCipheriv('chacha20', key, iv);
  for (let at = 0; at < out.length; at += ZEROS.length) {
    const piece = Math.min(ZEROS.length, out.length - at);
    out.set(cipher.update(ZEROS.subarray(0, piece)), at);
  }
}

export function nodePrimitives(): LatticePrimitives {
  return {
    randomBytes: (length) => randomFillSync(new Uint8Array(length)),
    chacha20,
    sha256: (...chunks) => {
      const hash = createHash('sha256');
      for (const chunk of chunks) hash.update(chunk);
      return Uint8Array.from(hash.digest());
    },
  };
}

/** The same, but "fresh" bytes come from a seed: every run of a test sees the same keys and noise. */
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
