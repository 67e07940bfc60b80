import { describe, expect, it } from 'vitest';
import { referenceDiscreteGaussian, referenceDiscreteLaplace } from './coin-flips.ts';
import { discreteGaussian, discreteGaussianStddev, WideGaussian } from './discrete-gaussian.ts';
import { discreteLaplace, discreteLaplaceStddev, WideLaplace } from './discrete-laplace.ts';
import {
  fits,
  fitsCells,
  fitsDeviation,
  fitsMean,
  gaussianMasses,
  laplaceMasses,
  type Masses,
  normalised,
  shifted,
} from './goodness-of-fit.contract.ts';
import { addNoise, type IntegerSampler } from './integer-sampler.ts';
import { type RandomSource, RandomWords } from './random-source.ts';
import { roundedGaussian } from './rounded-gaussian.ts';
import { seededSource } from './seeded-source.contract.ts';
import { skellam } from './skellam.ts';

function draws(sampler: IntegerSampler, count: number): Int32Array {
  const out = new Int32Array(count);
  sampler.sampleInto(out);
  return out;
}

const wideGaussian =
  (blockBits: number) =>
  (stddev: number, source: RandomSource): IntegerSampler =>
    new WideGaussian(stddev, blockBits, new RandomWords(source));
const wideLaplace =
  (blockBits: number) =>
  (scale: number, source: RandomSource): IntegerSampler =>
    new WideLaplace(scale, blockBits, new RandomWords(source));

// One suite, every engine: the reference on fewer draws, which its rejections allow for small deviations only.
const gaussians = [
  { engine: 'table', make: discreteGaussian, stddevs: [0.3, 1, 2.5, 10, 100], count: 400_000 },
  { engine: 'decomposition, K = 4', make: wideGaussian(2), stddevs: [7.3, 20], count: 400_000 },
  { engine: 'decomposition, K = 1', make: wideGaussian(0), stddevs: [3], count: 400_000 },
  { engine: 'coin flips', make: referenceDiscreteGaussian, stddevs: [1, 2.5], count: 20_000 },
];

describe.each(gaussians)('the discrete Gaussian by $engine', ({ make, stddevs, count }) => {
  it.each(stddevs)('has the masses e^(-x²/2σ²) at σ = %d', (stddev) => {
    expect(fits(draws(make(stddev, seededSource(1)), count), gaussianMasses(stddev))).toBe(true);
  });

  it.each(stddevs.filter((stddev) => stddev >= 1))('is told from 1.05 σ at σ = %d', (stddev) => {
    expect(fitsCells(draws(make(stddev * 1.05, seededSource(2)), count), gaussianMasses(stddev))).toBe(false);
  });
});

describe('the discrete Gaussian', () => {
  it.each([1, 10, 100])('is told from its support moved by one at σ = %d', (stddev) => {
    const sample = draws(discreteGaussian(stddev, seededSource(3)), stddev < 50 ? 400_000 : 1_500_000);
    expect(fitsMean(sample, gaussianMasses(stddev))).toBe(true);
    expect(fits(sample, shifted(gaussianMasses(stddev), 1))).toBe(false);
    expect(fitsMean(sample, shifted(gaussianMasses(stddev), 1))).toBe(false);
  });

  it.each([256, 257, 1000, 2 ** 15 + 0.37, 2 ** 20])(
    'has deviation σ and not 1.05 σ at σ = %d, where the engine changes and far beyond',
    (stddev) => {
      const sample = draws(discreteGaussian(stddev, seededSource(4)), 400_000);
      expect(fitsDeviation(sample, stddev, 3)).toBe(true);
      expect(fitsDeviation(sample, stddev * 1.05, 3)).toBe(false);
      // Coarse cells hold the shape: a quarter of a deviation each.
      const cells = sample.map((x) => Math.floor(x / (stddev / 4)));
      const mass = (k: number): number => normalMass((k * stddev) / 4 / stddev, ((k + 1) * stddev) / 4 / stddev);
      expect(fitsCells(cells, normalised(-40, 40, mass))).toBe(true);
    },
  );

  it('has even low digits where σ is large: every residue modulo 16 is as likely', () => {
    const sample = draws(discreteGaussian(5000, seededSource(5)), 400_000).map((x) => x & 15);
    expect(
      fits(
        sample,
        normalised(0, 15, () => 1),
      ),
    ).toBe(true);
  });

  it('knows its own standard deviation', () => {
    expect(discreteGaussianStddev(0.3)).toBeCloseTo(
      Math.sqrt((2 * Math.exp(-1 / 0.18)) / (1 + 2 * Math.exp(-1 / 0.18))),
      6,
    );
    expect(discreteGaussianStddev(4) / 4).toBeCloseTo(1, 9);
    expect(discreteGaussianStddev(0.5)).toBeLessThan(0.5);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 21 + 1])('refuses σ = %d', (stddev) => {
    expect(() => discreteGaussian(stddev, seededSource(1))).toThrow(String(stddev));
  });
});

