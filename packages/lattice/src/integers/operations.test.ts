import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runsWhole, seededWords } from '../engine/seeded-words.contract.ts';
import { ParameterError } from '../errors.ts';
import { generateSecretKey } from '../keys/generate.ts';
import { reproducibleLattice } from '../keys/node-lattice.contract.ts';
import { generatePublicKey } from '../keys/public-key.ts';
import { fewestByteIntegerParameters } from '../parameters/integer-choice.ts';
import {
  type IntegerLiteral,
  type IntegerParameters,
  insecureIntegerParameters,
} from '../parameters/integer-parameters.ts';
import { naiveProduct } from '../ring/naive-polynomial.contract.ts';
import { Accumulator } from './accumulator.ts';
import { type EncryptedVector, type IntegerCiphertext, integerRing, isSeed } from './ciphertext.ts';
import { decrypt, decryptVector } from './decrypt.ts';
import { encrypt, encryptSymmetric, encryptVector, encryptVectorSymmetric } from './encrypt.ts';
import {
  add,
  addVectors,
  multiplyByPolynomial,
  multiplyByScalar,
  multiplyVectorByScalar,
  subtract,
  subtractVectors,
} from './operations.ts';

const N = 32;
const lattice = await reproducibleLattice(12);
const base = { degree: N, key: 'public' } as const;

function setUp(parameters: IntegerParameters) {
  const ring = integerRing(lattice, parameters);
  const secretKey = generateSecretKey(lattice, ring);
  const publicKey = generatePublicKey(lattice, ring, secretKey);
  const open = (c: IntegerCiphertext): number[] => Array.from(decrypt(lattice, secretKey, c));
  const close = (values: readonly number[]): IntegerCiphertext => encrypt(lattice, publicKey, parameters, values);
  return { parameters, ring, secretKey, publicKey, open, close };
}

const signedLiteral: IntegerLiteral = {
  ...base,
  plaintext: { kind: 'lanes', valueBits: 10, signed: true, lanes: 3 },
  additions: 40,
};
const signed = setUp(insecureIntegerParameters(signedLiteral));
const unsigned = setUp(
  insecureIntegerParameters({
    ...base,
    plaintext: { kind: 'lanes', valueBits: 10, signed: false, lanes: 3 },
    additions: 40,
  }),
);
const modular = setUp(
  insecureIntegerParameters({ ...base, plaintext: { kind: 'modular', modulus: 1009, signed: true }, additions: 4000 }),
);

function values({ lowest, highest, valuesPerCiphertext }: IntegerParameters, seed: number): number[] {
  const next = seededWords(seed);
  return Array.from(
    { length: valuesPerCiphertext },
    () => lowest + Math.floor((next() / 2 ** 32) * (highest - lowest + 1)),
  );
}

/** The representative modulo t in [−t/2, t/2). */
const wrapped = (x: bigint, t: bigint): number => {
  const r = ((x % t) + t) % t;
  return Number(2n * r >= t ? r - t : r);
};

/** The lanes' polynomials times p modulo X^N + 1, by schoolbook. */
function timesPolynomial(of: readonly number[], p: readonly number[]): bigint[] {
  const padded = Array.from({ length: N }, (_, i) => BigInt(p[i] ?? 0));
  const lanes: bigint[] = [];
  for (let lane = 0; lane < of.length / N; lane++) {
    lanes.push(...naiveProduct(of.slice(lane * N, (lane + 1) * N).map(BigInt), padded));
  }
  return lanes;
}

