// What protections cost beside none, by the clock on the wall: the same training by the same participants over real HTTP on loopback, one run of
// each after the other, and again. Compared are medians.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digits, placeOfDigits } from '../dssgd/digits.ts';
import type { Findings } from '../lattice/row.ts';
import { statistic } from '../measure.ts';
import type { BenchOptions, Outcome, Result } from '../report.ts';
import { planFor } from './plans.ts';
import { ServerProgram } from './program.ts';
import { freshOwner, realRun, wordsFor } from './real-run.ts';
import { SERVER_TARGETS } from './targets.ts';

const PROTECTIONS = ['none', 'mask', 'one-shot', 'threshold'] as const;

export async function overheadRows({ smoke, say }: BenchOptions): Promise<Findings> {
  const size = smoke
    ? { participants: 3, rounds: 1, runs: 1, model: { inputs: 9, width: 10 } as const, batchSize: 4 }
    : {
        participants: 8,
        rounds: 10,
        runs: Number(process.env['SUMUS_BENCH_RUNS'] ?? 5),
        model: 'lenet' as const,
        batchSize: 64,
      };
  if (!smoke && digits('t10k') === undefined)
    return without(`MNIST is not in ${placeOfDigits}; SUMUS_MNIST names another folder`);
  const seconds = new Map<string, number[]>(PROTECTIONS.map((protection) => [protection, []]));
  const results: Result[] = [];
  for (let turn = 0; turn < size.runs; turn += 1) {
    for (const protection of smoke ? (['none', 'one-shot'] as const) : PROTECTIONS) {
      const { participants, rounds, model, batchSize } = size;
      const folder = mkdtempSync(join(tmpdir(), 'sumus-bench-server-'));
      const keys = await freshOwner();
      const program = new ServerProgram(wordsFor(keys, join(folder, 'server')));
      try {
        const place = await program.start();
        const name = `overhead-${protection}`;
        const plan = planFor({ name, protection, participants, rounds, model, batchSize, roundSeconds: 600 }, keys);
        const outcome = await realRun(program, place, keys, plan, {
          runId: `${name}-${turn}`,
          folder,
          names: Array.from({ length: participants }, (_, at) => `member-${at}`),
          processes: participants,
          work: smoke ? { kind: 'numbers', afterMs: 0 } : { kind: 'digits', examples: 600 },
          withinMs: smoke ? 30_000 : 900_000,
        });
        seconds.get(protection)?.push(outcome.wallSeconds);
        say(`${protection}, run ${turn + 1} of ${size.runs}: ${outcome.wallSeconds.toFixed(1)} s`);
        results.push({
          name: `${participants} participants, ${rounds} rounds, ${protection}, run ${turn + 1}`,
          wallSeconds: outcome.wallSeconds,
          serverCpuSeconds: program.cpuSeconds(),
          clientsCpuSeconds: outcome.clientsCpuSeconds,
          serverPeakMegabytes: program.peakMegabytes(),
        });
      } finally {
        await program.kill();
        rmSync(folder, { recursive: true, force: true });
      }
    }
  }
  if (smoke) return { results, outcomes: [] };
  const median = (protection: string): number => statistic(seconds.get(protection) ?? []).median;
  const ratio = (protection: string): Outcome => ({ measured: median(protection) / median('none') });
  return {
    results,
    outcomes: [
      [SERVER_TARGETS.mask.name, ratio('mask')],
      [SERVER_TARGETS.oneShot.name, ratio('one-shot')],
      [SERVER_TARGETS.threshold.name, ratio('threshold')],
    ],
  };
}

function without(reason: string): Findings {
  const names = [SERVER_TARGETS.mask, SERVER_TARGETS.oneShot, SERVER_TARGETS.threshold].map(({ name }) => name);
  return { results: [], outcomes: names.map((name) => [name, { measured: null, reason }]) };
}
