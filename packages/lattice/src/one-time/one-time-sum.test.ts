import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { referenceEngine } from '../engine/engine-reference.ts';
import { seededWords } from '../engine/seeded-words.contract.ts';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import { NoiseAboveBound } from '../integers/noise-above-bound.ts';
import { reproducibleLattice } from '../keys/node-lattice.contract.ts';
import type { Lattice } from '../lattice.ts';
import {
  insecureOneTimeParameters,
  type OneTimeLiteral,
  type OneTimeParameters,
  oneTimeParameters,
} from '../parameters/one-time-parameters.ts';
import { expandUniform, sampleSmall } from '../random/index.ts';
import { RandomStream } from '../random/random-stream.ts';
import { centred, naiveProduct } from '../ring/naive-polynomial.contract.ts';
import { toCoefficients, toIntegers } from '../ring/operations.ts';
import { evaluationPolynomial } from '../ring/polynomial.ts';
import { modulusOf } from '../ring/ring.ts';
import { type OneTimeCiphertext, oneTimeRing } from './ciphertext.ts';
import { encryptOnce } from './encrypt-once.ts';
import { type KeyShare, sumShares } from './key-share.ts';
import { shareKey } from './key-sharing.ts';
import { type KeySum, reconstructKeySum } from './key-sum.ts';
import { OneTimeKey, oneTimeKey } from './one-time-key.ts';
import { OneTimeSum, openSum } from './one-time-sum.ts';

const N = 64;
const lattice = await reproducibleLattice(14);
const context = new Uint8Array(32).fill(1);

const literal: OneTimeLiteral = {
  contributors: 6,
  wordBits: 20,
  wordsPerCoefficient: 3,
  degree: N,
  committee: { members: 5, corrupt: 1 },
};
const parameters = insecureOneTimeParameters(literal);

/** A whole round: everyone contributes, the committee opens. */
function contribute(
  of: OneTimeParameters,
  rows: readonly (readonly number[] | Int32Array)[],
  on: Lattice = lattice,
): { total: OneTimeCiphertext; keySum: KeySum } {
  const sum = new OneTimeSum(on, of, rows[0].length);
  const received: KeyShare[][] = Array.from({ length: of.committee.members }, () => []);
  for (const values of rows) {
    const key = oneTimeKey(on, of);
    shareKey(on, key).forEach((share, i) => {
      received[i].push(share);
    });
    sum.add(encryptOnce(on, { key, context, values }));
  }
  const answers = received.slice(0, of.committee.quorum).map((shares) => sumShares(of, shares));
  return { total: sum.total(), keySum: reconstructKeySum(on, of, answers) };
}

const row = (length: number, most: number, seed: number): number[] => {
  const next = seededWords(seed);
  return Array.from({ length }, () => Math.floor((next() / 2 ** 32) * (2 * most + 1)) - most);
};
const totals = (rows: readonly (readonly number[])[]): number[] =>
  rows[0].map((_, i) => rows.reduce((sum, r) => sum + r[i], 0));

