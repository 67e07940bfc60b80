// Polynomials whose coefficients are numbers of up to 128 bits, two words each, the lower first: kept in a BigUint64Array, turned into residues
// without a division.

import { scalar } from '../ring/modulus.ts';
import type { Ring } from '../ring/ring.ts';

export function put(words: BigUint64Array, i: number, value: bigint): void {
  words[2 * i] = BigInt.asUintN(64, value);
  words[2 * i + 1] = value >> 64n;
}

const CHUNK_BITS = 24;
const CHUNK_MASK = 2 ** CHUNK_BITS - 1;
const CHUNKS = 6;

/** Residues of N numbers below 2^128, coefficient form: Σ chunk_j·2^(24·j), chunks below every prime. Inside a scope. */
export function writeWide(ring: Ring, values: BigUint64Array, out: number): void {
  const { memory, residues } = ring.engine;
  const { degree: n, limbBytes } = ring;
  const words = new Uint32Array(values.buffer, values.byteOffset, 4 * n);
  memory.secretScope(() => {
    const chunks = memory.allocate(CHUNKS * limbBytes);
    for (let j = 0; j < CHUNKS; j++) {
      const at = memory.u32(chunks + j * limbBytes, n);
      const word = (j * CHUNK_BITS) >>> 5;
      const shift = (j * CHUNK_BITS) & 31;
      for (let i = 0; i < n; i++) {
        const low = words[4 * i + word] >>> shift;
        const next = shift > 8 && word < 3 ? words[4 * i + word + 1] << (32 - shift) : 0;
        at[i] = (low | next) & CHUNK_MASK;
      }
    }
    ring.moduli.forEach((m, limb) => {
      const target = out + limb * limbBytes;
      memory.u32(target, n).fill(0);
      for (let j = 0; j < CHUNKS; j++) {
        const { value, quotient } = scalar(1n << BigInt(j * CHUNK_BITS), m);
        residues.multiplyScalarAddResidues(target, chunks + j * limbBytes, n, m.q, value, quotient);
      }
    });
  });
}
