// What sumus encrypted train is told, checked: a recipe, folds, scaling, and whether privacy is claimed.
import { randomFillSync } from 'node:crypto';
import type { RandomSource } from '@sumus/differential-privacy/noise';
import type { FitMethod, GuaranteeLiteral, LearningRate, RecipeLiteral } from '@sumus/encrypted-learning/training';
import { type Command, Option } from 'commander';
import { UsageError } from '../command.ts';
import { declareSource, type SourceOptions } from './data-source-options.ts';
import type { TrainingRowsOptions } from './encrypted-training-rows.ts';

/** The words of a recipe, as they were typed. */
export interface RecipeOptions {
  readonly model: 'logistic' | 'linear';
  readonly iterations: string;
  readonly degree: string;
  readonly method: FitMethod;
  readonly interval: string;
  readonly rate: string;
  readonly schedule: 'harmonic' | 'constant';
  readonly optimiser: 'nesterov' | 'gradient-descent';
  readonly ridge: string;
  readonly barrier?: string;
  readonly batch?: string;
  readonly folds: string;
  readonly refresh: 'owner' | 'none';
}

export interface TaskOptions extends RecipeOptions {
  readonly rows: string;
  readonly columns: string;
  readonly featureBound: string;
  readonly targetBound?: string;
  readonly out?: string;
  readonly json?: true;
}

export interface TrainOptions extends SourceOptions, RecipeOptions {
  readonly data: string;
  readonly label?: string;
  readonly keys?: string;
  readonly secret?: string;
  readonly passphraseFile?: string;
  readonly out?: string;
  readonly project?: string | true;
  readonly seed: string;
  readonly scale: TrainingRowsOptions['scale'];
  readonly normBound?: string;
  readonly epsilon?: string;
  readonly delta: string;
  readonly adjacency: GuaranteeLiteral['adjacency'];
  readonly clear?: true;
  readonly json?: true;
}

/** What a training is: the same words for train and for the task that rows are encrypted for. */
function declareRecipe(command: Command): Command {
  return command
    .addOption(new Option('--model <kind>', 'what is fitted').choices(['logistic', 'linear']).default('logistic'))
    .option('--iterations <count>', 'steps of the descent', '7')
    .option('--degree <degree>', 'of the polynomial that stands for the sigmoid: 3, 5, 7 or 9', '5')
    .addOption(
      new Option('--method <fit>', 'of that polynomial')
        .choices(['least-squares', 'minimax', 'chebyshev'])
        .default('least-squares'),
    )
    .option('--interval <bound>', 'it stands for the sigmoid within ± this', '8')
    .option('--rate <rate>', 'the first step size', '10')
    .addOption(
      new Option('--schedule <kind>', 'rate/(t + 1), or the same throughout')
        .choices(['harmonic', 'constant'])
        .default('harmonic'),
    )
    .addOption(
      new Option('--optimiser <kind>', 'how it descends').choices(['nesterov', 'gradient-descent']).default('nesterov'),
    )
    .option('--ridge <strength>', 'λ of (λ/2)‖w‖²', '0')
    .option('--barrier <strength>', 'κ of a quartic barrier whose radius is the interval’s')
    .option('--batch <rows>', 'rows a step (default: all)')
    .option('--folds <count>', 'cross-validation; 1: all rows, and accuracy on them', '1')
    .addOption(
      new Option(
        '--refresh <how>',
        'new levels for spent ciphertexts by the owner, or one long chain of less precise levels',
      )
        .choices(['owner', 'none'])
        .default('owner'),
    );
}

/** How a table becomes rows. */
export function declareRows(command: Command): Command {
  return command
    .option('--label <column>', 'its name, or its number from 1 (default: the last)')
    .addOption(
      new Option('--scale <rule>', 'columns to [0, 1] by what is in the table, rows to length 1, or neither')
        .choices(['minmax', 'unit', 'none'])
        .default('minmax'),
    )
    .option('--norm-bound <bound>', 'refuse rows that are longer, the constant 1 included');
}

export function declareTask(group: Command, action: (options: TaskOptions) => void): void {
  declareRecipe(group.command('task'))
    .description(
      'what a training on ciphertexts takes; --out writes the task that keys are made and rows encrypted for',
    )
    .requiredOption('--rows <count>', 'how many there are')
    .requiredOption('--columns <count>', 'features, the constant 1 included')
    .option('--feature-bound <bound>', 'no feature is further from 0 (scaled to [0, 1] or to length 1: 1)', '1')
    .option('--target-bound <bound>', 'linear models: no target is further from 0')
    .option('-o, --out <file>', 'the task: no row is in it')
    .option('--json', 'one JSON object on one line')
    .action((options: TaskOptions) => action(options));
}

