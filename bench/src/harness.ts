// npm run bench, without the process around it: lists the benches, runs one, or runs all at their smallest.
import type { Bench, BenchOptions, BenchReport, Result } from './report.ts';

export interface Outputs {
  /** One line of stdout. With --json the report is the only one, and so the last. */
  readonly out: (line: string) => void;
  /** One line of stderr. */
  readonly err: (line: string) => void;
}

/** Answers with the exit code: 0 ran, 1 a bench failed, 2 there is no such bench or option. A missed target is no failure. */
export async function runBenches(
  benches: readonly Bench[],
  words: readonly string[],
  machine: BenchOptions['machine'],
  outputs: Outputs,
): Promise<number> {
  const flags = words.filter((word) => word.startsWith('-'));
  const names = words.filter((word) => !word.startsWith('-'));
  const smoke = flags.includes('--smoke');
  const json = flags.includes('--json');
  const unknown = flags.find((flag) => flag !== '--smoke' && flag !== '--json');
  if (unknown !== undefined)
    return refuse(outputs, `there is no option ${unknown}; npm run bench -- NAME [--json] [--smoke]`);
  const missing = names.find((name) => benches.every((bench) => bench.name !== name));
  if (missing !== undefined) return refuse(outputs, `there is no bench ${missing}; npm run bench lists them`);
  if (names.length > 1) return refuse(outputs, `one bench at a time, not ${names.join(', ')}`);
  if (names.length === 0 && json) return refuse(outputs, '--json needs the name of a bench');
  if (names.length === 0 && !smoke) {
    list(benches, outputs);
    return 0;
  }
  const chosen = names.length === 0 ? benches : benches.filter((bench) => bench.name === names[0]);
  // Nothing that ran is not everything that ran well.
  if (chosen.length === 0) return refuse(outputs, 'there are no benches');
  let failures = 0;
  for (const bench of chosen) {
    try {
      const report = await bench.run({ smoke, machine, say: (line) => outputs.err(`${bench.name} · ${line}`) });
      checkReport(bench, smoke, report);
      if (json) outputs.out(JSON.stringify(report));
      else show(report, outputs);
    } catch (error) {
      failures += 1;
      outputs.err(
        `bench ${bench.name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    }
  }
  return failures === 0 ? 0 : 1;
}

function refuse(outputs: Outputs, message: string): number {
  outputs.err(`sumus bench · ${message}`);
  return 2;
}

function list(benches: readonly Bench[], outputs: Outputs): void {
  outputs.out('npm run bench -- NAME [--json] [--smoke]');
  const width = Math.max(...benches.map((bench) => bench.name.length));
  for (const bench of benches) outputs.out(`  ${bench.name.padEnd(width)}  ${bench.question}`);
}

/** What the contract promises a reader of the report, whoever put it together. */
function checkReport(bench: Bench, smoke: boolean, report: BenchReport): void {
  const broken = (what: string): never => {
    throw new Error(`the report breaks its contract: ${what}`);
  };
  if (report.bench !== bench.name) broken(`it is called ${report.bench}`);
  if (report.smoke !== smoke) broken(`smoke is ${report.smoke}`);
  for (const row of report.targets) {
    if (smoke && (row.holds || row.measured !== null)) broken(`a smoke run measured "${row.name}"`);
    if (row.measured === null && row.holds) broken(`"${row.name}" holds without a measurement`);
    if (row.measured !== null && !Number.isFinite(row.measured)) broken(`"${row.name}" measured ${row.measured}`);
    if (!row.holds && row.reason === '') broken(`"${row.name}" does not hold and gives no reason`);
  }
  for (const result of report.results) {
    for (const [quantity, value] of Object.entries(result)) {
      if (typeof value === 'number' && !Number.isFinite(value)) broken(`${result.name}: ${quantity} is ${value}`);
    }
  }
}

function show(report: BenchReport, outputs: Outputs): void {
  const mark = report.smoke ? '   SMOKE RUN: nothing here is a measurement' : '';
  outputs.out(`${report.bench} · ${report.runtime} · ${report.cpu}${mark}`);
  for (const result of report.results) outputs.out(`  ${describe(result)}`);
  for (const row of report.targets) {
    const measured = row.measured === null ? 'not measured' : `${rounded(row.measured)} ${row.unit}`;
    outputs.out(`  ${row.holds ? 'holds' : 'FAILS'}  ${row.name} · ${row.target} · ${measured} · ${row.reason}`);
  }
}

const rounded = (value: number): string => (Number.isInteger(value) ? String(value) : value.toPrecision(4));

function describe(result: Result): string {
  const quantities = Object.entries(result).filter(([quantity]) => quantity !== 'name');
  const shown = quantities.map(
    ([quantity, value]) => `${quantity} ${typeof value === 'number' ? rounded(value) : value}`,
  );
  return `${result.name}: ${shown.join(', ')}`;
}
