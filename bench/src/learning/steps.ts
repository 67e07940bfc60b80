// One SGD step by every engine, interleaved, on equal work; before that, equal losses over a few steps, so that a wrong engine cannot win.

import { measure, once, type Plan, type Timing, timesFaster } from '../measure.ts';
import type { BenchOptions, Outcome, Result, Target } from '../report.ts';
import { jax } from './jax.ts';
import { ours } from './ours.ts';
import { TARGETS } from './targets.ts';
import { tfjs } from './tfjs.ts';
import { type Competitor, type Work, workOf } from './work.ts';

export interface Findings {
  readonly results: readonly Result[];
  /** By the target's name. */
  readonly outcomes: readonly (readonly [string, Outcome])[];
}

interface Row {
  readonly work: Work;
  readonly plan: Plan;
  readonly tfjs: Target;
  readonly jax: Target;
  readonly clipped: Target;
}

export async function stepRows(options: BenchOptions): Promise<Findings> {
  const batch = options.smoke ? 2 : 64;
  const rows: readonly Row[] = [
    {
      work: workOf('mlp', batch),
      plan: { rounds: 9, sampleMs: 250 },
      tfjs: TARGETS.mlpTfjs,
      jax: TARGETS.mlpJax,
      clipped: TARGETS.clippedMlp,
    },
    {
      work: workOf('lenet', batch),
      plan: { rounds: 5, sampleMs: 100 },
      tfjs: TARGETS.cnnTfjs,
      jax: TARGETS.cnnJax,
      clipped: TARGETS.clippedCnn,
    },
  ];
  const results: Result[] = [];
  const outcomes: (readonly [string, Outcome])[] = [];
  for (const row of rows) {
    options.say(`${row.work.name}: loading engines and comparing their losses`);
    const plain = await ours(row.work, 'plain');
    const clipped = await ours(row.work, 'clipped');
    const peers = [await tfjs(row.work), await jax(row.work)];
    results.push(...(await sameLosses(row.work, [plain, ...peers], options.smoke ? 1 : 5)));

    options.say(`${row.work.name}: one step, ${peers.length + 2} ways`);
    const timings = await measure(
      [plain, clipped, ...peers].map((one) => ({ name: one.name, work: () => one.step() })),
      options.smoke ? once : row.plan,
    );
    const [own, ownClipped, ...theirs] = timings;
    if (own === undefined || ownClipped === undefined) throw new Error('a measurement is missing');
    results.push(...timings.map((timing) => line(row.work, timing)));
    const ratio = timesFaster(own, ownClipped);
    results.push({
      name: `${row.work.name}: clipped / plain`,
      ratio: ratio.ofMinima,
      ratioMedianOfRounds: ratio.ofRounds,
    });
    outcomes.push([row.clipped.name, { measured: ratio.ofMinima }]);
    for (const [i, target] of [row.tfjs, row.jax].entries()) {
      const peer = theirs[i];
      if (peer === undefined) continue;
      const { ofMinima, ofRounds } = timesFaster(own, peer);
      results.push({ name: `${row.work.name}: ${peer.name} / Sumus`, ratio: ofMinima, ratioMedianOfRounds: ofRounds });
      outcomes.push([target.name, { measured: ofMinima }]);
    }
  }
  return { results, outcomes };
}

function line(work: Work, timing: Timing): Result {
  return {
    name: `${work.name}: ${timing.name}`,
    batch: work.batch,
    cpuMsMinimum: timing.cpuMs.minimum,
    cpuMsMedian: timing.cpuMs.median,
    wallMsMinimum: timing.wallMs.minimum,
    samplesPerCpuSecond: timing.cpuMs.minimum > 0 ? (1000 * work.batch) / timing.cpuMs.minimum : null,
  };
}

/** Losses before and after a few steps; refuses engines that differ by more than float rounding explains. */
async function sameLosses(work: Work, engines: readonly Competitor[], steps: number): Promise<Result[]> {
  const losses: number[][] = [];
  for (const engine of engines) {
    const own = [await engine.loss()];
    for (let step = 0; step < steps; step += 1) await engine.step();
    own.push(await engine.loss());
    losses.push(own);
  }
  const [first = []] = losses;
  losses.forEach((own, i) => {
    own.forEach((loss, j) => {
      const difference = Math.abs(loss - (first[j] ?? Number.NaN));
      if (!(difference < 1e-4)) {
        throw new Error(`${work.name}: ${engines[i]?.name} has loss ${loss}, not ${first[j]}`);
      }
    });
  });
  return engines.map((engine, i) => ({
    name: `${work.name}: loss of ${engine.name}`,
    lossAtFirst: losses[i]?.[0] ?? null,
    lossAfter: losses[i]?.[1] ?? null,
    steps,
  }));
}
