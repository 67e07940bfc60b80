// sumus data risk: how likely somebody is found again in a table as it is, and whether it satisfies the models of a policy: from
// its texts alone, so it can judge a table that somebody else made.
import { readFileSync } from 'node:fs';
import { classesOfLabels } from '@sumus/dataset/anonymise';
import { ParameterError } from '@sumus/dataset/errors';
import { distinctCells } from '@sumus/dataset/hierarchies';
import { nameOfModel, type Policy, type PrivacyModel } from '@sumus/dataset/policy';
import { percent } from '@sumus/dataset/report';
import {
  type PopulationUniques,
  populationUniques,
  type Risk,
  riskOf,
  type Violation,
  violationsOf,
} from '@sumus/dataset/risk';
import { type Column, columnNames, columnOf, type Table, textOf } from '@sumus/dataset/table';
import type { Command } from 'commander';
import { BadNews, UsageError } from '../command.ts';
import { printColumns, printJson } from '../print.ts';
import { choosePolicy, list, part } from './data-anonymize-policy.ts';
import { type ReadOptions, readTable } from './data-anonymize-read.ts';
import { declareSource } from './data-source-options.ts';
import { visible } from './data-terminal.ts';

interface RiskOptions extends ReadOptions {
  readonly quasiIdentifiers?: string;
  readonly policy?: string;
  readonly receipt?: string;
  readonly population?: string;
  readonly populationSize?: string;
  readonly threshold: string;
  readonly json?: true;
}

export function declareRisk(group: Command): void {
  const command = group
    .command('risk')
    .description('how likely somebody is found again in a table as it is')
    .argument('<file>', 'a table of any format')
    .option('-q, --quasi-identifiers <columns>', 'what others may know of a person; commas between')
    .option('--policy <file>', 'take the columns from a policy, and check its models on this very table')
    .option('--receipt <file>', 'what anonymize --json printed: closeness is then to the table before suppression')
    .option('--population <file>', 'CSV of the population that the rows were drawn from, the rows included')
    .option(
      '--population-size <people>',
      'of which the rows are a random sample: how many of them are unique is estimated',
    )
    .option('--threshold <part>', 'a risk above it is high', '0.2')
    .option(
      '--rename <old=new>',
      'give a column another name first',
      (value: string, earlier: string[] | undefined) => [...(earlier ?? []), value],
    )
    .option('--json', 'one JSON object instead of a table')
    .action((file: string, options: RiskOptions) => run(file, options));
  declareSource(command);
}

async function run(file: string, options: RiskOptions): Promise<void> {
  const policy = options.policy === undefined ? undefined : choosePolicy({ policy: options.policy }).policy;
  const names = quasiIdentifiersOf(policy, options);
  const { table } = await readTable(file, options);
  const population =
    options.population === undefined ? undefined : (await readTable(options.population, options)).table;
  const threshold = part('--threshold', options.threshold);
  try {
    const classSizes = classSizesOf(table, names);
    const risk = riskOfTable(table, names, threshold, population);
    const uniques =
      options.populationSize === undefined
        ? undefined
        : populationUniques(classSizes, people('--population-size', options.populationSize));
    const verdict = policy && verdictOn(table, names, policy, options.receipt);
    show(risk, names, { verdict, uniques }, options);
    if (verdict !== undefined && verdict.violations.length > 0) throw new BadNews('the table breaks the policy');
  } catch (cause) {
    if (cause instanceof ParameterError) throw new UsageError(cause.message, { cause });
    throw cause;
  }
}

function quasiIdentifiersOf(policy: Policy | undefined, options: RiskOptions): string[] {
  const named = list(options.quasiIdentifiers);
  if (policy === undefined) {
    if (named.length === 0) throw new UsageError('say --quasi-identifiers or --policy');
    return named;
  }
  if (named.length > 0) throw new UsageError('the policy names the quasi-identifying columns already');
  return Object.keys(policy.columns).filter((name) => policy.columns[name]?.role === 'quasi-identifying');
}

