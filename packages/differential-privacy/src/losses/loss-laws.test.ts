// Every loss law is a pair of probability laws: P and Q both weigh one, and its hockey stick is the one that naive summation gives.
import { describe, expect, it } from 'vitest';
import { measureCumulants, tiltableMeasure } from '../accountants/cumulant.ts';
import { tiltedGrid } from '../accountants/grid.ts';
import { tightestEpsilon } from '../accountants/tightest.ts';
import { under } from '../mechanisms/constructors.ts';
import type { Mechanism } from '../mechanisms/mechanism.ts';
import { discreteGaussianLaw, finestDeviation } from './base-laws.ts';
import { leavesOf, pairsOf } from './dominating-pairs.ts';
import { type LossLaw, measureOf } from './loss-law.ts';

const m = under({ adjacency: 'add-remove', unit: 'record' });
const r = under({ adjacency: 'replace-one', unit: 'record' });

const density = (x: number, mean: number, sigma: number): number =>
  Math.exp(-0.5 * ((x - mean) / sigma) ** 2) / (sigma * Math.sqrt(2 * Math.PI));

/** ∫ (P - e^ε Q)₊ by brute force on a fine grid. */
function naiveStick(p: (x: number) => number, q: (x: number) => number, epsilon: number, reach: number): number {
  const step = 1e-3;
  let sum = 0;
  for (let x = -reach; x <= reach; x += step) sum += Math.max(0, p(x) - Math.exp(epsilon) * q(x)) * step;
  return sum;
}

function stick(law: LossLaw, epsilon: number): number {
  const { losses, logMasses } = measureOf(law);
  let sum = law.infinityMass;
  for (let at = 0; at < losses.length; at += 1) {
    if (losses[at]! > epsilon) sum += Math.exp(logMasses[at]!) * -Math.expm1(epsilon - losses[at]!);
  }
  return sum;
}

const mechanisms: readonly Mechanism[] = [
  m.gaussian({ noiseMultiplier: 1.3 }),
  m.laplace({ scaleMultiplier: 0.7 }),
  m.discreteGaussian({ noiseStddev: 2, sensitivity: 3 }),
  m.discreteLaplace({ rate: 0.4, sensitivity: 3 }),
  m.randomizedResponse({ randomness: 0.4, categories: 5 }),
  m.approximate({ epsilon: 0.6, delta: 0 }),
  m.poissonSampled({ inner: m.gaussian({ noiseMultiplier: 0.8 }), samplingRate: 0.07 }),
  m.poissonSampled({ inner: m.gaussian({ noiseMultiplier: 0.2 }), samplingRate: 0.9 }),
  m.poissonSampled({ inner: m.laplace({ scaleMultiplier: 2 }), samplingRate: 0.1 }),
  m.poissonSampled({ inner: m.discreteLaplace({ rate: 0.4, sensitivity: 2 }), samplingRate: 0.3 }),
  m.groupPoissonSampled({ noiseMultiplier: 1, samplingRate: 0.1, groupSize: 4 }),
  m.truncatedPoissonSampled({ noiseMultiplier: 1, samplingRate: 0.1, populationSize: 100, batchLimit: 14 }),
  r.poissonSampled({ inner: r.gaussian({ noiseMultiplier: 1 }), samplingRate: 0.2 }),
  r.fixedSizeSampled({ noiseMultiplier: 1.5, populationSize: 100, batchSize: 7 }),
];

