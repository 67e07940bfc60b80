// Every case of the reference file, accounted and held against its truth and its tools.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pureEpsilon, renyiEpsilon, tightestEpsilon } from '@sumus/differential-privacy/accountants';
import { noiseFor } from '@sumus/differential-privacy/inverse';
import { entryId, referenceCase, referenceEntries } from '@sumus/differential-privacy/reference';
import { processClock, statistic } from '../measure.ts';
import type { BenchOptions, Outcome, Result, Target } from '../report.ts';
import { TARGETS } from './targets.ts';

/** Beside the repository; dist/accounting/ is four levels below its root. */
const path = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data', 'dp-reference-public.json');

interface Recorded {
  readonly truth?: { readonly epsilon?: number; readonly uncertainty: number };
  readonly tools?: Readonly<Record<string, { readonly epsilon?: unknown; readonly cpu_ms?: number }>>;
  readonly tool_flags?: Readonly<Record<string, string>>;
}

export interface Findings {
  readonly results: readonly Result[];
  readonly outcomes: readonly (readonly [string, Outcome])[];
}

const needFile: readonly Target[] = [
  TARGETS.below,
  TARGETS.above,
  TARGETS.tools,
  TARGETS.hard,
  TARGETS.renyiBelow,
  TARGETS.renyi,
  TARGETS.unanswered,
  TARGETS.median,
  TARGETS.calibration,
  TARGETS.pld,
  TARGETS.opacus,
  TARGETS.microsoft,
  TARGETS.calibrations,
];

class Ratios {
  readonly values: number[] = [];
  add(value: number): void {
    if (Number.isFinite(value)) this.values.push(value);
  }
  largest(): Outcome {
    return this.values.length === 0
      ? { measured: null, reason: 'no case has one' }
      : { measured: Math.max(...this.values) };
  }
  median(): Outcome {
    return this.values.length === 0
      ? { measured: null, reason: 'no case has one' }
      : { measured: statistic(this.values).median };
  }
}

const sound = (name: string): boolean => !/gdp/.test(name);
const optimistic = (name: string): boolean => /optimistic|lower/.test(name);

export function caseRows(options: BenchOptions): Findings {
  if (!existsSync(path)) {
    const reason = `the reference file is not beside the repository: ${path}`;
    return { results: [], outcomes: needFile.map(({ name }) => [name, { measured: null, reason }]) };
  }
  let entries = referenceEntries(JSON.parse(readFileSync(path, 'utf8')));
  if (options.smoke) entries = entries.slice(0, 2);
  const results: Result[] = [];
  let [below, renyiBelow, unanswered] = [0, 0, 0];
  const [above, tools, renyi, times, calibrations] = [
    new Ratios(),
    new Ratios(),
    new Ratios(),
    new Ratios(),
    new Ratios(),
  ];
  const other = { pld: new Ratios(), opacus: new Ratios(), microsoft: new Ratios(), calibrations: new Ratios() };
  let hard: Outcome = { measured: null, reason: 'the case is not in the file' };
  for (const [at, raw] of entries.entries()) {
    const id = entryId(raw, at);
    const { truth, tools: peers = {}, tool_flags: flags = {} } = raw as Recorded;
    const one = referenceCase(raw, id);
    if (one.kind === 'not applicable') continue;
    if (one.kind === 'calibration') {
      const ms = leastCpu(() => noiseFor({ epsilon: one.targetEpsilon, delta: one.delta }, one.historyAt));
      calibrations.add(ms);
      other.calibrations.add((peers['dp_accounting_pld']?.cpu_ms ?? Number.NaN) / ms);
      results.push({ name: id, cpuMs: ms, what: 'calibration' });
      continue;
    }
    const pure = one.delta === 0;
    const account = (): number => {
      if (pure) return pureEpsilon(one.history);
      const answer = tightestEpsilon(one.history, one.delta);
      return answer.kind === 'bound' && answer.sound ? answer.epsilon : Number.NaN;
    };
    const epsilon = account();
    const ms = leastCpu(account);
    times.add(ms);
    other.pld.add((peers['dp_accounting_pld']?.cpu_ms ?? Number.NaN) / ms);
    other.opacus.add((peers['opacus_prv']?.cpu_ms ?? Number.NaN) / ms);
    other.microsoft.add((peers['ms_prv']?.cpu_ms ?? Number.NaN) / ms);
    const values = Object.entries(peers).flatMap(([name, { epsilon: value }]) =>
      flags[name] === undefined && sound(name) && typeof value === 'number' ? [[name, value] as const] : [],
    );
    const pessimistic = Math.min(...values.filter(([name]) => !optimistic(name)).map(([, value]) => value));
    const reference = Math.min(...values.filter(([name]) => /rdp/.test(name)).map(([, value]) => value));
    const floor =
      truth?.epsilon === undefined
        ? Math.max(0, ...values.filter(([name]) => optimistic(name)).map(([, value]) => value))
        : truth.epsilon - truth.uncertainty;
    if (Number.isNaN(epsilon)) unanswered += 1;
    else if (epsilon < floor) below += 1;
    if (truth?.epsilon === undefined) tools.add(epsilon / pessimistic);
    else above.add(epsilon / truth.epsilon);
    if (id === 'psg-030' && truth?.epsilon !== undefined)
      hard = { measured: epsilon >= floor ? epsilon / truth.epsilon : Number.POSITIVE_INFINITY };
    const moments = pure ? undefined : renyiEpsilon(one.history, one.delta);
    if (moments?.kind === 'bound') {
      if (truth?.epsilon !== undefined && moments.epsilon < floor) renyiBelow += 1;
      if (Number.isFinite(reference)) renyi.add(moments.epsilon / reference);
    }
    results.push({ name: id, epsilon, truth: truth?.epsilon ?? null, cpuMs: ms, what: 'ε' });
    if (at % 20 === 0) options.say(`${at + 1} of ${entries.length} cases`);
  }
  return {
    results,
    outcomes: [
      [TARGETS.below.name, { measured: below }],
      [TARGETS.above.name, above.largest()],
      [TARGETS.tools.name, tools.largest()],
      [TARGETS.hard.name, hard],
      [TARGETS.renyiBelow.name, { measured: renyiBelow }],
      [TARGETS.renyi.name, renyi.largest()],
      [TARGETS.unanswered.name, { measured: unanswered }],
      [TARGETS.median.name, times.median()],
      [TARGETS.calibration.name, calibrations.largest()],
      [TARGETS.pld.name, other.pld.median()],
      [TARGETS.opacus.name, other.opacus.median()],
      [TARGETS.microsoft.name, other.microsoft.median()],
      [TARGETS.calibrations.name, other.calibrations.median()],
    ],
  };
}

/** Processor milliseconds, the least of a few runs: others may be running. */
export function leastCpu(work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round += 1) {
    const started = processClock.cpuMs();
    work();
    least = Math.min(least, processClock.cpuMs() - started);
    if (least > 200) break;
  }
  return least;
}
