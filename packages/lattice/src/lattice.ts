// What a user of the lattice hands in once: the engine that computes and the platform's primitives (packages/platform gives
// both a Node and a browser implementation; structurally typed, so this package imports nothing).

import type { Engine } from './engine/engine.ts';

/** The part of a platform's primitives that lattice encryption needs. All synchronous. */
export interface LatticePrimitives {
  /** Fresh bytes from the platform's cryptographic generator. */
  randomBytes(length: number): Uint8Array;
  /** Raw ChaCha20 keystream (RFC 8439) from block `counter` on, written into `out`. */
  chacha20(key: Uint8Array, nonce: Uint8Array, counter: number, out: Uint8Array): void;
  sha256(...chunks: readonly Uint8Array[]): Uint8Array;
}

export interface Lattice {
  readonly engine: Engine;
  readonly primitives: LatticePrimitives;
}
