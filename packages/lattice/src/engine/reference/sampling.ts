// Reference samplers: what each kernel of kernels/sampling.ts draws, one value at a time. Not constant-time.

import type { EngineMemory } from '../memory.ts';
import type { SamplingKernels } from '../sampling-kernels.ts';

export function referenceSampling(memory: EngineMemory): SamplingKernels {
  const bitOf = (byte: number, bit: number): number => (byte >> bit) & 1;

  return {
    keepBelow(out, capacity, words, available, bound, reciprocal, _shuffles, kept): number {
      const target = memory.u32(out, capacity);
      const source = memory.u32(words, available);
      const limit = bound * reciprocal;
      let looked = 0;
      let count = 0;
      while (looked < available && count < capacity) {
        const x = source[looked++];
        if (x < limit) target[count++] = x % bound;
      }
      memory.u32(kept, 1)[0] = count;
      return looked;
    },

    ternaryDigits(out, words, count): void {
      const target = memory.i32(out, count);
      const source = memory.u32(words, Math.ceil(count / 80) * 4);
      for (let i = 0; i < count; i++) {
        const word = source[Math.floor(i / 80) * 4 + (i % 4)];
        const half = i % 8 < 4 ? word % 3 ** 10 : Math.floor(word / 3 ** 10);
        target[i] = (Math.floor(half / 3 ** Math.floor((i % 80) / 8)) % 3) - 1;
      }
    },

    centredBinomial(out, random, count, eta): void {
      const target = memory.i32(out, count);
      const whole = Math.floor(eta / 4);
      const source = memory.u8(random, Math.ceil(count / 64) * 16 * eta);
      for (let i = 0; i < count; i++) {
        const block = Math.floor(i / 64) * 16 * eta;
        const group = Math.floor((i % 64) / 16);
        let ones = 0;
        for (let t = 0; t < whole; t++) {
          const byte = source[block + (group * whole + t) * 16 + (i % 16)];
          for (let bit = 0; bit < 8; bit++) ones += bitOf(byte, bit);
        }
        for (let t = 0; t < eta % 4; t++) {
          const byte = source[block + (4 * whole + t) * 16 + (i % 16)];
          ones += bitOf(byte, 2 * group) + bitOf(byte, 2 * group + 1);
        }
        target[i] = ones - eta;
      }
    },

    sampleSymmetric(out, random, count, table, columns, planes): void {
      const target = memory.i32(out, count);
      const source = memory.u8(random, count * (planes + 1));
      const thresholds = memory.u8(table, columns * (planes + 1));
      for (let i = 0; i < count; i++) {
        const at = Math.floor(i / 16) * 16 * (planes + 1) + (i % 16);
        const column = source[at] % columns;
        let below = false;
        for (let plane = planes - 1; plane >= 0; plane--) {
          const raw = source[at + 16 * (plane + 1)];
          const byte = plane === planes - 1 ? raw & 254 : raw;
          const threshold = thresholds[plane * columns + column];
          below = byte < threshold || (byte === threshold && below);
        }
        const magnitude = below ? column : thresholds[planes * columns + column];
        target[i] = source[at + 16 * planes] % 2 === 1 ? -magnitude : magnitude;
      }
    },

    widenNoise(out, x, u, v, count, shift): void {
      const target = memory.u32(out, 4 * count);
      const centred = memory.i32(x, count);
      const planes = Math.ceil(shift / 32);
      const uniform = (words: Uint32Array, i: number): bigint => {
        let value = 0n;
        for (let word = 0; word < planes; word++) value |= BigInt(words[word * count + i]) << BigInt(32 * word);
        return BigInt.asUintN(shift, value);
      };
      const first = memory.u32(u, planes * count);
      const second = memory.u32(v, planes * count);
      for (let i = 0; i < count; i++) {
        const sum = (BigInt(centred[i] + 256) << BigInt(shift)) + uniform(first, i) + uniform(second, i);
        for (let word = 0; word < 4; word++)
          target[word * count + i] = Number((sum >> BigInt(32 * word)) & 0xffffffffn);
      }
    },
  };
}
