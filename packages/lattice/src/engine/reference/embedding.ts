// Reference encoding kernels. The transform does, one number at a time, the operations of kernels/embedding/ in
// their order, because floating-point addition is not associative; what it must compute is tested against the plain sum. The
// integer kernels say what they mean.

import { multiplyModulo } from '../../arithmetic/modular.ts';
import type { EmbeddingKernels } from '../embedding-kernels.ts';
import type { EngineMemory } from '../memory.ts';
import { referenceTransform } from './embedding-transform.ts';

const TWO_30 = 2 ** 30;

/** The nearest integer, half to even, for |x| ≤ 2^51. */
function nearest(x: number): number {
  const rounder = 1.5 * 2 ** 52;
  return x + rounder - rounder;
}

const modulo = (x: number, q: number): number => ((x % q) + q) % q;

export function referenceEmbedding(memory: EngineMemory): EmbeddingKernels {
  return {
    ...referenceTransform(memory),
    exceedsMagnitude(values, n, bound): number {
      return memory.f64(values, n).every((x) => Math.abs(x) <= bound) ? 0 : 1;
    },
    splitCoefficients(highs, lows, values, n, factor): void {
      const [h, l, v] = [memory.u32(highs, n), memory.u32(lows, n), memory.f64(values, n)];
      for (let i = 0; i < n; i++) {
        const x = v[i] * factor;
        const high = nearest(x / TWO_30);
        h[i] = high + 2 ** 31;
        l[i] = nearest(x - high * TWO_30) + 2 ** 29;
      }
    },
    residuesFromHalves(out, highs, lows, n, q): void {
      const [target, h, l] = [memory.u32(out, n), memory.u32(highs, n), memory.u32(lows, n)];
      for (let i = 0; i < n; i++) {
        const high = modulo(h[i] - 2 ** 31, q);
        target[i] = modulo(multiplyModulo(high, TWO_30 % q, q) + (l[i] - 2 ** 29), q);
      }
    },
    mirrorResidues(values, n, q): void {
      const m = memory.u32(values, n);
      m[n / 2] = 0;
      for (let k = 1; k < n / 2; k++) m[n - k] = (q - m[k]) % q;
    },
    spreadResidues(out, values, n, stride): void {
      const [target, source] = [memory.u32(out, n * stride), memory.u32(values, n)];
      for (let i = 0; i < n; i++) target[i * stride] = source[i];
    },
    collectResidues(out, values, n, stride): void {
      const [target, source] = [memory.u32(out, n), memory.u32(values, n * stride)];
      for (let i = 0; i < n; i++) target[i] = source[i * stride];
    },
    composeOne(out, residues, n, q, factor): void {
      const [target, r] = [memory.f64(out, n), memory.u32(residues, n)];
      for (let i = 0; i < n; i++) target[i] = (r[i] > (q - 1) / 2 ? r[i] - q : r[i]) * factor;
    },
    composeTwo(out, a, b, n, p, q, _offset, inverse, _inverseQuotient, factor): void {
      const [target, x, y] = [memory.f64(out, n), memory.u32(a, n), memory.u32(b, n)];
      for (let i = 0; i < n; i++) {
        const low = x[i] > (p - 1) / 2 ? x[i] - p : x[i];
        const high = multiplyModulo(modulo(y[i] - low, q), inverse, q);
        const centred = high > (q - 1) / 2 ? high - q : high;
        target[i] = (centred * p + low) * factor;
      }
    },
    addDigits(out, digits, n, q, weight): void {
      const [target, d] = [memory.f64(out, n), memory.u32(digits, n)];
      for (let i = 0; i < n; i++) target[i] = target[i] + (d[i] - (q - 1) / 2) * weight;
    },
    scaleDoubles(values, n, factor): void {
      const target = memory.f64(values, n);
      for (let i = 0; i < n; i++) target[i] = target[i] * factor;
    },
  };
}