describe('sums of ciphertexts', () => {
  it('are exact at the very limit of what the parameters allow, at either end of the range', () => {
    for (const { parameters, open, close } of [signed, unsigned]) {
      for (const value of [parameters.lowest, parameters.highest]) {
        const all = new Array<number>(parameters.valuesPerCiphertext).fill(value);
        let sum = close(all);
        for (let i = 1; i < parameters.additions; i++) sum = add(lattice, sum, close(all));
        expect(sum.additions).toBe(40);
        expect(open(sum)).toEqual(all.map((v) => 40 * v + 0));
        expect(() => add(lattice, sum, close(all))).toThrow(
          /a sum of 41 ciphertexts, with multiplicity; the parameters allow 40/,
        );
      }
    }
  });

  it('of one ciphertext with itself are within the bound however often, where independent noise was not presumed', () => {
    for (let run = 0; run < 5; run++) {
      const given = values(signed.parameters, run);
      const c = signed.close(given);
      let sum = c;
      for (let i = 1; i < 40; i++) sum = add(lattice, sum, c);
      expect(signed.open(sum)).toEqual(given.map((v) => 40 * v));
    }
  });

  it('do not spill from lane to lane when their signs differ', () => {
    const n = signed.parameters.valuesPerCiphertext;
    const { lowest, highest } = signed.parameters;
    const rows = [
      Array.from({ length: n }, (_, i) => [lowest, highest, -1][Math.floor(i / N)]),
      Array.from({ length: n }, (_, i) => [-1, lowest, lowest][Math.floor(i / N)]),
    ];
    const sum = add(lattice, signed.close(rows[0]), signed.close(rows[1]));
    expect(signed.open(sum)).toEqual(rows[0].map((v, i) => v + rows[1][i]));
  });

  it('agree with plain integers through any mix of operations', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('add', 'subtract', 'scale', 'polynomial'), fc.integer({ min: -3, max: 3 })), {
          maxLength: 5,
        }),
        fc.integer({ min: 0, max: 1000 }),
        (steps, seed) => {
          for (const { parameters, open, close } of [signed, modular]) {
            let plain = values(parameters, seed).map(BigInt);
            let sum = close(plain.map(Number));
            let weight = 1;
            steps.forEach(([operation, k], step) => {
              const other = values(parameters, seed + step + 1);
              const factor = k === 0 ? 2 : k;
              const grown =
                operation === 'add' || operation === 'subtract'
                  ? weight + 1
                  : weight * (operation === 'scale' ? Math.abs(factor) : Math.abs(factor) + 1);
              if (grown > parameters.additions) return;
              weight = grown;
              if (operation === 'add') {
                sum = add(lattice, sum, close(other));
                plain = plain.map((x, i) => x + BigInt(other[i]));
              } else if (operation === 'subtract') {
                sum = subtract(lattice, sum, close(other));
                plain = plain.map((x, i) => x - BigInt(other[i]));
              } else if (operation === 'scale') {
                sum = multiplyByScalar(lattice, sum, factor);
                plain = plain.map((x) => x * BigInt(factor));
              } else {
                const p = [0, factor, 0, -1];
                sum = multiplyByPolynomial(lattice, sum, p);
                plain = timesPolynomial(plain.map(Number), p);
              }
              expect(sum.additions).toBe(weight);
            });
            const expected =
              parameters.plaintext === 'modular' ? plain.map((x) => wrapped(x, 1009n)) : plain.map(Number);
            expect(open(sum)).toEqual(expected);
          }
        },
      ),
      { seed: 3, numRuns: 40 },
    );
  });

  it('expand the seeds of fresh symmetric ciphertexts', () => {
    const given = values(signed.parameters, 4);
    const a = encryptSymmetric(lattice, signed.secretKey, signed.parameters, given);
    const b = encryptSymmetric(lattice, signed.secretKey, signed.parameters, given);
    const sum = add(lattice, add(lattice, a, signed.close(given)), multiplyByScalar(lattice, b, -5));
    expect(isSeed(a.c1)).toBe(true);
    expect(isSeed(sum.c1)).toBe(false);
    expect(signed.open(sum)).toEqual(given.map((v) => -3 * v + 0));
  });
});

