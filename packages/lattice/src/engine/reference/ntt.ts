// The reference transform: the textbook loops with one exact product per butterfly, then the output order of kernels/ntt.ts.

import { multiplyModulo } from '../../arithmetic/modular.ts';
import type { EngineMemory } from '../memory.ts';
import type { NttKernels } from '../ntt-kernels.ts';

/** Where kernels/ntt.ts keeps the twiddle of group i: evens before odds in every block of eight of the upper half. */
function tablePosition(i: number, n: number): number {
  if (i < n / 2) return i;
  const inBlock = i & 7;
  return (i & ~7) + (inBlock & 1) * 4 + (inBlock >> 1);
}

/** Transposes every block of 16 values as a 4×4 matrix. */
function transposeBlocks(values: Uint32Array): void {
  for (let block = 0; block < values.length; block += 16) {
    const copy = values.slice(block, block + 16);
    for (let r = 0; r < 4; r++) for (let c = 0; c < 4; c++) values[block + 4 * c + r] = copy[4 * r + c];
  }
}

export function referenceNtt(memory: EngineMemory): NttKernels {
  return {
    forwardNtt(valuesAt, rootsAt, _quotients, n, q): void {
      const x = memory.u32(valuesAt, n);
      const roots = memory.u32(rootsAt, n);
      let distance = n / 2;
      for (let groups = 1; groups < n; groups *= 2) {
        for (let group = 0; group < groups; group++) {
          const w = roots[tablePosition(groups + group, n)];
          const start = 2 * group * distance;
          for (let j = start; j < start + distance; j++) {
            const t = multiplyModulo(x[j + distance], w, q);
            const u = x[j];
            x[j] = (u + t) % q;
            x[j + distance] = (u - t + q) % q;
          }
        }
        distance /= 2;
      }
      transposeBlocks(x);
    },
    inverseNtt(valuesAt, rootsAt, _quotients, n, q, scale): void {
      const x = memory.u32(valuesAt, n);
      const roots = memory.u32(rootsAt, n);
      transposeBlocks(x);
      let distance = 1;
      for (let groups = n / 2; groups >= 1; groups /= 2) {
        for (let group = 0; group < groups; group++) {
          const w = roots[tablePosition(groups + group, n)];
          const start = 2 * group * distance;
          for (let j = start; j < start + distance; j++) {
            const u = x[j];
            const v = x[j + distance];
            x[j] = (u + v) % q;
            x[j + distance] = multiplyModulo((u - v + 2 * q) % q, w, q);
          }
        }
        distance *= 2;
      }
      for (let j = 0; j < n; j++) x[j] = multiplyModulo(x[j], scale, q);
    },
  };
}
