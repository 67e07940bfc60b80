import { describe, expect, it } from 'vitest';
import { renyi } from '../budget/accounting.ts';
import { under } from '../mechanisms/constructors.ts';
import { distributedGaussianGap, distributedNoise, noiseShare } from './distributed.ts';
import { fromGrid, gaussianGrid, gridNoise, releaseSum, toGrid } from './gaussian-grid.ts';
import { fitsDeviation, gaussianMasses } from './goodness-of-fit.contract.ts';
import { seededSource } from './seeded-source.contract.ts';
import { priceOfShares } from './share-price.ts';

function sumOfShares(noise: ReturnType<typeof distributedNoise>, survivors: number, count: number): Float64Array {
  const sum = new Float64Array(count);
  for (let participant = 0; participant < survivors; participant++) {
    const share = new Int32Array(count);
    noiseShare(noise, seededSource(50 + participant)).sampleInto(share);
    share.forEach((x, i) => {
      sum[i]! += x;
    });
  }
  return sum;
}

describe.each(['skellam', 'discrete-gaussian'] as const)('%s noise in shares', (law) => {
  const noise = distributedNoise(law, 12, { participantCount: 10, missingCount: 3 });

  it('has the promised deviation when as many are missing as may be', () => {
    const sum = sumOfShares(noise, 7, 200_000);
    expect(fitsDeviation(sum, 12, 3)).toBe(true);
    expect(fitsDeviation(sum, 12 * 1.05, 3)).toBe(false);
  });

  it('has more when all are there, and a planted σ²/n share has too little', () => {
    expect(fitsDeviation(sumOfShares(noise, 10, 200_000), noise.fullStddev, 3)).toBe(true);
    const broken = distributedNoise(law, 12, { participantCount: 10, missingCount: 0 });
    expect(fitsDeviation(sumOfShares(broken, 7, 200_000), 12, 3)).toBe(false);
  });
});

describe('distributed noise', () => {
  it('never promises more than the survivors have', () => {
    for (let missing = 0; missing < 40; missing++) {
      const noise = distributedNoise('skellam', 3.7, { participantCount: 40, missingCount: missing });
      expect(noise.shareStddev ** 2 * (40 - missing)).toBeGreaterThanOrEqual(3.7 ** 2);
    }
  });

  it('refuses a promise nobody can keep', () => {
    expect(() => distributedNoise('skellam', 1, { participantCount: 3, missingCount: 3 })).toThrow(
      '3 cannot be missing',
    );
    expect(() => distributedNoise('skellam', 0, { participantCount: 3, missingCount: 1 })).toThrow('0');
  });

  it('bounds how far a sum of discrete Gaussians is from one, against the exact convolution', () => {
    for (const stddev of [0.5, 0.7, 1]) {
      const one = gaussianMasses(stddev);
      const sum = new Map<number, number>();
      for (const [x, p] of one) for (const [y, q] of one) sum.set(x + y, (sum.get(x + y) ?? 0) + p * q);
      const whole = gaussianMasses(stddev * Math.SQRT2);
      let gap = 0;
      for (let x = -4; x <= 4; x++) gap = Math.max(gap, Math.abs(Math.log(sum.get(x)! / whole.get(x)!)));
      expect(gap).toBeGreaterThan(1e-5);
      expect(gap).toBeLessThanOrEqual(distributedGaussianGap({ count: 2, stddev }));
    }
    expect(distributedGaussianGap({ count: 1, stddev: 0.1 })).toBe(0);
    // More terms than are added one by one: never below the exact sum.
    let exact = 0;
    for (let k = 1; k < 5000; k++) exact += 10 * Math.exp((-2 * Math.PI ** 2 * 0.09 * k) / (k + 1));
    expect(distributedGaussianGap({ count: 5000, stddev: 0.3 })).toBeGreaterThanOrEqual(exact);
  });
});

