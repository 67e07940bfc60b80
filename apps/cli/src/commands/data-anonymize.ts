// sumus data anonymize: a table and a policy in; a table that satisfies the policy out, with what it cost and what risk is left.
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { type AnonymiseInput, anonymise, measureNames, type Released } from '@sumus/dataset/anonymise';
import { CsvWriter } from '@sumus/dataset/csv';
import { ParameterError } from '@sumus/dataset/errors';
import { PseudonymKey } from '@sumus/dataset/pseudonyms';
import { htmlReport } from '@sumus/dataset/report';
import { nodePrimitives } from '@sumus/platform/node';
import { type Command, Option } from 'commander';
import { BadNews, UsageError } from '../command.ts';
import { printJson } from '../print.ts';
import {
  type ChosenPolicy,
  choosePolicy,
  type PolicyOptions,
  pinned,
  policyOptionNames,
  readHierarchies,
} from './data-anonymize-policy.ts';
import { printSummary, summaryOf } from './data-anonymize-print.ts';
import { type ReadOptions, readTable, sha256OfFile } from './data-anonymize-read.ts';
import { noiseSamplers } from './data-anonymize-samplers.ts';
import { type Utility, utilityOf } from './data-anonymize-utility.ts';
import { refuseOverwriting, TableOutput, writeWhole, writing } from './data-output.ts';
import { declareSource } from './data-source-options.ts';
import { visible } from './data-terminal.ts';

interface AnonymizeOptions extends PolicyOptions, ReadOptions {
  readonly out?: string;
  readonly report?: string;
  readonly savePolicy?: string;
  readonly population?: string;
  readonly pseudonymKey?: string;
  readonly utility?: string;
  readonly json?: true;
}

const many = (value: string, earlier: string[] | undefined): string[] => [...(earlier ?? []), value];

export function declareAnonymize(group: Command): void {
  const command = group
    .command('anonymize')
    .alias('anonymise')
    .description('make a table in which nobody can be singled out: k-anonymity and its relatives')
    .argument('<file>', 'a table of any format')
    .option('-o, --out <file>', 'where the anonymised table goes: .csv, .tsv or .jsonl')
    .option('--report <file>', 'one HTML page for whoever has to approve')
    .option('--policy <file>', 'a policy, JSON or YAML; instead of the options below')
    .option('--save-policy <file>', 'write the policy that the options mean, as JSON')
    .option('-q, --quasi-identifiers <columns>', 'what others may know of a person, in order; commas between')
    .option('-s, --sensitive <columns>', 'what nobody may learn about a person')
    .option('--identifying <columns>', 'removed')
    .option('--insensitive <columns>', 'kept as they are')
    .addOption(
      new Option('--others <what>', 'columns that are not named (default: remove)').choices([
        'refuse',
        'remove',
        'keep',
      ]),
    )
    .option('-k, --k <k>', 'k-anonymity: rows that look alike, at least')
    .option('--l-diversity <l>', 'distinct:L, entropy:L or recursive:C:L, then @COLUMN if several are sensitive', many)
    .option('--t-closeness <t>', 'T, T:equal, T:ordered or T:hierarchical, then @COLUMN', many)
    .option('--delta-disclosure <delta>', 'DELTA (as ARX: absent values ignored) or DELTA:violates, then @COLUMN', many)
    .option('--k-map <k>', 'people of the population who look alike, at least; needs --population')
    .option('--delta-presence <range>', 'LEAST:MOST, how sure presence may be; needs --population')
    .option('--population <file>', 'CSV of the population that the rows were drawn from, the rows included')
    .option(
      '--hierarchies <folder>',
      'generalisation hierarchies, COLUMN.csv or *hierarchy_COLUMN.csv, as ARX writes them',
    )
    .option('--hierarchy <column=file>', 'the hierarchy of one column', many)
    .addOption(
      new Option('--method <method>', 'the algorithm (default: full-domain)').choices([
        'full-domain',
        'mondrian',
        'mondrian-relaxed',
        'microaggregation',
      ]),
    )
    .addOption(
      new Option('--measure <measure>', 'what the search minimises (default: loss; aecs: average-class-size)').choices([
        ...measureNames,
        'aecs',
      ]),
    )
    .option('--suppression-limit <part>', 'rows that may be left out, 0.05 or 5% (default: 5%)')
    .option('--suppression-weight <part>', '0 favours suppression, 1 generalisation (default: 0.5)')
    .addOption(new Option('--suppressed-rows <what>', 'remove them (default) or mask them').choices(['remove', 'mask']))
    .addOption(
      new Option(
        '--missing <what>',
        'rows with a missing cell: all dropped, dropped where it is quasi-identifying or sensitive, or kept (default)',
      ).choices(['drop-rows', 'drop-rows-in-use', 'keep']),
    )
    .option('--rename <old=new>', 'give a column another name first', many)
    .option('--risk-threshold <part>', 'a risk above it is high (default: 0.2)')
    .option('--pseudonym-key <file>', 'the secret that pseudonyms are made with: 32 bytes or more')
    .option('--utility <column>', 'also learn this column from the released and from the clear rows, and compare')
    .option('--json', 'one JSON object instead of a summary')
    .action((file: string, options: AnonymizeOptions) => run(file, options));
  declareSource(command);
}

