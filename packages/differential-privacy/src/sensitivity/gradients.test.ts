import { describe, expect, it } from 'vitest';
import { fit } from '../polynomials/fit.ts';
import { sigmoid, tanh } from '../polynomials/targets.ts';
import { aggregateSensitivity, weightedSensitivity } from './aggregate.ts';
import { dot, gaussianOf, logistic, minus, norm, numbers, vectorWithin } from './brute-force.contract.ts';
import {
  logisticRegression,
  oneVersusRest,
  polynomialLogistic,
  softmaxRegression,
  squaredLoss,
  withBiasFeature,
} from './gradient-bounds.ts';
import { centredOneHotNorm, statisticsSensitivity } from './sufficient-statistics.ts';

const R = 1.7;

/** The longest gradient over many examples and weights, extreme ones among them. */
function longest(trials: number, gradient: (next: () => number) => number[]): number {
  const next = numbers(7);
  let largest = 0;
  for (let i = 0; i < trials; i++) largest = Math.max(largest, norm(gradient(next)));
  return largest;
}

describe('one gradient', () => {
  const scales = [0.1, 1, 10, 100];
  const weights = (next: () => number, d: number): number[] => {
    const scale = scales[Math.floor(next() * 4)]!;
    return Array.from({ length: d }, () => scale * gaussianOf(next));
  };

  it('of logistic regression is at most R, and comes close', () => {
    const found = longest(5000, (next) => {
      const x = vectorWithin(next, 3, R);
      const error = logistic(dot(weights(next, 3), x)) - Math.round(next());
      return x.map((one) => error * one);
    });
    const { lipschitz } = logisticRegression({ radius: R });
    expect(found).toBeLessThanOrEqual(lipschitz * (1 + 1e-12));
    expect(found).toBeGreaterThan(0.99 * lipschitz);
  });

  it('of softmax regression is at most √2 R, and comes close; R alone is exceeded', () => {
    const found = longest(5000, (next) => {
      const x = vectorWithin(next, 3, R);
      const z = Array.from({ length: 4 }, () => dot(weights(next, 3), x));
      const top = Math.max(...z);
      const e = z.map((one) => Math.exp(one - top));
      const total = e.reduce((sum, one) => sum + one, 0);
      const y = Math.floor(next() * 4);
      return e.flatMap((one, k) => x.map((entry) => (one / total - (k === y ? 1 : 0)) * entry));
    });
    const { lipschitz } = softmaxRegression({ radius: R });
    expect(found).toBeLessThanOrEqual(lipschitz * (1 + 1e-12));
    expect(found).toBeGreaterThan(0.99 * lipschitz);
    expect(found).toBeGreaterThan(logisticRegression({ radius: R }).lipschitz);
  });

  it('of K logistic heads is at most √K R', () => {
    const found = longest(20_000, (next) => {
      const x = vectorWithin(next, 2, R);
      return [0, 1, 2].flatMap(() => {
        const error = logistic(dot(weights(next, 2), x)) - Math.round(next());
        return x.map((one) => error * one);
      });
    });
    const { lipschitz } = oneVersusRest({ radius: R, heads: 3 });
    expect(found).toBeLessThanOrEqual(lipschitz * (1 + 1e-12));
    expect(found).toBeGreaterThan(0.95 * lipschitz);
  });

  it('of the squared loss is at most (BR + Y)R on the ball', () => {
    const found = longest(50_000, (next) => {
      const x = vectorWithin(next, 2, R);
      const w = vectorWithin(next, 2, 3);
      const y = 2 * (next() < 0.5 ? 1 : -1);
      return x.map((one) => (dot(w, x) - y) * one);
    });
    const { lipschitz } = squaredLoss({ radius: R, weightRadius: 3, targetBound: 2 });
    expect(found).toBeLessThanOrEqual(lipschitz * (1 + 1e-12));
    expect(found).toBeGreaterThan(0.99 * lipschitz);
  });

  it('of a polynomial sigmoid is at most (1 + η)R inside its interval and is not outside', () => {
    const found = fit(sigmoid, { degree: 7, interval: { from: -8, to: 8 }, method: 'chebyshev' });
    const bound = polynomialLogistic({ radius: R, fit: found });
    expect(bound.whileWithin).toBe(8);
    let inside = 0;
    for (let z = -8; z <= 8; z += 0.001) {
      for (const y of [0, 1]) inside = Math.max(inside, Math.abs(found.polynomial.at(z) - y) * R);
    }
    expect(inside).toBeLessThanOrEqual(bound.lipschitz);
    expect(inside).toBeGreaterThan(0.97 * bound.lipschitz);
    expect(Math.abs(found.polynomial.at(16)) * R).toBeGreaterThan(bound.lipschitz);
    expect(() =>
      polynomialLogistic({
        radius: R,
        fit: fit(tanh, { degree: 3, interval: { from: -1, to: 1 }, method: 'minimax' }),
      }),
    ).toThrow('tanh');
  });

  it('has a derivative within the stated smoothness', () => {
    const next = numbers(9);
    const gradientOf = (w: readonly number[], x: readonly number[], y: number): number[] =>
      x.map((one) => (logistic(dot(w, x)) - y) * one);
    let largest = 0;
    for (let i = 0; i < 5000; i++) {
      const x = vectorWithin(next, 2, R);
      const a = vectorWithin(next, 2, 0.5);
      const b = vectorWithin(next, 2, 0.5);
      largest = Math.max(largest, norm(minus(gradientOf(a, x, 1), gradientOf(b, x, 1))) / norm(minus(a, b)));
    }
    expect(largest).toBeLessThanOrEqual(logisticRegression({ radius: R }).smoothness * (1 + 1e-9));
    expect(largest).toBeGreaterThan(0.9 * logisticRegression({ radius: R }).smoothness);
  });

  it('sees a bias as a longer row', () => {
    expect(withBiasFeature(3, 4)).toBeCloseTo(5, 12);
    expect(() => withBiasFeature(1, Number.NaN)).toThrow('NaN');
    expect(() => logisticRegression({ radius: 0 })).toThrow('0');
    expect(() => squaredLoss({ radius: 1, weightRadius: Number.NaN, targetBound: 1 })).toThrow('NaN');
  });
});