describe('one-time encryption', () => {
  it('is a·s + T·e + Pack(x), chunk by chunk, as a schoolbook computation finds', () => {
    const values = row(2 * parameters.wordsPerChunk - 5, parameters.highest, 1);
    const s = Int32Array.from(row(N, 20, 2));
    const seed = new Uint8Array(32).fill(5);
    const { chunks } = encryptOnce(lattice, { key: new OneTimeKey(parameters, s.slice()), context, values, seed });
    const ring = oneTimeRing(lattice, parameters);
    const q = modulusOf(ring);
    expect(chunks).toHaveLength(2);
    chunks.forEach((chunk, j) => {
      const a = toIntegers(toCoefficients(expandUniform(ring, lattice.primitives, context, j)));
      const e = lattice.engine.memory.scope(() => {
        const at = lattice.engine.memory.allocate(4 * N);
        sampleSmall(lattice.engine, new RandomStream(lattice.primitives, seed, 'err0', j), parameters.error, at, N);
        return Array.from(lattice.engine.memory.i32(at, N), BigInt);
      });
      const product = naiveProduct(a, Array.from(s, BigInt));
      toIntegers(toCoefficients(chunk)).forEach((c, i) => {
        let m = 0n;
        for (let word = 0; word < 3; word++) {
          m += BigInt(values[j * 3 * N + word * N + i] ?? 0) << BigInt(20 * word);
        }
        expect(c).toBe(centred(product[i] + (e[i] << 60n) + m, q));
      });
    });
  });

  it('opens to the exact sum for any contributors up to the limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 500 }), (contributors, length) => {
        const rows = Array.from({ length: contributors }, (_, u) => row(length, parameters.highest, 10 * length + u));
        const { total, keySum } = contribute(parameters, rows);
        expect(Array.from(openSum(lattice, { total, context, keySum }))).toEqual(totals(rows));
      }),
      { seed: 5, numRuns: 30 },
    );
  });

  it('is exact when every contributor sends the largest or the smallest value, and signs differ from word to word', () => {
    // Words are balanced digits; a negative sum must not take one from its neighbour.
    const { highest, lowest, wordsPerChunk } = parameters;
    for (const pattern of [[highest], [lowest], [lowest, highest, -1], [-1, 0, lowest], [0, -1, highest]]) {
      const values = Array.from({ length: wordsPerChunk }, (_, i) => pattern[Math.floor(i / N) % pattern.length]);
      const rows = Array.from({ length: 6 }, () => values);
      const { total, keySum } = contribute(parameters, rows);
      expect(Array.from(openSum(lattice, { total, context, keySum }))).toEqual(values.map((v) => 6 * v + 0));
    }
  });

  it('lets a statistical sum that leaves its word disturb the next word by one, and nothing else', () => {
    const of = insecureOneTimeParameters({ ...literal, valueBits: 'statistical' });
    const values = new Array<number>(of.wordsPerChunk).fill(5);
    values[3] = of.highest;
    const { total, keySum } = contribute(of, [values, values]);
    const opened = Array.from(openSum(lattice, { total, context, keySum }));
    const expected = values.map((v) => 2 * v);
    expected[3] -= 2 ** 20;
    expected[3 + N] += 1;
    expect(opened).toEqual(expected);
  });

  it('gives the same chunks in both engines for the same seeds', async () => {
    const chunks = [lattice, await reproducibleLattice(14, referenceEngine())].map((on) => {
      const seed = new Uint8Array(32).fill(3);
      const key = oneTimeKey(on, parameters, new Uint8Array(32).fill(2));
      return encryptOnce(on, { key, context, values: row(300, 1000, 1), seed }).chunks.map(({ residues }) => residues);
    });
    expect(chunks[0]).toEqual(chunks[1]);
  });

  it('spends its key: a second vector is refused, and the coefficients are gone', () => {
    const coefficients = Int32Array.from(row(N, 20, 2));
    const key = new OneTimeKey(parameters, coefficients);
    encryptOnce(lattice, { key, context, values: [1] });
    expect(coefficients.every((c) => c === 0)).toBe(true);
    expect(() => encryptOnce(lattice, { key, context, values: [1] })).toThrow(/it encrypts once, ever/);
    expect(() => shareKey(lattice, key)).toThrow(/spent/);
  });

  it('refuses bad values by index before it touches the key', () => {
    const key = oneTimeKey(lattice, parameters);
    const { highest } = parameters;
    for (const bad of [highest + 1, -highest - 1, 0.5, NaN]) {
      expect(() => encryptOnce(lattice, { key, context, values: [0, 0, bad] })).toThrow(
        `value number 2 is not an integer in [${-highest}, ${highest}]`,
      );
    }
    expect(() => encryptOnce(lattice, { key, context, values: [] })).toThrow(ParameterError);
    expect(() => encryptOnce(lattice, { key, context: context.slice(1), values: [1] })).toThrow(
      /a context of 31 bytes/,
    );
    expect(() => encryptOnce(lattice, { key, context, values: [1], seed: new Uint8Array(5) })).toThrow(/not 5/);
    expect(encryptOnce(lattice, { key, context, values: [1] }).length).toBe(1);
  });

  it('holds at the real parameters: N = 4096, a committee of 32, three words of 26 bits', () => {
    const of = oneTimeParameters({
      contributors: 100,
      wordBits: 26,
      wordsPerCoefficient: 3,
      committee: { members: 32, corrupt: 10 },
    });
    const rows = [1, 2, 3].map((u) => row(30_000, of.highest, u));
    const { total, keySum } = contribute(of, rows);
    const opened = openSum(lattice, { total, context, keySum });
    const expected = totals(rows);
    expect(opened.findIndex((v, i) => v !== expected[i])).toBe(-1);
  });
});

