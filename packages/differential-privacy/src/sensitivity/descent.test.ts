import { describe, expect, it } from 'vitest';
import { dot, logistic, minus, norm, numbers, vectorWithin } from './brute-force.contract.ts';
import {
  convexPasses,
  decreasingPasses,
  decreasingStep,
  descentSensitivity,
  equivalentOutputNoise,
  hiddenStateMu,
  minimiserSensitivity,
  stronglyConvexPasses,
} from './output-perturbation.ts';

interface Example {
  readonly x: readonly number[];
  readonly y: number;
}
type Step = (update: number) => number;

/** Logistic loss with a ridge; ‖x‖ ≤ 1, so L = 1 and M = 1/4 + ridge. */
function descend(
  data: readonly Example[],
  batches: readonly (readonly number[])[],
  step: Step,
  ridge: number,
): number[] {
  let w = data[0]!.x.map(() => 0);
  batches.forEach((batch, t) => {
    const gradient = w.map((one) => ridge * one);
    for (const i of batch) {
      const { x, y } = data[i]!;
      const error = logistic(dot(w, x)) - y;
      x.forEach((one, k) => {
        gradient[k]! += (error * one) / batch.length;
      });
    }
    w = w.map((one, k) => one - step(t + 1) * gradient[k]!);
  });
  return w;
}

/**
 * The farthest that runs on neighbours (one record replaced) end apart, over random data and the pair that pulls
 * hardest.
 */
function farthest(
  n: number,
  batches: (next: () => number) => number[][],
  step: Step,
  ridge: number,
  trials = 60,
): number {
  const next = numbers(3);
  let largest = 0;
  for (let trial = 0; trial < trials; trial++) {
    const order = batches(next);
    // Small labels' pull keeps the sigmoid near its steepest; extreme rows pull the replaced record apart.
    const data = Array.from(
      { length: n },
      (): Example => ({ x: vectorWithin(next, 2, trial % 3 === 0 ? 0.01 : 1), y: Math.round(next()) }),
    );
    const place = Math.floor(next() * n);
    const x = vectorWithin(next, 2, 1);
    const with1 = data.map((one, i) => (i === place ? { x, y: 1 } : one));
    const with0 = data.map((one, i) => (i === place ? { x, y: 0 } : one));
    largest = Math.max(largest, norm(minus(descend(with1, order, step, ridge), descend(with0, order, step, ridge))));
  }
  return largest;
}

