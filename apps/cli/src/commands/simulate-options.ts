// What the options of a simulation say, checked; and the plan that they are about. Shared by simulate and explore.
import { architectureOf } from '@sumus/federation/model';
import { type CheckedPlan, type PlanFile, problemLines, readPlanFile } from '@sumus/federation/plan';
import { featuresOfPlan } from '@sumus/federation/worker';
import { chosen, dealtOut, type LabelledExamples, type Partition, partitionFromText } from '@sumus/simulation/examples';
import { diceOf, type RandomBytes } from '@sumus/simulation/federation';
import { BadNews, UsageError } from '../command.ts';
import { printJson } from '../print.ts';
import type { ExamplesOptions, ModelInput } from './examples-source.ts';
import { readText } from './text-file.ts';

export interface FederationOptions extends ExamplesOptions {
  readonly participants: string;
  readonly partition: string;
  readonly examples?: string;
  readonly drop: string;
  readonly seed: string;
  readonly rounds?: string;
  readonly json?: true;
}

export interface Federation {
  readonly participants: number;
  readonly partition: Partition;
  /** Undefined: all there are. */
  readonly examples: number | undefined;
  readonly dropChance: number;
  readonly seed: number;
  readonly stopAfter: number | undefined;
}

export function federationOf(options: FederationOptions): Federation {
  const partition = partitionFromText(options.partition);
  if (partition === undefined) {
    throw new UsageError(`--partition is iid, dirichlet:α, shards or shards:n, not ${options.partition}`);
  }
  const dropChance = Number(options.drop);
  if (!(dropChance >= 0 && dropChance < 1)) throw new UsageError(`--drop is a chance from 0 to 1, not ${options.drop}`);
  return {
    participants: wholeOf('--participants', options.participants, 1),
    partition,
    examples: options.examples === undefined ? undefined : wholeOf('--examples', options.examples, 1),
    dropChance,
    seed: wholeOf('--seed', options.seed, 0),
    stopAfter: options.rounds === undefined ? undefined : wholeOf('--rounds', options.rounds, 1),
  };
}

export function wholeOf(flag: string, text: string, least: number): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(number) || number < least) {
    throw new UsageError(`${flag} is a whole number from ${least}, not ${text}`);
  }
  return number;
}

export function planFileFor(path: string, json: true | undefined): PlanFile {
  const read = readPlanFile(readText(path));
  if (read.kind === 'valid') return read.file;
  const problems = problemLines(read.problems);
  if (json) printJson({ valid: false, problems });
  else for (const line of problems) process.stdout.write(`${line}\n`);
  throw new BadNews('the plan cannot be run');
}

/** What the plan's model takes and tells apart. */
export function inputOf(plan: CheckedPlan): ModelInput {
  const { exchange } = plan;
  const isScattered = featuresOfPlan(plan)?.features === 'scattering';
  const { input: taken, layers } = architectureOf(plan);
  const input = isScattered ? [28, 28, 1] : taken;
  const table = plan.preparation.kind === 'table' ? plan.preparation : undefined;
  if (exchange.schedule === 'one-round') return { shape: input, classes: exchange.classes, table };
  const last = layers.at(-1);
  // Models that tell classes apart end in as many outputs; whatever else ends otherwise, and learning says so.
  return { shape: input, classes: last?.kind === 'dense' ? last.units : 2 ** 31, table };
}

/** The members of a plan are as many as it allows; what is too few or too many for it is said before anything is computed. */
export function partsFor(
  plan: CheckedPlan,
  { participants, partition, examples }: Federation,
  training: LabelledExamples,
  random: RandomBytes,
): readonly LabelledExamples[] {
  const { minimum, maximum } = plan.contributors;
  if (participants < minimum || participants > maximum) {
    throw new UsageError(`the plan takes ${minimum} to ${maximum} contributors, and --participants is ${participants}`);
  }
  const { protection } = plan;
  if (protection.kind === 'threshold' && participants !== protection.members) {
    throw new UsageError(`the plan's key has ${protection.members} members, and --participants is ${participants}`);
  }
  if (protection.kind === 'one-shot' && participants < protection.committee.members) {
    throw new UsageError(
      `the plan's committee has ${protection.committee.members} members, and --participants is ${participants}`,
    );
  }
  const { countedIn, minimumUnits } = plan.batching;
  if (countedIn === 'people' && training.unitOfRow === undefined) {
    throw new UsageError('the plan counts people: say with --unit whose rows these are');
  }
  if (examples !== undefined && examples > training.count) {
    throw new UsageError(`--examples ${examples} are more than the ${training.count} that there are`);
  }
  const used = examples === undefined ? training : drawn(training, examples, random);
  if (used.count < participants * minimumUnits && countedIn === 'rows') {
    throw new UsageError(
      `the plan demands ${minimumUnits} rows of each contribution: ${participants} participants need ${participants * minimumUnits}, and there are ${used.count}`,
    );
  }
  try {
    return dealtOut(used, { participants, partition, atLeast: countedIn === 'rows' ? minimumUnits : 1 }, random);
  } catch (cause) {
    if (!(cause instanceof Error && cause.name === 'ParameterError')) throw cause;
    throw new UsageError(cause.message, { cause });
  }
}

function drawn(training: LabelledExamples, count: number, random: RandomBytes): LabelledExamples {
  const dice = diceOf(random);
  const rows = Uint32Array.from({ length: training.count }, (_, row) => row);
  for (let i = 0; i < count; i += 1) {
    const other = i + dice.below(rows.length - i);
    const held = rows[i] ?? 0;
    rows[i] = rows[other] ?? 0;
    rows[other] = held;
  }
  return chosen(training, rows.slice(0, count));
}
