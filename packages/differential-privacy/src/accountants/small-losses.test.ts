// Poisson sampling so rare that a step's loss is nearly an atom: against the truth of an independent composition on refined grids.
import { describe, expect, it } from 'vitest';
import { leavesOf, pairsOf } from '../losses/dominating-pairs.ts';
import { under } from '../mechanisms/constructors.ts';
import { exactEpsilon } from './exact.ts';
import { knownAnswers, sampledGaussian } from './known-answers.contract.ts';
import { smallLossEpsilon } from './small-losses.ts';

const full =
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'] === '1';

/** Rate, σ, steps, δ, and ε by connect-the-dots grids refined until four digits stood. */
const converged: readonly (readonly [number, number, number, number, number])[] = [
  [1e-7, 0.7, 100, 1e-6, 0],
  [1e-6, 0.7, 100, 1e-6, 5.168e-5],
  [1e-4, 0.6, 1000, 1e-6, 0.262942],
  [1e-5, 0.7, 10, 1e-6, 0.00043154],
  [1e-5, 0.7, 100, 1e-6, 0.001427],
  [1e-4, 0.7, 100, 1e-6, 0.0342687],
  [1e-4, 0.8, 1000, 1e-6, 0.0324856],
  [1e-4, 1, 1000, 1e-6, 0.0148938],
];

describe('rare sampling', () => {
  it.each(full ? converged : converged.slice(0, 5))('rate %d, σ = %d, %d steps, δ = %d: ε = %d', (...of) => {
    const [rate, sigma, steps, delta, truth] = of;
    const answer = exactEpsilon([sampledGaussian(rate, sigma, steps)], delta);
    if (answer.kind === 'refused') throw new Error(answer.reason);
    expect(answer.epsilon).toBeLessThanOrEqual(truth * 1.0005);
    expect(answer.epsilon).toBeGreaterThanOrEqual(truth * 0.9995);
    expect(answer.lower).toBeLessThanOrEqual(truth * 1.0005);
  });

  it('on a short grid too the bound is one, and less so than on a long one', () => {
    for (const [rate, sigma, steps, delta, truth] of converged) {
      for (const length of [2 ** 10, 2 ** 13]) {
        const parts = partsOf([sampledGaussian(rate, sigma, steps)]);
        expect(smallLossEpsilon(parts, delta, Number.POSITIVE_INFINITY, length)).toBeGreaterThanOrEqual(truth * 0.9997);
      }
    }
  });

  it('with half the δ the bound is larger, with two mechanisms as large as with one of both counts', () => {
    const halves = [sampledGaussian(1e-4, 0.6, 400), sampledGaussian(1e-4, 0.6, 600)].map(
      (mechanism) => partsOf([mechanism])[0]!,
    );
    const whole = smallLossEpsilon(partsOf([sampledGaussian(1e-4, 0.6, 1000)]), 1e-6, 1, 2 ** 14)!;
    expect(smallLossEpsilon(halves, 1e-6, 1, 2 ** 14)! / whole).toBeCloseTo(1, 4);
    expect(smallLossEpsilon(halves, 5e-7, 1, 2 ** 14)!).toBeGreaterThan(whole * 1.05);
  });
});

describe('the bound for small losses', () => {
  it('is never below a known answer, rare or not', () => {
    let answered = 0;
    for (const { name, history, delta, epsilon, uncertainty } of knownAnswers) {
      const both = (['remove', 'add'] as const).map((direction) => {
        const parts = partsOf(history, direction);
        return smallLossEpsilon(parts, delta, Number.POSITIVE_INFINITY, 2 ** 13);
      });
      if (both[0] === undefined || both[1] === undefined) continue;
      answered += 1;
      const bound = Math.max(both[0], both[1]);
      expect({ name, sound: bound >= epsilon * (1 - 1e-9) - uncertainty }).toEqual({ name, sound: true });
    }
    expect(answered).toBeGreaterThan(5);
  });

  it('leaves Gaussians, single steps and mass at infinity to others', () => {
    const m = under({ adjacency: 'add-remove', unit: 'record' });
    const of = (mechanism: Parameters<typeof partsOf>[0][number]): number | undefined =>
      smallLossEpsilon(partsOf([mechanism]), 1e-6, 1, 2 ** 12);
    expect(of(m.repetition({ inner: m.gaussian({ noiseMultiplier: 5 }), count: 100 }))).toBeUndefined();
    expect(of(sampledGaussian(1e-4, 1, 1))).toBeUndefined();
    expect(of(m.repetition({ inner: m.approximate({ epsilon: 0.1, delta: 1e-9 }), count: 100 }))).toBeUndefined();
  });
});

function partsOf(
  history: Parameters<typeof leavesOf>[0],
  direction: 'remove' | 'add' = 'remove',
): { law: NonNullable<ReturnType<typeof pairsOf>>['remove']; count: number }[] {
  return leavesOf(history).map(({ mechanism, count }) => ({ law: pairsOf(mechanism)![direction], count }));
}
