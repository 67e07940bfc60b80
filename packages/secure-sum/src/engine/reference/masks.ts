// Reference masks: byte after byte, bit after bit.

import type { MaskKernels } from '../masks-kernels.ts';
import type { EngineMemory } from '../memory.ts';

export function referenceMasks(memory: EngineMemory): MaskKernels {
  const withStream = (sign: 1 | -1) => (words: number, stream: number, count: number, size: number) => {
    const to = memory.u32(words, count);
    const bytes = memory.u8(stream, count * size);
    for (let i = 0; i < count; i++) {
      let word = 0;
      for (let j = size - 1; j >= 0; j--) word = word * 256 + bytes[size * i + j];
      // Uint32Array reduces modulo 2^32.
      to[i] = to[i] + sign * word;
    }
  };
  return {
    addStream: withStream(1),
    subtractStream: withStream(-1),
    pack(out, words, count, bits): void {
      const from = memory.u32(words, count);
      const bytes = memory.u8(out, Math.ceil((count * bits) / 8));
      bytes.fill(0);
      for (let bit = 0; bit < count * bits; bit++) {
        const word = from[Math.floor(bit / bits)];
        bytes[bit >> 3] |= ((word >>> (bit % bits)) & 1) << (bit & 7);
      }
    },
    addPacked(words, packed, count, bits): void {
      const to = memory.u32(words, count);
      const bytes = memory.u8(packed, Math.ceil((count * bits) / 8));
      for (let i = 0; i < count; i++) {
        let word = 0;
        for (let j = bits - 1; j >= 0; j--) {
          const bit = i * bits + j;
          word = word * 2 + ((bytes[bit >> 3] >> (bit & 7)) & 1);
        }
        to[i] = to[i] + word;
      }
    },
    signExtend(words, count, bits, extremes): void {
      const numbers = memory.i32(words, count);
      const range = memory.i32(extremes, 2);
      for (let i = 0; i < count; i++) {
        const modulus = 2 ** bits;
        const word = (numbers[i] >>> 0) % modulus;
        numbers[i] = word < modulus / 2 ? word : word - modulus;
        range[0] = Math.min(range[0], numbers[i]);
        range[1] = Math.max(range[1], numbers[i]);
      }
    },
  };
}
