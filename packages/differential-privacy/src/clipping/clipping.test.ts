import { describe, expect, it } from 'vitest';
import { fitsDeviation } from '../noise/goodness-of-fit.contract.ts';
import { seededSource } from '../noise/seeded-source.contract.ts';
import { gaussianOf, norm, numbers, vectorWithin } from '../sensitivity/brute-force.contract.ts';
import { AdaptiveClipping } from './adaptive.ts';
import { type Bounded, clippedSumSensitivity, sumBounded } from './bounded.ts';
import { clipFlat, clipNormalised, clipPerLayer } from './clip.ts';

const hostile = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

describe('a clipped contribution', () => {
  const next = numbers(1);
  const vectors = Array.from({ length: 500 }, (_, i) =>
    Float64Array.from({ length: 40 }, () => gaussianOf(next) * 10 ** ((i % 40) - 20)),
  );

  it('is never longer than its bound, at any size, however it was clipped', () => {
    for (const values of vectors) {
      expect(norm([...clipFlat('example', values, 0.3).values])).toBeLessThanOrEqual(0.3);
      expect(norm([...clipNormalised('example', values, { norm: 0.3, stability: 0.01 }).values])).toBeLessThanOrEqual(
        0.3,
      );
      const layered = clipPerLayer('example', values, { ends: [10, 40], norms: [0.3, 0.4] });
      expect(norm([...layered.values.subarray(0, 10)])).toBeLessThanOrEqual(0.3);
      expect(norm([...layered.values.subarray(10)])).toBeLessThanOrEqual(0.4);
      expect(layered.norm).toBeCloseTo(0.5, 12);
      expect(norm([...layered.values])).toBeLessThanOrEqual(layered.norm);
    }
  });

  it('keeps its direction, and itself when it is short', () => {
    const long = clipFlat('example', Float64Array.of(3, 4), 1).values;
    expect(long[0]! / long[1]!).toBeCloseTo(0.75, 12);
    expect(norm([...long])).toBeCloseTo(1, 6);
    expect([...clipFlat('example', Float64Array.of(0.3, 0.4), 1).values]).toEqual([0.3, 0.4]);
  });

  it('is zero when it holds something that is no number', () => {
    for (const bad of hostile) {
      for (const clipped of [
        clipFlat('example', Float64Array.of(1, bad), 1),
        clipNormalised('example', Float64Array.of(1, bad), { norm: 1, stability: 1 }),
        clipPerLayer('example', Float64Array.of(bad, 1), { ends: [2], norms: [1] }),
      ]) {
        expect([...clipped.values]).toEqual([0, 0]);
      }
    }
    expect(norm([...clipFlat('example', Float64Array.of(1e300, 1e300), 1).values])).toBeCloseTo(1, 6);
  });

  it('refuses bounds that are none', () => {
    for (const bad of [0, -1, ...hostile])
      expect(() => clipFlat('example', Float64Array.of(1), bad)).toThrow(String(bad));
    expect(() => clipPerLayer('example', Float64Array.of(1, 2), { ends: [1], norms: [1] })).toThrow('end at 1');
    expect(() => clipPerLayer('example', Float64Array.of(1, 2), { ends: [2, 2], norms: [1, 1] })).toThrow('layer 1');
  });
});

