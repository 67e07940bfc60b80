import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import {
  add,
  addConstant,
  addPlain,
  multiplyByConstant,
  multiplyByInteger,
  multiplyPlain,
  negate,
  subtract,
  subtractPlain,
  sum,
} from './arithmetic.ts';
import {
  bed,
  contentOf,
  DOUBLE,
  deviation,
  minusNumbers,
  plusNumbers,
  SINGLE,
  timesNumbers,
  timesReal,
} from './bed.contract.ts';
import { type Ciphertext, type CiphertextProduct, expand, noiseBudget } from './ciphertext.ts';
import { ckksContext } from './context.ts';
import { decryptComplex } from './decryptor.ts';
import type { Numbers } from './encoding-naive.contract.ts';
import { encrypt, encryptSymmetric } from './encryptor.ts';
import { encode } from './plaintext.ts';
import { rescale } from './rescale.ts';

const beds = { double: await bed(DOUBLE, 1), single: await bed(SINGLE, 2) };
const names = ['double', 'single'] as const;

/** Measured against the ciphertext's own bound, with room for a sample of 64 numbers. */
function expectContent(secret: typeof beds.double.secret, c: Ciphertext | CiphertextProduct, expected: Numbers): void {
  expect(deviation(contentOf(secret, c), expected)).toBeLessThan(1.6 * c.estimate.errorStddev);
}

describe.each(names)('on %s limbs', (name) => {
  const { context, secret, public: key, numbers } = beds[name];
  const a = numbers(1);
  const b = numbers(2);
  const ca = encrypt(context, key, a);
  const cb = encrypt(context, key, b);

  it('public-key and seeded symmetric ciphertexts hold what was encrypted', () => {
    expectContent(secret, ca, a);
    const seeded = encryptSymmetric(context, secret, a);
    expectContent(secret, expand(seeded), a);
    expect(seeded.estimate.errorStddev).toBeLessThan(ca.estimate.errorStddev / 5);
  });

  it('decryption agrees with the definition of the embedding', () => {
    const opened = decryptComplex(secret, ca);
    expect(deviation(opened, contentOf(secret, ca))).toBeLessThan(1e-12);
  });

  it('every level can be encrypted for', () => {
    for (let level = 0; level <= context.parameters.topLevel; level++) {
      const c = encrypt(context, key, a, { level });
      expect(c.level).toBe(level);
      expectContent(secret, c, a);
      expectContent(secret, expand(encryptSymmetric(context, secret, a, { level })), a);
    }
  });

  it('fewer slots repeat, and any power of two is possible', () => {
    for (const slots of [1, 2, 8, 32]) {
      const real = a.real.slice(0, slots);
      const c = encrypt(context, key, real, { slots });
      const opened = contentOf(secret, c);
      opened.real.forEach((x, i) => {
        expect(Math.abs(x - real[i % slots])).toBeLessThan(8 * c.estimate.errorStddev);
      });
      expect(decryptComplex(secret, c, { slots }).real.length).toBe(slots);
    }
  });

  it('sums, differences and negation are slot-wise', () => {
    expectContent(secret, add(ca, cb), plusNumbers(a, b));
    expectContent(secret, subtract(ca, cb), minusNumbers(a, b));
    expectContent(secret, negate(ca), timesReal(a, -1));
    expectContent(secret, sum([ca, cb, ca, negate(cb)]), timesReal(a, 2));
    expect(sum([ca, cb]).c0).toEqual(add(ca, cb).c0);
  });

  it('plaintexts are added, subtracted and multiplied slot-wise', () => {
    const plain = encode(context, b);
    expectContent(secret, addPlain(ca, plain), plusNumbers(a, b));
    expectContent(secret, subtractPlain(ca, plain), minusNumbers(a, b));
    const product = multiplyPlain(ca, plain);
    expectContent(secret, product, timesNumbers(a, b));
    expectContent(secret, rescale(product), timesNumbers(a, b));
    expect(rescale(product).level).toBe(context.parameters.topLevel - 1);
  });

  it('constants and integers multiply without an encoding', () => {
    for (const factor of [0.37, -1, 1e-3, 0, 1]) {
      expectContent(secret, rescale(multiplyByConstant(ca, factor)), timesReal(a, factor));
    }
    expectContent(secret, multiplyByInteger(ca, -7), timesReal(a, -7));
    const one = { real: a.real.map(() => -1.37), imaginary: a.imaginary.map(() => 0) };
    expectContent(secret, addConstant(ca, -1.37), plusNumbers(a, one));
  });

  it('addition is commutative and associative to the last bit', () => {
    const third = encrypt(context, key, numbers(3));
    expect(add(ca, cb).c0).toEqual(add(cb, ca).c0);
    expect(add(add(ca, cb), third).c1).toEqual(add(ca, add(cb, third)).c1);
  });

  it('linear combinations of any numbers come out (property)', () => {
    const { slots } = context.parameters;
    const value = fc.double({ min: -1, max: 1, noNaN: true });
    const vector = fc.array(value, { minLength: slots, maxLength: slots });
    const property = fc.property(vector, vector, fc.integer({ min: -9, max: 9 }), (x, y, k) => {
      const c = subtract(multiplyByInteger(encrypt(context, key, x), k), expand(encryptSymmetric(context, secret, y)));
      const real = Float64Array.from(x, (v, i) => k * v - y[i]);
      expectContent(secret, c, { real, imaginary: new Float64Array(slots) });
    });
    fc.assert(property, { numRuns: 20, seed: 7 });
  });
});