describe('the opening of a one-time sum', () => {
  const rows = [1, 2, 3].map((u) => row(2 * parameters.wordsPerChunk, parameters.highest, u));
  const { total, keySum } = contribute(parameters, rows);
  const open = (change: { total?: OneTimeCiphertext; context?: Uint8Array; keySum?: KeySum }) => () =>
    openSum(lattice, { total, context, keySum, ...change });

  it('refuses a sum of keys that is wrong in a single coefficient by one', () => {
    for (const index of [0, 13, N - 1]) {
      for (const by of [1, -1]) {
        const coefficients = keySum.coefficients.slice();
        coefficients[index] += by;
        expect(open({ keySum: { ...keySum, coefficients } })).toThrow(NoiseAboveBound);
      }
    }
  });

  it('refuses another context, and a contribution made for another', () => {
    expect(open({ context: new Uint8Array(32).fill(2) })).toThrow(NoiseAboveBound);
    const sum = new OneTimeSum(lattice, parameters, rows[0].length);
    const keys = [1, 2].map(() => Int32Array.from(row(N, 10, 3)));
    keys.forEach((key, u) => {
      const own = new Uint8Array(32).fill(1 + u);
      sum.add(encryptOnce(lattice, { key: new OneTimeKey(parameters, key.slice()), context: own, values: rows[u] }));
    });
    const coefficients = keys[0].map((c, i) => c + keys[1][i]);
    expect(open({ total: sum.total(), keySum: { coefficients, contributions: 2 } })).toThrow(NoiseAboveBound);
  });

  it('refuses a total from which one contributor is missing, or in which one is twice', () => {
    const sum = new OneTimeSum(lattice, parameters, rows[0].length);
    sum.add(total);
    sum.add(encryptOnce(lattice, { key: oneTimeKey(lattice, parameters), context, values: rows[0] }));
    expect(open({ total: { ...sum.total(), contributions: 3 } })).toThrow(NoiseAboveBound);
    expect(open({ total: sum.total() })).toThrow(/4 contributions and one of 3 keys/);
  });

  it('refuses what a bare quorum with one answer off by one makes of the keys, which their range does not always show', () => {
    // Points −1, −2, … and members 1, 2, … at a small committee: small weights, so that a wrong sum of keys is nearly right.
    const small = insecureOneTimeParameters({ ...literal, committee: { members: 5, corrupt: 1 } });
    const { quorum } = small.committee;
    const received: KeyShare[][] = Array.from({ length: quorum }, () => []);
    const sum = new OneTimeSum(lattice, small, rows[0].length);
    for (const values of rows) {
      const key = oneTimeKey(lattice, small);
      const shares = shareKey(lattice, key);
      received.forEach((own, i) => {
        own.push(shares[i]);
      });
      sum.add(encryptOnce(lattice, { key, context, values }));
    }
    const answers = received.map((shares) => sumShares(small, shares));
    let passedTheRange = 0;
    for (let at = 0; at < quorum; at++) {
      for (const block of [0, 7]) {
        const altered = answers.map(({ member, elements, contributions }, i) => {
          const changed = elements.slice();
          if (i === at) changed[block] = (changed[block] + 1) % small.shareModulus;
          return { member, elements: changed, contributions };
        });
        const attempt = (): void => {
          const wrong = reconstructKeySum(lattice, small, altered);
          passedTheRange += 1;
          openSum(lattice, { total: sum.total(), context, keySum: wrong });
        };
        let refusal: unknown;
        try {
          attempt();
        } catch (error) {
          refusal = error;
        }
        expect(refusal instanceof NoiseAboveBound || refusal instanceof ProtocolViolation).toBe(true);
      }
    }
    expect(passedTheRange).toBeGreaterThan(0);
  });

  it('refuses a residue altered in any chunk', () => {
    for (const chunk of [0, 1]) {
      const residues = total.chunks[chunk].residues.slice();
      residues[70] = (residues[70] + 1) % parameters.primes[1];
      const chunks = total.chunks.map((c, j) => (j === chunk ? evaluationPolynomial(c.ring, residues) : c));
      expect(open({ total: { ...total, chunks } })).toThrow(NoiseAboveBound);
    }
  });

  it('refuses keys out of range or of wrong length, contexts of wrong length, parameters and rings of others', () => {
    const coefficients = keySum.coefficients.slice();
    coefficients[0] = 125;
    expect(open({ keySum: { ...keySum, coefficients } })).toThrow(ProtocolViolation);
    expect(open({ keySum: { ...keySum, coefficients: new Int32Array(63) } })).toThrow(ParameterError);
    expect(open({ context: new Uint8Array(33) })).toThrow(ParameterError);
    expect(open({ total: { ...total, chunks: total.chunks.slice(1) } })).toThrow(ParameterError);
    expect(open({ total: { ...total, contributions: 0 }, keySum: { ...keySum, contributions: 0 } })).toThrow(
      ParameterError,
    );
    expect(() => openSum({ ...lattice, engine: referenceEngine() }, { total, context, keySum })).toThrow(
      /another ring/,
    );
  });
});