describe('a dominating pair', () => {
  it.each(mechanisms.map((one) => [one.kind, one] as const))(
    'of %s: P and Q weigh one in both directions',
    (_kind, mechanism) => {
      const pairs = pairsOf(mechanism)!;
      for (const law of [pairs.remove, pairs.add]) {
        const { losses, logMasses } = measureOf(law);
        let [p, q] = [law.infinityMass, 0];
        for (let at = 0; at < losses.length; at += 1) {
          p += Math.exp(logMasses[at]!);
          q += Math.exp(logMasses[at]! - losses[at]!);
        }
        expect(p).toBeCloseTo(1, 12);
        expect(q).toBeCloseTo(1, 11);
        expect(Math.max(...losses)).toBeLessThanOrEqual(law.supremum + 1e-12);
      }
    },
  );

  it('of a Poisson-sampled Gaussian has the hockey sticks of its two densities', () => {
    const [q, sigma] = [0.2, 0.7];
    const { remove, add } = pairsOf(
      m.poissonSampled({ inner: m.gaussian({ noiseMultiplier: sigma }), samplingRate: q }),
    )!;
    const mixture = (x: number): number => (1 - q) * density(x, 0, sigma) + q * density(x, 1, sigma);
    const plain = (x: number): number => density(x, 0, sigma);
    for (const epsilon of [-0.1, 0, 0.05, 0.5]) {
      // Quadrature nodes against a kink: good to the weight of a node.
      expect(stick(remove, epsilon)).toBeCloseTo(naiveStick(mixture, plain, epsilon, 8), 2);
      expect(stick(add, epsilon)).toBeCloseTo(naiveStick(plain, mixture, epsilon, 8), 2);
    }
    expect(stick(remove, 0.5)).toBeGreaterThan(stick(add, 0.5) + 0.001);
  });

  it('of a batch without replacement: above one the mixture against the plain, below by symmetry', () => {
    const [rate, sigma] = [0.1, 1];
    const law = pairsOf(r.fixedSizeSampled({ noiseMultiplier: sigma, populationSize: 10, batchSize: 1 }))!.remove;
    const mixture = (x: number): number => (1 - rate) * density(x, 0, sigma) + rate * density(x, 1, sigma);
    const plain = (x: number): number => density(x, 0, sigma);
    for (const epsilon of [0.01, 0.05, 0.2]) {
      expect(stick(law, epsilon)).toBeCloseTo(naiveStick(mixture, plain, epsilon, 12), 3);
      // δ(-ε) = 1 - e^(-ε) + e^(-ε) δ(ε).
      expect(stick(law, -epsilon)).toBeCloseTo(-Math.expm1(-epsilon) + Math.exp(-epsilon) * stick(law, epsilon), 10);
    }
  });

  it('of a truncated batch is that of the plain Poisson batch when the limit is out of reach, and worse when it is not', () => {
    const parts = { noiseMultiplier: 1, samplingRate: 0.01, populationSize: 10_000 };
    const plain = pairsOf(m.poissonSampled({ inner: m.gaussian({ noiseMultiplier: 1 }), samplingRate: 0.01 }))!.remove;
    const far = pairsOf(m.truncatedPoissonSampled({ ...parts, batchLimit: 400 }))!.remove;
    const near = pairsOf(m.truncatedPoissonSampled({ ...parts, batchLimit: 110 }))!.remove;
    expect(stick(far, 0.1)).toBeCloseTo(stick(plain, 0.1), 11);
    expect(stick(near, 0.1)).toBeGreaterThan(stick(plain, 0.1) * 1.2);
  });

  it('of a group of one is that of the record', () => {
    const one = pairsOf(m.groupPoissonSampled({ noiseMultiplier: 1, samplingRate: 0.1, groupSize: 1 }))!;
    const record = pairsOf(m.poissonSampled({ inner: m.gaussian({ noiseMultiplier: 1 }), samplingRate: 0.1 }))!;
    for (const t of [0.3, 2, 9]) {
      for (const direction of ['remove', 'add'] as const) {
        const [a, b] = [one, record].map((pairs) => measureCumulants(measureOf(pairs[direction]), t).value);
        expect(a! / b!).toBeCloseTo(1, 11);
      }
    }
  });
});

