import { describe, expect, it } from 'vitest';
import { type FitMethod, fit } from './fit.ts';
import { interpolate, Polynomial } from './polynomial.ts';
import { logLoss, relu, sigmoid, softplus, type Target, tanh } from './targets.ts';

const eight = { from: -8, to: 8 };
const targets: readonly Target[] = [sigmoid, tanh, relu, softplus, logLoss];
const methods: readonly FitMethod[] = ['minimax', 'least-squares', 'chebyshev'];
const uniform = (count: number, from: number, to: number): number[] =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));

describe('a polynomial in the Chebyshev basis', () => {
  const p = new Polynomial({ from: -3, to: 5 }, [0.3, -1.2, 0.5, 0.25, -0.125]);
  const naive = (z: number): number =>
    p.coefficients.reduce((sum, c, k) => sum + c * Math.cos(k * Math.acos((2 * z - 2) / 8)), 0);

  it('has the value of its definition, of its monomials and of its interpolant', () => {
    for (const z of uniform(50, -3, 5)) {
      expect(p.at(z)).toBeCloseTo(naive(z), 12);
      expect(p.monomials().reduceRight((sum, c) => sum * z + c, 0)).toBeCloseTo(p.at(z), 12);
      expect(interpolate((x) => p.at(x), p.interval, 4).at(z)).toBeCloseTo(p.at(z), 12);
    }
  });

  it('has the derivative that differences have', () => {
    for (const z of uniform(20, -2.9, 4.9)) {
      expect(p.derivative().at(z)).toBeCloseTo((p.at(z + 1e-5) - p.at(z - 1e-5)) / 2e-5, 8);
    }
  });
});

// Reference: least squares on a uniform grid, least squares at Chebyshev nodes, and Remez, of the sigmoid on [−8, 8].
const published = [
  { degree: 3, method: 'least-squares', supError: 0.114, slope: -0.156, falls: [5.61, 8] },
  { degree: 3, method: 'chebyshev', supError: 0.1132, slope: -0.112, falls: [5.97, 8] },
  { degree: 3, method: 'minimax', supError: 0.0895, slope: -0.158, falls: [5.64, 8] },
  { degree: 5, method: 'least-squares', supError: 0.0611, slope: -0.034, falls: [4.47, 6.73] },
  { degree: 5, method: 'chebyshev', supError: 0.0546, slope: -0.032, falls: [4.67, 7.0] },
  { degree: 5, method: 'minimax', supError: 0.0409, slope: -0.042, falls: [4.38, 6.84] },
  { degree: 7, method: 'least-squares', supError: 0.0319, slope: -0.153, falls: [4.05, 5.48] },
  { degree: 7, method: 'chebyshev', supError: 0.026, slope: -0.087, falls: [4.14, 5.73] },
  { degree: 7, method: 'minimax', supError: 0.0189, slope: -0.141, falls: [3.93, 5.5] },
  { degree: 9, method: 'least-squares', supError: 0.0163, slope: -0.018, falls: [6.43, 7.5] },
  { degree: 9, method: 'chebyshev', supError: 0.0123, slope: -0.015, falls: [6.61, 7.62] },
  { degree: 9, method: 'minimax', supError: 0.0088, slope: -0.023, falls: [6.46, 7.58] },
] as const;

describe('the sigmoid on [-8, 8]', () => {
  it.each(published)('at degree $degree by $method has error $supError and falls from $falls', (row) => {
    const found = fit(sigmoid, { degree: row.degree, interval: eight, method: row.method });
    // Their least squares is over a finite grid, which weighs the ends a little more than the integral does.
    expect(Math.abs(found.supError - row.supError)).toBeLessThan(row.method === 'least-squares' ? 4e-4 : 1.1e-4);
    expect(Math.abs(found.slope.least.value - row.slope)).toBeLessThan(1.1e-3);
    const falling = found.wrongWay.filter(({ from }) => from > 0);
    expect(Math.abs(falling[0]!.from - row.falls[0])).toBeLessThan(0.011);
    expect(Math.abs(falling[0]!.to - row.falls[1])).toBeLessThan(0.011);
    expect(found.monotone).toBe(false);
  });

  it('has the least-squares coefficients that are published', () => {
    const rows = [
      [0.5, 0.15009, 0, -0.001592],
      [0.5, 0.19128, 0, -0.0045937, 0, 4.219e-5],
      [0.5, 0.216876, 0, -0.00819136, 0, 1.65798e-4, 0, -1.195e-6],
      [0.5, 0.231872, 0, -0.0116263, 0, 3.7501e-4, 0, -5.8626e-6, 0, 3.44225e-8],
    ];
    for (const row of rows) {
      const found = fit(sigmoid, { degree: row.length - 1, interval: eight, method: 'least-squares' });
      found.polynomial.monomials().forEach((c, k) => {
        expect(Math.abs(c - row[k]!)).toBeLessThanOrEqual(2e-3 * Math.abs(row[k]!));
      });
    }
  });

  it('warns at degree 7, by name, and is quiet on an interval where the fit rises', () => {
    const found = fit(sigmoid, { degree: 7, interval: eight, method: 'least-squares' });
    expect(found.warnings.join('\n')).toMatch(/degree 7 \(least-squares\) of sigmoid falls on \[4\.0\d, 5\.4\d\]/);
    expect(fit(sigmoid, { degree: 3, interval: { from: -2, to: 2 }, method: 'minimax' })).toMatchObject({
      monotone: true,
      warnings: [],
    });
  });
});

