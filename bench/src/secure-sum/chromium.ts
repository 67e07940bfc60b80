// What a client's work costs in Chromium against Node. No bench starts a browser yet, so both rows say so: a row is never dropped.

import type { Findings } from '../lattice/row.ts';
import type { Target } from '../report.ts';

const TARGET = '`one-shot` ≤ 1.5 ×, `mask` ≤ 3 × Node';

export const CHROMIUM_TARGETS: Readonly<Record<'oneShot' | 'mask', Target>> = {
  oneShot: {
    name: 'Chromium, the same client work: `one-shot`',
    target: TARGET,
    unit: '× Node',
    bound: { atMost: 1.5 },
  },
  mask: { name: 'Chromium, the same client work: `mask`', target: TARGET, unit: '× Node', bound: { atMost: 3 } },
};

const REASON =
  'benches run in Node alone; that Chromium gives the same bytes is held by npm run test:chromium, how fast it is was not measured';

export const chromiumRows = (): Promise<Findings> =>
  Promise.resolve({
    results: [],
    outcomes: Object.values(CHROMIUM_TARGETS).map(({ name }) => [name, { measured: null, reason: REASON }] as const),
  });
