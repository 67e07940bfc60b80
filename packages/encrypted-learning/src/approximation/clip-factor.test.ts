import { describe, expect, it } from 'vitest';
import { clipFactor } from './clip-factor.ts';
import { evaluateAt } from './sigmoid.ts';

describe('the clip factor', () => {
  it('is min(1, C/√t) up to the stated error, which falls with the degree', () => {
    const errors = [7, 15, 31].map((degree) => {
      const { coefficients, supError, largestSquare, norm } = clipFactor({ norm: 0.5, largestSquare: 1.1, degree });
      for (let t = 0; t <= largestSquare; t += 0.003) {
        const exact = Math.min(1, norm / Math.sqrt(t));
        expect(Math.abs(evaluateAt(coefficients, (2 * t) / largestSquare - 1) - exact)).toBeLessThanOrEqual(
          supError + 1e-6,
        );
      }
      return supError;
    });
    expect(errors[0]).toBeLessThan(0.08);
    expect(errors[1]).toBeLessThan(errors[0] ?? 0);
    expect(errors[2]).toBeLessThan(errors[1] ?? 0);
  });

  it('states the length that clipped rows keep in truth, which exceeds C', () => {
    const { clippedNorm } = clipFactor({ norm: 0.5, largestSquare: 1.1, degree: 15 });
    expect(clippedNorm).toBeGreaterThan(0.5);
    expect(clippedNorm).toBeLessThan(0.55);
  });

  it('refuses a norm that never clips', () => {
    expect(() => clipFactor({ norm: 2, largestSquare: 1, degree: 7 })).toThrow(/never clipped/);
  });
});