describe('an aggregate', () => {
  /**
   * The largest movement of a mean of vectors in a ball between neighbours, over random neighbours and the extreme
   * pair.
   */
  function movement(kind: 'add-remove' | 'replace-one', n: number): number {
    const next = numbers(11);
    let largest = 0;
    for (let i = 0; i < 3000; i++) {
      const mine = i === 0 ? [R, 0] : vectorWithin(next, 2, R);
      const other = i === 0 ? [-R, 0] : vectorWithin(next, 2, R);
      const difference = kind === 'add-remove' ? mine : minus(mine, other);
      largest = Math.max(largest, norm(difference) / n);
    }
    return largest;
  }

  it.each(['add-remove', 'replace-one'] as const)('moves as far as stated between %s neighbours', (adjacency) => {
    const stated = aggregateSensitivity({ contribution: R, adjacency, divisor: 40 });
    expect(movement(adjacency, 40)).toBeLessThanOrEqual(stated);
    expect(movement(adjacency, 40)).toBeGreaterThan(0.999 * stated);
  });

  it('is caught when the factor of replace-one is forgotten', () => {
    const wrong = aggregateSensitivity({ contribution: R, adjacency: 'add-remove', divisor: 40 });
    expect(movement('replace-one', 40)).toBeGreaterThan(wrong * 1.9);
  });

  it('moves further with arithmetic that errs, by the worst the errors can do', () => {
    const stated = aggregateSensitivity({
      contribution: 1,
      adjacency: 'add-remove',
      divisor: 1,
      arithmeticError: { perCoordinate: 0.01, dimension: 4 },
    });
    // Both runs err by 0.01 in every coordinate, in opposite directions, along the contribution.
    const contribution = [0.5, 0.5, 0.5, 0.5];
    expect(norm(contribution.map((one) => one + 0.02))).toBeLessThanOrEqual(stated);
    expect(norm(contribution.map((one) => one + 0.02))).toBeCloseTo(stated, 12);
  });

  it('that weights participants has the largest weight in it', () => {
    const weights = [0.9, ...Array.from({ length: 9 }, () => 0.1 / 9)];
    expect(weightedSensitivity({ clippingNorm: 2, weights, adjacency: 'add-remove' })).toBeCloseTo(1.8, 12);
    expect(weightedSensitivity({ clippingNorm: 2, weights, adjacency: 'replace-one' })).toBeCloseTo(3.6, 12);
    expect(() => weightedSensitivity({ clippingNorm: 2, weights: [-1], adjacency: 'add-remove' })).toThrow('-1');
  });
});

describe('the statistics of one-shot ridge', () => {
  const flat = (x: readonly number[], y: readonly number[]): number[] => [
    ...x.flatMap((a) => x.map((b) => a * b)),
    ...x.flatMap((a) => y.map((b) => a * b)),
  ];

  it.each([
    [1, 0.3],
    [1, 0.9486],
    [2, 1],
    [0.5, 3],
  ])('at ‖x‖ ≤ %d, ‖y‖ ≤ %d move as far as stated and no further', (radius, targetNorm) => {
    for (const adjacency of ['add-remove', 'replace-one'] as const) {
      const stated = statisticsSensitivity({ radius, targetNorm, adjacency });
      const next = numbers(13);
      let largest = 0;
      for (let i = 0; i < 40_000; i++) {
        const mine = flat(vectorWithin(next, 2, radius), vectorWithin(next, 1, targetNorm));
        const other = flat(vectorWithin(next, 2, radius), vectorWithin(next, 1, targetNorm));
        largest = Math.max(largest, norm(adjacency === 'add-remove' ? mine : minus(mine, other)));
      }
      expect(largest).toBeLessThanOrEqual(stated);
      expect(largest).toBeGreaterThan(0.99 * stated);
    }
  });

  it('with ten centred classes is √1.9', () => {
    expect(centredOneHotNorm(10) ** 2).toBeCloseTo(0.9, 12);
    expect(
      statisticsSensitivity({ radius: 1, targetNorm: centredOneHotNorm(10), adjacency: 'add-remove' }),
    ).toBeCloseTo(Math.sqrt(1.9), 12);
  });
});
