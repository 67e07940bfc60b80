// sumus encrypted encrypt, train and decrypt for a training whose owner and machine are two: rows.enc holds the task and the encrypted
// blocks; the machine reads a block when it needs it, and writes encrypted weights, fold by fold; the owner opens them.
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { ckksExecutor } from '@sumus/encrypted-learning/execute';
import {
  type CheckedRows,
  descend,
  encryptRows,
  margins,
  openWeights,
  RunDiverged,
  selectRows,
  watchingRefresher,
} from '@sumus/encrypted-learning/training';
import { decodeCkksCiphertext, encodeCkksCiphertext } from '@sumus/lattice/wire';
import { areaUnderCurve } from '@sumus/learning/metrics';
import type { Command } from 'commander';
import { UsageError } from '../command.ts';
import { printJson } from '../print.ts';
import type { SourceOptions } from './data-source-options.ts';
import { EncryptedReader, EncryptedWriter } from './encrypted-file.ts';
import { readEvaluationKeys } from './encrypted-keys.ts';
import { usageOf } from './encrypted-offer.ts';
import { WorkProgress } from './encrypted-progress.ts';
import { passphraseFrom, readSecretKey } from './encrypted-secret.ts';
import {
  contextOfTask,
  identityOfTask,
  parseTask,
  planFold,
  planTask,
  RECIPE_WORDS,
  readTask,
  type TrainingTask,
  taskText,
} from './encrypted-task.ts';
import { shuffled } from './encrypted-training-folds.ts';
import { natural, positive, type TrainOptions } from './encrypted-training-options.ts';
import { readTrainingRows, type TrainingRowsOptions } from './encrypted-training-rows.ts';

const TASK = 'task';

export interface EncryptRowsOptions extends SourceOptions {
  readonly offer: string;
  readonly secret: string;
  readonly passphraseFile?: string;
  readonly data: string;
  readonly label?: string;
  readonly scale: TrainingRowsOptions['scale'];
  readonly normBound?: string;
  readonly out: string;
  readonly json?: true;
}

export async function encryptTrainingRows(options: EncryptRowsOptions): Promise<void> {
  const task = readTask(options.offer);
  const training = planTask(task);
  const context = await contextOfTask(training);
  const { normBound, ...source } = options;
  const bound = normBound === undefined ? {} : { normBound: positive('--norm-bound', normBound) };
  const read = await readTrainingRows({ ...source, ...bound, binary: task.recipe.model === 'logistic' });
  const rows = inFolds(read.rows);
  const identity = identityOfTask(task);
  const { secret, key } = readSecretKey(options.secret, identity, context, passphraseFrom(options.passphraseFile));
  try {
    const file = new EncryptedWriter(options.out, { holds: 'inputs', for: identity, key, count: rows.count });
    const progress = new WorkProgress('encrypting');
    const { rowBlocks, columnBlocks } = training.packing;
    let done = 0;
    try {
      file.record(TASK, new TextEncoder().encode(taskText(task)));
      for (const { name, ciphertext } of encryptRows(training, context, { secretKey: secret }, rows)) {
        file.record(name, encodeCkksCiphertext(ciphertext));
        done += 1;
        progress.at(done, Math.max(done, 2 * rowBlocks * columnBlocks));
      }
    } catch (cause) {
      throw usageOf(cause);
    } finally {
      file.close();
      progress.done();
    }
  } finally {
    secret.wipe();
  }
  said(options.json, { rows: rows.count, out: options.out, bytes: statSync(options.out).size });
}

/** Folds and batches go by a row's place: tables are often sorted by what is to be learnt. The same order at both ends. */
const inFolds = (rows: CheckedRows): CheckedRows => selectRows(rows, shuffled(rows.count, 1));

const MAGIC = '{"format":"sumus encrypted 1"';

