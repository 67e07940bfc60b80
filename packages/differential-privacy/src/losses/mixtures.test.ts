// Mixtures of Gaussians with one record's worth of noise or next to none, and of large groups: for one step the likelihood ratio rises
// with x, so that δ(ε) is the largest P(x > τ) - e^ε Q(x > τ) over τ, from nothing but normal tails.
import { describe, expect, it } from 'vitest';
import { tightestEpsilon } from '../accountants/tightest.ts';
import { under } from '../mechanisms/constructors.ts';
import type { Mechanism } from '../mechanisms/mechanism.ts';
import { logBinomial } from '../numerics/logarithms.ts';
import { normalUpperTail } from '../numerics/normal.ts';
import { smallest } from '../numerics/search.ts';

const m = under({ adjacency: 'add-remove', unit: 'record' });
const r = under({ adjacency: 'replace-one', unit: 'record' });

type Weighted = readonly (readonly [weight: number, shift: number])[];

function deltaOf(p: Weighted, q: Weighted, sigma: number, epsilon: number): number {
  const above = (mixture: Weighted, x: number): number =>
    mixture.reduce((sum, [weight, shift]) => sum + weight * normalUpperTail((x - shift) / sigma), 0);
  const shifts = [...p, ...q].map(([, shift]) => shift);
  const range = { low: Math.min(...shifts) - 20 * sigma, high: Math.max(...shifts) + 20 * sigma };
  return -smallest((x) => Math.exp(epsilon) * above(q, x) - above(p, x), { ...range, points: 1500, sections: 50 })
    .value;
}

const epsilonOf = (mechanism: Mechanism, delta: number): { epsilon: number; lower: number | null } => {
  const answer = tightestEpsilon([mechanism], delta);
  if (answer.kind === 'refused') throw new Error(answer.reason);
  return answer;
};

const group = (size: number, rate: number): Weighted =>
  Array.from({ length: size + 1 }, (_, k) => [
    Math.exp(logBinomial(size, k) + k * Math.log(rate) + (size - k) * Math.log1p(-rate)),
    k,
  ]);

describe('one step of a mixture', () => {
  it.each([
    [0.3, 0.01, 1e-6],
    [0.08, 0.01, 1e-4],
    [0.5, 1e-4, 1e-7],
    [2, 0.3, 1e-8],
  ])('replacing a record, noise %d, rate %d: δ at the ε reported is δ', (sigma, rate, delta) => {
    const { epsilon, lower } = epsilonOf(
      r.poissonSampled({ inner: r.gaussian({ noiseMultiplier: sigma }), samplingRate: rate }),
      delta,
    );
    const at = (shift: number): Weighted => [
      [1 - rate, 0],
      [rate, shift],
    ];
    expect(deltaOf(at(0.5), at(-0.5), sigma, epsilon) / delta).toBeLessThanOrEqual(1 + 1e-7);
    expect(deltaOf(at(0.5), at(-0.5), sigma, epsilon) / delta).toBeGreaterThan(1 - 1e-4);
    expect(lower! / epsilon).toBeGreaterThan(1 - 1e-5);
  });

  it.each([
    [1, 0.01, 64, 1e-6, true],
    [1, 0.05, 100, 1e-6, true],
    [3, 0.001, 2000, 1e-5, true],
    [30, 0.3, 1000, 1e-5, false],
  ])(
    'a group, noise %d, rate %d, %d records: never too little, and just enough where no blocks are formed',
    (...of) => {
      const [sigma, rate, size, delta, exact] = of;
      const { epsilon } = epsilonOf(
        m.groupPoissonSampled({ noiseMultiplier: sigma, samplingRate: rate, groupSize: size }),
        delta,
      );
      const here = deltaOf(group(size, rate), [[1, 0]], sigma, epsilon) / delta;
      expect(here).toBeLessThanOrEqual(1 + 1e-7);
      if (exact) expect(here).toBeGreaterThan(1 - 1e-4);
      else expect(deltaOf(group(size, rate), [[1, 0]], sigma, 0.95 * epsilon)).toBeGreaterThan(delta);
    },
  );

  it('with next to no noise takes no longer, and costs what the whole sum does', () => {
    const started = process.cpuUsage().user;
    for (const sigma of [0.005, 0.01, 0.03]) {
      const sampled = [
        r.poissonSampled({ inner: r.gaussian({ noiseMultiplier: sigma }), samplingRate: 0.01 }),
        m.groupPoissonSampled({ noiseMultiplier: sigma, samplingRate: 0.01, groupSize: 4 }),
        r.fixedSizeSampled({ noiseMultiplier: sigma, populationSize: 100, batchSize: 1 }),
      ];
      for (const [at, mechanism] of sampled.entries()) {
        const most = epsilonOf(m.gaussian({ noiseMultiplier: at === 1 ? sigma / 4 : sigma }), 1e-6).epsilon;
        const { epsilon } = epsilonOf(mechanism, 1e-6);
        expect(epsilon).toBeLessThanOrEqual(most);
        expect(epsilon).toBeGreaterThan(0.2 * most);
      }
    }
    expect((process.cpuUsage().user - started) / 1e6).toBeLessThan(8);
  });
});