describe('products with public numbers', () => {
  it('count their factors, and are refused where a sum of as many ciphertexts would be', () => {
    const c = signed.close(values(signed.parameters, 1));
    expect(multiplyByScalar(lattice, c, 40).additions).toBe(40);
    expect(multiplyByScalar(lattice, c, -40).additions).toBe(40);
    expect(() => multiplyByScalar(lattice, c, 41)).toThrow(/allow 40/);
    expect(() => multiplyByScalar(lattice, multiplyByScalar(lattice, c, 7), 6)).toThrow(/a sum of 42/);
    expect(multiplyByPolynomial(lattice, c, [10, -10, 20]).additions).toBe(40);
    expect(() => multiplyByPolynomial(lattice, c, [10, -10, 21])).toThrow(/a sum of 41/);
  });

  it('wrap with a sign at X^N in every lane', () => {
    const given = values(signed.parameters, 2);
    const shift = [...new Array<number>(N - 1).fill(0), 1];
    const image = signed.open(multiplyByPolynomial(lattice, signed.close(given), shift));
    expect(image).toEqual(timesPolynomial(given, shift).map(Number));
    expect(image[N]).toBe(-given[N + 1]);
  });

  it.each([0, 0.5, NaN, Infinity, 2 ** 60])('refuse the factor %d', (factor) => {
    const c = signed.close([1]);
    expect(() => multiplyByScalar(lattice, c, factor)).toThrow(ParameterError);
    expect(() => multiplyByPolynomial(lattice, c, [factor])).toThrow(ParameterError);
  });

  it('refuse polynomials of no or too many coefficients', () => {
    const c = signed.close([1]);
    expect(() => multiplyByPolynomial(lattice, c, [])).toThrow(ParameterError);
    expect(() => multiplyByPolynomial(lattice, c, new Array<number>(N + 1).fill(1))).toThrow(/33 coefficients/);
  });
});

describe('unsigned values', () => {
  const c = unsigned.close([5, 6]);
  const d = unsigned.close([4, 9]);

  it('are never subtracted or negated, nor multiplied by what wraps with a sign', () => {
    for (const attempt of [
      () => subtract(lattice, c, d),
      () => multiplyByScalar(lattice, c, -1),
      () => multiplyByPolynomial(lattice, c, [0, 1]),
      () => multiplyByPolynomial(lattice, c, [-1]),
    ]) {
      expect(attempt).toThrow(/nothing may be subtracted or negated/);
    }
    expect(unsigned.open(multiplyByPolynomial(lattice, c, [3])).slice(0, 3)).toEqual([15, 18, 0]);
  });
});

