import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import { seeded } from '../generalisation/random-tables.contract.ts';
import { type NoiseSamplers, noisyNumbers, randomisedResponse, rowCost } from './perturbation.ts';

/** Samplers that follow their laws well enough for a test, from a seed. */
function samplers(seed: number): NoiseSamplers {
  const below = seeded(seed);
  const unit = (): number => (below(2 ** 26) + 0.5) / 2 ** 26;
  const geometric = (scale: number): number => Math.floor(-Math.log(unit()) * scale);
  return {
    discreteLaplace: (scale) => ({
      sampleInto: (out) => {
        // The difference of two geometric laws is a discrete Laplace.
        for (const at of out.keys()) out[at] = geometric(scale) - geometric(scale);
      },
    }),
    discreteGaussian: (stddev) => ({
      sampleInto: (out) => {
        for (const at of out.keys()) {
          out[at] = Math.round(stddev * Math.sqrt(-2 * Math.log(unit())) * Math.cos(2 * Math.PI * unit()));
        }
      },
    }),
    coin: (probability) => () => unit() < probability,
    below,
    gaussianEpsilon: (stddev, sensitivity) => sensitivity / stddev,
  };
}

const rows = 60_000;

/** Whether `count` of `rows` is what probability p gives, at six deviations: an error of 2 in 10⁹. */
const fits = (count: number, p: number): boolean => Math.abs(count - rows * p) <= 6 * Math.sqrt(rows * p * (1 - p));

describe('randomised response', () => {
  const categories = ['a', 'b', 'c', 'd'];
  const epsilon = Math.log(3);
  // e^ε / (e^ε + m − 1) = 3 / 6.
  const told = randomisedResponse(
    new Uint8Array(rows).fill(2),
    { kind: 'randomised-response', epsilon, categories },
    samplers(1),
  );
  const count = (code: number): number => told.codes.filter((one) => one === code).length;

  it('tells the truth as often as ε allows, and each lie equally often', () => {
    expect(told.truthProbability).toBeCloseTo(0.5, 9);
    expect(told.cost).toEqual({ epsilon, delta: 0 });
    expect(fits(count(2), 0.5)).toBe(true);
    for (const lie of [0, 1, 3]) expect(fits(count(lie), 1 / 6)).toBe(true);
  });

  it('is judged by a test that would notice 1.2 times the odds', () => {
    const bold = randomisedResponse(
      new Uint8Array(rows).fill(2),
      { kind: 'randomised-response', epsilon: epsilon * 1.2, categories },
      samplers(2),
    );
    expect(fits(bold.codes.filter((one) => one === 2).length, 0.5)).toBe(false);
  });

  it('never has a likelier truth than e^ε times a lie', () => {
    for (const m of [2, 3, 17, 1000]) {
      for (const own of [1e-3, 0.1, 1, 5, 20]) {
        const names = Array.from({ length: m }, (_, at) => String(at));
        const { truthProbability } = randomisedResponse(
          [],
          { kind: 'randomised-response', epsilon: own, categories: names },
          samplers(1),
        );
        expect(Math.log((truthProbability * (m - 1)) / (1 - truthProbability))).toBeLessThanOrEqual(own);
      }
    }
  });

  it('leaves missing cells missing and refuses codes and ε without a meaning', () => {
    const spec = { kind: 'randomised-response', epsilon: 1, categories } as const;
    expect([...randomisedResponse([-1, -1], spec, samplers(1)).codes]).toEqual([-1, -1]);
    expect(() => randomisedResponse([4], spec, samplers(1))).toThrow(ParameterError);
    expect(() => randomisedResponse([0], { ...spec, epsilon: 0 }, samplers(1))).toThrow(ParameterError);
    expect(() => randomisedResponse([0], { ...spec, categories: ['a'] }, samplers(1))).toThrow(ParameterError);
  });
});

describe('noise on numbers', () => {
  const laplace = { kind: 'laplace', epsilon: 2, lower: 0, upper: 100, resolution: 0.5 } as const;

  it('stays on the grid and within the range, and costs what it says', () => {
    const { values, cost, noiseStddev } = noisyNumbers(new Float64Array(5000).fill(33.3), laplace, samplers(3));
    for (const value of values) {
      expect(value >= 0 && value <= 100).toBe(true);
      expect(Number.isInteger(value * 2)).toBe(true);
    }
    expect(cost.epsilon).toBeGreaterThanOrEqual(2);
    expect(cost.epsilon).toBeLessThan(2 * (1 + 1e-14));
    // A scale of 100 steps of 0.5.
    expect(noiseStddev).toBeCloseTo(Math.SQRT2 * 50, 2);
  });

  it('has the scale of range over ε: 1.2 times would be noticed', () => {
    // Of a value in the middle, the share that is not clamped is 1 − e^(−50/scale) = 1 − e^(−1).
    const inside = (epsilon: number, seed: number): number =>
      noisyNumbers(new Float64Array(rows).fill(50), { ...laplace, epsilon }, samplers(seed)).values.filter(
        (value) => value > 0 && value < 100,
      ).length;
    const expected = 1 - Math.exp(-99.5 / 100);
    expect(fits(inside(2, 4), expected)).toBe(true);
    expect(fits(inside(2 / 1.2, 5), expected)).toBe(false);
  });

  it('moves what lies outside to the nearer end first, so that nobody costs more', () => {
    const wild = noisyNumbers([1e9, -1e9, Number.NaN], laplace, samplers(6));
    const ends = noisyNumbers([100, 0, Number.NaN], laplace, samplers(6));
    expect([...wild.values]).toEqual([...ends.values]);
    expect(wild.values[2]).toBeNaN();
  });

  it('asks for the ε of Gaussian noise with the width of the whole range', () => {
    const spec = { kind: 'gaussian', noiseMultiplier: 4, delta: 1e-6, lower: 0, upper: 100, resolution: 1 } as const;
    const { cost, noiseStddev } = noisyNumbers([50], spec, samplers(7));
    expect(cost).toEqual({ epsilon: 0.25, delta: 1e-6 });
    expect(noiseStddev).toBe(400);
  });

  it('prints tenths as tenths', () => {
    const spec = { ...laplace, lower: 0, upper: 1, resolution: 0.1 };
    for (const value of noisyNumbers(new Float64Array(50).fill(0.3), spec, samplers(8)).values) {
      expect(String(value).length).toBeLessThanOrEqual(3);
    }
  });

  it('refuses ranges, steps and ε without a meaning', () => {
    for (const wrong of [{ lower: 5, upper: 5 }, { resolution: 0 }, { epsilon: -1 }, { upper: Number.NaN }]) {
      expect(() => noisyNumbers([1], { ...laplace, ...wrong }, samplers(1))).toThrow(ParameterError);
    }
  });
});

it('a row costs the sum of its cells', () => {
  expect(
    rowCost([
      { epsilon: 1, delta: 1e-6 },
      { epsilon: 0.5, delta: 0 },
    ]),
  ).toEqual({ epsilon: 1.5, delta: 1e-6 });
  expect(rowCost([])).toEqual({ epsilon: 0, delta: 0 });
});
