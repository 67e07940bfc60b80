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
    someAtLeast(values, count, bound): number {
      return memory.u32(values, count).some((word) => word >= bound) ? 1 : 0;
    },
  };
}
