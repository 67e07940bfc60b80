// The server is killed where it stands, at random moments of runs between real processes, and started again. Afterwards: every run came to its
// end with all its rounds, everybody has the same model, and the log with all participants' ledgers beside it is examined and intact.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { examineLog } from '@sumus/evidence/log';
import { nodePrimitives } from '@sumus/platform/node';
import type { Findings } from '../lattice/row.ts';
import type { BenchOptions, Target } from '../report.ts';
import { planFor } from './plans.ts';
import { benchPostgres } from './postgres.ts';
import { ServerProgram } from './program.ts';
import { freshOwner, type RealOutcome, realRun, wordsFor } from './real-run.ts';
import { SERVER_TARGETS } from './targets.ts';

/** The table asks for so many; SUMUS_BENCH_KILLS for another number, which then is no measurement of it. */
const KILLS = 100;
const PARTICIPANTS = 4;
const ROUNDS = 6;
/** In one run; then another one begins, under another protection or with larger frames. */
const KILLS_OF_A_RUN = 15;
/** Between two kills, so that a run has time for something; drawn anew each. */
const BETWEEN_MS = { least: 50, most: 1500 } as const;

interface KilledRuns {
  readonly kills: number;
  readonly problems: readonly string[];
  readonly runs: number;
}

export const sqliteKillRows = (options: BenchOptions): Promise<Findings> =>
  rowsFor(SERVER_TARGETS.killsSqlite, {}, options);

export async function postgresKillRows(options: BenchOptions): Promise<Findings> {
  const target = SERVER_TARGETS.killsPostgres;
  if (options.smoke) return { results: [], outcomes: [] };
  const postgres = await benchPostgres();
  if (typeof postgres === 'string') {
    return { results: [], outcomes: [[target.name, { measured: null, reason: postgres }]] };
  }
  try {
    return await rowsFor(target, { SUMUS_DATABASE_URL: postgres.url }, options);
  } finally {
    await postgres.remove();
  }
}

async function rowsFor(
  target: Target,
  environment: Readonly<Record<string, string>>,
  { smoke, say }: BenchOptions,
): Promise<Findings> {
  const wanted = smoke ? 1 : Number(process.env['SUMUS_BENCH_KILLS'] ?? KILLS);
  const { kills, runs, problems } = await killed(wanted, smoke ? 2 : ROUNDS, environment, say);
  for (const problem of problems) say(`PROBLEM: ${problem}`);
  const measured = problems.length === 0 ? kills : 0;
  const reason = `${measured} kills instead of ${KILLS}, by SUMUS_BENCH_KILLS`;
  return {
    results: [{ name: target.name, kills, runs, problems: problems.length }],
    outcomes: [[target.name, wanted === KILLS ? { measured } : { measured: null, reason }]],
  };
}

async function killed(
  kills: number,
  rounds: number,
  environment: Readonly<Record<string, string>>,
  say: BenchOptions['say'],
): Promise<KilledRuns> {
  const problems: string[] = [];
  let [done, runs] = [0, 0];
  while (done < kills && problems.length === 0) {
    const folder = mkdtempSync(join(tmpdir(), 'sumus-bench-server-'));
    const keys = await freshOwner();
    const program = new ServerProgram(wordsFor(keys, join(folder, 'server')), environment);
    // By turns, so that frames are inline and in blobs, and sums by masks and by a committee.
    const protection = runs % 2 === 0 ? 'one-shot' : 'mask';
    const width = runs % 4 < 2 ? 10 : 400;
    const model = { inputs: 999, width };
    try {
      const place = await program.start();
      const plan = planFor(
        {
          name: 'killed',
          protection,
          participants: PARTICIPANTS,
          rounds,
          model,
          batchSize: 1,
          roundSeconds: 60,
        },
        keys,
      );
      const outcome = await realRun(
        program,
        place,
        keys,
        plan,
        {
          runId: `killed-${process.pid}-${Date.now()}`,
          folder,
          names: Array.from({ length: PARTICIPANTS }, (_, at) => `member-${at}`),
          processes: PARTICIPANTS,
          work: { kind: 'numbers', afterMs: 200 },
          withinMs: 240_000,
        },
        async (isOver) => {
          for (let inRun = 0; inRun < KILLS_OF_A_RUN && done < kills && !isOver(); inRun += 1) {
            const { least, most } = BETWEEN_MS;
            await new Promise((resolve) => setTimeout(resolve, least + Math.random() * (most - least)));
            if (isOver()) break;
            await program.kill();
            done += 1;
            await program.start();
          }
        },
      );
      problems.push(...(await problemsOf(outcome, rounds)));
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    } finally {
      await program.kill();
      rmSync(folder, { recursive: true, force: true });
    }
    runs += 1;
    say(`${done} kills in ${runs} runs`);
  }
  return { kills: done, runs, problems };
}

async function problemsOf({ log, overs, signed }: RealOutcome, rounds: number): Promise<readonly string[]> {
  const ledgers = overs.map(({ name, ledger }) => ({ member: name, text: ledger }));
  const { findings, state } = await examineLog(nodePrimitives(), { text: log, owner: signed.signedBy, ledgers });
  const problems = findings.map(({ at, what }) => `event ${at}: ${what}`);
  if (state?.phase.kind !== 'ended' || state.phase.why !== 'all rounds done') {
    problems.push(`the run is ${JSON.stringify(state?.phase)}`);
  }
  if (state?.releases.length !== rounds) problems.push(`${state?.releases.length} of ${rounds} rounds were released`);
  if (new Set(overs.map(({ model }) => model)).size !== 1) problems.push('participants have different models');
  if (overs.length !== PARTICIPANTS || overs.some(({ why }) => why !== 'all rounds done')) {
    problems.push(`participants ended with ${overs.map(({ why }) => why).join(', ')}`);
  }
  return problems;
}
