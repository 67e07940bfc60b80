import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { multiplyModulo } from '../arithmetic/modular.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { ParameterError } from '../errors.ts';
import { RandomStream, sampleUniformBlock } from '../random/index.ts';
import { allocateBlock, readBlock } from '../ring/blocks.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import { PRIME_BOUND, primesBelow } from '../ring/primes.ts';
import { type Ring, ring } from '../ring/ring.ts';
import { activeSet, roster } from './roster.ts';
import { dealShares, lagrangeAtZero } from './shamir.ts';

const primitives = nodePrimitives();

function uniform(over: Ring, index: number): EvaluationPolynomial {
  return over.engine.memory.scope(() => {
    const block = allocateBlock(over);
    sampleUniformBlock(over, new RandomStream(primitives, new Uint8Array(32).fill(9), 'test', index), block);
    return evaluationPolynomial(over, readBlock(over, block));
  });
}

const seedOf = (n: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, i) => (n >> (8 * (i % 4))) & 255);

/** Σ λ_i·S(α_i) with everything in big integers, one residue. */
function interpolated(
  over: Ring,
  points: readonly number[],
  shares: ReadonlyMap<number, EvaluationPolynomial>,
): bigint[] {
  return Array.from({ length: over.degree * over.moduli.length }, (_, at) => {
    const q = BigInt(over.moduli[Math.floor(at / over.degree)].q);
    let sum = 0n;
    for (const i of points) {
      let [up, down] = [1n, 1n];
      for (const j of points) {
        if (j === i) continue;
        up = (up * BigInt(j)) % q;
        down = (((down * BigInt(j - i)) % q) + q) % q;
      }
      // Fermat by repeated squaring, q prime.
      let [inverse, square, exponent] = [1n, down, q - 2n];
      while (exponent > 0n) {
        if (exponent & 1n) inverse = (inverse * square) % q;
        square = (square * square) % q;
        exponent >>= 1n;
      }
      sum = (sum + up * inverse * BigInt(shares.get(i)?.residues[at] ?? 0)) % q;
    }
    return sum;
  });
}

