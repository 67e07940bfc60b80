// How fast is lattice encryption in one core of this machine, beside node-seal in the same run? Every row of the table in
// lattice/targets.ts; each part of it lies in a file of its own in lattice/. A part that fails takes only its own rows with it,
// and they say why.

import { encryptRows } from './lattice/encrypt.ts';
import { evaluateRows } from './lattice/evaluate.ts';
import { keyMemoryRows } from './lattice/key-memory.ts';
import { millionRows } from './lattice/million.ts';
import type { Rows } from './lattice/row.ts';
import { sizeRows } from './lattice/sizes.ts';
import { TARGETS } from './lattice/targets.ts';
import { transformRows } from './lattice/transform.ts';
import { type Bench, composeReport, type Outcome, type Result, type Target } from './report.ts';

const PARTS: readonly { readonly rows: Rows; readonly targets: readonly Target[] }[] = [
  { rows: transformRows, targets: [TARGETS.transform, TARGETS.largeTransform] },
  { rows: encryptRows, targets: [TARGETS.encrypt, TARGETS.encryptSeeded, TARGETS.decrypt] },
  { rows: evaluateRows, targets: [TARGETS.multiply, TARGETS.rotate] },
  { rows: millionRows, targets: [TARGETS.millionCpu, TARGETS.millionBytes, TARGETS.millionSeeded] },
  { rows: keyMemoryRows, targets: [TARGETS.keyMemory] },
  { rows: sizeRows, targets: [TARGETS.moduleSize] },
];

export const lattice: Bench = {
  name: 'lattice',
  question: 'How fast is lattice encryption on one core, beside node-seal 6.0.3?',
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
        for (const { name } of targets)
          outcomes.set(name, { measured: null, reason: `the measurement failed: ${reason}` });
      }
    }
    return composeReport({ bench: 'lattice', options, targets: Object.values(TARGETS), results, outcomes });
  },
};