describe('what a clipped sum can move by', () => {
  it('example by example is C or 2C, whatever the batch', () => {
    const next = numbers(2);
    let [added, replaced] = [0, 0];
    for (let i = 0; i < 500; i++) {
      const a = [...clipFlat('example', Float64Array.from(vectorWithin(next, 3, 100)), 1).values];
      const b =
        i % 2 === 0
          ? a.map((x) => -x)
          : [...clipFlat('example', Float64Array.from(vectorWithin(next, 3, 100)), 1).values];
      added = Math.max(added, norm(a));
      replaced = Math.max(replaced, norm(a.map((x, k) => x - b[k]!)));
    }
    const one = { of: 'example', norm: 1, unit: 'record' } as const;
    expect(added).toBeLessThanOrEqual(clippedSumSensitivity({ ...one, adjacency: 'add-remove' }));
    expect(replaced).toBeLessThanOrEqual(clippedSumSensitivity({ ...one, adjacency: 'replace-one' }));
    expect(replaced).toBeGreaterThan(1.99 * clippedSumSensitivity({ ...one, adjacency: 'add-remove' }));
  });

  it('of a batch as a whole is 2C for one added record: the claim C/B is exceeded 2B times over', () => {
    const batchSize = 64;
    // 63 records that almost cancel, and one more that decides where the clipped mean points.
    const almost = Float64Array.of(-1e-3, 0);
    const without = clipFlat(
      'batch',
      almost.map((x) => x * 1e6),
      1,
    );
    const withOne = clipFlat(
      'batch',
      Float64Array.of(1, 0).map((x, k) => (x + almost[k]!) * 1e6),
      1,
    );
    const moved = norm([...without.values].map((x, k) => x - withOne.values[k]!));
    const stated = clippedSumSensitivity({ of: 'batch', norm: 1, unit: 'record', adjacency: 'add-remove' });
    expect(moved).toBeLessThanOrEqual(stated);
    expect(moved).toBeGreaterThan(0.999 * stated);
    expect(moved / (1 / batchSize)).toBeGreaterThan(1.99 * batchSize);
  });

  it('of a participant is C or 2C for the participant, and clipping examples bounds no participant', () => {
    const update = { of: 'participant', norm: 3, unit: 'participant' } as const;
    expect(clippedSumSensitivity({ ...update, adjacency: 'add-remove' })).toBe(3);
    expect(clippedSumSensitivity({ ...update, adjacency: 'replace-one' })).toBe(6);
    expect(() => clippedSumSensitivity({ ...update, of: 'example', adjacency: 'add-remove' })).toThrow('any number');
  });

  it('cannot be asked of a mixture: kinds do not mix, bounds neither', () => {
    const example = clipFlat('example', Float64Array.of(1, 2), 1);
    const batch = clipFlat('batch', Float64Array.of(1, 2), 1);
    const examples: Bounded<'example'>[] = [
      example,
      // @ts-expect-error: a batch clipped as a whole is not an example
      batch,
    ];
    expect(examples).toHaveLength(2);
    // @ts-expect-error: said to be clipped, and clipped by nobody
    examples.push({ of: 'example', values: Float64Array.of(1e9, 0), norm: 1 });
    expect(sumBounded([example, example]).sum[1]).toBeCloseTo(2 * example.values[1]!, 12);
    expect(() => sumBounded([example, clipFlat('example', Float64Array.of(1, 2), 2)])).toThrow('bounded by 2');
    expect(() => sumBounded([])).toThrow('empty');
  });
});

describe('adaptive clipping', () => {
  const choice = {
    norm: 10,
    quantile: 0.5,
    learningRate: 0.2,
    expectedCount: 500,
    noiseMultiplier: 1.1,
    countStddev: 25,
  };

  it('finds the median of the norms through its noise, from above and from below', () => {
    const next = numbers(3);
    for (const start of [10, 0.01]) {
      let clipping = new AdaptiveClipping({ ...choice, norm: start });
      for (let round = 0; round < 120; round++) {
        let bits = 0;
        for (let i = 0; i < 500; i++) bits += clipping.bit(Math.exp(gaussianOf(next)));
        clipping = clipping.next(clipping.noisyCount(bits, seededSource(round)));
      }
      expect(Math.abs(Math.log(clipping.norm))).toBeLessThan(0.25);
    }
  });

  it('charges its own count: sum and count together are one Gaussian of the stated multiplier', () => {
    const clipping = new AdaptiveClipping(choice);
    expect(clipping.sumNoiseMultiplier).toBeGreaterThan(choice.noiseMultiplier);
    // Both in units of their own sensitivity: multipliers add as inverse squares.
    const together = (clipping.sumNoiseMultiplier ** -2 + (2 * choice.countStddev) ** -2) ** -0.5;
    expect(together).toBeCloseTo(choice.noiseMultiplier, 9);
    expect(() => new AdaptiveClipping({ ...choice, countStddev: 0.5 })).toThrow('costs all');
  });

  it('has noise of deviation 2σ_b on a sum that one contribution moves by 1', () => {
    const clipping = new AdaptiveClipping(choice);
    expect(clipping.bit(9) - 0).toBe(1);
    expect(clipping.bit(11)).toBe(-1);
    const counts = Array.from({ length: 2000 }, (_, i) => clipping.noisyCount(7, seededSource(1000 + i)) - 7);
    expect(fitsDeviation(counts, 50, 3)).toBe(true);
    expect(fitsDeviation(counts, 60, 3)).toBe(false);
  });
});