describe('Shamir sharing over R_q', () => {
  let small: Ring;
  beforeAll(async () => {
    small = ring(await wasmEngine(), 16, [...primesBelow(PRIME_BOUND, 2, 16), 16777633]);
  });

  const members = [1, 2, 3, 7, 40, 65535];

  function deal(secret: EvaluationPolynomial, threshold: number, seed: number): Map<number, EvaluationPolynomial> {
    const values = dealShares({ primitives, secret, members, threshold, seed: seedOf(seed) });
    return new Map(members.map((member, i) => [member, values[i]]));
  }

  it('gives the secret back from any t shares, as a naive interpolation says', () => {
    const secret = uniform(small, 0);
    const expected = [...secret.residues].map(BigInt);
    for (const threshold of [2, 3, 4, 6]) {
      const shares = deal(secret, threshold, threshold);
      for (const points of [members.slice(0, threshold), members.slice(-threshold)]) {
        expect(interpolated(small, points, shares)).toEqual(expected);
      }
    }
  });

  it('does not give it back from t − 1', () => {
    const secret = uniform(small, 0);
    const shares = deal(secret, 4, 1);
    expect(interpolated(small, members.slice(0, 3), shares)).not.toEqual([...secret.residues].map(BigInt));
  });

  it("computes Lagrange's coefficients that interpolate every power below the number of points", () => {
    const [m] = small.moduli;
    for (let power = 0; power < members.length; power++) {
      let sum = 0;
      for (const member of members) {
        let value = 1;
        for (let i = 0; i < power; i++) value = multiplyModulo(value, member, m.q);
        sum = (sum + multiplyModulo(lagrangeAtZero(members, member, m), value, m.q)) % m.q;
      }
      expect(sum).toBe(power === 0 ? 1 : 0);
    }
  });

  it('is additive: shares of two secrets add up to shares of their sum', () => {
    const [a, b] = [uniform(small, 1), uniform(small, 2)];
    const [x, y] = [deal(a, 3, 5), deal(b, 3, 6)];
    const sum = new Map(
      members.map((member) => {
        const [p, q] = [x.get(member), y.get(member)];
        if (p === undefined || q === undefined) throw new Error('missing');
        const residues = p.residues.map((r, i) => (r + q.residues[i]) % small.moduli[Math.floor(i / small.degree)].q);
        return [member, evaluationPolynomial(small, residues)];
      }),
    );
    const expected = [...a.residues].map((r, i) =>
      BigInt((r + b.residues[i]) % small.moduli[Math.floor(i / small.degree)].q),
    );
    expect(interpolated(small, [1, 7, 40], sum)).toEqual(expected);
  });

  // What t − 1 holders see, for two very different secrets, through several statistics of 20,000 dealings each: values of each share,
  // and the value that interpolating with too few points gives. Buckets against uniform: chi squared with 31 degrees of freedom
  // exceeds 85 with probability below 1e-6.
  const DEALINGS = 20000;
  const BUCKETS = 32;

  function chiSquared(counts: readonly number[]): number {
    const expected = counts.reduce((x, y) => x + y, 0) / counts.length;
    return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  }

  /** For t = 3 the statistics of holders 2 and 7, for a secret whose residues are all `value`; `dealtWith` plants a leak. */
  function viewStatistics(value: number, dealtWith: number): number[] {
    const one = ring(small.engine, 16, [small.moduli[0].q]);
    const [m] = one.moduli;
    const secret = evaluationPolynomial(one, new Uint32Array(16).fill(value));
    const pair = [2, 7];
    const weights = pair.map((member) => lagrangeAtZero(pair, member, m));
    const counts = Array.from({ length: 3 }, () => new Array<number>(BUCKETS).fill(0));
    const bucket = (x: number): number => Math.floor((x / m.q) * BUCKETS);
    for (let n = 0; n < DEALINGS / 16; n++) {
      const [x, y] = dealShares({ primitives, secret, members: pair, threshold: dealtWith, seed: seedOf(n) });
      for (let i = 0; i < 16; i++) {
        counts[0][bucket(x.residues[i])] += 1;
        counts[1][bucket(y.residues[i])] += 1;
        const guess = multiplyModulo(weights[0], x.residues[i], m.q) + multiplyModulo(weights[1], y.residues[i], m.q);
        counts[2][bucket(guess % m.q)] += 1;
      }
    }
    return counts.map(chiSquared);
  }

  it('shows t − 1 holders something uniform whatever the secret is; the same test catches a degree that is one too low', () => {
    for (const value of [0, 1, 123456789, small.moduli[0].q - 1]) {
      for (const statistic of viewStatistics(value, 3)) expect(statistic).toBeLessThan(85);
      expect(Math.max(...viewStatistics(value, 2))).toBeGreaterThan(85);
    }
  });

  it('is consistent with every other secret for t − 1 holders: exactly one polynomial for each', () => {
    // S and S + (Y − 2)(Y − 7)·c/14 agree at 2 and 7 and differ at zero by c.
    const secret = uniform(small, 3);
    const shares = deal(secret, 3, 8);
    const other = new Map(
      [...shares].map(([member, share]) => [
        member,
        evaluationPolynomial(
          small,
          share.residues.map((x, i) => {
            const { q } = small.moduli[Math.floor(i / small.degree)];
            const shift = ((((member - 2) * (member - 7)) % q) + q) % q;
            return (x + multiplyModulo(shift, 5, q)) % q;
          }),
        ),
      ]),
    );
    expect(other.get(2)?.residues).toEqual(shares.get(2)?.residues);
    expect(other.get(7)?.residues).toEqual(shares.get(7)?.residues);
    const expected = [...secret.residues].map((x, i) => {
      const q = BigInt(small.moduli[Math.floor(i / small.degree)].q);
      return (BigInt(x) + 70n) % q;
    });
    expect(interpolated(small, [1, 3, 40], other)).toEqual(expected);
  });
});

describe('rosters and active sets', () => {
  it('refuse members that are no evaluation point, twice there, or too few', () => {
    for (const members of [
      [0, 1],
      [1, 1.5],
      [1, 65536],
      [1, -2],
      [1, Number.NaN],
    ]) {
      expect(() => roster(members, 2)).toThrow(ParameterError);
    }
    expect(() => roster([3, 1, 3], 2)).toThrow(/member 3 is listed twice/);
    expect(() => roster([1], 1)).toThrow(/needs two/);
    expect(() => roster([1, 2, 3], 1)).toThrow(/threshold 1 is not an integer in \[2, 3\]/);
    expect(() => roster([1, 2, 3], 4)).toThrow(ParameterError);
  });

  it('refuse fewer than t, more than t, duplicates and foreigners', () => {
    const of = roster([4, 2, 9, 7], 3);
    expect(activeSet(of, [9, 2, 4]).members).toEqual([2, 4, 9]);
    expect(() => activeSet(of, [2, 4])).toThrow(/2 members answer, the key needs exactly 3/);
    expect(() => activeSet(of, [2, 4, 7, 9])).toThrow(ParameterError);
    expect(() => activeSet(of, [2, 2, 4])).toThrow(/member 2 is listed twice/);
    expect(() => activeSet(of, [2, 4, 5])).toThrow(/5 is not one of the members 2, 4, 7, 9/);
  });
});
