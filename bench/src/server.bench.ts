// What does a server cost, and what does it survive? Over real HTTP between real processes; each part is in a file of its own in server/. Which of
// them are run, SUMUS_BENCH_PARTS says (overhead, memory, kills-sqlite,
// kills-postgres); all of them where it says nothing.

import type { Rows } from './lattice/row.ts';
import { type Bench, composeReport, type Outcome, type Result, type Target } from './report.ts';
import { postgresKillRows, sqliteKillRows } from './server/kills.ts';
import { memoryRows } from './server/memory.ts';
import { overheadRows } from './server/overhead.ts';
import { SERVER_TARGETS } from './server/targets.ts';

const { mask, oneShot, threshold, memory, killsSqlite, killsPostgres } = SERVER_TARGETS;

const PARTS: readonly { readonly part: string; readonly rows: Rows; readonly targets: readonly Target[] }[] = [
  { part: 'overhead', rows: overheadRows, targets: [mask, oneShot, threshold] },
  { part: 'memory', rows: memoryRows, targets: [memory] },
  { part: 'kills-sqlite', rows: sqliteKillRows, targets: [killsSqlite] },
  { part: 'kills-postgres', rows: postgresKillRows, targets: [killsPostgres] },
];

export const server: Bench = {
  name: 'server',
  question: 'What do protections cost over real HTTP, how much memory does a server need, and what does it survive?',
  async run(options) {
    const results: Result[] = [];
    const outcomes = new Map<string, Outcome>();
    // Ended in order, so that what it started ends with it.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1));
    const wanted = process.env['SUMUS_BENCH_PARTS']?.split(',');
    for (const { part, rows, targets } of PARTS) {
      if (wanted !== undefined && !wanted.includes(part)) continue;
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
    return composeReport({ bench: 'server', options, targets: Object.values(SERVER_TARGETS), results, outcomes });
  },
};
