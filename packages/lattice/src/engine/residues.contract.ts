// What every engine's pointwise kernels must do (kernels/residues.ts), one coefficient at a time in big integers.

import { expect, it } from 'vitest';
import { type Modulus, modulus, type Scalar, scalar } from '../ring/modulus.ts';
import type { Engine } from './engine.ts';
import { primesToTry } from './ntt.contract.ts';
import type { ResidueKernels } from './residue-kernels.ts';
import { FILLINGS, filled, seededWords } from './seeded-words.contract.ts';

const WORD = 2 ** 32;

interface PointwiseCase {
  readonly kernel: keyof ResidueKernels;
  /** The bounds of `out` before the call and of the operands, as the contract allows them. */
  readonly bounds: (q: number) => readonly number[];
  readonly run: (kernels: ResidueKernels, at: readonly number[], n: number, m: Modulus, w: Scalar) => void;
  /** What out[i] becomes; `v` holds out[i] and the operands, `w` the scalar. */
  readonly naive: (v: readonly bigint[], q: bigint, w: bigint) => bigint;
}

const signed = (word: bigint): bigint => BigInt.asIntN(32, word);

/** 2^-32 mod q: (q + 1)/2 to the power 32. */
function unlift(q: bigint): bigint {
  let power = (q + 1n) / 2n;
  for (let i = 0; i < 5; i++) power = (power * power) % q;
  return power;
}

const CASES: readonly PointwiseCase[] = [
  {
    kernel: 'addResidues',
    bounds: (q) => [WORD, q, q],
    run: (k, [out, a, b], n, { q }) => k.addResidues(out, a, b, n, q),
    naive: ([, a, b]) => a + b,
  },
  {
    kernel: 'subtractResidues',
    bounds: (q) => [WORD, q, q],
    run: (k, [out, a, b], n, { q }) => k.subtractResidues(out, a, b, n, q),
    naive: ([, a, b]) => a - b,
  },
  {
    kernel: 'negateResidues',
    bounds: (q) => [WORD, q],
    run: (k, [out, a], n, { q }) => k.negateResidues(out, a, n, q),
    naive: ([, a]) => -a,
  },
  {
    kernel: 'reduceWords',
    bounds: () => [WORD, WORD],
    run: (k, [out, a], n, m) => k.reduceWords(out, a, n, m.q, m.reciprocal),
    naive: ([, a]) => a,
  },
  {
    kernel: 'multiplyResidues',
    bounds: (q) => [WORD, q, q],
    run: (k, [out, a, b], n, m) => k.multiplyResidues(out, a, b, n, m.q, m.barrettShift, m.barrettMu),
    naive: ([, a, b]) => a * b,
  },
  {
    kernel: 'multiplyAddResidues',
    bounds: (q) => [q, q, q],
    run: (k, [out, a, b], n, m) => k.multiplyAddResidues(out, a, b, n, m.q, m.barrettShift, m.barrettMu),
    naive: ([out, a, b]) => out + a * b,
  },
  {
    kernel: 'multiplyLiftedAddResidues',
    bounds: (q) => [q, q, q],
    run: (k, [out, a, b], n, { q }) => k.multiplyLiftedAddResidues(out, a, b, n, q),
    naive: ([out, a, b], q) => out + a * b * unlift(q),
  },
  {
    kernel: 'multiplyLiftedSubtractResidues',
    bounds: (q) => [q, q, q],
    run: (k, [out, a, b], n, { q }) => k.multiplyLiftedSubtractResidues(out, a, b, n, q),
    naive: ([out, a, b], q) => out - a * b * unlift(q),
  },
  {
    kernel: 'multiplyScalarResidues',
    bounds: () => [WORD, WORD],
    run: (k, [out, a], n, { q }, w) => k.multiplyScalarResidues(out, a, n, q, w.value, w.quotient),
    naive: ([, a], _q, w) => a * w,
  },
  {
    kernel: 'multiplyScalarAddResidues',
    bounds: (q) => [q, WORD],
    run: (k, [out, a], n, { q }, w) => k.multiplyScalarAddResidues(out, a, n, q, w.value, w.quotient),
    naive: ([out, a], _q, w) => out + a * w,
  },
  {
    kernel: 'subtractScaleResidues',
    bounds: (q) => [WORD, q, q],
    run: (k, [out, a, b], n, { q }, w) => k.subtractScaleResidues(out, a, b, n, q, w.value, w.quotient),
    naive: ([, a, b], _q, w) => (a - b) * w,
  },
];

/** x mod q in [0, q). */
export const modulo = (x: bigint, q: bigint): bigint => ((x % q) + q) % q;

const GUARD = 0x5eed5eed;

/** Places vectors in scratch, runs, and reads the first one back. What follows each vector must stay as it was. */
export function onVectors(
  { memory }: Engine,
  vectors: readonly Uint32Array<ArrayBuffer>[],
  work: (addresses: readonly number[]) => void,
): Uint32Array<ArrayBuffer> {
  return memory.scope(() => {
    const addresses = vectors.map((vector) => {
      const at = memory.allocate(4 * vector.length + 64);
      memory.u32(at, vector.length).set(vector);
      memory.u32(at + 4 * vector.length, 16).fill(GUARD);
      return at;
    });
    work(addresses);
    vectors.forEach((vector, i) => {
      const behind = memory.u32(addresses[i] + 4 * vector.length, 16);
      if (behind.some((word) => word !== GUARD)) throw new Error(`a kernel wrote behind vector ${i}`);
    });
    return memory.u32(addresses[0], vectors[0].length).slice();
  });
}