describe('the running sum', () => {
  const fresh = (length: number, of = parameters): OneTimeCiphertext =>
    encryptOnce(lattice, { key: oneTimeKey(lattice, of), context, values: new Int32Array(length) });

  it('takes as many contributions as the parameters allow and refuses the next', () => {
    const sum = new OneTimeSum(lattice, parameters, 10);
    expect(() => sum.total()).toThrow(/nothing was added/);
    for (let u = 0; u < 6; u++) sum.add(fresh(10));
    expect(sum.contributions).toBe(6);
    const before = sum.total().chunks[0].residues;
    expect(() => sum.add(fresh(10))).toThrow(/7 contributions; the parameters allow 6/);
    expect(sum.total().chunks[0].residues).toEqual(before);
  });

  it('takes no contribution twice, neither the same object nor a copy, and goes on with others', () => {
    const sum = new OneTimeSum(lattice, parameters, 10);
    const one = fresh(10);
    const copied = one.chunks.map((chunk) => evaluationPolynomial(chunk.ring, chunk.residues.slice()));
    sum.add(one);
    for (const again of [one, { ...one, chunks: copied }]) {
      expect(() => sum.add(again)).toThrow(/has been added already/);
      expect(() => sum.add(again)).toThrow(ProtocolViolation);
    }
    sum.add(fresh(10));
    expect(sum.contributions).toBe(2);
  });

  it('refuses vectors of other lengths and parameters', () => {
    const sum = new OneTimeSum(lattice, parameters, 10);
    expect(() => sum.add(fresh(11))).toThrow(/a vector of 11 values for a sum of vectors of 10/);
    expect(() => sum.add(fresh(10, insecureOneTimeParameters({ ...literal, contributors: 7 })))).toThrow(
      /parameters differ/,
    );
    expect(() => sum.add({ ...fresh(10), contributions: 7 })).toThrow(ParameterError);
    expect(() => new OneTimeSum(lattice, parameters, 0)).toThrow(ParameterError);
  });
});