describe('an encryption', () => {
  const { context, secret, public: key } = beds.double;

  it('of the same numbers differs every time', () => {
    const [x, y] = [encrypt(context, key, [1]), encrypt(context, key, [1])];
    expect(x.c0).not.toEqual(y.c0);
    expect(x.c1).not.toEqual(y.c1);
    const [v, w] = [encryptSymmetric(context, secret, [1]), encryptSymmetric(context, secret, [1])];
    expect(v.seed).not.toEqual(w.seed);
    expect(v.c0).not.toEqual(w.c0);
  });

  it('refuses numbers beyond the declared magnitude by index, never by value', () => {
    const refusal = (values: number[], magnitude?: number): string => {
      try {
        encrypt(context, key, values, magnitude === undefined ? {} : { magnitude });
      } catch (error) {
        expect(error).toBeInstanceOf(ParameterError);
        return (error as ParameterError).message;
      }
      return 'accepted';
    };
    expect(refusal([0, 1, 1.25])).toMatch(/value 2 exceeds the declared magnitude 1/);
    expect(refusal([0, 1, 1.25])).not.toContain('1.25');
    expect(refusal([0, Number.NaN])).toMatch(/value 1 is not a finite number/);
    expect(refusal([Number.NEGATIVE_INFINITY])).toMatch(/value 0 is not a finite number/);
    expect(refusal([1.25], 1.25)).toBe('accepted');
    expect(refusal([1], 0)).toMatch(/magnitude of 0/);
    expect(refusal([1], 1e9)).toMatch(/magnitude 1000000000 exceeds/);
    expect(refusal(Array.from({ length: 33 }, () => 0))).toMatch(/33 values do not fit in 32 slots/);
    expect(() => encrypt(context, key, { real: [0.9], imaginary: [0.9] })).toThrow(/value 0 exceeds/);
    expect(() => encrypt(context, key, { real: [0.9], imaginary: [] })).toThrow(ParameterError);
  });

  it('refuses levels, slots and keys that do not exist', () => {
    expect(() => encrypt(context, key, [1], { level: 4 })).toThrow(/level 4 is not in \[0, 3\]/);
    expect(() => encrypt(context, key, [1], { level: -1 })).toThrow(/level -1/);
    expect(() => encrypt(context, key, [1], { slots: 3 })).toThrow(/3 slots/);
    expect(() => encrypt(context, beds.single.public, [1])).toThrow(/other parameters/);
    expect(() => encryptSymmetric(context, beds.single.secret, [1])).toThrow(/other parameters/);
  });
});

describe('arithmetic', () => {
  const { context, public: key } = beds.double;
  const c = encrypt(context, key, [0.5]);

  it('refuses operands of other parameters, levels or kinds', () => {
    const foreign = encrypt(beds.single.context, beds.single.public, [0.5]);
    const lower = encrypt(context, key, [0.5], { level: 1 });
    const product = multiplyByConstant(c, 0.5);
    expect(() => add(c, foreign)).toThrow(/different parameters/);
    expect(() => subtract(c, lower)).toThrow(/levels 3 and 1/);
    // @ts-expect-error a product has another scale than a ciphertext: this is no program.
    expect(() => add(c, product)).toThrow(/rescale first/);
    // @ts-expect-error a product must be rescaled before it is multiplied again.
    expect(() => multiplyByConstant(product, 2)).toThrow(/a ciphertext is needed here, not a product/);
    // @ts-expect-error a seeded ciphertext must be expanded first.
    expect(() => addConstant(encryptSymmetric(context, beds.double.secret, [0]), 1)).toThrow(/not a seeded/);
    expect(() => addPlain(c, encode(context, [1], { level: 2 }))).toThrow(/encoded for level 2/);
    expect(() => multiplyPlain(c, encode(beds.single.context, [1]))).toThrow(/different parameters/);
    expect(() => add(c, { ...c, c1: lower.c1 })).toThrow(/says level 3 and is over other primes/);
    const twin = ckksContext({ ...context.lattice }, context.parameters);
    expect(twin).not.toBe(context);
    expect(add(c, encrypt(twin, key, [0.25])).level).toBe(3);
    expect(() => sum([])).toThrow(/at least one/);
    expect(() => sum([c, lower])).toThrow(/levels/);
  });

  it('refuses constants that are no numbers', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => multiplyByConstant(c, bad)).toThrow(ParameterError);
      expect(() => addConstant(c, bad)).toThrow(ParameterError);
    }
    expect(() => multiplyByInteger(c, 0.5)).toThrow(/not an integer/);
    expect(() => multiplyByInteger(c, 2 ** 60)).toThrow(ParameterError);
  });

  it('never changes its operands', () => {
    const before = c.c0.residues.slice();
    add(c, c);
    negate(c);
    addConstant(c, 1);
    rescale(multiplyByConstant(c, 3));
    expect(c.c0.residues).toEqual(before);
    expect(Object.isFrozen(c)).toBe(true);
  });

  it('reports a budget that shrinks', () => {
    const fresh = noiseBudget(c);
    const later = noiseBudget(rescale(multiplyByConstant(c, 4)));
    expect(fresh.precisionBits).toBeGreaterThan(40);
    expect(later.precisionBits).toBeLessThan(fresh.precisionBits - 1.9);
    expect(later.headroomBits).toBeLessThan(fresh.headroomBits - 50);
    // A fresh public-key ciphertext: σ·√(4N/3 + 1) = 30 at N = 64.
    expect(2 ** fresh.noiseBits).toBeGreaterThan(29);
    expect(2 ** fresh.noiseBits).toBeLessThan(33);
  });
});
