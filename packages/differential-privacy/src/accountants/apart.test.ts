// Little noise: what the formula, the contour and the Rényi moments say where the density of the loss is a row of humps, against a sum
// over the number of hits that shares nothing with them. And very small δ, where tails that measures leave out would decide.
import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import { under } from '../mechanisms/index.ts';
import { logBinomial } from '../numerics/logarithms.ts';
import { complementaryError } from '../numerics/normal.ts';
import { exactEpsilon, renyiEpsilon, tightestEpsilon } from './index.ts';

const record = under({ adjacency: 'add-remove', unit: 'record' });
const replacing = under({ adjacency: 'replace-one', unit: 'record' });

interface Setting {
  readonly sigma: number;
  readonly rate: number;
  readonly steps: number;
}

const sampled = ({ sigma, rate, steps }: Setting) => [
  record.repetition({
    inner: record.poissonSampled({ inner: record.gaussian({ noiseMultiplier: sigma }), samplingRate: rate }),
    count: steps,
  }),
];

/** P(L > ε) for σ so small that L is a binomial number of N(v/2 + ln q, v) and ln(1 - q) for the rest. δ is as good as equal: L is wide. */
function tailOf({ sigma, rate, steps }: Setting, epsilon: number): number {
  const variance = 1 / sigma ** 2;
  let sum = 0;
  for (let k = 1; k <= steps; k += 1) {
    const logMass = logBinomial(steps, k) + k * Math.log(rate) + (steps - k) * Math.log1p(-rate);
    if (logMass < -80) continue;
    const mean = k * (variance / 2 + Math.log(rate)) + (steps - k) * Math.log1p(-rate);
    sum += Math.exp(logMass) * 0.5 * complementaryError((epsilon - mean) / Math.sqrt(2 * k * variance));
  }
  return sum;
}

const settings: readonly (Setting & { readonly delta: number })[] = [
  { sigma: 0.0086, rate: 0.01, steps: 2000, delta: 1e-5 },
  { sigma: 0.0086, rate: 0.01, steps: 10_000, delta: 1e-5 },
  { sigma: 0.003, rate: 0.3, steps: 5000, delta: 1e-9 },
  { sigma: 0.02, rate: 0.01, steps: 10_000, delta: 1e-5 },
];

describe('with so little noise that hits can be seen', () => {
  for (const setting of settings) {
    const { sigma, rate, steps, delta } = setting;
    it(`the formula and the contour know δ at σ = ${sigma}, q = ${rate}, T = ${steps}`, () => {
      for (const method of ['closed form', 'contour'] as const) {
        const answer = exactEpsilon(sampled(setting), delta, [method]);
        if (answer.kind === 'refused') throw new Error(answer.reason);
        // P(L > ε) is above δ(ε), by less than a thousandth; from ε to δ a thousandth of ε is much more than that.
        expect(tailOf(setting, answer.epsilon) / delta).toBeLessThan(1 + 1e-3);
        expect(tailOf(setting, answer.lower ?? 0) / delta).toBeGreaterThan(1 - 1e-5);
        expect(tailOf(setting, answer.epsilon) / delta).toBeGreaterThan(1 - 1e-5);
        expect(tailOf(setting, 0.999 * answer.epsilon) / delta).toBeGreaterThan(1 + 2e-3);
      }
    });
  }

  it('a line that shows what wrapped around gives no answer', () => {
    // Three hundred thousand hits of 5e5 each: the saddle is at 1e-8.
    const setting = { sigma: 0.001, rate: 0.3, steps: 1e6 };
    const answer = tightestEpsilon(sampled(setting), 1e-6);
    if (answer.kind === 'refused') throw new Error(answer.reason);
    expect(answer.epsilon).toBeGreaterThan(1.5e11);
    expect(answer.epsilon).toBeLessThan(1.6e11);
  });

  it('the formula agrees with the grid where noise is a little more, for each kind of sampling', () => {
    const histories = [
      sampled({ sigma: 0.028, rate: 0.02, steps: 5 }),
      [
        replacing.repetition({
          inner: replacing.poissonSampled({
            inner: replacing.gaussian({ noiseMultiplier: 0.013 }),
            samplingRate: 0.02,
          }),
          count: 5,
        }),
      ],
      [
        replacing.repetition({
          inner: replacing.fixedSizeSampled({ noiseMultiplier: 0.028, populationSize: 1000, batchSize: 20 }),
          count: 5,
        }),
      ],
    ];
    for (const history of histories) {
      for (const delta of [1e-6, 1e-3, 0.05]) {
        const formula = exactEpsilon(history, delta, ['closed form']);
        const grid = exactEpsilon(history, delta, ['loss distribution']);
        if (formula.kind === 'refused' || grid.kind === 'refused') throw new Error('no answer');
        expect(formula.epsilon).toBeLessThan(grid.epsilon * (1 + 1e-8));
        expect(formula.epsilon).toBeGreaterThan(grid.epsilon * (1 - 1e-3));
        if (grid.lower !== null) expect(formula.epsilon).toBeGreaterThan(grid.lower * (1 - 1e-8));
      }
    }
  });

  it('moments find the orders of a huge ε: a group that is seen to be taken', () => {
    const group = record.groupPoissonSampled({ noiseMultiplier: 0.001, samplingRate: 1e-4, groupSize: 8 });
    const answer = renyiEpsilon([record.repetition({ inner: group, count: 10_000 })], 1e-5);
    if (answer.kind === 'refused') throw new Error(answer.reason);
    // Some 25 hits of 5e5 each, and not all of the 10,000 steps.
    expect(answer.epsilon).toBeLessThan(2e7);
  });
});

describe('a very small δ', () => {
  it('is refused by name below the least that is accounted for', () => {
    const history = [record.gaussian({ noiseMultiplier: 1 })];
    for (const delta of [5e-324, 1e-300, 9.9e-201]) {
      expect(() => tightestEpsilon(history, delta)).toThrow(ParameterError);
      expect(() => tightestEpsilon(history, delta)).toThrow(/1e-200/);
    }
    expect(tightestEpsilon(history, 1e-200)).toMatchObject({ kind: 'bound', accountant: 'closed form' });
  });

  it('never has an ε below that of a single one of its steps, and none where the tails left out could decide', () => {
    const setting = { sigma: 3, rate: 1e-6, steps: 2000 };
    let refused = 0;
    for (const delta of [1e-20, 1e-28, 1e-32, 1e-36, 1e-60, 1e-100, 1e-199]) {
      const one = exactEpsilon(sampled({ ...setting, steps: 1 }), delta, ['closed form']);
      if (one.kind === 'refused' || one.lower === null) throw new Error('one step has a formula');
      for (const account of [exactEpsilon, renyiEpsilon, tightestEpsilon]) {
        const answer = account(sampled(setting), delta);
        if (answer.kind === 'refused') refused += 1;
        else {
          expect(answer.epsilon).toBeGreaterThan(one.lower);
          if (answer.lower !== null) expect(delta).toBeGreaterThan(1e-24);
        }
      }
    }
    expect(refused).toBe(12);
  });
});
