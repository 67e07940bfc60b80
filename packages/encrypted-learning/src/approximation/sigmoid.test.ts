import { describe, expect, it } from 'vitest';
import { evaluateAt, sigmoidPolynomial } from './sigmoid.ts';

const exact = (z: number): number => 1 / (1 + Math.exp(-z));

describe('sigmoid polynomials', () => {
  // Least squares on a uniform grid, [-8, 8], measured independently of this package.
  const known: Readonly<Record<number, readonly number[]>> = {
    3: [0.5, 0.15009, 0, -0.001592],
    5: [0.5, 0.19128, 0, -0.0045937, 0, 4.219e-5],
    7: [0.5, 0.216876, 0, -0.00819136, 0, 1.65798e-4, 0, -1.195e-6],
    9: [0.5, 0.231872, 0, -0.0116263, 0, 3.7501e-4, 0, -5.8626e-6, 0, 3.44225e-8],
  };
  for (const degree of [3, 5, 7, 9]) {
    it(`degree ${degree}: least squares has the published coefficients`, () => {
      const { coefficients } = sigmoidPolynomial({ degree });
      known[degree]?.forEach((c, k) => {
        expect(Math.abs((coefficients[k] ?? Number.NaN) - c)).toBeLessThanOrEqual(2e-3 * Math.abs(c) + 1e-15);
      });
    });

    it(`degree ${degree}: the error on the interval is the stated one, and outside it is not`, () => {
      for (const method of ['least-squares', 'minimax', 'chebyshev'] as const) {
        const p = sigmoidPolynomial({ degree, method });
        let worst = 0;
        for (let z = -8; z <= 8; z += 1 / 128) {
          worst = Math.max(worst, Math.abs(evaluateAt(p.coefficients, z) - exact(z)));
        }
        expect(worst).toBeLessThanOrEqual(p.supError * (1 + 1e-9));
        expect(worst).toBeGreaterThan(0.98 * p.supError);
        expect(Math.abs(evaluateAt(p.coefficients, 16) - exact(16))).toBeGreaterThan(10 * p.supError);
      }
    });
  }

  it('of the three fits minimax has the least sup error', () => {
    const error = (method: 'least-squares' | 'minimax' | 'chebyshev'): number =>
      sigmoidPolynomial({ degree: 7, method }).supError;
    expect(error('minimax')).toBeCloseTo(0.0189, 4);
    expect(error('chebyshev')).toBeCloseTo(0.026, 3);
    expect(error('least-squares')).toBeCloseTo(0.0319, 3);
  });

  it('refuses other degrees and intervals', () => {
    expect(() => sigmoidPolynomial({ degree: 4 })).toThrow(/degree 3, 5, 7, 9, not 4/);
    expect(() => sigmoidPolynomial({ degree: 5, interval: 0 })).toThrow(/interval/);
  });
});