export function isEncrypted(path: string): boolean {
  const bytes = Buffer.alloc(MAGIC.length);
  try {
    const file = openSync(path, 'r');
    try {
      readSync(file, bytes, 0, bytes.length, 0);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw new UsageError(`${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  return bytes.toString('latin1') === MAGIC;
}

/** What was typed and says something else than the task does. */
function requireTask({ recipe: agreed }: TrainingTask, options: TrainOptions, command: Command): void {
  for (const word of RECIPE_WORDS) {
    if (command.getOptionValueSource(word) !== 'cli' || options[word] === agreed[word]) continue;
    throw new UsageError(
      `these rows were encrypted for --${word} ${agreed[word] ?? 'none'}, not ${options[word]}: their chain of levels is for that, and would be spent or wrong. Make a task for it`,
    );
  }
}

export async function trainOnCiphertexts(options: TrainOptions, command: Command): Promise<void> {
  const { keys: keysPath, out } = options;
  if (options.clear) throw new UsageError('--clear takes a table: nobody here can read these rows');
  if (keysPath === undefined || out === undefined) throw new UsageError('encrypted rows need --keys and --out');
  const inputs = new EncryptedReader(options.data, 'inputs');
  try {
    const task = parseTask(Buffer.from(inputs.message(TASK)).toString('utf8'), options.data);
    const identity = identityOfTask(task);
    inputs.requireFor(identity);
    requireTask(task, options, command);
    const base = planTask(task);
    if (base.refreshBefore.length > 0 && options.secret === undefined) {
      throw new UsageError(
        'the chain is spent after some iterations: --secret for a refresh by its owner, or a task with --refresh none',
      );
    }
    const context = await contextOfTask(base);
    const { key } = inputs.header;
    const keys = readEvaluationKeys(keysPath, identity, context, key);
    const secret =
      options.secret === undefined
        ? undefined
        : readSecretKey(options.secret, identity, context, passphraseFrom(options.passphraseFile), key).secret;
    const folds = natural('--folds', task.recipe.folds);
    const file = new EncryptedWriter(out, { holds: 'outputs', for: identity, key, count: folds });
    const progress = new WorkProgress('training');
    const began = process.cpuUsage();
    try {
      file.record(TASK, new TextEncoder().encode(taskText(task)));
      for (let fold = 0; fold < folds; fold += 1) {
        const training = planFold(base, fold);
        const refresher = secret === undefined ? {} : { refresher: watchingRefresher(training, context, secret) };
        const outputs = await ckksExecutor(training.plan, context, keys, refresher).run(
          { encrypted: (name) => decodeCkksCiphertext(context, inputs.message(name)) },
          { onProgress: ({ done, total }) => progress.at(fold + done / total, folds) },
        );
        for (const [name, value] of outputs) file.record(`${fold}/${name}`, encodeCkksCiphertext(value));
      }
    } catch (cause) {
      if (cause instanceof RunDiverged) throw new UsageError(cause.message, { cause });
      throw usageOf(cause);
    } finally {
      file.close();
      progress.done();
      secret?.wipe();
    }
    const { user, system } = process.cpuUsage(began);
    said(options.json, { folds, out, bytes: statSync(out).size, cpuSeconds: (user + system) / 1e6 });
  } finally {
    inputs.close();
  }
}

export interface DecryptWeightsOptions extends SourceOptions {
  readonly offer: string;
  readonly secret: string;
  readonly passphraseFile?: string;
  readonly data: string;
  /** The owner's rows, to judge folds by. */
  readonly rows?: string;
  readonly label?: string;
  readonly scale: TrainingRowsOptions['scale'];
  readonly normBound?: string;
  readonly json?: true;
}

export async function decryptWeights(options: DecryptWeightsOptions): Promise<void> {
  const task = readTask(options.offer);
  const base = planTask(task);
  const context = await contextOfTask(base);
  const identity = identityOfTask(task);
  const file = new EncryptedReader(options.data, 'outputs');
  try {
    file.requireFor(identity);
    const passphrase = passphraseFrom(options.passphraseFile);
    const { secret } = readSecretKey(options.secret, identity, context, passphrase, file.header.key);
    try {
      const folds = natural('--folds', task.recipe.folds);
      const weights: Float64Array[] = [];
      for (let fold = 0; fold < folds; fold += 1) {
        const training = planFold(base, fold);
        const own = [...training.plan.circuit.outputs.keys()];
        const outputs = new Map(
          own.map((name) => [name, decodeCkksCiphertext(context, file.message(`${fold}/${name}`))]),
        );
        const opened = openWeights(training, secret, outputs);
        if (opened.kind === 'refused') {
          if (options.json) printJson({ released: false, code: opened.code, reason: opened.reason });
          else process.stdout.write(`refused: ${opened.reason}\n`);
          process.exitCode = 1;
          return;
        }
        weights.push(opened.weights);
      }
      await show(task, weights, options);
    } catch (cause) {
      throw usageOf(cause);
    } finally {
      secret.wipe();
    }
  } finally {
    file.close();
  }
}

/** Weights; and, with the rows, how good each fold's are on the rows that it left out. */
async function show(
  task: TrainingTask,
  weights: readonly Float64Array[],
  options: DecryptWeightsOptions,
): Promise<void> {
  const judged =
    options.rows === undefined ? undefined : await judge(task, weights, { ...options, rows: options.rows });
  if (options.json) {
    printJson({ released: true, weights: weights.map((one) => [...one]), ...judged });
    return;
  }
  for (const one of weights) process.stdout.write(`${[...one].map((weight) => weight.toPrecision(6)).join(',')}\n`);
  if (judged !== undefined)
    process.stdout.write(
      `${Object.entries(judged)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ')}\n`,
    );
}

async function judge(
  task: TrainingTask,
  weights: readonly Float64Array[],
  options: DecryptWeightsOptions & { readonly rows: string },
) {
  const { normBound, ...source } = options;
  const bound = normBound === undefined ? {} : { normBound: positive('--norm-bound', normBound) };
  const read = await readTrainingRows({
    ...source,
    ...bound,
    data: options.rows,
    binary: task.recipe.model === 'logistic',
  });
  const rows = inFolds(read.rows);
  const { recipe: made } = planTask(task);
  const folds = weights.map((one, fold) => {
    const all = Array.from({ length: rows.count }, (_, i) => i);
    const test =
      weights.length === 1
        ? rows
        : selectRows(
            rows,
            all.filter((i) => i % weights.length === fold),
          );
    const train =
      weights.length === 1
        ? rows
        : selectRows(
            rows,
            all.filter((i) => i % weights.length !== fold),
          );
    const clear = descend(train, made).weights;
    const [z, beside] = [margins(test, one), margins(test, clear)];
    const right = z.reduce((count, value, i) => count + (value > 0 === (test.labels[i] === 1) ? 1 : 0), 0);
    const equal = z.reduce((count, value, i) => count + (value > 0 === (beside[i] ?? Number.NaN) > 0 ? 1 : 0), 0);
    const both = test.labels.includes(0) && test.labels.includes(1);
    const difference = Math.max(...one.map((weight, j) => Math.abs(weight - (clear[j] ?? Number.NaN))));
    return { count: test.count, right, equal, area: both ? areaUnderCurve(z, test.labels) : null, difference };
  });
  const tested = folds.reduce((sum, { count }) => sum + count, 0);
  const areas = folds.flatMap(({ area }) => (area === null ? [] : [area]));
  return {
    accuracyPercent: (100 * folds.reduce((sum, { right }) => sum + right, 0)) / tested,
    area: areas.length === 0 ? null : areas.reduce((sum, area) => sum + area, 0) / areas.length,
    equalDecisionsPercent: (100 * folds.reduce((sum, { equal }) => sum + equal, 0)) / tested,
    weightDifference: Math.max(...folds.map(({ difference }) => difference)),
  };
}

function said(json: true | undefined, found: Readonly<Record<string, number | string>>): void {
  if (json) printJson(found);
  else
    process.stdout.write(
      `${Object.entries(found)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ')}\n`,
    );
}
