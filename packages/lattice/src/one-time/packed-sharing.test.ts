import { describe, expect, it } from 'vitest';
import { seededWords } from '../engine/seeded-words.contract.ts';
import { insecureOneTimeParameters } from '../parameters/one-time-parameters.ts';
import { inputPoints, keyPoints, lagrangeMatrix } from './packed-sharing.ts';

const P = 1073692673;
const p = BigInt(P);
const mod = (x: bigint): bigint => ((x % p) + p) % p;

function inverse(a: bigint): bigint {
  let [result, square, e] = [1n, mod(a), p - 2n];
  for (; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * square) % p;
    square = (square * square) % p;
  }
  return result;
}

/** Σ_k y_k·Π_(j≠k) (x − x_j)/(x_k − x_j), as in a textbook. */
function interpolate(points: readonly number[], values: readonly bigint[], at: number): bigint {
  let sum = 0n;
  points.forEach((xk, k) => {
    let term = values[k];
    points.forEach((xj, j) => {
      if (j !== k) term = mod(term * mod(BigInt(at - xj)) * inverse(BigInt(xk - xj)));
    });
    sum += term;
  });
  return mod(sum);
}

/** Rank modulo p by elimination. */
function rank(matrix: readonly (readonly bigint[])[]): number {
  const rows = matrix.map((row) => [...row]);
  let found = 0;
  for (let column = 0; column < (rows[0]?.length ?? 0); column++) {
    const pivot = rows.findIndex((row, i) => i >= found && mod(row[column]) !== 0n);
    if (pivot < 0) continue;
    [rows[found], rows[pivot]] = [rows[pivot], rows[found]];
    const scale = inverse(rows[found][column]);
    for (let i = found + 1; i < rows.length; i++) {
      const factor = mod(rows[i][column] * scale);
      rows[i] = rows[i].map((x, c) => mod(x - factor * rows[found][c]));
    }
    found += 1;
  }
  return found;
}

function subsets(of: readonly number[], size: number): number[][] {
  if (size === 0) return [[]];
  return of.flatMap((first, i) => subsets(of.slice(i + 1), size - 1).map((rest) => [first, ...rest]));
}

function committee(members: number, corrupt: number) {
  return insecureOneTimeParameters({
    contributors: 10,
    wordBits: 20,
    wordsPerCoefficient: 3,
    degree: 64,
    primes: [P, 1073668097, 1073651713],
    committee: { members, corrupt },
  });
}

describe("Lagrange's matrix", () => {
  it('takes values at some points to values at others, as the textbook formula does', () => {
    const next = seededWords(1);
    const from = [P - 1, P - 2, P - 3, 7, 1];
    const to = [2, 3, 1073692600, 4];
    const values = from.map(() => BigInt(next() % P));
    lagrangeMatrix(from, to, P).forEach((row, r) => {
      const combined = mod(from.reduce((sum, _, k) => sum + BigInt(row[k]) * values[k], 0n));
      expect(combined).toBe(interpolate(from, values, to[r]));
    });
  });

  it('leaves a value where it is', () => {
    expect(lagrangeMatrix([5, 6, 7], [6], P).map((row) => Array.from(row))).toEqual([[0, 1, 0]]);
  });
});

describe('the points of a packed sharing', () => {
  it('are all distinct: members, secrets, random values', () => {
    for (const [members, corrupt] of [
      [1, 0],
      [5, 2],
      [10, 3],
      [32, 10],
      [128, 42],
    ]) {
      const parameters = committee(members, corrupt);
      const all = [...inputPoints(parameters), ...Array.from({ length: members }, (_, i) => i + 1)];
      expect(new Set(all).size).toBe(parameters.committee.quorum + members);
      expect(all.every((x) => x > 0 && x < P)).toBe(true);
      expect(keyPoints(parameters)).toEqual(inputPoints(parameters).slice(0, parameters.committee.packed));
    }
  });

  /** Do this coalition's shares, for uniform random values, take every value whatever the secrets? (Then they say nothing.) */
  function isBlind(inputs: readonly number[], packed: number, coalition: readonly number[]): boolean {
    const matrix = lagrangeMatrix(inputs, coalition, P);
    return rank(matrix.map((row) => Array.from(row.slice(packed), BigInt))) === coalition.length;
  }

  it('blind every coalition of t_c members: their shares depend on t_c uniform values through an invertible matrix', () => {
    for (const [members, corrupt] of [
      [5, 2],
      [7, 2],
      [10, 3],
    ]) {
      const parameters = committee(members, corrupt);
      const everyone = Array.from({ length: members }, (_, i) => i + 1);
      for (const coalition of subsets(everyone, corrupt)) {
        expect(isBlind(inputPoints(parameters), parameters.committee.packed, coalition)).toBe(true);
      }
    }
    const large = committee(32, 10);
    const next = seededWords(2);
    for (let run = 0; run < 20; run++) {
      const order = Array.from({ length: 32 }, (_, i) => ({ member: i + 1, key: next() })).sort(
        (a, b) => a.key - b.key,
      );
      const coalition = order.slice(0, 10).map(({ member }) => member);
      expect(isBlind(inputPoints(large), large.committee.packed, coalition)).toBe(true);
    }
  });

  it('would not, with one random value too few, or for one member more: the test sees both', () => {
    const parameters = committee(10, 3);
    const { packed } = parameters.committee;
    expect(isBlind(inputPoints(parameters), packed + 1, [1, 2, 3])).toBe(false);
    expect(isBlind(inputPoints(parameters), packed, [1, 2, 3, 4])).toBe(false);
    // A member who stands where a secret stands holds the secret.
    expect(isBlind(inputPoints(parameters), packed, [1, 2, P - 1])).toBe(false);
  });
});