/** P[round(N(0, σ²)) = x]. */
const roundedMasses = (sigma: number): Masses => {
  const reach = Math.ceil(9 * sigma) + 2;
  return normalised(-reach, reach, (x) => normalMass((x - 0.5) / sigma, (x + 0.5) / sigma));
};

describe('the rounded Gaussian', () => {
  it.each([0.2, 0.5, 1, 3.3, 20, 63.9, 64, 100])(
    'has the mass of a normal between x - ½ and x + ½ at σ = %d',
    (stddev) => {
      const sample = draws(roundedGaussian(stddev, seededSource(61)), 400_000);
      expect(fits(sample, roundedMasses(stddev))).toBe(true);
      expect(fitsCells(draws(roundedGaussian(stddev * 1.05, seededSource(62)), 400_000), roundedMasses(stddev))).toBe(
        false,
      );
      if (stddev < 50) expect(fits(sample, shifted(roundedMasses(stddev), 1))).toBe(false);
    },
  );

  it('is told from the discrete Gaussian of the same σ where they differ', () => {
    expect(fits(draws(discreteGaussian(0.7, seededSource(63)), 400_000), roundedMasses(0.7))).toBe(false);
    expect(fits(draws(roundedGaussian(0.7, seededSource(63)), 400_000), gaussianMasses(0.7))).toBe(false);
  });

  it.each([128, 129, 1000.5, 2 ** 20])('has its deviation and shape at σ = %d', (stddev) => {
    const sampler = roundedGaussian(stddev, seededSource(64));
    const sample = draws(sampler, 400_000);
    expect(fitsDeviation(sample, sampler.stddev, 3)).toBe(true);
    expect(fitsDeviation(sample, sampler.stddev * 1.05, 3)).toBe(false);
    // Odd, so that a cell reaches from half-way to half-way between its neighbours.
    const width = 2 * Math.round(stddev / 16) + 1;
    const cells = sample.map((x) => Math.round(x / width));
    const mass = (k: number): number => normalMass(((k - 0.5) * width) / stddev, ((k + 0.5) * width) / stddev);
    expect(fitsCells(cells, normalised(-80, 80, mass))).toBe(true);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 21 + 1])('refuses σ = %d', (stddev) => {
    expect(() => roundedGaussian(stddev, seededSource(1))).toThrow(String(stddev));
  });
});

const laplaces = [
  { engine: 'table', make: discreteLaplace, scales: [0.2, 1, 10, 100], count: 400_000 },
  { engine: 'decomposition, K = 4', make: wideLaplace(2), scales: [8.1, 30], count: 400_000 },
  { engine: 'coin flips', make: referenceDiscreteLaplace, scales: [0.75, 2], count: 20_000 },
];

