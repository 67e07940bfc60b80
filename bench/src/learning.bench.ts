// How fast do networks learn on one core, beside tfjs and jax-js in the same run? Every row of the table in learning/targets.ts; each
// part lies in a file of its own in learning/. A part that fails takes only its own rows with it, and they say why.

import { accuracyRows } from './learning/accuracy.ts';
import { productRows } from './learning/products.ts';
import { sizeRows } from './learning/sizes.ts';
import { type Findings, stepRows } from './learning/steps.ts';
import { TARGETS } from './learning/targets.ts';
import { torchRows } from './learning/torch.ts';
import { workerRows } from './learning/workers.ts';
import { type Bench, type BenchOptions, composeReport, type Outcome, type Result, type Target } from './report.ts';

const PARTS: readonly {
  readonly rows: (options: BenchOptions) => Promise<Findings>;
  readonly targets: readonly Target[];
}[] = [
  {
    rows: stepRows,
    targets: [TARGETS.mlpTfjs, TARGETS.mlpJax, TARGETS.clippedMlp, TARGETS.cnnTfjs, TARGETS.cnnJax, TARGETS.clippedCnn],
  },
  { rows: async (options) => ({ results: await productRows(options), outcomes: [] }), targets: [] },
  { rows: sizeRows, targets: [TARGETS.moduleSize, TARGETS.importTime] },
  {
    rows: torchRows,
    targets: [TARGETS.mlpTorch, TARGETS.cnnTorch, TARGETS.clippedFunctorch, TARGETS.clippedTorch],
  },
  { rows: workerRows, targets: [TARGETS.workers] },
  { rows: accuracyRows, targets: [TARGETS.mlpAccuracy, TARGETS.lenetAccuracy] },
];

export const learning: Bench = {
  name: 'learning',
  question: 'How fast do networks learn on one core, beside tfjs 4.22 and jax-js 0.1.25?',
  async run(options) {
    const results: Result[] = [];
    const outcomes = new Map<string, Outcome>();
    for (const { rows, targets } of PARTS) {
      try {
        const findings = await rows(options);
        results.push(...findings.results);
        for (const [name, outcome] of findings.outcomes) outcomes.set(name, outcome);
      } catch (error) {
        // A smoke run exists to find this out, so there it is a failure of the bench.
        if (options.smoke) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        options.say(`failed: ${reason}`);
        for (const { name } of targets) {
          outcomes.set(name, { measured: null, reason: `the measurement failed: ${reason}` });
        }
      }
    }
    return composeReport({ bench: 'learning', options, targets: Object.values(TARGETS), results, outcomes });
  },
};
