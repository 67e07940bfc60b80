import { describe, expect, it } from 'vitest';
import { fit } from '../polynomials/fit.ts';
import { sigmoid } from '../polynomials/targets.ts';
import { dot, gaussianOf, logistic, norm, numbers } from './brute-force.contract.ts';
import {
  confiningBarrier,
  confiningRidge,
  convergenceBound,
  couplingDelta,
  decayedRadius,
  noiseEscape,
  noiseForSteps,
  outwardDrift,
  projectInPlace,
  safeWeightRadius,
  surrogateDistance,
} from './invariant.ts';

describe('the invariant |⟨w, x⟩| ≤ R', () => {
  it('is exact after a projection', () => {
    const next = numbers(21);
    const radius = safeWeightRadius({ interval: 8, dataRadius: 2 });
    for (let i = 0; i < 300; i++) {
      const w = Float64Array.from({ length: 5 }, () => 20 * gaussianOf(next));
      projectInPlace(w, radius);
      const x = w.map((one) => (one / Math.hypot(...w)) * 2);
      expect(dot([...w], [...x])).toBeLessThanOrEqual(8);
    }
    const short = Float64Array.of(0.1, -0.2);
    expect(projectInPlace(short, radius)).toBe(false);
    expect([...short]).toEqual([0.1, -0.2]);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(() => projectInPlace(Float64Array.of(1, bad, 2), 1)).toThrow('NaN or an infinity');
    }
  });

  it('is kept by weight decay against any gradients of length L', () => {
    const step = { lipschitz: 1.5, learningRate: 0.4, decay: 0.3, steps: 40 };
    let w = 0;
    for (let t = 0; t < 40; t++) w = (1 - 0.4 * 0.3) * w + 0.4 * 1.5;
    expect(w).toBeLessThanOrEqual(decayedRadius(step));
    expect(w).toBeCloseTo(decayedRadius(step), 9);
    expect(decayedRadius({ ...step, steps: 1e6 })).toBeCloseTo(1.5 / 0.3, 6);
    expect(decayedRadius({ ...step, decay: 0 })).toBeCloseTo(0.4 * 1.5 * 40, 9);
    expect(() => decayedRadius({ ...step, learningRate: 4 })).toThrow('above 1');
  });

  it('has an outward drift of at most 0.2785/r + η', () => {
    for (const radius of [0.5, 2, 8, 30]) {
      for (const supError of [0, 0.026]) {
        let largest = 0;
        for (let c = 0; c <= 1; c += 1e-4) largest = Math.max(largest, c * (logistic(-radius * c) + supError));
        expect(largest).toBeLessThanOrEqual(outwardDrift({ radius, supError }));
      }
    }
    expect(confiningRidge({ radius: 8, supError: 0.026 })).toBeCloseTo(0.0076, 4);
    const barrier = { radius: 8, supError: 0.026, barrierRadius: 8 };
    expect((confiningBarrier(barrier) * 8 ** 3) / 8 ** 2).toBeCloseTo(outwardDrift(barrier), 12);
  });

  it('confines the noise-free flow by that ridge, and a hundredth of it does not', () => {
    const found = fit(sigmoid, { degree: 7, interval: { from: -8, to: 8 }, method: 'chebyshev' });
    const settle = (ridge: number): number => {
      let w = 0;
      // Every row alike and labelled 1, and a fit that is too low by its whole error: the strongest pull outwards there
      // is.
      for (let t = 0; t < 60_000 && Math.abs(w) < 20; t++) w -= 0.5 * (logistic(w) - found.supError - 1 + ridge * w);
      return w;
    };
    expect(settle(confiningRidge({ radius: 8, supError: found.supError }))).toBeLessThanOrEqual(8);
    expect(settle(confiningRidge({ radius: 8, supError: found.supError }) / 100)).toBeGreaterThan(8);
  });

  it('that may fail costs (1 + e^ε) δ′: a pair of mechanisms attains it', () => {
    expect(couplingDelta({ epsilon: Math.log(3), failure: 1e-9 })).toBeCloseTo(4e-9, 18);
    // Randomised response of ε = ln 3 on two neighbours; where the coupling fails, one says yes and the other no.
    for (const failure of [1e-3, 0.05, 0.2]) {
      const [yes, yesBeside] = [3 / 4 + failure, 1 / 4 - failure];
      const missed = yes - 3 * yesBeside;
      expect(missed).toBeCloseTo(couplingDelta({ epsilon: Math.log(3), failure }), 12);
      expect(missed).toBeGreaterThan(2 * failure);
    }
    expect(couplingDelta({ epsilon: 1, failure: 0 })).toBe(0);
    expect(couplingDelta({ epsilon: 1e4, failure: 0 })).toBe(0);
    expect(couplingDelta({ epsilon: 1e4, failure: 1e-30 })).toBe(1);
    expect(() => couplingDelta({ epsilon: 1, failure: 1.5 })).toThrow('1.5');
  });

  it('is left by accumulated noise less often than stated, and not absurdly less often', () => {
    const run = { dimension: 4, noiseStddev: 0.5, learningRate: 0.2, decay: 0.5, steps: 30, margin: 1 };
    const next = numbers(31);
    let out = 0;
    for (let trial = 0; trial < 4000; trial++) {
      let w = [0, 0, 0, 0];
      let left = false;
      for (let t = 0; t < 30; t++) {
        w = w.map((one) => (1 - 0.2 * 0.5) * one + 0.2 * 0.5 * gaussianOf(next));
        left ||= norm(w) > 1;
      }
      if (left) out += 1;
    }
    expect(out / 4000).toBeLessThanOrEqual(noiseEscape(run));
    expect(noiseEscape({ ...run, margin: 2 })).toBeLessThan(1e-4);
    expect(noiseEscape({ ...run, margin: 0.1 })).toBe(1);
  });

  it('is not claimed for noise that a step makes larger instead of smaller', () => {
    const run = { dimension: 2, noiseStddev: 1, learningRate: 1, decay: 3, steps: 10, margin: 20 };
    // w ← −2w + noise leaves every ball.
    expect(() => noiseEscape(run)).toThrow('above 1');
    expect(() => noiseEscape({ ...run, decay: -1 })).toThrow('-1');
    for (const decay of [0, 1e-13, 1e-9]) {
      const bound = noiseEscape({ ...run, decay, margin: 60 });
      // No decay to speak of: as without.
      expect(bound / noiseEscape({ ...run, decay: 0, margin: 60 })).toBeCloseTo(1, 5);
    }
  });
});