describe('vectors and their running sum', () => {
  const { parameters, publicKey, secretKey } = signed;
  const length = 2 * parameters.valuesPerCiphertext + 7;
  const rows = Array.from({ length: 40 }, (_, u) => {
    const next = seededWords(u + 100);
    return Array.from({ length }, () => (next() % 1023) - 511);
  });
  const vectors = rows.map((row) => encryptVector(lattice, publicKey, parameters, row));
  const totals = (count: number): number[] =>
    Array.from({ length }, (_, i) => rows.slice(0, count).reduce((sum, row) => sum + row[i], 0));
  const open = (v: EncryptedVector): number[] => Array.from(decryptVector(lattice, secretKey, v));

  it('add up one by one to the exact sum, and to the same ciphertext as by pairs', () => {
    const running = new Accumulator(lattice, parameters, length);
    for (const vector of vectors) running.add(vector);
    expect(running.additions).toBe(40);
    const sum = running.sum();
    expect(open(sum)).toEqual(totals(40));
    const pairwise = vectors.slice(1).reduce((a, b) => addVectors(lattice, a, b), vectors[0]);
    expect(sum.ciphertexts.map(({ c0 }) => c0.residues)).toEqual(pairwise.ciphertexts.map(({ c0 }) => c0.residues));
  });

  it('refuse the one vector too many, and keep what they had', () => {
    const running = new Accumulator(lattice, parameters, length);
    for (const vector of vectors.slice(0, 39)) running.add(vector);
    const two = addVectors(lattice, vectors[0], vectors[1]);
    expect(() => running.add(two)).toThrow(/a sum of 41 ciphertexts/);
    running.add(vectors[39]);
    expect(() => running.add(vectors[0])).toThrow(ParameterError);
    expect(open(running.sum())).toEqual(totals(40));
  });

  it('refuse vectors of other shape, parameters or inner counts, whole', () => {
    const running = new Accumulator(lattice, parameters, length);
    expect(() => running.sum()).toThrow(/nothing was added/);
    running.add(vectors[0]);
    const other = setUp(insecureIntegerParameters({ ...signedLiteral, additions: 39 }));
    const uneven = {
      ...vectors[1],
      ciphertexts: [
        ...vectors[1].ciphertexts.slice(0, 2),
        add(lattice, vectors[1].ciphertexts[2], vectors[2].ciphertexts[2]),
      ],
    };
    const foreign = {
      ...vectors[1],
      ciphertexts: [...vectors[1].ciphertexts.slice(0, 2), other.close([1])],
    };
    for (const bad of [
      encryptVector(lattice, publicKey, parameters, rows[1].slice(1)),
      encryptVector(lattice, other.publicKey, other.parameters, rows[1]),
      { ...vectors[1], length: length + 1 },
      { ...vectors[1], ciphertexts: vectors[1].ciphertexts.slice(1) },
      uneven,
      foreign,
    ]) {
      expect(() => running.add(bad)).toThrow(ParameterError);
    }
    running.add(vectors[1]);
    expect(open(running.sum())).toEqual(totals(2));
    expect(() => new Accumulator(lattice, parameters, 0)).toThrow(ParameterError);
    expect(() => addVectors(lattice, vectors[0], encryptVector(lattice, publicKey, parameters, [1]))).toThrow(
      ParameterError,
    );
    expect(() => add(lattice, vectors[0].ciphertexts[0], other.close([1]))).toThrow(/parameters differ/);
  });

  it('refuse a vector with a malformed seed whole, wherever it stands', () => {
    const running = new Accumulator(lattice, parameters, length);
    running.add(vectors[0]);
    const own = encryptVectorSymmetric(lattice, secretKey, parameters, rows[3]);
    for (const c1 of [
      { seed: new Uint8Array(31), index: 0 },
      { seed: new Uint8Array(32), index: -1 },
    ]) {
      const bad = { ...own, ciphertexts: [...own.ciphertexts.slice(0, -1), { ...own.ciphertexts[0], c1 }] };
      expect(() => running.add(bad)).toThrow(ParameterError);
    }
    expect(running.additions).toBe(1);
    expect(open(running.sum())).toEqual(totals(1));
  });

  it('take seeded vectors, differences and multiples', () => {
    const own = encryptVectorSymmetric(lattice, secretKey, parameters, rows[3]);
    const running = new Accumulator(lattice, parameters, length);
    running.add(own);
    running.add(multiplyVectorByScalar(lattice, subtractVectors(lattice, vectors[0], vectors[1]), -3));
    expect(running.additions).toBe(7);
    expect(open(running.sum())).toEqual(rows[3].map((v, i) => v - 3 * (rows[0][i] - rows[1][i])));
  });

  it('are exact at the parameters of the issue: 16-bit numbers from ten parties', () => {
    const count = runsWhole() ? 1_000_000 : 150_000;
    const own = setUp(
      fewestByteIntegerParameters({ valueCount: 1_000_000, valueBits: 16, signed: true, additions: 10, key: 'public' }),
    );
    const running = new Accumulator(lattice, own.parameters, count);
    const expected = new Float64Array(count);
    for (let u = 0; u < 10; u++) {
      const given = Int32Array.from({ length: count }, (_, i) => (((i + u) * 7919) % 65535) - 32767);
      given.fill(u % 2 === 0 ? 32767 : -32767, 0, 5);
      given.fill(32767, 5, 10);
      given.forEach((v, i) => {
        expected[i] += v;
      });
      running.add(encryptVector(lattice, own.publicKey, own.parameters, given));
    }
    const sum = decryptVector(lattice, own.secretKey, running.sum());
    expect(sum.findIndex((v, i) => v !== expected[i])).toBe(-1);
  });
});
