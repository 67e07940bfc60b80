import { expect, it } from 'vitest';
import { explain } from '../explain/index.ts';
import { withLeastNoise } from './calibration.ts';
import { checkPlan } from './check.ts';
import { samplePlan } from './sample-plans.contract.ts';
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