describe('a Gaussian on a grid', () => {
  const grid = gaussianGrid({ norm: 1, dimension: 100, granularity: 2 ** -10, noiseMultiplier: 2 });

  it('bounds every rounded contribution, and one of the planted bound C/g alone is exceeded', () => {
    let largest = 0;
    const random = new Uint32Array(100);
    const source = seededSource(3);
    for (let trial = 0; trial < 300; trial++) {
      source.fill(new Uint8Array(random.buffer));
      // Cells that all round away from zero are the worst case.
      const towards = Array.from(
        random,
        (word) => (word % 2 === 0 ? 1 : -1) * (Math.floor(Math.sqrt(2 ** 20 / 100)) + 0.5),
      );
      const scale = Math.min(1, 2 ** 10 / Math.hypot(...towards));
      const contribution = towards.map((x) => x * scale * 2 ** -10);
      largest = Math.max(largest, Math.hypot(...toGrid(grid, contribution)));
    }
    expect(largest).toBeLessThanOrEqual(grid.gridNorm);
    expect(gaussianGrid({ ...grid, granularity: 0.25 }).inflation).toBeGreaterThan(2);
    const coarse = gaussianGrid({ norm: 1, dimension: 100, granularity: 0.125, noiseMultiplier: 2 });
    const rounded = toGrid(coarse, new Float64Array(100).fill(0.1));
    expect(Math.hypot(...rounded)).toBeGreaterThan(1 / 0.125);
    expect(Math.hypot(...rounded)).toBeLessThanOrEqual(coarse.gridNorm);
  });

  it('releases integers with the deviation of the multiplier', () => {
    const many = gaussianGrid({ norm: 1, dimension: 200_000, granularity: 2 ** -8, noiseMultiplier: 0.5 });
    const released = releaseSum(new Int32Array(200_000), gridNoise(many, seededSource(8)));
    expect(released.every(Number.isInteger)).toBe(true);
    expect(fitsDeviation(released, many.gridStddev, 3)).toBe(true);
    expect(fitsDeviation(fromGrid(many, released), 0.5 * many.inflation, 3)).toBe(true);
  });

  it('refuses a contribution above its bound, a grid that is no power of two, and a sum off the grid', () => {
    expect(() => toGrid(grid, new Float64Array(100).fill(0.2))).toThrow('exceeds its bound');
    expect(() => toGrid(grid, new Float64Array(100).fill(Number.NaN))).toThrow('outside the range');
    expect(() => toGrid(grid, [1])).toThrow('1 numbers');
    expect(() => gaussianGrid({ ...grid, granularity: 0.1 })).toThrow('power of two');
    expect(() => releaseSum([0.5], gridNoise(grid, seededSource(1)))).toThrow('integers');
  });
});

describe.each(['skellam', 'discrete-gaussian'] as const)('the price of %s shares', (law) => {
  const release = {
    norm: 1,
    dimension: 1000,
    granularity: 2 ** -14,
    adjacency: 'zero-out',
    unit: 'participant',
  } as const;
  const shares = (missingCount: number): ReturnType<typeof distributedNoise> =>
    distributedNoise(law, 3 * 2 ** 14, { participantCount: 10, missingCount });
  const epsilonOf = (noise: ReturnType<typeof distributedNoise>): number =>
    renyi.epsilon([{ mechanism: priceOfShares(noise, release), count: 1 }], 1e-6)!;

  it('on a fine grid is that of a Gaussian of the promised deviation, and never below it', () => {
    const gaussian = under(release).gaussian({ noiseMultiplier: 3 });
    const central = renyi.epsilon([{ mechanism: gaussian, count: 1 }], 1e-6)!;
    expect(epsilonOf(shares(3))).toBeGreaterThanOrEqual(central);
    expect(epsilonOf(shares(3))).toBeLessThan(central * 1.01);
  });

  it('is that of the promise, however many are missing', () => {
    expect(epsilonOf(shares(0))).toBeCloseTo(epsilonOf(shares(9)), 6);
  });

  it('is refused where the shares do not carry the promise', () => {
    const noise = shares(3);
    expect(() => priceOfShares({ ...noise, shareStddev: noise.shareStddev / 1.01 }, release)).toThrow('do not carry');
    expect(() => priceOfShares({ ...noise, honestSurvivors: 6 }, release)).toThrow('do not carry');
  });

  it('is refused for replaced contributions', () => {
    expect(() => priceOfShares(shares(3), { ...release, adjacency: 'replace-one' })).toThrow('rounding of two');
  });
});
