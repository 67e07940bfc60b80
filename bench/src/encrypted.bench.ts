// What does training and predicting on data nobody sees cost, and how near does it come to the clear? Every row of the table in
// encrypted/targets.ts; each part of it lies in a file of its own in encrypted/. A part that fails takes only its own rows with it,
// and they say why. SUMUS_PART=name runs one part alone.

import { depthRows } from './encrypted/depth.ts';
import { digitRowsOfTable } from './encrypted/digits.ts';
import { helrRowsOfTable } from './encrypted/helr.ts';
import { intervalRows } from './encrypted/interval.ts';
import { mlpRows } from './encrypted/mlp.ts';
import { PREDICTION_TARGETS, predictionRows } from './encrypted/prediction.ts';
import { privateRows } from './encrypted/private.ts';
import { refreshRows } from './encrypted/refresh.ts';
import { TARGETS } from './encrypted/targets.ts';
import type { Rows } from './lattice/row.ts';
import { type Bench, composeReport, type Outcome, type Result, type Target } from './report.ts';

interface Part {
  readonly name: string;
  readonly rows: Rows;
  readonly targets: readonly Target[];
}

// In this order: the peak memory of a part is that of the process so far.
const PARTS: readonly Part[] = [
  {
    name: 'helr',
    rows: helrRowsOfTable,
    targets: [
      TARGETS.helrDecisions,
      TARGETS.helrRefreshed,
      TARGETS.helrUnrefreshed,
      TARGETS.edinAccuracy,
      TARGETS.edinArea,
      TARGETS.lbwAccuracy,
      TARGETS.lbwArea,
      TARGETS.pcsAccuracy,
      TARGETS.pcsArea,
      TARGETS.edinSeconds,
      TARGETS.helrMemory,
    ],
  },
  {
    name: 'digits',
    rows: digitRowsOfTable,
    targets: [TARGETS.digitsTwin, TARGETS.digitsEncrypted, TARGETS.digitsMemory],
  },
  { name: 'depth', rows: depthRows, targets: [TARGETS.depthWithout, TARGETS.depthClipped, TARGETS.timeRatio] },
  {
    name: 'private',
    rows: privateRows,
    targets: [
      TARGETS.adultGap,
      TARGETS.digitsGap,
      TARGETS.adultPrivate,
      TARGETS.digitsPrivate,
      TARGETS.adultOutput,
      TARGETS.digitsOutput,
    ],
  },
  { name: 'interval', rows: intervalRows, targets: [TARGETS.intervalLeft] },
  { name: 'refresh', rows: refreshRows, targets: [] },
  { name: 'prediction', rows: predictionRows, targets: PREDICTION_TARGETS },
  { name: 'mlp', rows: mlpRows, targets: [] },
];

export const encrypted: Bench = {
  name: 'encrypted',
  question: 'What does learning on encrypted data cost, and how near does it come to the clear?',
  async run(options) {
    const results: Result[] = [];
    const outcomes = new Map<string, Outcome>();
    const only = process.env['SUMUS_PART'];
    for (const { rows, targets } of PARTS.filter(({ name }) => only === undefined || only === name)) {
      try {
        const findings = await rows(options);
        results.push(...findings.results);
        for (const [name, outcome] of findings.outcomes) outcomes.set(name, outcome);
      } catch (error) {
        // A smoke run exists to find this out, so there it is a failure of the bench.
        if (options.smoke) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        options.say(`failed: ${reason}`);
        for (const { name } of targets)
          outcomes.set(name, { measured: null, reason: `the measurement failed: ${reason}` });
      }
    }
    return composeReport({ bench: 'encrypted', options, targets: Object.values(TARGETS), results, outcomes });
  },
};
