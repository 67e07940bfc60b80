// The task of a training as a file: how many rows of how many columns, the recipe, folds, and who refreshes. No row is in it. From it the
// owner of the rows and the machine work out the same circuit and the same parameters; keys and ciphertexts name its hash.
import { readFileSync, writeFileSync } from 'node:fs';
import { explain } from '@sumus/encrypted-learning/parameters';
import { ownerRefresh } from '@sumus/encrypted-learning/refresh';
import { planTraining, type TrainingPlan, type TrainingPlanLiteral } from '@sumus/encrypted-learning/training';
import { type CkksContext, ckksContext } from '@sumus/lattice/ckks';
import { wasmEngine } from '@sumus/lattice/engine';
import { nodePrimitives } from '@sumus/platform/node';
import { UsageError } from '../command.ts';
import { printJson } from '../print.ts';
import { type KeygenOptions, makeKeysFor } from './encrypted-keys.ts';
import { asUsage } from './encrypted-offer.ts';
import { natural, positive, type RecipeOptions, recipeOf, type TaskOptions } from './encrypted-training-options.ts';

export interface TrainingTask {
  readonly rows: number;
  readonly columns: number;
  readonly featureBound: number;
  readonly targetBound: number | null;
  readonly recipe: RecipeOptions;
}

const FORMAT = 'sumus training task 1';
const MOST_TURNS = 500;
/** 8 GiB of them. */
const MOST_NUMBERS = 2 ** 30;
/** In the order in which they are written. */
export const RECIPE_WORDS = [
  'model',
  'iterations',
  'degree',
  'method',
  'interval',
  'rate',
  'schedule',
  'optimiser',
  'ridge',
  'barrier',
  'batch',
  'folds',
  'refresh',
] as const;
const CHOICES: Readonly<Partial<Record<(typeof RECIPE_WORDS)[number], readonly string[]>>> = {
  model: ['logistic', 'linear'],
  method: ['least-squares', 'minimax', 'chebyshev'],
  schedule: ['harmonic', 'constant'],
  optimiser: ['nesterov', 'gradient-descent'],
  refresh: ['owner', 'none'],
};

export function explainTask(options: TaskOptions): void {
  const task = parseTask(taskText(taskFrom(options)), 'what was asked for');
  const training = planTask(task);
  if (options.out !== undefined) writeFileSync(options.out, `${taskText(task)}\n`);
  if (!options.json) {
    process.stdout.write(`${explain(training.plan)}\n`);
    return;
  }
  const { parameters, cost, keys } = training.plan;
  printJson({
    task: identityOfTask(task),
    parameters: parameters.toString(),
    levels: parameters.topLevel,
    refreshBefore: training.refreshBefore.map((t) => t + 1),
    rotations: keys.rotations.length,
    keyBytes: cost.seededKeyBytes,
    inputBytes: cost.inputBytes,
    /** Ciphertexts at once, and the keys beside them. */
    peakBytes: cost.peakBytes + cost.keyBytes,
    work: cost.work,
  });
}

function taskFrom(options: TaskOptions): TrainingTask {
  return {
    rows: natural('--rows', options.rows),
    columns: natural('--columns', options.columns),
    featureBound: positive('--feature-bound', options.featureBound),
    targetBound: options.targetBound === undefined ? null : positive('--target-bound', options.targetBound),
    recipe: options,
  };
}

export function taskText({ rows, columns, featureBound, targetBound, recipe }: TrainingTask): string {
  const words = RECIPE_WORDS.flatMap((word): [string, string][] => {
    const value = recipe[word];
    return value === undefined ? [] : [[word, value]];
  });
  return JSON.stringify({
    format: FORMAT,
    rows,
    columns,
    featureBound,
    targetBound,
    recipe: Object.fromEntries(words),
  });
}

export function identityOfTask(task: TrainingTask): string {
  return Buffer.from(nodePrimitives().sha256(new TextEncoder().encode(taskText(task)))).toString('hex');
}

