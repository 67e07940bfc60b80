// Are the accountants right, tight and quick, beside what others recorded; and how fast is exact noise? Every row of the table in
// accounting/targets.ts. Reads ../shared/data/dp-reference-public.json where it lies beside the repository; else those rows say so.
import { tightestEpsilon } from '@sumus/differential-privacy/accountants';
import { under } from '@sumus/differential-privacy/mechanisms';
import { caseRows, leastCpu } from './accounting/cases.ts';
import { samplingRows } from './accounting/sampling.ts';
import { TARGETS } from './accounting/targets.ts';
import { type Bench, composeReport, type Outcome } from './report.ts';

export const accounting: Bench = {
  name: 'accounting',
  question: 'Is ε never below the truth, how tight and how quick is it, and how fast is exact noise?',
  async run(options) {
    const m = under({ adjacency: 'add-remove', unit: 'record' });
    const inner = m.poissonSampled({ inner: m.gaussian({ noiseMultiplier: 1 }), samplingRate: 0.01 });
    const history = [m.repetition({ inner, count: 10_000 })];
    const first = leastCpu(() => tightestEpsilon(history, 1e-5));
    const query = Math.min(
      first,
      leastCpu(() => tightestEpsilon(history, 1e-5)),
    );
    const cases = caseRows(options);
    const sampling = await samplingRows(options);
    const outcomes = new Map<string, Outcome>([
      [TARGETS.query.name, { measured: query }],
      [TARGETS.queryAim.name, { measured: query }],
      ...cases.outcomes,
      ...sampling.outcomes,
    ]);
    const results = [...cases.results, ...sampling.results];
    return composeReport({ bench: 'accounting', options, targets: Object.values(TARGETS), results, outcomes });
  },
};
