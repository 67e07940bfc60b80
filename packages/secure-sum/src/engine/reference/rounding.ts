// Reference rounding: one value after another, every intermediate result rounded as the kernels round it.

import type { EngineMemory } from '../memory.ts';
import type { RoundingKernels } from '../rounding-kernels.ts';

export function referenceRounding(memory: EngineMemory): RoundingKernels {
  return {
    squaredNorm: (values, count) => squaresInOrder(memory.f32(values, count)),
    squaredNormOfWords: (words, count) => squaresInOrder(memory.i32(words, count)),
    roundAtRandom(out, values, random, count, bound): number {
      const from = memory.f32(values, count);
      const words = memory.u32(random, count);
      const to = memory.i32(out, count);
      let outside = 0;
      for (let i = 0; i < count; i++) {
        if (Math.abs(from[i]) > bound) outside++;
        const inside = Math.max(-bound, Math.min(bound, from[i]));
        const below = Math.floor(inside);
        const uniform = Math.floor(words[i] / 2 ** 8) / 2 ** 24;
        to[i] = below + (uniform < Math.fround(inside - below) ? 1 : 0);
      }
      return outside;
    },
    addWithin(words, noise, count, bound): number {
      const values = memory.i32(words, count);
      const added = memory.i32(noise, count);
      let outside = 0;
      for (let i = 0; i < count; i++) {
        const sum = values[i] + added[i];
        if (Math.abs(sum) > bound) outside++;
        values[i] = Math.max(-bound, Math.min(bound, sum));
      }
      return outside;
    },
    largestMagnitude: (words, count) =>
      memory.i32(words, count).reduce((largest, word) => Math.max(largest, Math.abs(word)), 0) | 0,
    wordsToFloats(out, words, count): void {
      memory.f32(out, count).set(memory.i32(words, count).slice());
    },
  };
}

/** Eight sums by index modulo 8, then ((0 + 4) + (2 + 6)) + ((1 + 5) + (3 + 7)). */
function squaresInOrder(values: Float32Array | Int32Array): number {
  const sums = new Float64Array(8);
  for (let i = 0; i < values.length; i++) sums[i % 8] += values[i] * values[i];
  const [p0, p1, p2, p3, p4, p5, p6, p7] = sums;
  return p0 + p4 + (p2 + p6) + (p1 + p5 + (p3 + p7));
}
