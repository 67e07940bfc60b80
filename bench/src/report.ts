// What a bench answers: numbers, and for every row of its table of targets whether the bound holds. The shape is a contract:
// `--json` prints exactly this object on the last line of stdout. A row is never dropped; one that could not be measured
// says why, and a smoke run holds nothing because it measures nothing.

/** What a row demands of its number; `reported` demands only that there is one. */
export type Bound = { readonly atLeast: number } | { readonly atMost: number } | 'reported';

/** One bound of the table. A row of the table with several bounds is several targets under one verbatim text. */
export interface Target {
  readonly name: string;
  /** The bound copied verbatim from the table. */
  readonly target: string;
  readonly unit: string;
  readonly bound: Bound;
}

/** What came of a target: its number, or why there is none. */
export type Outcome = { readonly measured: number } | { readonly measured: null; readonly reason: string };

export interface TargetReport {
  readonly name: string;
  readonly target: string;
  readonly measured: number | null;
  readonly unit: string;
  readonly holds: boolean;
  readonly reason: string;
}

/** One line of a bench's results: what was done by whom, and plain numbers with their units in the names. */
export interface Result {
  readonly name: string;
  readonly [quantity: string]: string | number | boolean | null;
}

export interface BenchReport {
  readonly bench: string;
  readonly smoke: boolean;
  readonly runtime: string;
  readonly cpu: string;
  readonly results: readonly Result[];
  readonly targets: readonly TargetReport[];
}

export interface BenchOptions {
  /** The smallest sizes and fewest repeats: shows that the bench runs, measures nothing. */
  readonly smoke: boolean;
  /** Where the bench runs; handed in so that a test need not run anywhere. */
  readonly machine: { readonly runtime: string; readonly cpu: string };
  /** Progress for a person; never part of the report. */
  readonly say: (line: string) => void;
}

export interface Bench {
  readonly name: string;
  /** The question it answers, in one line. */
  readonly question: string;
  run(options: BenchOptions): Promise<BenchReport>;
}

/** Puts a report together: every target gets its row, in the order of the table, whatever came of it. */
export function composeReport(parts: {
  readonly bench: string;
  readonly options: BenchOptions;
  readonly targets: readonly Target[];
  readonly results: readonly Result[];
  /** By the target's name. An outcome without a target is a mistake and refused. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
}): BenchReport {
  const { bench, options, targets, results, outcomes } = parts;
  const names = new Set(targets.map((target) => target.name));
  if (names.size !== targets.length) throw new Error(`bench ${bench}: two targets have one name`);
  for (const name of outcomes.keys()) {
    if (!names.has(name)) throw new Error(`bench ${bench}: an outcome for "${name}", which is no target`);
  }
  const { runtime, cpu } = options.machine;
  const rows = targets.map((target) => judge(target, outcomes.get(target.name), options.smoke));
  return { bench, smoke: options.smoke, runtime, cpu, results, targets: rows };
}

function judge(target: Target, outcome: Outcome | undefined, smoke: boolean): TargetReport {
  const { name, unit, bound } = target;
  const row = (measured: number | null, holds: boolean, reason: string): TargetReport => ({
    name,
    target: target.target,
    measured,
    unit,
    holds,
    reason,
  });
  if (smoke) return row(null, false, 'smoke run: too small to measure anything');
  if (outcome === undefined) return row(null, false, 'this run did not measure it');
  if (outcome.measured === null) return row(null, false, outcome.reason);
  const { measured } = outcome;
  if (!Number.isFinite(measured)) return row(null, false, `the measurement gave ${measured}, which is no number`);
  if (bound === 'reported') return row(measured, true, 'reported');
  const [holds, demand] =
    'atLeast' in bound
      ? [measured >= bound.atLeast, `at least ${bound.atLeast}`]
      : [measured <= bound.atMost, `at most ${bound.atMost}`];
  return row(measured, holds, `${holds ? 'within' : 'misses'} the bound: ${demand} ${unit}`);
}