describe('convergence', () => {
  it('of noisy descent on a quadratic is within the bound on average', () => {
    const descent = {
      strongConvexity: 0.5,
      smoothness: 2,
      learningRate: 0.5,
      steps: 12,
      dimension: 2,
      noiseStddev: 0.3,
      initialDistance: 3,
    };
    const next = numbers(41);
    let mean = 0;
    for (let trial = 0; trial < 4000; trial++) {
      let w = [3, 0];
      for (let t = 0; t < 12; t++)
        w = w.map((one, k) => one - 0.5 * ((k === 0 ? 0.5 : 2) * one + 0.3 * gaussianOf(next)));
      mean += norm(w) ** 2 / 4000;
    }
    expect(mean).toBeLessThanOrEqual(convergenceBound(descent));
    expect(mean).toBeGreaterThan(0.2 * convergenceBound(descent));
    expect(() => convergenceBound({ ...descent, learningRate: 1 })).toThrow('1/L');
    expect(() => convergenceBound({ ...descent, strongConvexity: 5 })).toThrow('above L');
  });

  it('to the optimum of the polynomial is ηB/λ from the sigmoid one at most', () => {
    const found = fit(sigmoid, { degree: 5, interval: { from: -4, to: 4 }, method: 'minimax' });
    const minimiser = (slope: (z: number) => number): number => {
      let w = 0;
      for (let t = 0; t < 5000; t++) w -= 0.5 * (0.7 * (slope(w) - 1) + 0.3 * slope(w) + 0.1 * w);
      return w;
    };
    const apart = Math.abs(minimiser((z) => found.polynomial.at(z)) - minimiser(logistic));
    expect(apart).toBeLessThanOrEqual(
      surrogateDistance({ supError: found.supError, dataRadius: 1, strongConvexity: 0.1 }),
    );
  });

  it('is not stated from numbers that are none', () => {
    const descent = {
      strongConvexity: 0.5,
      smoothness: 2,
      learningRate: 0.5,
      steps: 12,
      dimension: 2,
      noiseStddev: 0.3,
      initialDistance: 3,
    };
    for (const name of Object.keys(descent)) {
      expect(() => convergenceBound({ ...descent, [name]: Number.NaN })).toThrow('NaN');
    }
    const cost = { supError: 0.1, dataRadius: 1, strongConvexity: 0.1 };
    for (const name of Object.keys(cost)) expect(() => surrogateDistance({ ...cost, [name]: -1 })).toThrow('-1');
    expect(() => noiseForSteps({ sensitivity: -1, count: 32, rho: 1 })).toThrow('-1');
  });

  it('needs the noise that ρ-zCDP asks for', () => {
    expect(noiseForSteps({ sensitivity: 1, count: 32, rho: 0.03056 })).toBeCloseTo(22.9, 1);
    expect(noiseForSteps({ sensitivity: 2, count: 1, rho: 1.22965 }) / 2).toBeCloseTo(0.64, 2);
  });
});
