// How fast is lattice encryption in one core of this machine, beside node-seal in the same run? Every row of the table in
// lattice/targets.ts; each part of it lies in a file of its own in lattice/.

import { encryptRows } from './lattice/encrypt.ts';
import { evaluateRows } from './lattice/evaluate.ts';
import { keyMemoryRows } from './lattice/key-memory.ts';
import { millionRows } from './lattice/million.ts';
import { sizeRows } from './lattice/sizes.ts';
import { TARGETS } from './lattice/targets.ts';
import { transformRows } from './lattice/transform.ts';
import { type Bench, composeReport, type Outcome, type Result } from './report.ts';

const PARTS = [transformRows, encryptRows, evaluateRows, millionRows, keyMemoryRows, sizeRows];

export const lattice: Bench = {
  name: 'lattice',
  question: 'How fast is lattice encryption on one core, beside node-seal 6.0.3?',
  async run(options) {
    const results: Result[] = [];
    const outcomes = new Map<string, Outcome>();
    for (const part of PARTS) {
      const findings = await part(options);
      results.push(...findings.results);
      for (const [name, outcome] of findings.outcomes) outcomes.set(name, outcome);
    }
    return composeReport({ bench: 'lattice', options, targets: Object.values(TARGETS), results, outcomes });
  },
};
