// How much memory the server's process ever has at once while participants in other processes upload a million numbers each, one-shot.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Findings } from '../lattice/row.ts';
import type { BenchOptions } from '../report.ts';
import { planFor } from './plans.ts';
import { ServerProgram } from './program.ts';
import { freshOwner, realRun, wordsFor } from './real-run.ts';
import { SERVER_TARGETS } from './targets.ts';

/** The table asks for so many; SUMUS_BENCH_UPLOADS for another number, which then is no measurement of it. */
const ASKED = 1000;

export async function memoryRows({ smoke, say }: BenchOptions): Promise<Findings> {
  const participants = smoke ? 4 : Number(process.env['SUMUS_BENCH_UPLOADS'] ?? ASKED);
  const model = smoke ? { inputs: 9, width: 10 } : { inputs: 999, width: 1000 };
  const folder = mkdtempSync(join(tmpdir(), 'sumus-bench-server-'));
  const keys = await freshOwner();
  const program = new ServerProgram(wordsFor(keys, join(folder, 'server')));
  try {
    const place = await program.start();
    const before = program.peakMegabytes();
    const plan = planFor(
      { name: 'memory', protection: 'one-shot', participants, rounds: 1, model, batchSize: 1, roundSeconds: 3600 },
      keys,
    );
    const outcome = await realRun(program, place, keys, plan, {
      runId: 'memory',
      folder,
      names: Array.from({ length: participants }, (_, at) => `member-${String(at).padStart(4, '0')}`),
      processes: Math.min(participants, 4),
      work: { kind: 'numbers', afterMs: 0 },
      withinMs: smoke ? 30_000 : 3_600_000,
    });
    const peak = program.peakMegabytes();
    say(`${participants} participants: ${peak?.toFixed(0)} MB at most, ${outcome.wallSeconds.toFixed(0)} s`);
    const measured = participants === ASKED && peak !== null;
    const reason =
      peak === null
        ? 'only Linux says how much memory a process had'
        : `${participants} participants instead of ${ASKED}, by SUMUS_BENCH_UPLOADS`;
    return {
      results: [
        {
          name: `${participants} participants, ${plan.model.parameterCount} parameters, one-shot, real HTTP`,
          serverPeakMegabytes: peak,
          serverBeforeMegabytes: before,
          serverCpuSeconds: program.cpuSeconds(),
          clientsCpuSeconds: outcome.clientsCpuSeconds,
          wallSeconds: outcome.wallSeconds,
        },
      ],
      outcomes: [[SERVER_TARGETS.memory.name, measured ? { measured: peak } : { measured: null, reason }]],
    };
  } finally {
    await program.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}
