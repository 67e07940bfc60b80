// What every engine's kernels with 64-bit sums must do: inner products and basis conversions, in big integers.

import { expect, it } from 'vitest';
import { type Modulus, modulus } from '../ring/modulus.ts';
import { primesBelow } from '../ring/primes.ts';
import type { Engine } from './engine.ts';
import { primesToTry } from './ntt.contract.ts';
import { onVectors } from './residues.contract.ts';
import { FILLINGS, filled, seededWords } from './seeded-words.contract.ts';

type Vector = Uint32Array<ArrayBuffer>;

/** Vectors of equal length one after the other. */
function concatenated(vectors: readonly Vector[]): Vector {
  const all = new Uint32Array(vectors.length * vectors[0].length);
  vectors.forEach((vector, t) => {
    all.set(vector, t * vector.length);
  });
  return all;
}

export function wideSumsContract(make: () => Engine | Promise<Engine>, n: number): void {
  it('innerProductResidues sums up to sixteen products, at every extreme of its operands', async () => {
    const engine = await make();
    const next = seededWords(7);
    for (const q of primesToTry(16)) {
      const m = modulus(q, 16);
      for (const terms of [1, 2, 7, 15, 16]) {
        for (const filling of FILLINGS) {
          const a = Array.from({ length: terms }, () => filled(filling, n, q, next));
          const b = Array.from({ length: terms }, () => filled(filling, n, q, next));
          const result = onVectors(engine, [new Uint32Array(n), concatenated(a), concatenated(b)], ([out, x, y]) =>
            innerProduct(engine, m, out, [x, y], terms, n),
          );
          const expected = a[0].map((_, i) => {
            let sum = 0n;
            for (let t = 0; t < terms; t++) sum += BigInt(a[t][i]) * BigInt(b[t][i]);
            return Number(sum % BigInt(q));
          });
          expect(result, `${terms} terms, ${filling}, q = ${q}`).toEqual(expected);
        }
      }
    }
  });

  it('innerProductResidues may write over its first terms', async () => {
    const engine = await make();
    const next = seededWords(8);
    const [q] = primesToTry(16);
    const m = modulus(q, 16);
    const a = filled('random', 3 * n, q, next);
    const b = filled('random', 3 * n, q, next);
    const apart = onVectors(engine, [new Uint32Array(n), a, b], ([out, x, y]) =>
      innerProduct(engine, m, out, [x, y], 3, n),
    );
    expect(onVectors(engine, [a, b], ([x, y]) => innerProduct(engine, m, x, [x, y], 3, n)).slice(0, n)).toEqual(apart);
    expect(onVectors(engine, [b, a], ([y, x]) => innerProduct(engine, m, y, [x, y], 3, n)).slice(0, n)).toEqual(apart);
  });

  it('basisOverflow rounds the sum of y_t / q_t in 24-bit fixed point', async () => {
    const engine = await make();
    const next = seededWords(9);
    for (const terms of [1, 2, 16, 60]) {
      const primes = [...primesBelow(2 ** 30, Math.ceil(terms / 2), 16), ...primesBelow(2 ** 25, terms, 16)];
      const moduli = primes.slice(0, terms).map((q) => modulus(q, 16));
      const reciprocals = Uint32Array.from(moduli, (m) => m.overflowReciprocal);
      for (const filling of FILLINGS) {
        const y = moduli.map((m) => filled(filling, n, m.q, next));
        const result = onVectors(engine, [new Uint32Array(n), concatenated(y), reciprocals], ([out, source, k]) =>
          engine.residues.basisOverflow(out, source, 4 * n, terms, k, n),
        );
        const exact = y[0].map((_, i) => {
          let sum = 1n << 23n;
          moduli.forEach((m, t) => {
            sum += (BigInt(y[t][i]) * BigInt(m.overflowReciprocal)) >> 32n;
          });
          return Number(sum >> 24n);
        });
        expect(result).toEqual(exact);
        // And it is what its name says, but for fractions within terms·2^−23 of a half.
        result.forEach((count, i) => {
          const sum = moduli.reduce((total, m, t) => total + y[t][i] / m.q, 0);
          expect(Math.abs(count - sum)).toBeLessThanOrEqual(0.5 + terms / 2 ** 23 + 1e-9);
        });
      }
    }
  });

  it('convertBasis sums any number of weighted residues and the overflow', async () => {
    const engine = await make();
    const next = seededWords(10);
    for (const q of primesToTry(16)) {
      const m = modulus(q, 16);
      for (const terms of [1, 2, 3, 4, 14, 15, 16, 30, 31, 60]) {
        for (const filling of FILLINGS) {
          // Residues of any primes below 2^30: the largest word is 2^30 − 1.
          const y = Array.from({ length: terms }, () => filled(filling, n, 2 ** 30, next));
          const weights = filled(filling, terms, q, next);
          const overflow = filled(filling, n, terms + 1, next);
          const overflowWeight = filling === 'largest' ? q : 1 + (next() % q);
          const vectors = [new Uint32Array(n), concatenated(y), weights, overflow];
          const result = onVectors(engine, vectors, ([out, source, w, v]) =>
            engine.residues.convertBasis(
              out,
              source,
              4 * n,
              terms,
              w,
              v,
              overflowWeight,
              n,
              q,
              m.wordResidue,
              m.wordResidueQuotient,
              m.reciprocal,
            ),
          );
          const expected = overflow.map((count, i) => {
            let sum = BigInt(count) * BigInt(overflowWeight);
            for (let t = 0; t < terms; t++) sum += BigInt(y[t][i]) * BigInt(weights[t]);
            return Number(sum % BigInt(q));
          });
          expect(result, `${terms} terms, ${filling}, q = ${q}`).toEqual(expected);
        }
      }
    }
  });

  it('convertBasis reduces modulo numbers that are no primes, even ones included', async () => {
    const engine = await make();
    const next = seededWords(12);
    for (const q of [2, 3, 4096, 1_000_000, 1_000_001, 2 ** 30 - 2]) {
      for (const terms of [1, 2, 3, 4]) {
        const y = Array.from({ length: terms }, () => filled('extremes', n, 2 ** 30, next));
        const weights = filled('random', terms, q, next);
        const overflow = filled('random', n, terms + 1, next);
        const word = 2 ** 32 % q;
        const vectors = [new Uint32Array(n), concatenated(y), weights, overflow];
        const [quotient, reciprocal] = [Math.floor((word * 2 ** 32) / q), Math.floor(2 ** 32 / q)];
        const result = onVectors(engine, vectors, ([out, source, w, v]) =>
          engine.residues.convertBasis(out, source, 4 * n, terms, w, v, q - 1, n, q, word, quotient, reciprocal),
        );
        const expected = overflow.map((count, i) =>
          Number(
            y.reduce((sum, words, t) => sum + BigInt(words[i]) * BigInt(weights[t]), BigInt(count) * BigInt(q - 1)) %
              BigInt(q),
          ),
        );
        expect(result, `${terms} terms, q = ${q}`).toEqual(expected);
      }
    }
  });

  it('convertBasis takes three words of any size and a fourth below 2^30, as smudging noise has them', async () => {
    const engine = await make();
    const next = seededWords(11);
    for (const q of primesToTry(16)) {
      const m = modulus(q, 16);
      for (const filling of FILLINGS) {
        const y = [2 ** 32, 2 ** 32, 2 ** 32, 2 ** 30].map((bound) => filled(filling, n, bound, next));
        const weights = filled(filling, 4, q, next);
        const ones = new Uint32Array(n).fill(1);
        const constant = filled(filling, 1, q, next)[0];
        const vectors = [new Uint32Array(n), concatenated(y), weights, ones];
        const result = onVectors(engine, vectors, ([out, source, w, v]) =>
          engine.residues.convertBasis(
            out,
            source,
            4 * n,
            4,
            w,
            v,
            constant,
            n,
            q,
            m.wordResidue,
            m.wordResidueQuotient,
            m.reciprocal,
          ),
        );
        const expected = ones.map((_, i) =>
          Number(y.reduce((sum, word, t) => sum + BigInt(word[i]) * BigInt(weights[t]), BigInt(constant)) % BigInt(q)),
        );
        expect(result, `${filling}, q = ${q}`).toEqual(expected);
      }
    }
  });
}

function innerProduct(
  { residues }: Engine,
  m: Modulus,
  out: number,
  [a, b]: readonly [number, number],
  terms: number,
  n: number,
): void {
  const { q, wordResidue, wordResidueQuotient, reciprocal } = m;
  residues.innerProductResidues(out, a, 4 * n, b, 4 * n, terms, n, q, wordResidue, wordResidueQuotient, reciprocal);
}