function permutation(next: () => number, n: number): number[] {
  const order = [...Array(n).keys()];
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

const passesOf =
  (n: number, b: number, k: number) =>
  (next: () => number): number[][] => {
    const order = permutation(next, n);
    const batches = Array.from({ length: n / b }, (_, i) => order.slice(i * b, (i + 1) * b));
    return Array.from({ length: k }, () => batches).flat();
  };

describe('two runs on neighbouring data', () => {
  it('of convex permutation SGD end within 2kLη/b', () => {
    for (const [b, k] of [
      [1, 1],
      [1, 3],
      [5, 2],
    ] as const) {
      const bound = convexPasses({
        lipschitz: 1,
        smoothness: 0.25,
        recordCount: 20,
        batchSize: b,
        passes: k,
        learningRate: 0.5,
      });
      const found = farthest(20, passesOf(20, b, k), () => 0.5, 0);
      expect(found).toBeLessThanOrEqual(bound);
      // The two labels pull by at most 1 together (σ and 1 − σ), half of the 2L that the bound allows for.
      expect(found).toBeGreaterThan(0.25 * bound);
    }
  });

  it('of strongly convex permutation SGD with a constant step end within 2ηL/b / (1 − (1 − ηγ)^(n/b))', () => {
    for (const b of [1, 4]) {
      // The ridge does not move between neighbours: L is the data term's alone.
      const bound = stronglyConvexPasses({
        lipschitz: 1,
        smoothness: 0.35,
        recordCount: 20,
        batchSize: b,
        strongConvexity: 0.1,
        learningRate: 0.8,
      });
      expect(farthest(20, passesOf(20, b, 6), () => 0.8, 0.1)).toBeLessThanOrEqual(bound);
      expect(farthest(20, passesOf(20, b, 6), () => 0.8, 0.1)).toBeGreaterThan(0.2 * bound);
    }
  });

  it('with steps 1/(γt) end within 2L/(γn) whatever the batch size; a bound divided by b is exceeded', () => {
    const smoothness = 0.25 + 0.1;
    for (const b of [1, 5, 20]) {
      const bound = decreasingPasses({ lipschitz: 1, smoothness, recordCount: 40, batchSize: b, strongConvexity: 0.1 });
      const found = farthest(
        40,
        passesOf(40, b, 3),
        (t) => decreasingStep(t, { smoothness, strongConvexity: 0.1 }),
        0.1,
      );
      expect(found).toBeLessThanOrEqual(bound);
      if (b === 20) expect(found).toBeGreaterThan(bound / b);
    }
  });

  it('of quadratic descent in batches of a hundred end ten times farther apart than n·b would have it', () => {
    // f(w) = γ/2 (w − a_i)², n = 1000, b = 100: gradient γ(w − a), steps 1/(γt); the mean of the a's is the result.
    const n = 1000;
    const run = (first: number): number => {
      let w = 0;
      for (let t = 1; t <= 10; t++) {
        const mean = t === 1 ? first / 100 : 0;
        w -= (1 / t) * (w - mean);
      }
      return w;
    };
    const apart = Math.abs(run(1) - run(-1));
    const bound = decreasingPasses({ lipschitz: 1, smoothness: 1, recordCount: n, batchSize: 100, strongConvexity: 1 });
    expect(apart).toBeLessThanOrEqual(bound);
    expect(apart).toBeCloseTo(bound, 6);
    expect(apart).toBeGreaterThan(50 * (bound / 100));
  });

  it('of full-batch descent end within η·2L/n·(1 − c^T)/(1 − c), for ridge and without', () => {
    for (const ridge of [0, 0.05, 0.5]) {
      const smoothness = 0.25 + ridge;
      const learningRate = ridge === 0 ? 2 : 2 / (smoothness + ridge);
      for (const steps of [1, 10, 100]) {
        const bound = descentSensitivity({
          learningRate,
          steps,
          recordCount: 12,
          lipschitz: 1,
          smoothness,
          strongConvexity: ridge,
          adjacency: 'replace-one',
        });
        const whole = (): number[][] => Array.from({ length: steps }, () => [...Array(12).keys()]);
        expect(farthest(12, whole, () => learningRate, ridge, 20)).toBeLessThanOrEqual(bound);
      }
    }
  });

  it('that reach their minimisers are within 2L/(nΛ), and a tolerance adds 2τ/Λ', () => {
    const whole = (): number[][] => Array.from({ length: 400 }, () => [...Array(10).keys()]);
    const bound = minimiserSensitivity({ lipschitz: 1, recordCount: 10, ridge: 0.2, adjacency: 'replace-one' });
    const found = farthest(10, whole, () => 2, 0.2, 20);
    expect(found).toBeLessThanOrEqual(bound);
    expect(found).toBeGreaterThan(0.2 * bound);
    expect(
      minimiserSensitivity({
        lipschitz: 1,
        recordCount: 10,
        ridge: 0.2,
        adjacency: 'replace-one',
        gradientTolerance: 0.01,
      }),
    ).toBeCloseTo(bound + 0.1, 9);
    expect(minimiserSensitivity({ lipschitz: 1, recordCount: 10, ridge: 0.2, adjacency: 'add-remove' })).toBeCloseTo(
      bound / 2,
      9,
    );
  });

  it('refuse steps and batches that the proofs do not cover', () => {
    const run = { lipschitz: 1, smoothness: 1, recordCount: 10, batchSize: 1, strongConvexity: 0.1, passes: 1 };
    expect(() => convexPasses({ ...run, learningRate: 2.1 })).toThrow('2.1');
    expect(() => stronglyConvexPasses({ ...run, learningRate: 1.1 })).toThrow('1.1');
    expect(() => convexPasses({ ...run, batchSize: 3, learningRate: 1 })).toThrow('do not divide');
    // 2η/(1 − (1 − 10)^10) would be below zero.
    expect(() => stronglyConvexPasses({ ...run, strongConvexity: 10, learningRate: 1 })).toThrow('above β');
    expect(() => decreasingPasses({ ...run, strongConvexity: 10 })).toThrow('above β');
  });

  it('are never stated nearer than they can be by rounding, however flat the objective', () => {
    const next = numbers(17);
    for (let trial = 0; trial < 3000; trial++) {
      const strongConvexity = 10 ** (-14 * next());
      const smoothness = 1 + strongConvexity * Math.round(next());
      const learningRate = (2 / (smoothness + strongConvexity)) * (trial % 2 === 0 ? 1 : next() + 1e-3);
      const steps = 1 + Math.floor(40 * next());
      const run = {
        smoothness,
        strongConvexity,
        steps,
        recordCount: 1,
        lipschitz: 1,
        adjacency: 'add-remove',
      } as const;
      if (!(learningRate <= 2 / (smoothness + strongConvexity))) continue;
      let apart = 0;
      let variance = 0;
      // 1 − c as an exact difference; each factor and sum is good to 2^-53.
      const kept = 1 - Math.min(learningRate * strongConvexity, 2 - learningRate * smoothness);
      for (let t = 0; t < steps; t++) {
        apart = kept * apart + learningRate;
        variance = kept * kept * variance + learningRate ** 2;
      }
      const stated = descentSensitivity({ ...run, learningRate });
      expect(stated).toBeGreaterThanOrEqual(apart * (1 - 1e-14));
      expect(stated).toBeLessThanOrEqual(apart * (1 + 1e-12));
      const mu = hiddenStateMu({ ...run, learningRate, noiseStddev: 1 });
      expect(mu).toBeGreaterThanOrEqual((apart / Math.sqrt(variance)) * (1 - 1e-13));
    }
  });
});

describe('noise on every step with the iterates hidden', () => {
  const run = {
    smoothness: 1,
    strongConvexity: 0.1,
    learningRate: 0.7,
    steps: 25,
    recordCount: 50,
    lipschitz: 1,
    adjacency: 'replace-one',
    noiseStddev: 0.3,
  } as const;

  it('is worth exactly one output noise of the deviation it accumulates', () => {
    // c = 0.93: accumulated variance η²s² Σ c^2k.
    let variance = 0;
    for (let t = 0; t < run.steps; t++) variance = variance * 0.93 ** 2 + (0.7 * 0.3) ** 2;
    expect(equivalentOutputNoise(run)).toBeCloseTo(Math.sqrt(variance), 9);
  });

  it('is attained by a quadratic whose gradients differ by the whole sensitivity at every step', () => {
    let apart = 0;
    for (let t = 0; t < run.steps; t++) apart = 0.93 * apart + 0.7 * (2 / 50);
    expect(apart / equivalentOutputNoise(run)).toBeCloseTo(hiddenStateMu(run), 9);
    expect(hiddenStateMu({ ...run, steps: 100_000 })).toBeLessThan(
      hiddenStateMu({ ...run, steps: 100_001 }) * (1 + 1e-9),
    );
  });
});