// E_n of |x| on [−1, 1] (Varga, Carpenter 1985); relu has half of it.
it.each([
  { degree: 2, best: 1 / 8 },
  { degree: 3, best: 1 / 8 },
  { degree: 4, best: 0.067620999 },
  { degree: 6, best: 0.045929 },
  { degree: 8, best: 0.0346897 },
])('relu at degree $degree has half the best error of the absolute value, $best', ({ degree, best }) => {
  const { supError, supErrorBound } = fit(relu, { degree, interval: { from: -1, to: 1 }, method: 'minimax' });
  expect(supError).toBeCloseTo(best / 2, 6);
  expect(supErrorBound).toBeCloseTo(best / 2, 6);
});

describe.each(targets)('$name', (target) => {
  it.each([eight, { from: -2, to: 2 }, { from: -1, to: 5 }])(
    'on %o: minimax is best in sup norm, least squares in the mean',
    (interval) => {
      for (const degree of [2, 5, 9]) {
        const [minimax, squares, chebyshev] = methods.map((method) => fit(target, { degree, interval, method }));
        expect(minimax!.supError).toBeLessThanOrEqual(Math.min(squares!.supError, chebyshev!.supError) * (1 + 1e-9));
        expect(squares!.meanSquareError).toBeLessThanOrEqual(
          Math.min(minimax!.meanSquareError, chebyshev!.meanSquareError) * (1 + 1e-9),
        );
        // Verified: no polynomial can be better than the bound, and ours is within a hundredth of a per cent of it.
        expect(minimax!.supError).toBeLessThan(minimax!.supErrorBound! * (1 + 1e-4));
      }
    },
  );

  it('has the errors and slopes that a fine uniform grid finds', () => {
    for (const method of methods) {
      const { polynomial, supError, slope } = fit(target, { degree: 7, interval: eight, method });
      const errors = uniform(20_001, -8, 8).map((z) => Math.abs(polynomial.at(z) - target.at(z)));
      expect(supError).toBeGreaterThanOrEqual(Math.max(...errors) - 1e-12);
      expect(supError).toBeLessThan(Math.max(...errors) + 1e-5);
      const slopes = uniform(20_001, -8, 8).map((z) => polynomial.derivative().at(z));
      expect(slope.least.value).toBeLessThanOrEqual(Math.min(...slopes) + 1e-12);
      expect(slope.most.value).toBeGreaterThanOrEqual(Math.max(...slopes) - 1e-12);
    }
  });

  it('has the slope it states', () => {
    for (const z of [-7, -1.3, 0.4, 3]) {
      expect(target.slopeAt(z)).toBeCloseTo((target.at(z + 1e-6) - target.at(z - 1e-6)) / 2e-6, 6);
    }
  });

  it('keeps its parity exactly', () => {
    for (const method of methods) {
      const { polynomial } = fit(target, { degree: 8, interval: eight, method });
      const rest = (z: number): number => polynomial.at(z) - target.line.constant - target.line.slope * z;
      const sign = target.restParity === 'odd' ? -1 : 1;
      for (const z of [0.5, 3, 7.9]) expect(rest(-z)).toBeCloseTo(sign * rest(z), 12);
    }
  });
});

describe('high degrees', () => {
  it('converge: the sigmoid at degree 31 is within 1e-6, and the bound still holds', () => {
    const found = fit(sigmoid, { degree: 31, interval: eight, method: 'minimax' });
    expect(found.supError).toBeLessThan(1e-5);
    expect(found.supError).toBeLessThan(found.supErrorBound! * (1 + 1e-3));
  });

  it.each([
    { target: sigmoid, interval: { from: -1000, to: 1000 } },
    { target: softplus, interval: { from: -300, to: 300 } },
    { target: logLoss, interval: { from: -1e-3, to: 1e-3 } },
    { target: relu, interval: { from: -1000, to: 1000 } },
    { target: tanh, interval: { from: -200, to: 1000 } },
  ])(
    'of $target.name on [$interval.from, $interval.to] are best to a hundredth or to rounding, never astray',
    ({ target, interval }) => {
      const { supError, supErrorBound } = fit(target, { degree: 63, interval, method: 'minimax' });
      expect(supError).toBeLessThan(Math.max(1e-11, supErrorBound! * 1.01));
    },
  );

  it('refuse an interval on which a search would step over what is interesting', () => {
    for (const interval of [
      { from: -1e6, to: 1e6 },
      { from: 0, to: 1025 },
      { from: -1e-9, to: 1e-9 },
      { from: -1e300, to: 1e300 },
    ]) {
      expect(() => fit(sigmoid, { degree: 3, interval, method: 'minimax' })).toThrow('scale the argument');
    }
  });

  it.each([0, 64, 2.5, Number.NaN])('refuse degree %d', (degree) => {
    expect(() => fit(sigmoid, { degree, interval: eight, method: 'minimax' })).toThrow(String(degree));
  });

  it('refuse what is no interval', () => {
    expect(() => fit(sigmoid, { degree: 3, interval: { from: 1, to: 1 }, method: 'minimax' })).toThrow('no interval');
    expect(() => fit(sigmoid, { degree: 3, interval: { from: 0, to: Number.NaN }, method: 'minimax' })).toThrow();
  });
});
