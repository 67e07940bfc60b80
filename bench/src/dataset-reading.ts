// The part of the bench `dataset` about reading: CSV into typed columns beside two parsers that stop at strings, in the same run; and
// how much memory it takes to describe a table of two gigabytes, in a process of its own.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { inspectCsv, readCsv, readCsvBytes } from '@sumus/dataset/csv';
import { parse } from 'csv-parse/sync';
import Papa from 'papaparse';
import { madeTable } from './dataset-made-table.ts';
import { type Contestant, measure, once, timesFaster } from './measure.ts';
import type { BenchOptions, Bound, Outcome, Result, Target } from './report.ts';

const row =
  'CSV reading into typed columns at least as fast as `papaparse` parses (≈ 75 MB/s; `csv-parse` ≈ 23 MB/s) in the same run; a 2 GB file is described in bounded memory (≤ 300 MB).';

const target = (name: string, unit: string, bound: Bound): Target => ({ name, target: row, unit, bound });

const TARGETS = {
  papaparse: target('typed columns, types known, against papaparse to strings, CPU', 'times as fast', { atLeast: 1 }),
  guessed: target('the same with dialect and types guessed first, against papaparse, CPU', 'times as fast', {
    atLeast: 1,
  }),
  csvParse: target('typed columns against csv-parse, CPU', 'times as fast', 'reported'),
  speed: target('typed columns, CPU', 'MB/s', 'reported'),
  memory: target('most memory while 2 GB are described', 'MB', { atMost: 300 }),
} as const;

export const readingTargets: readonly Target[] = Object.values(TARGETS);

export interface ReadingFindings {
  readonly results: readonly Result[];
  readonly outcomes: ReadonlyMap<string, Outcome>;
}

export async function readingFindings(options: BenchOptions): Promise<ReadingFindings> {
  const sizeBytes = options.smoke ? 1 << 16 : 1 << 24;
  const bytes = Buffer.concat([...madeTable(sizeBytes)]);
  const text = bytes.toString('utf8');
  const { plan } = await inspectCsv([bytes]);
  const { table, report } = await readCsv([bytes], plan);
  const theirs = Papa.parse<string[]>(text).data.filter((record) => record.length > 1);
  if (theirs.length !== report.rows + 1 || report.rejectedRows > 0)
    throw new Error('the parsers disagree about the rows');
  options.say(`${bytes.length} bytes of CSV, ${report.rows} rows, ${table.columns.length} columns, four ways`);
  const contestants: Contestant[] = [
    { name: 'sumus, typed columns', work: async () => void (await readCsv([bytes], plan)) },
    {
      name: 'sumus, dialect and types guessed first',
      work: async () => void (await readCsvBytes(bytes)),
    },
    // Given its text decoded already, which ours does on the way.
    { name: 'papaparse, strings', work: () => void Papa.parse(text) },
    { name: 'csv-parse, strings', work: () => void parse(bytes) },
  ];
  const timings = await measure(contestants, options.smoke ? once : { rounds: 7, sampleMs: 0 });
  const [typed, guessed, papaparse, csvParse] = timings;
  if (typed === undefined || guessed === undefined || papaparse === undefined || csvParse === undefined) {
    throw new Error('a contestant was not timed');
  }
  const megabytesPerSecond = (cpuMs: number): number => bytes.length / 1e3 / Math.max(cpuMs, 1e-6);
  const results: Result[] = timings.map(({ name, cpuMs, wallMs }) => ({
    name,
    sizeBytes: bytes.length,
    cpuMsMedian: cpuMs.median,
    cpuMsMinimum: cpuMs.minimum,
    wallMsMinimum: wallMs.minimum,
    megabytesPerCpuSecond: megabytesPerSecond(cpuMs.minimum),
  }));
  const memory = describedInBoundedMemory(options);
  const outcomes = new Map<string, Outcome>([
    [TARGETS.papaparse.name, { measured: timesFaster(typed, papaparse).ofMinima }],
    [TARGETS.guessed.name, { measured: timesFaster(guessed, papaparse).ofMinima }],
    [TARGETS.csvParse.name, { measured: timesFaster(typed, csvParse).ofMinima }],
    [TARGETS.speed.name, { measured: megabytesPerSecond(typed.cpuMs.minimum) }],
    [TARGETS.memory.name, { measured: Number(memory['peakMegabytes']) }],
  ]);
  return { results: [...results, memory], outcomes };
}

/** A process of its own: what this one holds already would count. */
function describedInBoundedMemory(options: BenchOptions): Result {
  const sizeBytes = options.smoke ? 1 << 20 : 2 * 2 ** 30;
  options.say(`describing ${sizeBytes} bytes in a process of its own`);
  const program = join(
    import.meta.dirname,
    `dataset-describing${import.meta.filename.endsWith('.ts') ? '.ts' : '.js'}`,
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, String(sizeBytes)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`describing failed: ${stderr}`);
  return { name: 'describing, a process of its own', ...JSON.parse(stdout) };
}
