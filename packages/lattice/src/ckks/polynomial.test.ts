import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bed, contentOf, DOUBLE, deviation, plusNumbers, SINGLE, timesNumbers, timesReal } from './bed.contract.ts';
import type { Numbers } from './encoding-naive.contract.ts';
import { encrypt } from './encryptor.ts';
import { evaluatePolynomial, polynomialDepth, productsOf } from './polynomial.ts';
import { dropTo } from './rescale.ts';

const beds = {
  double: await bed({ ...DOUBLE, levels: 5 }, 31),
  single: await bed({ ...SINGLE, levels: 5 }, 32),
};

/** Horner's rule on complex numbers. */
function horner(coefficients: readonly number[], x: Numbers): Numbers {
  const constant = (c: number): Numbers => ({ real: x.real.map(() => c), imaginary: x.imaginary.map(() => 0) });
  return coefficients.reduceRight<Numbers>((sum, c) => plusNumbers(timesNumbers(sum, x), constant(c)), timesReal(x, 0));
}

describe.each(['double', 'single'] as const)('polynomials on %s limbs', (name) => {
  const { context, secret, public: key, relinearisation, numbers } = beds[name];
  const top = context.parameters.topLevel;
  const x = numbers(1);
  const cx = encrypt(context, key, x);

  const expectRight = (coefficients: readonly number[], c = cx): void => {
    const r = evaluatePolynomial(c, coefficients, relinearisation);
    expect(c.level - r.level).toBe(polynomialDepth(coefficients));
    expect(deviation(contentOf(secret, r), horner(coefficients, x))).toBeLessThan(1.6 * r.estimate.errorStddev);
  };

  it('of every degree up to 31 are right, at ⌈log2(degree + 1)⌉ levels', () => {
    for (let degree = 1; degree <= 31; degree++) {
      const coefficients = Array.from({ length: degree + 1 }, (_, i) => (i % 3 === 0 ? 0.7 : -0.4) / (1 + i / 4));
      expect(polynomialDepth(coefficients)).toBe(Math.ceil(Math.log2(degree + 1)));
      expectRight(coefficients);
    }
  });

  it('odd, even, sparse and monomial are right as well', () => {
    expectRight([0, 1]);
    expectRight([0, 0, 1]);
    expectRight([0, 0.6, 0, -0.1]);
    expectRight([0, 0.6, 0, -0.1, 0, 0.02, 0, -0.003]);
    expectRight([1, 0, -0.5, 0, 0.04]);
    expectRight([0.25, 0, 0, 0, 0, 0, 0, 0, 1]);
    expectRight([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.5]);
    expectRight([0.5, 0.25, 0, 0, 0]);
  });

  it('end at the canonical scale, from any level', () => {
    for (let level = top; level >= 2; level--) expectRight([0.1, -0.2, 0.3, 0.4], dropTo(cx, level));
  });

  it('of any coefficients come out (property)', () => {
    const value = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 2, maxLength: 20 }), (coefficients) => {
        fc.pre(coefficients.slice(1).some((c) => c !== 0));
        expectRight(coefficients);
      }),
      { numRuns: 15, seed: 3 },
    );
  });

  it('with too few levels, no degree, or coefficients that are no numbers, are refused', () => {
    expect(() => evaluatePolynomial(dropTo(cx, 1), [0, 0, 1], relinearisation)).toThrow(/takes 2 levels.*at level 1/);
    expect(() => evaluatePolynomial(cx, [3], relinearisation)).toThrow(/degree 0/);
    expect(() => evaluatePolynomial(cx, [3, 0, 0], relinearisation)).toThrow(/degree 0/);
    expect(() => evaluatePolynomial(cx, [], relinearisation)).toThrow(/degree 0/);
    expect(() => evaluatePolynomial(cx, [1, Number.NaN], relinearisation)).toThrow(/coefficient 1, NaN/);
    const foreign = beds[name === 'double' ? 'single' : 'double'].relinearisation;
    expect(() => evaluatePolynomial(cx, [1, 1, 1], foreign)).toThrow(/other parameters/);
  });
});

describe('the number of products', () => {
  const best = (degree: number, keep: (i: number) => boolean): number => {
    const p = Array.from({ length: degree + 1 }, (_, i) => (keep(i) ? 1 : 0));
    const depth = polynomialDepth(p);
    return Math.min(...[1, 3, 7, 15, 31].map((leaf) => productsOf(p, depth - 1, leaf)));
  };

  it('grows with the square root of the degree, and odd ones, sparse ones and monomials take no more than they need', () => {
    expect([2, 3, 7, 15, 31, 63].map((d) => best(d, () => true))).toEqual([1, 2, 5, 8, 13, 18]);
    expect([3, 7, 15, 31, 63].map((d) => best(d, (i) => i % 2 === 1))).toEqual([2, 5, 8, 12, 17]);
    expect([2, 4, 8, 16].map((d) => best(d, (i) => i === d))).toEqual([1, 2, 3, 4]);
  });
});
