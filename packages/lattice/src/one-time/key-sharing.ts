// A contributor shares its one-time key among the committee, a share for every member, before it encrypts (packed-sharing.ts).

import type { Lattice } from '../lattice.ts';
import type { OneTimeParameters } from '../parameters/one-time-parameters.ts';
import { freshSeed } from '../random/index.ts';
import { RandomStream } from '../random/random-stream.ts';
import { UniformWords } from '../random/uniform.ts';
import { type KeyShare, keyShare } from './key-share.ts';
import type { OneTimeKey } from './one-time-key.ts';
import { combineVectors, inputPoints, lagrangeMatrix, vectorBytes } from './packed-sharing.ts';

/** One share for every member, in order. Once per key, before it encrypts. */
export function shareKey(lattice: Lattice, key: OneTimeKey, seed?: Uint8Array): KeyShare[] {
  const { parameters } = key;
  const { committee, degree, shareModulus: p } = parameters;
  const { members, quorum, packed, blocks, corrupt } = committee;
  const matrix = sharingMatrix(parameters);
  const drawn = seed ?? freshSeed(lattice.primitives);
  const stream = new RandomStream(lattice.primitives, drawn, 'shar', 0);
  // Only now, when nothing is left to refuse.
  const coefficients = key.takeForSharing();
  const { engine } = lattice;
  const stride = vectorBytes(blocks);
  try {
    return engine.memory.secretScope(() => {
      const vectors = engine.memory.allocate(quorum * stride);
      engine.memory.u8(vectors, quorum * stride).fill(0);
      // Coefficient b·ρ + k is secret k of block b.
      for (let k = 0; k < packed; k++) {
        const vector = engine.memory.u32(vectors + k * stride, blocks);
        for (let b = 0; b < blocks; b++) {
          const index = b * packed + k;
          const c = index < degree ? coefficients[index] : 0;
          vector[b] = c + p * (c >>> 31);
        }
      }
      if (corrupt > 0) {
        const words = new UniformWords(engine, stream, 4 * corrupt * blocks);
        for (let k = packed; k < quorum; k++) words.draw(vectors + k * stride, blocks, p);
      }
      const out = engine.memory.allocate(stride);
      return Array.from({ length: members }, (_, i) => {
        combineVectors(engine, out, vectors, matrix[i], blocks, p);
        return keyShare({ member: i + 1, elements: engine.memory.u32(out, blocks).slice(), contributions: 1 });
      });
    });
  } finally {
    stream.wipe();
    if (seed === undefined) drawn.fill(0);
  }
}

const matrices = new WeakMap<OneTimeParameters, Uint32Array[]>();

/** Rows: members; columns: secrets, then random values. */
function sharingMatrix(parameters: OneTimeParameters): Uint32Array[] {
  const members = Array.from({ length: parameters.committee.members }, (_, i) => i + 1);
  const made = matrices.get(parameters) ?? lagrangeMatrix(inputPoints(parameters), members, parameters.shareModulus);
  matrices.set(parameters, made);
  return made;
}
