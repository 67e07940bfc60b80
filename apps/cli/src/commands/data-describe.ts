// sumus data describe: what is in a file, column by column, in one look; and which columns look as if they identified a person.
import { GuessContradicted } from '@sumus/dataset/csv';
import {
  type ColumnDescription,
  type NumericSummary,
  TableDescriber,
  type TableDescription,
} from '@sumus/dataset/describe';
import { formatDate } from '@sumus/dataset/table';
import type { Command } from 'commander';
import { UsageError } from '../command.ts';
import { printJson } from '../print.ts';
import { describeFormat, openSource, readingNotes, type Source, type SourceReport } from './data-source.ts';
import { declareSource, type SourceOptions } from './data-source-options.ts';
import { printVisible, visible } from './data-terminal.ts';

interface DescribeOptions extends SourceOptions {
  readonly preview?: string;
  readonly bins?: string;
  readonly top?: string;
  readonly json?: true;
}

export function declareDescribe(group: Command): void {
  declareSource(
    group.command('describe').description('what is in a table, and which columns look as if they identified a person'),
  )
    .argument('<file>', 'CSV, TSV, JSON lines, Parquet, Arrow, NPY, NPZ or IDX')
    .option('--preview <rows>', 'how many of the first rows are shown', '3')
    .option('--bins <count>', 'bars of a histogram', '12')
    .option('--top <count>', 'categories listed', '5')
    .option('--json', 'one JSON object instead of a table')
    .action((file: string, options: DescribeOptions) => describeFile(file, options));
}

async function describeFile(file: string, options: DescribeOptions): Promise<void> {
  const [bins, top, preview] = [
    counted('--bins', options.bins, 1000),
    counted('--top', options.top, 4096),
    counted('--preview', options.preview, 10),
  ];
  if (bins < 1) throw new UsageError('--bins is at least 1');
  const { source, report, description } = await describedOnce(file, options, { bins, top });
  if (options.json) printJson(asJson(file, source, report, description));
  else show(file, source, report, description, preview);
}

interface Described {
  readonly source: Source;
  readonly report: SourceReport;
  readonly description: TableDescription;
}

/** In one pass where the beginning of the file tells the types of all of it, else in two. */
async function describedOnce(
  file: string,
  options: DescribeOptions,
  what: { bins: number; top: number },
): Promise<Described> {
  try {
    return await described(await openSource(file, options, 'beginning'), what);
  } catch (error) {
    if (!(error instanceof GuessContradicted)) throw error;
    return described(await openSource(file, options), what);
  }
}

async function described(source: Source, what: { bins: number; top: number }): Promise<Described> {
  const describer = new TableDescriber(what);
  const batches = source.batches();
  let step = await batches.next();
  for (; step.done !== true; step = await batches.next()) describer.add(step.value);
  return { source, report: step.value, description: describer.conclude() };
}

function counted(name: string, text: string | undefined, limit: number): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 0 || count > limit)
    throw new UsageError(`${name} is a number up to ${limit}, not ${text}`);
  return count;
}

function asJson(file: string, source: Source, report: SourceReport, description: TableDescription): unknown {
  const { format, sizeBytes, evidence, preview, plan } = source;
  const columns = description.columns.map((column, at) => ({ ...column, typeEvidence: source.columns[at]?.evidence }));
  return {
    file,
    format,
    sizeBytes,
    evidence,
    ...(plan === undefined ? {} : { dialect: plan.dialect }),
    report,
    preview,
    rows: description.rows,
    columns,
  };
}

function show(
  file: string,
  source: Source,
  report: SourceReport,
  description: TableDescription,
  preview: number,
): void {
  const out = (line: string): boolean => process.stdout.write(`${line}\n`);
  const rows = description.rows.toLocaleString('en');
  out(`${file}: ${rows} rows, ${source.columns.length} columns (${describeFormat(source)})`);
  for (const note of readingNotes(source, report)) out(`  ${visible(note)}`);
  out('');
  printVisible([
    ['column', 'type', 'missing', 'distinct', 'distribution', ''],
    ...description.columns.map((column) => [
      shortened(column.name, 24),
      column.type,
      missing(column),
      distinct(column),
      bars(column),
      summary(column),
    ]),
  ]);
  const sensitive = description.columns.filter((column) => column.sensitive.length > 0);
  out('');
  if (sensitive.length === 0)
    out(
      'No column looks like one of the eighteen identifiers of HIPAA. Combinations may still identify people: sumus data risk.',
    );
  else {
    out('These look as if they identified a person (HIPAA Safe Harbor, by paragraph):');
    printVisible(
      sensitive.flatMap((column) =>
        column.sensitive.map((finding) => [
          `  ${shortened(column.name, 24)}`,
          `${finding.paragraph} ${finding.identifier}`,
          finding.evidence,
        ]),
      ),
    );
  }
  if (preview > 0 && source.preview.length > 0) {
    out('\nThe first rows, as they stand:');
    const cells = source.preview.slice(0, preview).map((row) => row.map((cell) => shortened(visible(cell), 18)));
    printVisible([source.columns.map(({ schema }) => shortened(visible(schema.name), 18)), ...cells]);
  }
}

function shortened(text: string, length: number): string {
  const plain = visible(text);
  return plain.length > length ? `${plain.slice(0, length - 1)}…` : plain;
}

const missing = ({ missing: count, rows }: ColumnDescription): string =>
  count === 0 ? '0' : `${count.toLocaleString('en')} (${((100 * count) / rows).toFixed(1)} %)`;

const distinct = ({ distinct: { count, exact } }: ColumnDescription): string =>
  `${exact ? '' : '≈ '}${count.toLocaleString('en')}`;

const heights = ' ▁▂▃▄▅▆▇█';

/** Small bars: of a histogram, or of the most frequent categories' shares. */
function bars({ numbers, categories }: ColumnDescription): string {
  const counts = numbers?.histogram.map((bin) => bin.count) ?? categories?.top.map((one) => one.count) ?? [];
  const most = Math.max(...counts, 1);
  return counts.map((count) => heights[count === 0 ? 0 : Math.max(1, Math.round((count / most) * 8))]).join('');
}

function summary({ type, numbers, categories, rows, missing: absent }: ColumnDescription): string {
  if (numbers !== undefined) return type === 'date' ? dates(numbers) : spread(numbers);
  if (categories === undefined) return 'nothing in it';
  const filled = rows - absent;
  // Where every text is its own, a list of them would show people, not the column.
  if ((categories.top[0]?.count ?? 0) <= 1)
    return `every value once, ${categories.shortest} to ${categories.longest} characters`;
  const listed = categories.top.map(({ text, count }) => `${shortened(text, 20)} ${percent(count / filled)}`);
  return listed.join(', ');
}

const percent = (share: number): string => (share < 0.005 ? '< 1 %' : `${Math.round(100 * share)} %`);

function spread({ minimum, maximum, mean, stddev, quantiles }: NumericSummary): string {
  const at = (share: number): string => short(quantiles.find((one) => one.share === share)?.value ?? Number.NaN);
  return `${short(minimum)} … ${short(maximum)}, median ${at(0.5)}, half in ${at(0.25)} … ${at(0.75)}, mean ${short(mean)} ± ${short(stddev)}`;
}

function dates({ minimum, maximum, quantiles }: NumericSummary): string {
  const median = quantiles.find((one) => one.share === 0.5)?.value ?? minimum;
  return `${formatDate(minimum, 'day')} … ${formatDate(maximum, 'day')}, median ${formatDate(median, 'day')}`;
}

const short = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e9 ? String(value) : String(Number(value.toPrecision(5)));
