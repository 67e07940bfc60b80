// Reference bit packing: one bit after another.

import type { EngineMemory } from '../memory.ts';
import type { PackingKernels } from '../packing-kernels.ts';

export function referencePacking(memory: EngineMemory): PackingKernels {
  return {
    packBits(out, values, count, bits): void {
      const words = memory.u32(values, count);
      const bytes = memory.u8(out, Math.ceil((count * bits) / 8));
      bytes.fill(0);
      for (let at = 0; at < count * bits; at++) {
        const bit = (words[Math.floor(at / bits)] >>> (at % bits)) & 1;
        bytes[at >> 3] |= bit << (at & 7);
      }
    },
    unpackBits(out, packed, count, bits): void {
      const bytes = memory.u8(packed, Math.ceil((count * bits) / 8));
      const words = memory.u32(out, count);
      words.fill(0);
      for (let at = 0; at < count * bits; at++) {
        const bit = (bytes[at >> 3] >> (at & 7)) & 1;
        words[Math.floor(at / bits)] |= bit << (at % bits);
      }
    },
    packQuads30(out, values, count): void {
      const words = memory.u32(values, count);
      const packed = memory.u32(out, quadWords(count));
      packed.fill(0);
      eachQuadBit(count, (value, bit, word, at) => {
        packed[word] |= ((words[value] >>> bit) & 1) << at;
      });
    },
    addQuads30(sums, packed, count, q): number {
      const total = memory.u32(sums, count);
      const words = memory.u32(packed, quadWords(count));
      const values = new Uint32Array(count);
      eachQuadBit(count, (value, bit, word, at) => {
        values[value] |= ((words[word] >>> at) & 1) << bit;
      });
      values.forEach((value, i) => {
        total[i] = Math.min(total[i] + value, (total[i] + value - q) >>> 0);
      });
      return values.reduce((a, b) => Math.max(a, b), 0);
    },
    someAtLeast(values, count, bound): number {
      return memory.u32(values, count).some((word) => word >= bound) ? 1 : 0;
    },
  };
}

const quadWords = (count: number): number => (count * 30) / 32;

/** Every bit of every value, and the word and bit of the packed stream where it stands. */
function eachQuadBit(count: number, visit: (value: number, bit: number, word: number, at: number) => void): void {
  for (let value = 0; value < count; value++) {
    for (let bit = 0; bit < 30; bit++) {
      const inLane = 30 * Math.floor(value / 4) + bit;
      visit(value, bit, 4 * (inLane >> 5) + (value % 4), inLane & 31);
    }
  }
}
