// Reference transform: layer after layer over the whole, rounding every sum and product to a float.

import type { HadamardKernels } from '../hadamard-kernels.ts';
import type { EngineMemory } from '../memory.ts';

export function referenceHadamard(memory: EngineMemory): HadamardKernels {
  return {
    hadamard(address, layers): void {
      const values = memory.f32(address, 2 ** layers);
      for (const stride of [4, 8, 1, 2]) addLayer(values, stride);
      transposeSixteens(values);
      for (let stride = 16; stride < values.length; stride *= 2) addLayer(values, stride);
    },
    flipAndScale(out, values, count, signs, firstBit, first, second): void {
      const from = memory.f32(values, count);
      const to = memory.f32(out, count);
      const bits = memory.u8(signs, Math.ceil((firstBit + count) / 8));
      for (let i = 0; i < count; i++) {
        const bit = firstBit + i;
        const scaled = Math.fround(Math.fround(from[i] * Math.fround(first)) * Math.fround(second));
        to[i] = (bits[bit >> 3] >> (bit & 7)) & 1 ? -scaled : scaled;
      }
    },
  };
}

function addLayer(values: Float32Array, stride: number): void {
  for (let i = 0; i < values.length; i++) {
    if (i & stride) continue;
    const a = values[i];
    const b = values[i + stride];
    values[i] = a + b;
    values[i + stride] = a - b;
  }
}

function transposeSixteens(values: Float32Array): void {
  for (let group = 0; group < values.length; group += 16) {
    const before = values.slice(group, group + 16);
    for (let i = 0; i < 16; i++) values[group + i] = before[4 * (i % 4) + (i >> 2)];
  }
}
