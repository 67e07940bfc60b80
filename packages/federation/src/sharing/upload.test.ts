import { nodePrimitives } from '@sumus/platform/node';
import { supportOf, wholeSupport } from '@sumus/secure-sum/support';
import { describe, expect, it } from 'vitest';
import type { Sharing } from '../plan/plan.ts';
import { selectUpdate, uploadCount } from './upload.ts';

const primitives = nodePrimitives();
const LENGTH = 200;
const update = Float32Array.from({ length: LENGTH }, (_, i) => Math.sin(3 + i * i) * (i % 7 === 0 ? 4 : 1));
const words = (count: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, i) => Math.imul(i + 1, 0x9e3779b1));
const noClip = 1e6;

const sharing = (changes: Partial<Sharing> = {}): Sharing => ({
  upload: { fraction: 0.1, selection: { kind: 'largest' } },
  clamp: null,
  errorFeedback: false,
  support: { kind: 'all' },
  download: { fraction: 1, decay: 0.9 },
  ...changes,
});
const whole = wholeSupport(primitives, LENGTH);
const given = { update, support: whole, randomWords: words };

describe('what of an update is shared', () => {
  it('is the θ_u·P largest magnitudes as they are, and zero elsewhere', () => {
    const { values, residual } = selectUpdate({ sharing: sharing(), clippingNorm: noClip }, given);
    const order = [...update.keys()].sort((a, b) => Math.abs(update[b]) - Math.abs(update[a])).slice(0, 20);
    const naive = update.map((value, i) => (order.includes(i) ? value : 0));
    expect(values).toEqual(naive);
    expect(residual).toBeUndefined();
  });

  it('is a random part of those above τ, another one by other words, and never one below', () => {
    const random = sharing({
      upload: { fraction: 0.1, selection: { kind: 'random-above-threshold', threshold: 0.5 } },
    });
    const chosenBy = (randomWords: (count: number) => Uint32Array): number[] => {
      const { values } = selectUpdate({ sharing: random, clippingNorm: noClip }, { ...given, randomWords });
      return [...values.keys()].filter((i) => values[i] !== 0);
    };
    const chosen = chosenBy(words);
    expect(chosen).toHaveLength(20);
    expect(chosen.every((i) => Math.abs(update[i]) >= 0.5)).toBe(true);
    expect(chosenBy((count) => words(count).map((word) => word ^ 0x55555555))).not.toEqual(chosen);
  });

  it('is within γ each and within the clip together, γ first', () => {
    const clamp = 0.3;
    const { values } = selectUpdate({ sharing: sharing({ clamp }), clippingNorm: noClip }, given);
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(clamp);
    expect([...values].filter((value) => value !== 0)).toHaveLength(20);
    const one = Float32Array.of(1000, 0.2, -0.2, 0.1);
    const small = { update: one, support: wholeSupport(primitives, 4), randomWords: words };
    const all = sharing({ clamp, upload: { fraction: 1, selection: { kind: 'all' } } });
    // Clipped first, the large value would have left nothing of the others.
    const kept = selectUpdate({ sharing: all, clippingNorm: 1 }, small).values;
    expect([...kept]).toEqual(
      [...Float32Array.of(0.3, 0.2, -0.2, 0.1)].map((v, i) => (i === 0 ? expect.closeTo(0.3, 6) : v)),
    );
    const clipped = selectUpdate({ sharing: all, clippingNorm: 0.1 }, small).values;
    expect(Math.hypot(...clipped)).toBeCloseTo(0.1, 6);
  });

  it('is inside the support that all share: nothing outside is ever chosen', () => {
    const support = supportOf(primitives, LENGTH, Uint32Array.of(1, 5, 9, 100, 150));
    const largest = sharing({
      upload: { fraction: 0.01, selection: { kind: 'largest' } },
      support: { kind: 'random', fraction: 0.025 },
    });
    const { values } = selectUpdate({ sharing: largest, clippingNorm: noClip }, { ...given, support });
    expect(values).toHaveLength(5);
    expect(values.filter((value) => value !== 0)).toHaveLength(2);
  });

  it('and what is kept are the whole update, to the bit, with every rule', () => {
    for (const clamp of [null, 0.3]) {
      for (const clippingNorm of [noClip, 0.5]) {
        const rule = { sharing: sharing({ errorFeedback: true, clamp }), clippingNorm };
        const { values, residual } = selectUpdate(rule, given);
        if (residual === undefined) throw new Error('no residual');
        values.forEach((value, i) => {
          expect(Math.fround(value + residual.values[i])).toBeCloseTo(update[i], 6);
        });
      }
    }
  });

  it('lets what was small grow until it is shared, with error feedback only', () => {
    const constant = Float32Array.from({ length: LENGTH }, (_, i) => (i === 7 ? 0.2 : i < 3 ? 1 : 0));
    const shares = (errorFeedback: boolean): number => {
      const rule = {
        sharing: sharing({ errorFeedback, upload: { fraction: 0.005, selection: { kind: 'largest' } } }),
        clippingNorm: noClip,
      };
      let residual: ReturnType<typeof selectUpdate>['residual'];
      let total = 0;
      for (let round = 0; round < 40; round++) {
        const selected = selectUpdate(rule, { ...given, update: constant, residual });
        residual = selected.residual;
        total += selected.values[7];
      }
      return total;
    };
    expect(shares(false)).toBe(0);
    expect(shares(true)).toBeGreaterThan(4);
  });

  it('refuses an update that is not finite, with the whole round before anything of it is kept', () => {
    const broken = update.slice();
    broken[3] = Number.NaN;
    for (const clamp of [null, 1]) {
      const all = sharing({ clamp, upload: { fraction: 1, selection: { kind: 'all' } } });
      expect(() => selectUpdate({ sharing: all, clippingNorm: 1 }, { ...given, update: broken })).toThrow(/not finite/);
    }
  });

  it('counts coordinates upwards: a share of 0.001 of 1500 is 2', () => {
    expect([uploadCount(1500, 0.001), uploadCount(10, 1), uploadCount(3, 0.1)]).toEqual([2, 10, 1]);
  });
});