export function residuesContract(make: () => Engine | Promise<Engine>, n: number): void {
  for (const { kernel, bounds, run, naive } of CASES) {
    it(`${kernel} is what big integers say, at every extreme of its operands`, async () => {
      const engine = await make();
      const next = seededWords(kernel.length);
      for (const q of primesToTry(16)) {
        const m = modulus(q, 16);
        const big = BigInt(q);
        for (const factor of [0, 1, q - 1, q >>> 1, next() % q]) {
          const w = scalar(factor, m);
          for (const filling of FILLINGS) {
            const vectors = bounds(q).map((bound) => filled(filling, n, bound, next));
            const result = onVectors(engine, vectors, (at) => run(engine.residues, at, n, m, w));
            const expected = vectors[0].map((_, i) => {
              const values = vectors.map((vector) => BigInt(vector[i]));
              return Number(modulo(naive(values, big, BigInt(w.value)), big));
            });
            expect(result).toEqual(expected);
          }
        }
      }
    });
  }

  it('residuesFromSigned and liftSignedResidues take every integer between −q and q', async () => {
    const engine = await make();
    const next = seededWords(3);
    for (const q of primesToTry(16)) {
      const values = filled('extremes', n, 2 * q - 1, next).map((x) => x - (q - 1));
      const result = onVectors(engine, [values], ([at]) => engine.residues.residuesFromSigned(at, at, n, q));
      expect(result).toEqual(values.map((x) => Number(modulo(signed(BigInt(x)), BigInt(q)))));
      const { wordResidue, wordResidueQuotient } = modulus(q, 16);
      const lifted = onVectors(engine, [values], ([at]) =>
        engine.residues.liftSignedResidues(at, at, n, q, wordResidue, wordResidueQuotient),
      );
      expect(lifted).toEqual(values.map((x) => Number(modulo(signed(BigInt(x)) << 32n, BigInt(q)))));
    }
  });

  it('addSignedResidues adds every integer between −q and q to every extreme', async () => {
    const engine = await make();
    const next = seededWords(7);
    for (const q of primesToTry(16)) {
      for (const filling of FILLINGS) {
        const a = filled(filling, n, q, next);
        const small = filled('extremes', n, 2 * q - 1, next).map((x) => x - (q - 1));
        const expected = a.map((x, i) => Number(modulo(BigInt(x) + signed(BigInt(small[i])), BigInt(q))));
        const apart = onVectors(engine, [new Uint32Array(n), a, small], ([out, x, y]) =>
          engine.residues.addSignedResidues(out, x, y, n, q),
        );
        expect(apart).toEqual(expected);
        const inPlace = onVectors(engine, [a, small], ([x, y]) => engine.residues.addSignedResidues(x, x, y, n, q));
        expect(inPlace).toEqual(expected);
      }
    }
  });

  it('fixed operands with their quotients multiply any words', async () => {
    const engine = await make();
    const next = seededWords(4);
    for (const q of primesToTry(16)) {
      const m = modulus(q, 16);
      for (const filling of FILLINGS) {
        const [out, w] = [filled(filling, n, q, next), filled(filling, n, q, next)];
        const a = filled(filling, n, WORD, next);
        const quotients = w.map((x) => scalar(x, m).quotient);
        const expected = (start: (i: number) => number): Uint32Array =>
          a.map((x, i) => Number((BigInt(start(i)) + BigInt(x) * BigInt(w[i])) % BigInt(q)));
        const product = onVectors(engine, [out, a, w, quotients], ([o, x, y, z]) =>
          engine.residues.multiplyFixedResidues(o, x, y, z, n, q),
        );
        expect(product).toEqual(expected(() => 0));
        const sum = onVectors(engine, [out, a, w, quotients], ([o, x, y, z]) =>
          engine.residues.multiplyFixedAddResidues(o, x, y, z, n, q),
        );
        expect(sum).toEqual(expected((i) => out[i]));
      }
    }
  });

  it('the output may be an operand', async () => {
    const engine = await make();
    const next = seededWords(5);
    const [q] = primesToTry(16);
    const m = modulus(q, 16);
    const w = scalar(next() % q, m);
    for (const { kernel, bounds, run, naive } of CASES) {
      const operands = bounds(q).slice(1);
      for (let shared = 0; shared < operands.length; shared++) {
        const vectors = operands.map(() => filled('random', n, q, next));
        const chosen = [vectors[shared], ...vectors.filter((_, i) => i !== shared)];
        const result = onVectors(engine, chosen, ([out, other]) => {
          const at = operands.map((_, i) => (i === shared ? out : other));
          run(engine.residues, [out, ...at], n, m, w);
        });
        const expected = vectors[shared].map((before, i) => {
          const values = [BigInt(before), ...vectors.map((vector) => BigInt(vector[i]))];
          return Number(modulo(naive(values, BigInt(q), BigInt(w.value)), BigInt(q)));
        });
        expect(result, `${kernel}, operand ${shared}`).toEqual(expected);
      }
    }
  });

  it('gathers, with and without signs', async () => {
    const engine = await make();
    const next = seededWords(6);
    for (const q of primesToTry(16)) {
      const a = filled('extremes', n, q, next);
      const plain = Uint32Array.from({ length: n }, () => next() % n);
      const gathered = onVectors(engine, [new Uint32Array(n), a, plain], ([out, x, index]) =>
        engine.residues.permuteResidues(out, x, index, n),
      );
      expect(gathered).toEqual(plain.map((from) => a[from]));
      const withSigns = Uint32Array.from({ length: n }, () => next() % (2 * n));
      const negated = onVectors(engine, [new Uint32Array(n), a, withSigns], ([out, x, index]) =>
        engine.residues.permuteSignedResidues(out, x, index, n, q),
      );
      expect(negated).toEqual(withSigns.map((entry) => (entry % 2 === 0 ? a[entry >>> 1] : (q - a[entry >>> 1]) % q)));
    }
  });
}