function people(option: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${option} is a number of people, not ${text}`);
  return Number(text);
}

const classSizesOf = (table: Table, names: readonly string[]): Uint32Array =>
  classesOfLabels(
    names.map((name) => distinctCells(columnOf(table, name))),
    table.rowCount,
  ).classSizes;

function riskOfTable(table: Table, names: readonly string[], threshold: number, population: Table | undefined): Risk {
  const columns = names.map((name) => distinctCells(columnOf(table, name)));
  const { classOfRow, classSizes } = classesOfLabels(columns, table.rowCount);
  if (population === undefined) return riskOf({ classSizes, threshold });
  const keyOf = (from: Table): ((row: number) => string) => {
    const own = names.map((name) => columnOf(from, name));
    return (row) => JSON.stringify(own.map((column) => textOf(column, row)));
  };
  const key = keyOf(table);
  const classOf = new Map<string, number>();
  for (let row = 0; row < table.rowCount; row += 1) classOf.set(key(row), classOfRow[row] ?? 0);
  const populationSizes = new Uint32Array(classSizes.length);
  const personKey = keyOf(population);
  for (let person = 0; person < population.rowCount; person += 1) {
    const at = classOf.get(personKey(person));
    if (at !== undefined) populationSizes[at] = (populationSizes[at] ?? 0) + 1;
  }
  return riskOf({ classSizes, populationSizes, threshold });
}

interface Verdict {
  readonly violations: readonly Violation[];
  /** Models that this table alone cannot show, each with the reason. */
  readonly unchecked: readonly string[];
  /** Rows that say `*` in every quasi-identifying column, where the policy masks suppressed rows. */
  readonly maskedRows: number;
}

function verdictOn(table: Table, names: readonly string[], policy: Policy, receipt: string | undefined): Verdict {
  const unchecked: string[] = [];
  const models = policy.models.filter((model) => {
    const reason = whyUnchecked(model);
    if (reason !== undefined) unchecked.push(`${nameOfModel(model)}: ${reason}`);
    return reason === undefined;
  });
  const rows = Array.from({ length: table.rowCount }, (_, row) => table.columns.map((column) => textOf(column, row)));
  const places = names.map((name) => columnNames(table).indexOf(name));
  const masked = (row: readonly string[]): boolean => places.every((place) => row[place] === '*');
  const maskedRows = policy.suppressedRows === 'mask' ? rows.filter(masked).length : 0;
  const reference = receipt === undefined ? undefined : referenceOf(receipt);
  const orders = Object.fromEntries(
    Object.entries(policy.columns).flatMap(([name, own]) =>
      own.role === 'sensitive' ? [[name, own.order ?? orderOf(columnOf(table, name), reference?.[name])]] : [],
    ),
  );
  const columns = columnNames(table);
  const violations = violationsOf({
    columns,
    rows,
    quasiIdentifiers: names,
    models,
    orders,
    ...(reference && { reference }),
  });
  return { violations, unchecked, maskedRows };
}

/** Numbers and dates in order, those too that only suppressed rows had. */
function orderOf(column: Column, reference: ReadonlyMap<string, number> | undefined): readonly string[] {
  const { texts } = distinctCells(column);
  const absent = [...(reference?.keys() ?? [])].filter((text) => !texts.includes(text));
  if (column.type === 'category' || absent.length === 0) return [...texts, ...absent];
  const place = (text: string): number => (column.type === 'date' ? Date.parse(text) : Number(text));
  return [...texts, ...absent].sort((a, b) => place(a) - place(b));
}

function whyUnchecked(model: PrivacyModel): string | undefined {
  if (model.kind === 'k-map' || model.kind === 'delta-presence') return 'needs the population, generalised alike';
  return model.kind === 't-closeness' && model.distance === 'hierarchical' ? 'needs the hierarchy' : undefined;
}

/** The frequencies before suppression, from what `sumus data anonymize --json` said. */
function referenceOf(path: string): Record<string, ReadonlyMap<string, number>> {
  const receipt: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (typeof receipt !== 'object' || receipt === null || !('reference' in receipt)) {
    throw new UsageError(`${path} is not what sumus data anonymize --json prints: it has no reference`);
  }
  const columns = Object.entries(Object(receipt.reference));
  return Object.fromEntries(
    columns.map(([name, frequencies]) => [
      name,
      new Map(Object.entries(Object(frequencies)).map(([value, share]) => [value, Number(share)])),
    ]),
  );
}

interface Found {
  readonly verdict: Verdict | undefined;
  readonly uniques: PopulationUniques | undefined;
}

const estimators = {
  pitman: 'Pitman',
  zayatz: 'Zayatz',
  'slide-negative-binomial': 'slide negative binomial',
} as const;

function show(risk: Risk, names: readonly string[], { verdict, uniques }: Found, options: RiskOptions): void {
  if (options.json) {
    const found = verdict && {
      ...verdict,
      violations: verdict.violations.map(({ model, size, reason }) => ({ model: nameOfModel(model), size, reason })),
    };
    printJson({ quasiIdentifiers: names, ...risk, ...(uniques && { populationUniques: uniques }), ...found });
    return;
  }
  const line = (name: string, one: { highest: number; average: number; shareAboveThreshold: number }): string[] => [
    name,
    percent(one.highest),
    percent(one.average),
    percent(one.shareAboveThreshold),
  ];
  printColumns([
    ['attacker', 'highest', 'average', `rows above ${percent(risk.threshold)}`],
    line('prosecutor', risk.prosecutor),
    line('journalist', risk.journalist),
    ['marketer', '', percent(risk.marketer.average), ''],
  ]);
  process.stdout.write(
    `${risk.rows} rows in ${risk.classes} classes of ${risk.smallestClass} to ${risk.largestClass} rows; ${percent(risk.uniqueShare)} of the rows are unique in ${visible(names.join(', '))}.\n`,
  );
  if (!risk.population) {
    process.stdout.write(
      'Without --population the table is taken for its own population, which errs on the safe side.\n',
    );
  }
  if (uniques !== undefined) {
    const { uniques: count, share, model } = uniques.chosen;
    process.stdout.write(
      `Of ${uniques.populationSize} people about ${Math.round(count)} (${percent(share)}) are unique in them, if the rows are a random sample (${estimators[model]}).\n`,
    );
  }
  if (verdict === undefined) return;
  const { violations, unchecked, maskedRows } = verdict;
  if (maskedRows > 0) process.stdout.write(`${maskedRows} masked rows are one class.\n`);
  for (const one of unchecked) process.stdout.write(`not checked: ${visible(one)}\n`);
  for (const { model, size, reason } of violations.slice(0, 10)) {
    process.stdout.write(`breaks ${visible(nameOfModel(model))}: a class of ${size} rows has ${reason}\n`);
  }
  const good = unchecked.length === 0 ? 'The models of the policy hold.\n' : 'The models that could be checked hold.\n';
  process.stdout.write(violations.length === 0 ? good : `${violations.length} classes break the policy.\n`);
}
