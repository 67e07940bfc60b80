// A deterministic stream of random bytes from a 32-byte seed: ChaCha20, byte-identical on every platform. One stream serves one
// polynomial: the nonce is a four-byte domain and an eight-byte index, so that no two uses of a seed ever share keystream.

import { ParameterError } from '../errors.ts';
import type { LatticePrimitives } from '../lattice.ts';

export const SEED_BYTES: number = 32;

/** What a stream is for; part of the nonce, hence of the format of everything seeded. */
export type StreamDomain = 'publ' | 'mask' | 'err0' | 'err1' | 'tern' | 'smud' | 'shar' | 'test';

const BLOCK_BYTES = 64;

/** For those who must refuse a seed before they touch anything else. */
export function requireSeed(seed: Uint8Array): void {
  if (seed.length !== SEED_BYTES) throw new ParameterError(`a seed has ${SEED_BYTES} bytes, not ${seed.length}`);
}

export function requireStreamIndex(index: number): void {
  if (!Number.isSafeInteger(index) || index < 0) {
    throw new ParameterError(`stream index ${index} is not a natural number`);
  }
}

export class RandomStream {
  readonly #primitives: LatticePrimitives;
  readonly #key: Uint8Array;
  readonly #nonce: Uint8Array;
  #counter = 0;

  constructor(primitives: LatticePrimitives, seed: Uint8Array, domain: StreamDomain, index: number) {
    requireSeed(seed);
    requireStreamIndex(index);
    this.#primitives = primitives;
    this.#key = seed.slice();
    this.#nonce = new Uint8Array(12);
    for (let i = 0; i < 4; i++) this.#nonce[i] = domain.charCodeAt(i);
    new DataView(this.#nonce.buffer).setBigUint64(4, BigInt(index), true);
  }

  /** The next bytes of the stream. A call consumes whole 64-byte blocks: ask for what a step needs in one call. */
  fill(out: Uint8Array): void {
    this.#primitives.chacha20(this.#key, this.#nonce, this.#counter, out);
    this.#counter += Math.ceil(out.length / BLOCK_BYTES);
  }

  wipe(): void {
    this.#key.fill(0);
  }

  toJSON(): never {
    throw new ParameterError('a random stream is secret and is not serialised');
  }
}