export function parseTask(text: string, from: string): TrainingTask {
  const refuse = (why: string): never => {
    throw new UsageError(`${from} is no task of a training: ${why}`);
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${from} is no JSON`, { cause });
  }
  const members = membersOf(value);
  if (members.get('format') !== FORMAT) refuse(`its format is not '${FORMAT}'`);
  const number = (name: string): number => {
    const found = members.get(name);
    return typeof found === 'number' && Number.isFinite(found) && found > 0
      ? found
      : refuse(`${name} is no positive number`);
  };
  const words = membersOf(members.get('recipe'));
  const word = (name: (typeof RECIPE_WORDS)[number]): string => {
    const found = words.get(name);
    if (typeof found !== 'string' || !(CHOICES[name]?.includes(found) ?? true))
      return refuse(`its recipe has no ${name}`);
    return found;
  };
  const maybe = (name: 'barrier' | 'batch'): object => (words.has(name) ? { [name]: word(name) } : {});
  const recipe = {
    ...Object.fromEntries(
      RECIPE_WORDS.filter((name) => name !== 'barrier' && name !== 'batch').map((name) => [name, word(name)]),
    ),
    ...maybe('barrier'),
    ...maybe('batch'),
  };
  if (!isRecipe(recipe)) return refuse('its recipe is none');
  // The machine plans what a file of a stranger says before it knows anything else.
  for (const name of ['iterations', 'folds'] as const) {
    if (!(Number(recipe[name]) <= MOST_TURNS)) refuse(`${name} of ${recipe[name]}, of at most ${MOST_TURNS}`);
  }
  const [rows, columns] = [number('rows'), number('columns')];
  if (!(rows * columns <= MOST_NUMBERS)) refuse(`${rows} rows of ${columns} columns are more than one training takes`);
  return {
    rows,
    columns,
    featureBound: number('featureBound'),
    targetBound: members.get('targetBound') === null ? null : number('targetBound'),
    recipe,
  };
}

const membersOf = (value: unknown): ReadonlyMap<string, unknown> =>
  new Map<string, unknown>(typeof value === 'object' && value !== null ? Object.entries(value) : []);

/** Every word was looked at one by one. */
function isRecipe(words: object): words is RecipeOptions {
  return RECIPE_WORDS.every((word) => word === 'barrier' || word === 'batch' || word in words);
}

export function isTask(path: string): boolean {
  try {
    return membersOf(JSON.parse(readFileSync(path, 'utf8'))).get('format') === FORMAT;
  } catch {
    // Whatever it is, whoever needs an offer says what is wrong with it.
    return false;
  }
}

export const readTask = (path: string): TrainingTask => parseTask(readFileSync(path, 'utf8'), path);

/** Fold by fold the same parameters: those of a task that leaves a fold out, which takes no less. */
export function planTask(task: TrainingTask): TrainingPlan {
  const recipe = asUsage(() => recipeOf(task.recipe));
  const folds = natural('--folds', task.recipe.folds);
  const literal: TrainingPlanLiteral = {
    recipe,
    rowCount: task.rows,
    columns: task.columns,
    featureBound: Math.max(task.featureBound, task.targetBound ?? 0),
    encryptedWith: 'secret key',
    watchMargins: recipe.model.kind === 'logistic',
    ...(folds > 1 ? { leaveOut: { index: 0, count: folds } } : {}),
    ...(task.recipe.refresh === 'owner' ? { refresh: ownerRefresh } : { limbs: 'single' as const }),
  };
  return asUsage(() => planTraining(literal));
}

/** The plan of one fold on the parameters of the task's. */
export function planFold({ literal, plan, packing }: TrainingPlan, index: number): TrainingPlan {
  const { leaveOut } = literal;
  if (leaveOut === undefined || index === leaveOut.index)
    return asUsage(() => planTraining({ ...literal, parameters: plan.parameters, doubled: packing.doubled }));
  return asUsage(() =>
    planTraining({
      ...literal,
      leaveOut: { index, count: leaveOut.count },
      parameters: plan.parameters,
      doubled: packing.doubled,
    }),
  );
}

export async function contextOfTask({ plan }: TrainingPlan): Promise<CkksContext> {
  return ckksContext({ engine: await wasmEngine(), primitives: nodePrimitives() }, plan.parameters);
}

export async function makeTaskKeys(options: KeygenOptions): Promise<void> {
  const task = readTask(options.offer);
  const training = planTask(task);
  const { relinearisation, rotations } = training.plan.keys;
  makeKeysFor(
    { identity: identityOfTask(task), context: await contextOfTask(training), relinearisation, rotations },
    options,
  );
}
