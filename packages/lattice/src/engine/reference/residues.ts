// Reference arithmetic on residues: what each kernel means, one coefficient at a time.

import { invertModulo, multiplyModulo } from '../../arithmetic/modular.ts';
import type { EngineMemory } from '../memory.ts';
import type { ResidueKernels } from '../residue-kernels.ts';

export function referenceResidues(memory: EngineMemory): ResidueKernels {
  /** out[i] ← value(i) for i < n; the value may read what `out` held. */
  const each = (out: number, n: number, value: (i: number) => number): void => {
    const target = memory.u32(out, n);
    for (let i = 0; i < n; i++) target[i] = value(i);
  };
  const read = (address: number, n: number): Uint32Array => memory.u32(address, n);

  return {
    addResidues(out, a, b, n, q): void {
      const [x, y] = [read(a, n), read(b, n)];
      each(out, n, (i) => (x[i] + y[i]) % q);
    },
    subtractResidues(out, a, b, n, q): void {
      const [x, y] = [read(a, n), read(b, n)];
      each(out, n, (i) => (x[i] - y[i] + q) % q);
    },
    negateResidues(out, a, n, q): void {
      const x = read(a, n);
      each(out, n, (i) => (q - x[i]) % q);
    },
    residuesFromSigned(out, a, n, q): void {
      const x = memory.i32(a, n).slice();
      each(out, n, (i) => (x[i] + q) % q);
    },
    addSignedResidues(out, a, signed, n, q): void {
      const [x, y] = [read(a, n), memory.i32(signed, n)];
      each(out, n, (i) => (x[i] + y[i] + q) % q);
    },
    liftSignedResidues(out, a, n, q): void {
      const x = memory.i32(a, n);
      each(out, n, (i) => multiplyModulo((x[i] + q) % q, 2 ** 32 % q, q));
    },
    reduceWords(out, a, n, q): void {
      const x = read(a, n);
      each(out, n, (i) => x[i] % q);
    },
    multiplyResidues(out, a, b, n, q): void {
      const [x, y] = [read(a, n), read(b, n)];
      each(out, n, (i) => multiplyModulo(x[i], y[i], q));
    },
    multiplyAddResidues(out, a, b, n, q): void {
      const [x, y, z] = [read(a, n), read(b, n), read(out, n)];
      each(out, n, (i) => (z[i] + multiplyModulo(x[i], y[i], q)) % q);
    },
    multiplyLiftedAddResidues(out, a, b, n, q): void {
      const [x, y, z] = [read(a, n), read(b, n), read(out, n)];
      const unlift = invertModulo(2 ** 32 % q, q);
      each(out, n, (i) => (z[i] + multiplyModulo(multiplyModulo(x[i], y[i], q), unlift, q)) % q);
    },
    multiplyLiftedSubtractResidues(out, a, b, n, q): void {
      const [x, y, z] = [read(a, n), read(b, n), read(out, n)];
      const unlift = invertModulo(2 ** 32 % q, q);
      each(out, n, (i) => (z[i] - multiplyModulo(multiplyModulo(x[i], y[i], q), unlift, q) + q) % q);
    },
    multiplyFixedResidues(out, a, w, _quotients, n, q): void {
      const [x, y] = [read(a, n), read(w, n)];
      each(out, n, (i) => multiplyModulo(x[i], y[i], q));
    },
    multiplyFixedAddResidues(out, a, w, _quotients, n, q): void {
      const [x, y, z] = [read(a, n), read(w, n), read(out, n)];
      each(out, n, (i) => (z[i] + multiplyModulo(x[i], y[i], q)) % q);
    },
    multiplyScalarResidues(out, a, n, q, w): void {
      const x = read(a, n);
      each(out, n, (i) => multiplyModulo(x[i], w, q));
    },
    multiplyScalarAddResidues(out, a, n, q, w): void {
      const [x, z] = [read(a, n), read(out, n)];
      each(out, n, (i) => (z[i] + multiplyModulo(x[i], w, q)) % q);
    },
    subtractScaleResidues(out, a, b, n, q, w): void {
      const [x, y] = [read(a, n), read(b, n)];
      each(out, n, (i) => multiplyModulo((x[i] - y[i] + q) % q, w, q));
    },
    innerProductResidues(out, a, aStride, b, bStride, terms, n, q): void {
      const sums = new Float64Array(n);
      for (let t = 0; t < terms; t++) {
        const [x, y] = [read(a + t * aStride, n), read(b + t * bStride, n)];
        for (let i = 0; i < n; i++) sums[i] = (sums[i] + multiplyModulo(x[i], y[i], q)) % q;
      }
      each(out, n, (i) => sums[i]);
    },
    basisOverflow(out, y, yStride, terms, reciprocals, n): void {
      const kappa = read(reciprocals, terms);
      const sums = new Float64Array(n).fill(2 ** 23);
      for (let t = 0; t < terms; t++) {
        const x = read(y + t * yStride, n);
        // The high half of the 64-bit product, exactly.
        for (let i = 0; i < n; i++) sums[i] += Number((BigInt(x[i]) * BigInt(kappa[t])) >> 32n);
      }
      each(out, n, (i) => Math.floor(sums[i] / 2 ** 24));
    },
    convertBasis(out, y, yStride, terms, weights, overflow, overflowWeight, n, q): void {
      const w = read(weights, terms);
      const counts = read(overflow, n);
      const sums = Float64Array.from(counts, (count) => multiplyModulo(count, overflowWeight, q));
      for (let t = 0; t < terms; t++) {
        const x = read(y + t * yStride, n);
        for (let i = 0; i < n; i++) sums[i] = (sums[i] + multiplyModulo(x[i], w[t], q)) % q;
      }
      each(out, n, (i) => sums[i]);
    },
    permuteResidues(out, a, index, n): void {
      const [x, from] = [read(a, n), read(index, n)];
      each(out, n, (i) => x[from[i]]);
    },
    permuteSignedResidues(out, a, index, n, q): void {
      const [x, from] = [read(a, n), read(index, n)];
      each(out, n, (i) => (from[i] % 2 === 0 ? x[from[i] >> 1] : (q - x[from[i] >> 1]) % q));
    },
  };
}