describe('moments', () => {
  it('of Laplace noise are the closed form, at every tilt up to a million', () => {
    const e = 1 / 0.7;
    const measureAt = tiltableMeasure(pairsOf(m.laplace({ scaleMultiplier: 0.7 }))!.remove);
    for (const t of [0.5, 3, 30, 300, 1e4, 1e6]) {
      // ((t + 1)/(2t + 1)) e^(te) + (t/(2t + 1)) e^(-(t + 1)e).
      const exact = t * e + Math.log((t + 1) / (2 * t + 1) + (t / (2 * t + 1)) * Math.exp(-(2 * t + 1) * e));
      expect(measureCumulants(measureAt(t), t).value / exact).toBeCloseTo(1, 12);
    }
  });

  it('of Gaussian noise are μ²(t² + t)/2, by quadrature too', () => {
    const { gaussianVariance, ...law } = pairsOf(m.gaussian({ noiseMultiplier: 1.7 }))!.remove;
    for (const t of [0.1, 1, 6]) {
      const { value, mean, variance } = measureCumulants(measureOf(law), t);
      expect(value).toBeCloseTo(0.5 * gaussianVariance! * (t * t + t), 12);
      expect(mean).toBeCloseTo(gaussianVariance! * (t + 0.5), 11);
      expect(variance).toBeCloseTo(gaussianVariance!, 11);
    }
  });
});

describe('a law on a grid', () => {
  // Laplace: δ(ε) = 1 - e^((ε - e)/2) between -e and e, with e = 1/b = 2.
  const e = 2;
  const exact = (epsilon: number): number =>
    epsilon >= e ? 0 : epsilon <= -e ? -Math.expm1(epsilon) : -Math.expm1((epsilon - e) / 2);
  const law = pairsOf(m.laplace({ scaleMultiplier: 0.5 }))!.remove;

  it.each([
    [0.1, 1],
    [0.1, 20],
    [0.0317, 0.2],
    [0.37, 5],
    [0.003, 50],
  ])(
    'of spacing %d, tilted by %d, is above the truth for the pessimist and below it for the optimist',
    (spacing, tilt) => {
      const { value } = measureCumulants(measureOf(law), tilt);
      const grid = tiltedGrid(law, { spacing, offset: 0, tilt, logMoment: value, low: -e, high: e });
      const on = (masses: Float64Array, epsilon: number): number => {
        let sum = 0;
        for (let i = 0; i < masses.length; i += 1) {
          const loss = (grid.first + i) * spacing;
          if (loss > epsilon) sum -= masses[i]! * Math.exp(value - tilt * loss) * Math.expm1(epsilon - loss);
        }
        return sum;
      };
      for (let epsilon = -2.5; epsilon < 2.2; epsilon += 0.00731) {
        expect(on(grid.pessimistic, epsilon)).toBeGreaterThanOrEqual(exact(epsilon) - 1e-11);
        expect(on(grid.optimistic, epsilon)).toBeLessThanOrEqual(exact(epsilon) + 1e-11);
        expect(on(grid.pessimistic, epsilon) - on(grid.optimistic, epsilon)).toBeLessThan(spacing);
      }
    },
  );

  it('of no more than a few cells is not above the truth for the optimist either', () => {
    const sampled = pairsOf(m.poissonSampled({ inner: m.laplace({ scaleMultiplier: 6 }), samplingRate: 0.07 }))!.remove;
    const top = Math.max(...sampled.atomLosses);
    const fine = { ...sampled, branches: sampled.branches.map((branch) => ({ ...branch, scale: branch.scale / 50 })) };
    for (const cells of [1, 2, 3, 5]) {
      const { value } = measureCumulants(measureOf(sampled), 3);
      const range = { low: Math.min(...sampled.atomLosses), high: top };
      const spacing = top / cells;
      const grid = tiltedGrid(sampled, { spacing, offset: 0, tilt: 3, logMoment: value, ...range });
      for (let epsilon = -1.5 * top; epsilon < top; epsilon += top / 37) {
        let sum = 0;
        grid.optimistic.forEach((mass, i) => {
          const loss = (grid.first + i) * spacing;
          if (loss > epsilon) sum -= mass * Math.exp(value - 3 * loss) * Math.expm1(epsilon - loss);
        });
        expect(sum).toBeLessThanOrEqual(stick(fine, epsilon) + 1e-7);
      }
    }
  });
});

