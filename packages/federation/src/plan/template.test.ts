import { describe, expect, it } from 'vitest';
import { explain } from '../explain/index.ts';
import { withLeastNoise } from './calibration.ts';
import { checkPlan } from './check.ts';
import type { Plan } from './plan.ts';
import { epsilonAfter } from './price.ts';
import { samplePlan } from './sample-plans.contract.ts';
import { noiseOf } from './sums.ts';
import type { TemplateOptions } from './template.ts';

const isFull =
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'] === '1';

function* combinations(): Generator<Partial<TemplateOptions>> {
  for (const schedule of ['synchronous', 'round-robin', 'random-order', 'asynchronous'] as const)
    for (const protection of ['mask', 'one-shot', 'threshold', 'none'] as const)
      for (const epsilon of [null, 1, 8])
        for (const unit of ['record', 'participant'] as const)
          for (const uploadFraction of [1, 0.01])
            for (const minimumContributors of [3, 30])
              yield {
                schedule,
                protection,
                epsilon,
                unit,
                uploadFraction,
                minimumContributors,
                maximumContributors: 50,
              };
}

/** The combinations that cannot be, by the rule that says so. */
const refusalOf = ({ schedule, protection, epsilon }: Partial<TemplateOptions>): readonly string[] => [
  ...(protection === 'mask' && schedule !== 'synchronous' ? ['mask-needs-synchronous'] : []),
  ...(protection === 'none' && epsilon !== null ? ['noise-without-protection'] : []),
];

it('gives a plan that can be run for every combination of answers, or the one rule that is broken', () => {
  let count = 0;
  for (const [index, options] of [...combinations()].entries()) {
    // A slice that meets every value of every answer: 7 divides none of their periods.
    if (!isFull && index % 7 !== 0) continue;
    const draft = samplePlan(options);
    const check = checkPlan(draft);
    const rules = check.kind === 'invalid' ? check.problems.map(({ rule }) => rule) : [];
    expect(rules, JSON.stringify(options)).toEqual(refusalOf(options));
    if (check.kind === 'invalid') continue;
    const calibrated = checkPlan(withLeastNoise(draft));
    if (calibrated.kind === 'invalid') throw new Error(JSON.stringify(calibrated.problems));
    const { privacy, warnings } = explain(calibrated.plan);
    expect(privacy.rounds, JSON.stringify(options)).toBe(20);
    expect(warnings.length).toBeGreaterThan(0);
    if (options.epsilon !== null) expect(privacy.epsilon).toBeLessThanOrEqual(options.epsilon ?? 0);
    count += 1;
  }
  expect(count).toBeGreaterThan(15);
});

describe('a template of one round', () => {
  const options = {
    schedule: 'one-round',
    features: { kind: 'scattering', count: 64 },
    recordsEach: 1600,
    minimumContributors: 5,
    maximumContributors: 7,
    delta: 1e-5,
  } as const;

  it.each([
    ['mask', 8],
    ['one-shot', 1],
    ['threshold', 3],
    ['one-shot', null],
  ] as const)('can be run under %s with ε = %s', (protection, epsilon) => {
    const { plan } = checkedTemplate({ ...options, protection, epsilon });
    expect(plan.stopping.rounds).toBe(1);
    const answer = epsilonAfter(plan, 1);
    if (epsilon === null) expect(answer).toBeUndefined();
    else if (answer?.kind !== 'bound') throw new Error('no ε');
    else {
      expect(answer.epsilon).toBeLessThanOrEqual(epsilon);
      expect(answer.epsilon).toBeGreaterThan(0.98 * epsilon);
    }
  });

  it('has a ridge that holds down what noise alone makes of XᵀX', () => {
    const [small, large] = [8, 1].map((epsilon) => checkedTemplate({ ...options, protection: 'mask', epsilon }).plan);
    const ridgeIn = (plan: Plan | undefined): number =>
      plan?.exchange.schedule === 'one-round' ? plan.exchange.ridge : 0;
    const ratio = ridgeIn(large) / ridgeIn(small);
    expect(ratio).toBeCloseTo((noiseOf(large as Plan)?.stddev ?? 0) / (noiseOf(small as Plan)?.stddev ?? 1), 1);
    expect(ratio).toBeGreaterThan(4);
  });

  it('refuses to guess how many records there are, or of what', () => {
    for (const left of [{ recordsEach: undefined }, { features: undefined }]) {
      expect(() => samplePlan({ ...options, ...left })).toThrow(/one round says its features/);
    }
  });
});

describe('a template for scattering features', () => {
  it('gives the network so many inputs, and batches of the records that there are', () => {
    const { plan } = checkedTemplate({
      features: { kind: 'scattering', count: 60 },
      architecture: { input: [60], layers: [{ kind: 'dense', units: 10 }] },
      parameterCount: 610,
      recordsEach: 2000,
      batchSize: 400,
      recordClippingNorm: 0.1,
      epsilon: 8,
    });
    expect(plan.preparation).toEqual({ kind: 'scattering', featureCount: 60, radius: 8 });
    expect(plan.batching.sampling).toEqual({ kind: 'poisson', rate: 0.2, divisor: 400 });
    expect(plan.privacy).toMatchObject({ clippingNorm: 0.1 });
    // A whole batch in one direction is 1 · η of the clip; twice of it has room.
    expect(plan.encoding.clippingNorm).toBeCloseTo(2 * 0.05 * 0.1, 12);
  });
});

function checkedTemplate(options: Partial<TemplateOptions>): { readonly plan: Plan } {
  const check = checkPlan(withLeastNoise(samplePlan(options)));
  if (check.kind === 'invalid') throw new Error(JSON.stringify(check.problems));
  return check;
}
