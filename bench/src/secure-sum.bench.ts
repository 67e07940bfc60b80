// How fast are sums of secrets in one core of this machine? Every row of the table in secure-sum/targets.ts; each part of it lies in
// a file of its own in secure-sum/, and joins by a line in the list below. A part that fails takes only its own rows with it.

import type { Rows } from './lattice/row.ts';
import { type Bench, composeReport, type Outcome, type Result, type Target } from './report.ts';
import { CHROMIUM_TARGETS } from './secure-sum/chromium.ts';
import { encodingRows } from './secure-sum/encoding.ts';
import { MASK_TARGETS, maskRows } from './secure-sum/mask.ts';
import { oneShotRows } from './secure-sum/one-shot.ts';
import { ENCODING_TARGETS, ONE_SHOT_TARGETS } from './secure-sum/targets.ts';
import { THRESHOLD_TARGETS, thresholdRows } from './secure-sum/threshold.ts';

const PARTS: readonly { readonly rows: Rows; readonly targets: readonly Target[] }[] = [
  { rows: encodingRows, targets: Object.values(ENCODING_TARGETS) },
  { rows: maskRows, targets: [...Object.values(MASK_TARGETS), CHROMIUM_TARGETS.mask] },
  { rows: oneShotRows, targets: [...Object.values(ONE_SHOT_TARGETS), CHROMIUM_TARGETS.oneShot] },
  { rows: thresholdRows, targets: Object.values(THRESHOLD_TARGETS) },
];

export const secureSum: Bench = {
  name: 'secure-sum',
  question: 'How fast are sums of secrets on one core: encoding, masks, one message a participant, sums opened later?',
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
    const targets = PARTS.flatMap((part) => part.targets);
    return composeReport({ bench: 'secure-sum', options, targets, results, outcomes });
  },
};
