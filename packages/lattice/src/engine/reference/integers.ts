// Reference lanes: what each kernel of kernels/integers.ts means, in big integers, one coefficient at a time.

import type { IntegerKernels } from '../integer-kernels.ts';
import type { EngineMemory } from '../memory.ts';

export function referenceIntegers(memory: EngineMemory): IntegerKernels {
  const word = (address: number): bigint => BigInt(memory.u32(address, 1)[0]);

  return {
    packLanes(out, lanes, laneStride, laneCount, weights, bias, constant, _group, n, q): void {
      const target = memory.u32(out, n);
      for (let i = 0; i < n; i++) {
        let sum = BigInt(constant);
        for (let lane = 0; lane < laneCount; lane++) {
          const x = (memory.u32(lanes + lane * laneStride, n)[i] + bias) % 2 ** 32;
          sum += BigInt(x) * word(weights + 4 * lane);
        }
        target[i] = Number(sum % BigInt(q));
      }
    },
    largestResidual(y, yStride, terms, reciprocals, n): number {
      let largest = 0;
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let t = 0; t < terms; t++) {
          sum += Number((BigInt(memory.u32(y + t * yStride, n)[i]) * word(reciprocals + 4 * t)) >> 32n);
        }
        const fraction = sum % 2 ** 24;
        largest = Math.max(largest, fraction < 2 ** 23 ? fraction : 2 ** 24 - fraction);
      }
      return largest;
    },
    unpackLanes(out, y, yStride, terms, counts, weights, laneCount, lowBits, highBits, isSigned, n): void {
      const widths = lowBits === 0 ? [highBits] : [lowBits, highBits];
      const laneBits = lowBits + highBits;
      for (let i = 0; i < n; i++) {
        // The digits are put together again: x modulo 2^(laneBits·laneCount).
        let x = 0n;
        let position = 0n;
        let at = weights;
        for (let lane = 0; lane < laneCount; lane++) {
          for (const width of widths) {
            let digit = BigInt(memory.u32(counts, n)[i]) * word(at + 4 * terms);
            for (let t = 0; t < terms; t++) digit += BigInt(memory.u32(y + t * yStride, n)[i]) * word(at + 4 * t);
            x += digit << position;
            position += BigInt(width);
            at += 4 * (terms + 1);
          }
        }
        for (let lane = 0; lane < laneCount; lane++) {
          const value = isSigned === 1 ? BigInt.asIntN(laneBits, x) : BigInt.asUintN(laneBits, x);
          x = (x - value) >> BigInt(laneBits);
          memory.f64(out + 8 * n * lane, n)[i] = Number(value);
        }
      }
    },
    wordsWithin(words, n, lowest, span): number {
      return memory.u32(words, n).every((value) => (value - lowest + 2 ** 33) % 2 ** 32 <= span >>> 0) ? 1 : 0;
    },
    wordsFromDoubles(out, values, n, lowest, highest): number {
      const doubles = memory.f64(values, n);
      if (!doubles.every((x) => Number.isInteger(x) && x >= lowest && x <= highest)) return 0;
      memory.u32(out, n).set(doubles);
      return 1;
    },
  };
}
