// Poisson sampling of sums of discrete shares, held against the two directions computed from the masses themselves.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { under } from '../mechanisms/constructors.ts';
import { type Moment, momentsOf } from './moments.ts';

const mechanisms = under({ adjacency: 'add-remove', unit: 'record' });
const REACH = 400;

/** Masses on −REACH … REACH of a sum of `count` independent draws. */
function sumOf(count: number, mass: (x: number) => number): Float64Array {
  const one = Float64Array.from({ length: 2 * REACH + 1 }, (_, i) => mass(i - REACH));
  const total = one.reduce((sum, value) => sum + value, 0);
  let sum = one.map((value) => value / total);
  for (let more = 1; more < count; more++) {
    const next = new Float64Array(sum.length);
    sum.forEach((value, i) => {
      if (value > 0)
        for (let j = 0; j < one.length; j++) {
          const at = i + j - REACH;
          if (at >= 0 && at < next.length) next[at] += (value * (one[j] ?? 0)) / total;
        }
    });
    sum = next;
  }
  return sum;
}

/** ln E[(of/over)^α] under `over`, of the sum with and without a shift of `step`, sampled with rate q: both directions. */
function trueMoments(
  masses: Float64Array,
  { step, q, alpha }: { readonly step: number; readonly q: number; readonly alpha: number },
): readonly number[] {
  let [joins, leaves] = [0, 0];
  for (let i = step; i < masses.length; i++) {
    const [without, shifted] = [masses[i] ?? 0, masses[i - step] ?? 0];
    if (without < 1e-200 || shifted < 1e-200) continue;
    const mixed = (1 - q) * without + q * shifted;
    joins += without * (mixed / without) ** alpha;
    leaves += mixed * (without / mixed) ** alpha;
  }
  return [Math.log(joins), Math.log(leaves)];
}

const gaussian =
  (stddev: number) =>
  (x: number): number =>
    Math.exp((-x * x) / (2 * stddev * stddev));

describe('Poisson sampling of a sum of discrete Gaussians', () => {
  // One coordinate, three shares of deviation 2 steps; a record moves the sum by 4 whole steps. The mechanism adds one step of rounding.
  const masses = sumOf(3, gaussian(2));
  const sampled = (q: number, l2Sensitivity = 3): Moment =>
    momentsOf([
      mechanisms.poissonSampled({
        samplingRate: q,
        inner: mechanisms.distributedDiscreteGaussian({
          l2Sensitivity,
          dimension: 1,
          roundingBias: 0,
          gridStep: 1,
          localStddev: 2,
          participantCount: 3,
        }),
      }),
    ]).remove;

  it.each([0.001, 0.05, 0.3, 0.9])('is bounded from above in both directions, and closely: q = %s', (q) => {
    const bound = sampled(q);
    for (const alpha of [2, 3, 4, 6, 10]) {
      const [joins = 0, leaves = 0] = trueMoments(masses, { step: 4, q, alpha });
      expect(leaves).toBeLessThanOrEqual(joins * (1 + 1e-9) + 1e-15);
      expect(bound(alpha - 1)).toBeGreaterThanOrEqual(joins * (1 - 1e-9) - 1e-15);
      // τ of three shares of two steps is 10⁻¹⁶: what is left is rounding of floats.
      expect(bound(alpha - 1)).toBeLessThanOrEqual(joins * (1 + 1e-6) + 1e-13);
    }
  });

  it('would be found out with a sensitivity that is too small', () => {
    const [joins = 0] = trueMoments(masses, { step: 4, q: 0.05, alpha: 4 });
    expect(sampled(0.05, 2.9)(3)).toBeLessThan(joins);
  });
});

describe('a point and its image under the reflection that exchanges with and without', () => {
  it('weigh more in the direction that is computed, whatever their masses, the rate and the order', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -30, max: 0, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 1, max: 40, noNaN: true }),
        (logOther, q, alpha) => {
          const [p, r] = [1, Math.exp(logOther)];
          const [a, b] = [(1 - q) * p + q * r, (1 - q) * r + q * p];
          const joins = p * (a / p) ** alpha + r * (b / r) ** alpha;
          const leaves = a * (p / a) ** alpha + b * (r / b) ** alpha;
          expect(leaves).toBeLessThanOrEqual(joins * (1 + 1e-9));
        },
      ),
      { seed: 1908, numRuns: 2000 },
    );
  });
});

describe('Poisson sampling of a Skellam sum', () => {
  it.each([0.01, 0.2])('is bounded from above in both directions: q = %s', (q) => {
    // Masses of Poisson(μ/2) − Poisson(μ/2) by their recurrence, for μ = 36.
    const half = 18;
    const poisson = new Float64Array(REACH);
    poisson[0] = Math.exp(-half);
    for (let k = 1; k < REACH; k++) poisson[k] = ((poisson[k - 1] ?? 0) * half) / k;
    const masses = Float64Array.from({ length: 2 * REACH + 1 }, (_, i) => {
      let sum = 0;
      for (let k = Math.max(0, REACH - i); k < REACH && k + i - REACH < REACH; k++)
        sum += (poisson[k] ?? 0) * (poisson[k + i - REACH] ?? 0);
      return sum;
    });
    const bound = momentsOf([
      mechanisms.poissonSampled({
        samplingRate: q,
        inner: mechanisms.skellam({ l2Sensitivity: 3, dimension: 1, roundingBias: 0, gridScale: 1, noiseStddev: 6 }),
      }),
    ]).remove;
    for (const alpha of [2, 3, 5, 8]) {
      const [joins = 0, leaves = 0] = trueMoments(masses, { step: 4, q, alpha });
      expect(bound(alpha - 1)).toBeGreaterThanOrEqual(Math.max(joins, leaves) * (1 - 1e-9));
    }
  });
});