describe('a history', () => {
  it('is unrolled into leaves with counts, equal ones together', () => {
    const step = m.poissonSampled({ inner: m.gaussian({ noiseMultiplier: 1 }), samplingRate: 0.1 });
    const other = m.laplace({ scaleMultiplier: 3 });
    const nested = m.repetition({
      inner: m.composition({ parts: [step, m.repetition({ inner: other, count: 2 }), step] }),
      count: 5,
    });
    expect(leavesOf([nested, other]).map(({ mechanism, count }) => [mechanism.kind, count])).toEqual([
      ['poissonSampled', 10],
      ['laplace', 11],
    ]);
    expect(leavesOf([m.topK({ epsilonEach: 0.1, k: 7 })])[0]!.count).toBe(7);
    expect(leavesOf([m.shuffledBatches({ inner: m.gaussian({ noiseMultiplier: 1 }), epochs: 3 })])[0]!.count).toBe(3);
  });
});

describe('a law of much noise or little', () => {
  const tight = (one: Mechanism, count: number, delta: number): { epsilon: number; lower: number | null } => {
    const answer = tightestEpsilon([under(one).repetition({ inner: one, count })], delta);
    if (answer.kind === 'refused') throw new Error(answer.reason);
    return answer;
  };

  it.each([5000, 1e5])('discrete Gaussian noise of deviation %d costs as much as continuous noise', (sigma) => {
    for (const count of [1, 1000]) {
      const discrete = tight(m.discreteGaussian({ noiseStddev: sigma, sensitivity: 1 }), count, 1e-6).epsilon;
      const continuous = tight(m.gaussian({ noiseMultiplier: sigma }), count, 1e-6).epsilon;
      expect(discrete / continuous).toBeGreaterThan(1 - 1e-7);
      expect(discrete / continuous).toBeLessThan(1 + 1e-4);
    }
  });

  it('discrete Gaussian on a lattice of cells: no hockey stick is below the one of all integers, none much above', () => {
    const sigma = finestDeviation + 1;
    const law = discreteGaussianLaw(sigma, 700);
    for (const epsilon of [-0.3, 0, 0.2, 0.9]) {
      let exact = 0;
      let total = 0;
      for (let x = -13 * sigma; x <= 13 * sigma; x += 1) {
        const mass = Math.exp((-0.5 * x * x) / sigma ** 2);
        total += mass;
        exact += Math.max(0, -Math.expm1(epsilon - (700 * 700 - 1400 * x) / (2 * sigma ** 2))) * mass;
      }
      exact /= total;
      expect(stick(law, epsilon) / exact).toBeGreaterThanOrEqual(1 - 1e-12);
      expect(stick(law, epsilon) / exact).toBeLessThan(1 + 1e-4);
    }
  });

  it.each([0.001, 0.01, 0.03])(
    'sampled noise of multiplier %d is accounted quickly, and costs at most all steps',
    (sigma) => {
      const started = process.cpuUsage().user;
      for (const one of [m.poissonSampled({ inner: m.gaussian({ noiseMultiplier: sigma }), samplingRate: 0.01 })]) {
        const { epsilon } = tight(one, 10, 1e-5);
        // With probability 0.096 some step has the record, and then the loss is about ½σ⁻² - ln(1/q): δ does not cover that.
        expect(epsilon).toBeGreaterThan(0.4 / sigma ** 2);
        expect(epsilon).toBeLessThanOrEqual(tight(m.gaussian({ noiseMultiplier: sigma }), 10, 1e-5).epsilon);
      }
      expect((process.cpuUsage().user - started) / 1e6).toBeLessThan(6);
    },
  );
});