describe.each(laplaces)('the discrete Laplace by $engine', ({ make, scales, count }) => {
  it.each(scales)('has the masses e^(-|x|/b) at b = %d', (scale) => {
    expect(fits(draws(make(scale, seededSource(6)), count), laplaceMasses(scale))).toBe(true);
  });

  it.each(scales.filter((scale) => scale >= 0.75))(
    'is told from 1.05 b and from a support moved by one at b = %d',
    (scale) => {
      const broken = draws(make(scale * 1.05, seededSource(7)), count * 2);
      expect(fitsCells(broken, laplaceMasses(scale))).toBe(false);
      if (scale <= 30)
        expect(fits(draws(make(scale, seededSource(8)), count), shifted(laplaceMasses(scale), 1))).toBe(false);
    },
  );
});

describe('the discrete Laplace', () => {
  it.each([129, 4000.5, 2 ** 20])('has its deviation and not 1.05 times it at b = %d', (scale) => {
    const sample = draws(discreteLaplace(scale, seededSource(9)), 400_000);
    expect(fitsDeviation(sample, discreteLaplaceStddev(scale), 6)).toBe(true);
    expect(fitsDeviation(sample, 1.05 * discreteLaplaceStddev(scale), 6)).toBe(false);
  });

  it('refuses a scale that is none', () => {
    for (const scale of [0, -2, Number.NaN, 2 ** 22]) expect(() => discreteLaplace(scale, seededSource(1))).toThrow();
  });
});

/** P(x) by summing over both Poisson variables. */
function skellamMasses(variance: number): Masses {
  const mean = variance / 2;
  const poisson: number[] = [];
  for (let k = 0, logP = -mean; k < mean + 14 * Math.sqrt(mean) + 30; k++) {
    poisson.push(Math.exp(logP));
    logP += Math.log(mean / (k + 1));
  }
  const reach = Math.min(poisson.length - 1, Math.ceil(12 * Math.sqrt(variance) + 10));
  return normalised(-reach, reach, (x) => {
    let sum = 0;
    for (let k = Math.max(0, -x); k < poisson.length && k + x < poisson.length; k++)
      sum += poisson[k]! * poisson[k + x]!;
    return sum;
  });
}

describe('Skellam noise', () => {
  it.each([0.5, 4, 300])('is the difference of two Poisson variables at variance %d', (variance) => {
    const sample = draws(skellam(variance, seededSource(10)), 400_000);
    expect(fits(sample, skellamMasses(variance))).toBe(true);
    expect(fits(sample, shifted(skellamMasses(variance), 1))).toBe(false);
    expect(fitsCells(sample, skellamMasses(variance * 1.1025))).toBe(false);
  });

  it.each([2 ** 21 + 5, 2 ** 24 * 3])('keeps its variance when it is a sum of parts: %d', (variance) => {
    const sample = draws(skellam(variance, seededSource(11)), 60_000);
    expect(fitsDeviation(sample, Math.sqrt(variance), 3)).toBe(true);
    expect(fitsDeviation(sample, 1.05 * Math.sqrt(variance), 3)).toBe(false);
  });

  it('adds up: ten shares of a tenth are one of the whole', () => {
    const sum = new Int32Array(200_000);
    for (let share = 0; share < 10; share++) {
      draws(skellam(0.9, seededSource(20 + share)), sum.length).forEach((x, i) => {
        sum[i]! += x;
      });
    }
    expect(fits(sum, skellamMasses(9))).toBe(true);
  });

  it('refuses a variance that is none', () => {
    for (const variance of [0, -2, Number.NaN, 2 ** 33]) expect(() => skellam(variance, seededSource(1))).toThrow();
  });
});

describe('adding noise', () => {
  it('adds a fresh draw to every entry, also beyond one block', () => {
    const sums = new Float64Array(10_000).fill(1000);
    addNoise(discreteGaussian(5, seededSource(12)), sums);
    expect(
      fits(
        sums.map((x) => x - 1000),
        gaussianMasses(5),
      ),
    ).toBe(true);
    expect(sums.slice(0, 4096)).not.toEqual(sums.slice(4096, 8192));
  });
});

/** Mass of a standard normal between two points, by Simpson's rule. */
function normalMass(from: number, to: number): number {
  const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  let sum = density(from) + density(to);
  const steps = 64;
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * density(from + ((to - from) * i) / steps);
  return (sum * (to - from)) / steps / 3;
}
