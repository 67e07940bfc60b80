// sumus plan new: asks for what no option says, fills the rest with defaults, seeks the least noise that keeps the ε, and writes only a
// plan that check would accept.
import { existsSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { architectureData } from '@sumus/federation/model';
import {
  checkPlan,
  type FeaturesWanted,
  planId,
  planTemplate,
  problemLines,
  type TemplateOptions,
  withLeastNoise,
} from '@sumus/federation/plan';
import { type Architecture, architecture, parameterCount, zoo } from '@sumus/learning/model';
import { nodePrimitives } from '@sumus/platform/node';
import { BadNews, UsageError } from '../command.ts';
import { printJson } from '../print.ts';
import { type PlanColumns, planColumns } from './plan-columns.ts';
import { type Question, questions, UNKNOWN } from './plan-questions.ts';
import { planTable } from './plan-table.ts';

export interface PlanNewOptions {
  readonly out?: string;
  readonly yes?: true;
  readonly json?: true;
  readonly [flag: string]: string | true | undefined;
}

export async function writePlan(options: PlanNewOptions): Promise<void> {
  const { out, json } = options;
  if (json && out === undefined) throw new UsageError('--json says what was written: add --out FILE');
  if (out !== undefined && existsSync(out)) throw new UsageError(`${out} is there already; choose another name`);
  const columns = await columnsOf(options);
  const answers = await answersTo(questions, options);
  const made = planTemplate(templateOptions(answers, Date.now(), columns));
  const draft = columns === undefined ? made : { ...made, preparation: columns.preparation };
  const first = checkPlan(draft);
  if (first.kind === 'invalid') return refuse(problemLines(first.problems));
  const check = checkPlan(withLeastNoise(draft));
  if (check.kind === 'invalid') return refuse(problemLines(check.problems));
  const text = `${JSON.stringify(check.plan, null, 2)}\n`;
  if (out === undefined) {
    process.stdout.write(text);
    return;
  }
  writeFileSync(out, text, { flag: 'wx' });
  const id = planId(nodePrimitives(), check.plan);
  if (json) {
    printJson({ file: out, id });
    return;
  }
  for (const note of columns?.notes ?? []) process.stdout.write(`${note}\n`);
  process.stdout.write(`${out}: plan ${id}\nRead what it means: sumus plan check ${out}\n`);
}

/** Undefined where the plan is not about a table. */
async function columnsOf(
  options: PlanNewOptions,
): Promise<(PlanColumns & { readonly notes?: readonly string[] }) | undefined> {
  const { data, target, unitColumn, columns } = options;
  const text = (value: string | true | undefined): string | undefined => (value === true ? undefined : value);
  if (typeof data !== 'string') {
    if ((target ?? unitColumn) !== undefined) throw new UsageError('--target is for --data FILE');
    return typeof columns === 'string' ? planColumns(columns) : undefined;
  }
  if (columns !== undefined) throw new UsageError('--data or --columns, not both');
  const table = await planTable({ data, target: text(target), unitColumn: text(unitColumn) });
  const said = `columns, classes, categories and ranges (rounded outwards) of these ${table.rows} rows stand in the plan`;
  return { ...table, notes: [...table.notes, `${said}: everybody of the run reads them`] };
}

function refuse(lines: readonly string[]): never {
  for (const line of lines) process.stderr.write(`${line}\n`);
  throw new BadNews('these answers do not go together');
}

/** Commander's name of a flag. */
const optionName = (flag: string): string => flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

async function answersTo(asked: readonly Question[], options: PlanNewOptions): Promise<ReadonlyMap<string, string>> {
  const answers = new Map<string, string>();
  const isInteractive = options.yes === undefined && process.stdin.isTTY === true && process.stderr.isTTY === true;
  // Questions go to the terminal beside the plan, which may go into a pipe.
  const terminal = isInteractive ? createInterface({ input: process.stdin, output: process.stderr }) : undefined;
  const ended = new Promise<never>((_, reject) => {
    terminal?.once('close', () => reject(new UsageError('the input ended before everything was answered')));
  });
  // The last close is our own, when nobody waits any more.
  ended.catch(() => undefined);
  try {
    for (const question of asked) {
      const given = options[optionName(question.flag)];
      if (typeof given === 'string') {
        question.check(given);
        answers.set(question.flag, given);
      } else if (terminal === undefined || question.applies?.(answers) === false) {
        answers.set(question.flag, question.fallback);
      } else answers.set(question.flag, await Promise.race([ask(terminal, question), ended]));
    }
  } finally {
    terminal?.close();
  }
  return answers;
}

async function ask(terminal: ReturnType<typeof createInterface>, question: Question): Promise<string> {
  const { help, choices, fallback, check } = question;
  const prompt = `${help}${choices === undefined ? '' : ` (${choices.join(', ')})`} [${fallback}]: `;
  for (;;) {
    const answer = (await terminal.question(prompt)).trim() || fallback;
    try {
      check(answer);
      return answer;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      process.stderr.write(`${error.message}\n`);
    }
  }
}

const DAY_MS = 24 * 60 * 60 * 1000;

const SCHEDULES = ['synchronous', 'round-robin', 'random-order', 'asynchronous', 'one-round'] as const;

/** What the network is given, and the network that takes it. */
function featuresFrom(
  kind: string,
  model: Architecture,
  count: number,
): FeaturesWanted & { readonly model: Architecture } {
  const inputs = model.input.reduce((product, extent) => product * extent, 1);
  if (kind !== 'scattering') return { kind: 'inputs', count: inputs, model };
  if (model.input.length !== 1)
    throw new UsageError('scattering features are a row of numbers: --model logistic or mlp');
  return { kind: 'scattering', count, model: architecture({ input: [count], layers: model.layers }) };
}

function templateOptions(
  answers: ReadonlyMap<string, string>,
  nowMs: number,
  table: Pick<PlanColumns, 'network'> | undefined,
): TemplateOptions {
  const answer = (flag: string): string => {
    const found = answers.get(flag);
    if (found === undefined) throw new UsageError(`--${flag} is missing`);
    return found;
  };
  const number = (flag: string): number => Number(answer(flag));
  const named = table?.network ?? zoo;
  const features = featuresFrom(answer('features'), named(answer('model')), number('feature-count'));
  const network = features.model;
  const schedule = among(answer('schedule'), SCHEDULES);
  if (schedule === 'one-round' && answer('records') === UNKNOWN) {
    throw new UsageError('a plan of one round has to know how many records a participant has, about: --records NUMBER');
  }
  return {
    name: answer('name'),
    purpose: answer('purpose'),
    architecture: architectureData(network),
    parameterCount: parameterCount(network),
    loss: 'crossEntropy',
    firstWeightsSeed: number('seed'),
    schedule,
    features: schedule === 'one-round' || features.kind === 'scattering' ? features : undefined,
    recordsEach: answer('records') === UNKNOWN ? undefined : number('records'),
    recordClippingNorm: number('record-clip'),
    protection: among(answer('protection'), ['mask', 'one-shot', 'threshold', 'none'] as const),
    reason: answer('reason'),
    minimumContributors: number('minimum'),
    maximumContributors: number('maximum'),
    rounds: number('rounds'),
    epsilon: answer('epsilon') === 'none' ? null : number('epsilon'),
    delta: number('delta'),
    unit: among(answer('unit'), ['record', 'participant'] as const),
    uploadFraction: number('upload-fraction'),
    batchSize: number('batch-size'),
    learningRate: number('learning-rate'),
    minimumUnits: number('minimum-units'),
    authority: answer('authority') === 'none' ? null : answer('authority'),
    endsAtMs: nowMs + number('days') * DAY_MS,
  };
}

function among<const V extends string>(text: string, values: readonly V[]): V {
  const found = values.find((one) => one === text);
  if (found === undefined) throw new UsageError(`${text} is not one of ${values.join(', ')}`);
  return found;
}
