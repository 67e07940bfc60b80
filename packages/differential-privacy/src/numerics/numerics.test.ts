// The numerics against naive computations and against values in 40 digits (mpmath).
import { describe, expect, it } from 'vitest';
import { binomialTails } from './binomial-tails.ts';
import { complexArray, forwardInPlace, inverseInPlace, multiplyPowerInPlace } from './fourier.ts';
import { logBinomial, logFactorial } from './logarithms.ts';
import { complementaryError, normalUpperTail, scaledComplementaryError } from './normal.ts';
import { gaussLegendre } from './quadrature.ts';
import { smallest, upperCrossing } from './search.ts';

const relative = (value: number, truth: number): number => Math.abs(value / truth - 1);

describe('the normal tail', () => {
  it.each([
    [0, 1],
    [0.1, 0.8964569799691267],
    [1, 0.427583576155807],
    [2.5, 0.2108063640611436],
    [5, 0.11070463773306863],
    [6.2, 0.08985810831974592],
    [10, 0.05614099274382259],
    [26, 0.021683584850562907],
  ])('e^(x²) erfc(x) at %d', (x, truth) => {
    expect(relative(scaledComplementaryError(x), truth)).toBeLessThan(4e-15);
  });

  it('is symmetric, and a half at zero', () => {
    for (const z of [0, 0.3, 1, 4]) expect(normalUpperTail(z) + normalUpperTail(-z)).toBeCloseTo(1, 14);
    expect(complementaryError(0)).toBeCloseTo(1, 15);
  });
});

describe('the Fourier transform', () => {
  it('comes back, and raises a distribution to the power that convolving one by one gives', () => {
    const masses = [0.1, 0.25, 0, 0.4, 0.05, 0.2];
    const length = 64;
    const factor = complexArray(length);
    factor.re.set(masses);
    forwardInPlace(factor);
    const product = complexArray(length);
    product.re.fill(1);
    multiplyPowerInPlace(product, factor, 11);
    inverseInPlace(product);
    let naive = [1];
    for (let round = 0; round < 11; round += 1) {
      const next = new Array<number>(naive.length + masses.length - 1).fill(0);
      naive.forEach((a, i) => {
        masses.forEach((b, j) => {
          next[i + j] += a * b;
        });
      });
      naive = next;
    }
    naive.forEach((mass, at) => {
      expect(product.re[at]).toBeCloseTo(mass, 14);
    });
  });

  it('of a sequence is the sum that defines it, in bit-reversed order', () => {
    const length = 8;
    const array = complexArray(length);
    array.re.set([1, 2, 0, -1, 3, 0.5, -2, 4]);
    array.im.set([0, 1, 1, 0, -1, 2, 0, 0]);
    const [re, im] = [[...array.re], [...array.im]];
    forwardInPlace(array);
    const reversed = [0, 4, 2, 6, 1, 5, 3, 7];
    for (let at = 0; at < length; at += 1) {
      let [sumRe, sumIm] = [0, 0];
      for (let j = 0; j < length; j += 1) {
        const angle = (-2 * Math.PI * j * reversed[at]!) / length;
        sumRe += re[j]! * Math.cos(angle) - im[j]! * Math.sin(angle);
        sumIm += re[j]! * Math.sin(angle) + im[j]! * Math.cos(angle);
      }
      expect(array.re[at]).toBeCloseTo(sumRe, 12);
      expect(array.im[at]).toBeCloseTo(sumIm, 12);
    }
  });
});

describe('Gauss–Legendre', () => {
  it.each([1, 2, 3, 4, 16])('with %d nodes is exact for all monomials up to its degree', (count) => {
    const { nodes, weights } = gaussLegendre(count);
    for (let degree = 0; degree < 2 * count; degree += 1) {
      const sum = nodes.reduce((total, x, at) => total + weights[at]! * x ** degree, 0);
      expect(sum).toBeCloseTo(degree % 2 === 0 ? 2 / (degree + 1) : 0, 13);
    }
  });
});

describe('factorials and tails', () => {
  it('agree with products, on both sides of where the method changes', () => {
    let logProduct = 0;
    for (let n = 1; n <= 600; n += 1) {
      logProduct += Math.log(n);
      expect(relative(logFactorial(n) + 1, logProduct + 1)).toBeLessThan(1e-13);
    }
    expect(Math.exp(logBinomial(10, 4))).toBeCloseTo(210, 9);
  });

  it('both binomial tails are the sums of their terms', () => {
    for (const [n, p, k] of [
      [20, 0.3, 9],
      [50, 0.01, 3],
      [7, 0.9, 7],
      [100, 0.2, 60],
      [100, 0.2, 5],
      [37, 0.3, 2],
      [1, 0.4, 1],
    ] as const) {
      const terms = Array.from(
        { length: n + 1 },
        (_, at) => Math.exp(logBinomial(n, at)) * p ** at * (1 - p) ** (n - at),
      );
      const { below, atLeast } = binomialTails(n, p, k);
      expect(
        relative(
          atLeast,
          terms.slice(k).reduce((sum, one) => sum + one, 0),
        ),
      ).toBeLessThan(1e-12);
      expect(
        relative(
          below,
          terms.slice(0, k).reduce((sum, one) => sum + one, 0),
        ),
      ).toBeLessThan(1e-12);
    }
    expect(binomialTails(10, 0.5, 11)).toEqual({ below: 1, atLeast: 0 });
    expect(binomialTails(10, 0.5, 0)).toEqual({ below: 0, atLeast: 1 });
    expect(binomialTails(10, 1, 10)).toEqual({ below: 0, atLeast: 1 });
  });

  it('binomial tails of many trials keep their digits', () => {
    // Regularised incomplete beta functions to 40 digits (mpmath).
    for (const [n, p, k, exact] of [
      [60_000, 0.005, 350, 0.002547882126261338],
      [1e6, 1e-3, 1100, 9.574669700285419e-4],
      [1e9, 1e-6, 1200, 4.684108424588167e-10],
    ] as const) {
      expect(relative(binomialTails(n, p, k).atLeast, exact)).toBeLessThan(1e-11);
    }
  });
});

describe('the searches', () => {
  it('return an argument at which the function was seen to be at or below zero', () => {
    for (const f of [(x: number) => 2 - x * x, (x: number) => Math.exp(-x) - 0.1, (x: number) => (x < 1.3 ? 1 : -1)]) {
      const root = upperCrossing(f, { low: 0, high: 10 });
      expect(f(root)).toBeLessThanOrEqual(0);
      expect(f(root * (1 - 1e-9))).toBeGreaterThan(0);
    }
  });

  it('find the bottom of a valley', () => {
    const { argument, value } = smallest((x) => (x - 2.3) ** 2 + 1, { low: -5, high: 9, points: 11 });
    expect(argument).toBeCloseTo(2.3, 6);
    expect(value).toBeCloseTo(1, 12);
  });
});
