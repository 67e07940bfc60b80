// The table that a server must reach, its bounds verbatim.

import type { Target } from '../report.ts';

const OVERHEAD = '≤ 1.10 ×, ≤ 1.10 × and ≤ 1.5 × wall clock';
const OVER = 'over `none`, `lenet`, 8 participants, 10 rounds, 600 MNIST images each, real HTTP: overhead of';
const KILLS = 'nothing lost, ledger verifies, run completes';

export const SERVER_TARGETS: Readonly<
  Record<'mask' | 'oneShot' | 'threshold' | 'memory' | 'killsSqlite' | 'killsPostgres', Target>
> = {
  mask: { name: `${OVER} \`mask\``, target: OVERHEAD, unit: '×', bound: { atMost: 1.1 } },
  oneShot: { name: `${OVER} \`one-shot\``, target: OVERHEAD, unit: '×', bound: { atMost: 1.1 } },
  threshold: { name: `${OVER} \`threshold\``, target: OVERHEAD, unit: '×', bound: { atMost: 1.5 } },
  memory: {
    name: 'peak RSS of the server process alone, 1,000 participants × 1,000,000 parameters in other processes, real uploads, `one-shot`',
    target: '≤ 400 MB',
    unit: 'MB',
    bound: { atMost: 400 },
  },
  killsSqlite: {
    name: 'kill -9 of the server at 100 random moments of real runs over real processes, SQLite',
    target: KILLS,
    unit: 'kills that lost nothing',
    bound: { atLeast: 100 },
  },
  killsPostgres: {
    name: 'kill -9 of the server at 100 random moments of real runs over real processes, PostgreSQL',
    target: KILLS,
    unit: 'kills that lost nothing',
    bound: { atLeast: 100 },
  },
};