async function run(file: string, options: AnonymizeOptions): Promise<void> {
  const chosen = usage(() => choosePolicy(policyOptionsOf(options)));
  refuseOverwriting(inputsOf(file, chosen, options), [options.out, options.report, options.savePolicy]);
  const { table, notes, rejectedRows } = await readTable(file, options);
  const population = options.population === undefined ? undefined : await readTable(options.population, options);
  const given: AnonymiseInput = {
    table,
    policy: chosen.policy,
    hierarchyFiles: readHierarchies(chosen),
    samplers: noiseSamplers(),
    progress: progressBar(),
    ...(population && { population: population.table }),
    ...pseudonymKey(chosen, options),
  };
  const result = usage(() => anonymise(given));
  clearProgress();
  if (result.kind === 'impossible') {
    if (options.json) printJson({ kind: 'impossible', reason: result.reason });
    else process.stderr.write(`sumus: ${result.reason}\n`);
    throw new BadNews(result.reason);
  }
  const utility = options.utility === undefined ? undefined : await utilityOf(result, options.utility);
  const input = await sha256OfFile(file);
  const saved = pinned(chosen, result.builtHierarchies, dirname(resolve(options.savePolicy ?? 'policy.json')));
  const policyText = `${JSON.stringify(saved, null, 2)}\n`;
  const policy = options.policy === undefined ? sha256(policyText) : await sha256OfFile(options.policy);
  const { neutralised, sha256: output } = await write(result, options.out);
  const digests = { input, policy, output };
  if (options.savePolicy !== undefined) writeWhole(options.savePolicy, policyText);
  if (options.report !== undefined) writeReport(options.report, result, chosen, { file, digests, utility });
  const files = { out: options.out, report: options.report, policy: options.savePolicy };
  if (options.json)
    printJson({
      ...summaryOf(result, digests, files, neutralised, chosen.policy.models),
      rejectedRows,
      ...(utility && { utility }),
    });
  else {
    for (const note of rejectedRows > 0 ? notes : []) process.stdout.write(`${visible(note)}\n`);
    printSummary(result, files, neutralised, utility);
  }
}

/** Everything that the run reads. */
function inputsOf(file: string, { policy, folder }: ChosenPolicy, options: AnonymizeOptions): (string | undefined)[] {
  const hierarchies = Object.values(policy.columns).flatMap((own) =>
    'hierarchy' in own && own.hierarchy?.kind === 'file' ? [resolve(folder, own.hierarchy.file)] : [],
  );
  return [file, options.policy, options.population, options.pseudonymKey, options.schema, ...hierarchies];
}

/** What the caller got wrong is a mistyped call, whichever room finds out. */
function usage<Value>(attempt: () => Value): Value {
  try {
    return attempt();
  } catch (cause) {
    clearProgress();
    if (cause instanceof ParameterError) throw new UsageError(cause.message, { cause });
    throw cause;
  }
}

/** Only what describes the policy: a policy file stands alone. */
function policyOptionsOf(options: AnonymizeOptions): PolicyOptions {
  return Object.fromEntries(
    policyOptionNames.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
}

/** Without a file to write, the digest is that of the CSV that would have been written. */
async function write(
  { table }: Released,
  path: string | undefined,
): Promise<{ readonly neutralised: number; readonly sha256: string }> {
  if (path === undefined) {
    const writer = new CsvWriter();
    const bytes = writer.lines(table);
    return { neutralised: writer.neutralised, sha256: sha256(bytes) };
  }
  const output = new TableOutput(path);
  await writing([output], () => output.write(table));
  return { neutralised: output.neutralised, sha256: await sha256OfFile(path) };
}

function pseudonymKey({ policy }: ChosenPolicy, options: AnonymizeOptions): { readonly pseudonymKey?: PseudonymKey } {
  if (policy.pseudonyms === undefined) return {};
  if (options.pseudonymKey === undefined) throw new UsageError('the policy makes pseudonyms: --pseudonym-key FILE');
  const secret = readFileSync(options.pseudonymKey);
  if ((statSync(options.pseudonymKey).mode & 0o077) !== 0 && process.platform !== 'win32' && options.json !== true) {
    process.stderr.write(`sumus: others on this machine can read ${options.pseudonymKey}: chmod 600\n`);
  }
  const { hmacSha256 } = nodePrimitives();
  const key = usage(() => new PseudonymKey({ hmacSha256, secret, ...policy.pseudonyms! }));
  secret.fill(0);
  return { pseudonymKey: key };
}

function writeReport(
  path: string,
  result: Released,
  { policy }: ChosenPolicy,
  about: {
    readonly file: string;
    readonly digests: { input: string; policy: string; output: string };
    readonly utility: Utility | undefined;
  },
): void {
  const date = new Date().toISOString().slice(0, 10);
  const page = htmlReport({
    result,
    policy,
    source: basename(about.file),
    date,
    producer: 'sumus data anonymize',
    digests: about.digests,
    ...(about.utility && { utility: about.utility }),
  });
  writeWhole(path, page);
}

const sha256 = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');

/** A line on the terminal that is written over; nothing where stderr is no terminal. */
function progressBar(): (done: number, of: number) => void {
  if (!process.stderr.isTTY) return () => undefined;
  let shown = -1;
  return (done, of) => {
    const step = Math.floor((40 * done) / of);
    if (step === shown) return;
    shown = step;
    process.stderr.write(`\r[${'█'.repeat(step)}${' '.repeat(40 - step)}] ${Math.floor((100 * done) / of)} %`);
  };
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
}