export function declareTrain(group: Command, action: (options: TrainOptions, command: Command) => Promise<void>): void {
  declareRecipe(declareRows(declareSource(group.command('train'))))
    .description('logistic or linear regression on encrypted rows; --clear: the same steps without encryption')
    .requiredOption(
      '--data <file>',
      'rows that sumus encrypted encrypt wrote; or a table, whose owner then does both sides',
    )
    .option('--keys <file>', 'evaluation.keys, for encrypted rows')
    .option('--secret <file>', 'secret.key, where its owner is there to refresh')
    .option('--passphrase-file <file>', 'that protects secret.key')
    .option('-o, --out <file>', 'where the encrypted weights go')
    .option('--project [radius]', 'hold the weights to this ball after every step (default: R/B); with --clear')
    .option('--seed <number>', 'of the shuffle before folds and batches', '1')
    .option('--epsilon <epsilon>', 'release under this guarantee; with --clear, --project and --scale unit or none')
    .option('--delta <delta>', 'and this δ', '1e-5')
    .addOption(
      new Option('--adjacency <kind>', 'what neighbours are')
        .choices(['replace-one', 'add-remove', 'zero-out'])
        .default('replace-one'),
    )
    .option('--clear', 'the twin, without encryption')
    .option('--json', 'one JSON object on one line')
    .addHelpText(
      'after',
      '\nExamples:\n  sumus encrypted train --data rows.csv --iterations 7 --degree 5 --folds 5 --json\n' +
        '  sumus encrypted train --data rows.enc --keys keys/evaluation.keys --folds 5 --out weights.enc\n',
    )
    .action((options: TrainOptions, command: Command) => action(options, command));
}

export interface Hyperparameters {
  readonly literal: RecipeLiteral;
  readonly folds: number;
  readonly seed: number;
  readonly refresh: 'owner' | 'none';
  readonly rows: { readonly normBound?: number };
  readonly privacy: Pick<GuaranteeLiteral, 'epsilon' | 'delta' | 'adjacency' | 'targetBound'> | undefined;
  readonly source: RandomSource;
}

/** The recipe that the words say. */
export function recipeOf(options: RecipeOptions): RecipeLiteral {
  const interval = positive('--interval', options.interval);
  const rate = positive('--rate', options.rate);
  const learningRate: LearningRate =
    options.schedule === 'constant' ? { kind: 'constant', rate } : { kind: 'harmonic', first: rate };
  return {
    model:
      options.model === 'linear'
        ? { kind: 'linear' }
        : {
            kind: 'logistic',
            activation: { degree: natural('--degree', options.degree), method: options.method, interval },
          },
    iterations: natural('--iterations', options.iterations),
    learningRate,
    optimiser: options.optimiser,
    ridge: options.ridge === '0' ? 0 : positive('--ridge', options.ridge),
    ...(options.barrier === undefined
      ? {}
      : { barrier: { strength: positive('--barrier', options.barrier), radius: interval } }),
    ...(options.batch === undefined ? {} : { batchSize: natural('--batch', options.batch) }),
  };
}

export function recipeFrom(options: TrainOptions): Hyperparameters {
  const interval = positive('--interval', options.interval);
  const normBound = options.normBound === undefined ? undefined : positive('--norm-bound', options.normBound);
  const literal: RecipeLiteral = {
    ...recipeOf(options),
    ...(options.project === undefined ? {} : { projectionRadius: projection(options, interval, normBound) }),
  };
  const { clear, scale } = options;
  if (options.project !== undefined && !clear) {
    throw new UsageError('--project goes with --clear: a machine that cannot see the weights cannot project them');
  }
  if (options.epsilon !== undefined && scale === 'minmax') {
    throw new UsageError(
      '--epsilon with --scale minmax: the scaling looks at all rows and would not be private. Use public bounds and --scale unit or none',
    );
  }
  const folds = natural('--folds', options.folds);
  if (options.epsilon !== undefined && folds > 1) {
    throw new UsageError(
      `--epsilon with --folds ${folds}: a row is in ${folds - 1} of these models, and all of them together cost more than the ε that each states. One release takes all rows: --folds 1`,
    );
  }
  return {
    literal,
    folds,
    seed: natural('--seed', options.seed),
    refresh: options.refresh,
    rows: normBound === undefined ? {} : { normBound },
    privacy:
      options.epsilon === undefined
        ? undefined
        : {
            epsilon: positive('--epsilon', options.epsilon),
            delta: positive('--delta', options.delta),
            adjacency: options.adjacency,
          },
    source: { fill: (out) => void randomFillSync(out) },
  };
}

/** R/B, a hair inside. */
function projection({ project, scale }: TrainOptions, interval: number, normBound: number | undefined): number {
  if (typeof project === 'string') return positive('--project', project);
  const bound = normBound ?? (scale === 'unit' ? 1 : undefined);
  if (bound === undefined) throw new UsageError('--project needs a radius, or --norm-bound');
  return (interval / bound) * (1 - 2 ** -40);
}

export function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new UsageError(`${name} is a positive number, not ${text}`);
  return value;
}

export function natural(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new UsageError(`${name} is a whole number from 1, not ${text}`);
  return value;
}
