// sumus encrypted train: logistic or linear regression on rows that the machine which trains never sees; --clear: the same steps without
// encryption. Here one process plays owner and machine: keys are made, rows encrypted, the circuit run, the weights opened, all at
// parameters that the circuit chose; what travels between two machines is what travels here between two functions.
import { ckksExecutor, evaluationKeys } from '@sumus/encrypted-learning/execute';
import { explain } from '@sumus/encrypted-learning/parameters';
import { ownerRefresh } from '@sumus/encrypted-learning/refresh';
import {
  type CheckedRows,
  descend,
  descendPrivately,
  encryptRows,
  guarantee,
  margins,
  openWeights,
  planTraining,
  type Released,
  RunDiverged,
  recheckStatement,
  recipe,
  releaseToOwner,
  releaseWithStatement,
  type Statement,
  selectRows,
  type TrainingPlan,
  watchingRefresher,
} from '@sumus/encrypted-learning/training';
import { type Ciphertext, type CkksContext, ckksContext, type SecretKey, secretKey } from '@sumus/lattice/ckks';
import { wasmEngine } from '@sumus/lattice/engine';
import { areaUnderCurve } from '@sumus/learning/metrics';
import { nodePrimitives } from '@sumus/platform/node';
import { UsageError } from '../command.ts';
import { printColumns, printJson } from '../print.ts';
import { usageOf } from './encrypted-offer.ts';
import { WorkProgress } from './encrypted-progress.ts';
import { foldsOf } from './encrypted-training-folds.ts';
import { type Hyperparameters, recipeFrom, type TrainOptions } from './encrypted-training-options.ts';
import { readTrainingRows } from './encrypted-training-rows.ts';

interface Trained {
  readonly released: Released;
  readonly cpuSeconds: number;
  readonly refreshes: number;
}

export async function trainEncrypted(options: TrainOptions): Promise<void> {
  const chosen = recipeFrom(options);
  const { normBound: _, ...source } = options;
  const { rows, names } = await readTrainingRows({ ...source, ...chosen.rows, binary: options.model === 'logistic' });
  const folds = foldsOf(rows.count, chosen.folds, chosen.seed);
  const machine = options.clear ? undefined : new Machine(chosen);
  try {
    const found: FoldResult[] = [];
    for (const { train, test } of folds) {
      const learnt = selectRows(rows, train);
      const trained = machine === undefined ? inTheClear(learnt, chosen) : await machine.train(learnt);
      found.push(resultOf(trained, test === undefined ? undefined : selectRows(rows, test), learnt, chosen));
    }
    report(found, { options, names, rows, training: machine?.training });
  } catch (cause) {
    throw usageOf(cause);
  } finally {
    machine?.close();
  }
}

function inTheClear(rows: CheckedRows, { literal, privacy, source }: Hyperparameters): Trained {
  const began = process.cpuUsage();
  const made = recipe(literal);
  if (privacy === undefined)
    return { released: releaseToOwner(descend(rows, made)), cpuSeconds: since(began), refreshes: 0 };
  const found = guarantee({
    recipe: made,
    rowCount: rows.count,
    columns: rows.columns,
    normBound: rows.normBound,
    ...privacy,
  });
  if (found.kind === 'refused') throw new UsageError(`no guarantee, hence no release: ${found.reason}`);
  const trajectory = descendPrivately(rows, found.guarantee, source);
  return { released: releaseWithStatement(trajectory, literal), cpuSeconds: since(began), refreshes: 0 };
}

/** Plan and keys for folds of one size. */
interface Prepared {
  readonly training: TrainingPlan;
  readonly context: CkksContext;
  readonly secret: SecretKey;
  readonly keys: ReturnType<typeof evaluationKeys>;
}

class Machine {
  readonly #chosen: Hyperparameters;
  readonly #prepared = new Map<number, Prepared>();
  training: TrainingPlan | undefined;

  constructor(chosen: Hyperparameters) {
    if (chosen.privacy !== undefined) {
      throw new UsageError(
        '--epsilon goes with --clear here: an encrypted run under a guarantee opens every iterate, which takes the members of a shared key',
      );
    }
    this.#chosen = chosen;
  }

  async train(rows: CheckedRows): Promise<Trained> {
    const { training, context, secret, keys } = await this.#prepare(rows);
    this.training ??= training;
    const blocks = new Map<string, Ciphertext>();
    for (const { name, ciphertext } of encryptRows(training, context, { secretKey: secret }, rows))
      blocks.set(name, ciphertext);
    const refreshing = watchingRefresher(training, context, secret);
    let refreshes = 0;
    const refresher = {
      refresh: (spent: Ciphertext, level: number): Promise<Ciphertext> => {
        refreshes += 1;
        return refreshing.refresh(spent, level);
      },
    };
    const progress = new WorkProgress('training');
    const began = process.cpuUsage();
    try {
      const outputs = await ckksExecutor(training.plan, context, keys, { refresher }).run(
        {
          encrypted: (name) => {
            const block = blocks.get(name);
            if (block === undefined) throw new UsageError(`there is no block ${name}`);
            return block;
          },
        },
        { onProgress: ({ done, total }) => progress.at(done, total) },
      );
      const cpuSeconds = since(began);
      return { released: openWeights(training, secret, outputs), cpuSeconds, refreshes };
    } catch (cause) {
      if (!(cause instanceof RunDiverged)) throw cause;
      return {
        released: { kind: 'refused', code: 'diverged', reason: cause.message },
        cpuSeconds: since(began),
        refreshes,
      };
    } finally {
      progress.done();
    }
  }

  async #prepare(rows: CheckedRows): Promise<Prepared> {
    const known = this.#prepared.get(rows.count);
    if (known !== undefined) return known;
    const { literal, refresh } = this.#chosen;
    const training = planTraining({
      recipe: literal,
      rowCount: rows.count,
      columns: rows.columns,
      featureBound: Math.max(rows.featureBound, rows.labelSet === 'binary' ? 0 : rows.labelSet),
      encryptedWith: 'secret key',
      watchMargins: literal.model.kind === 'logistic',
      ...(refresh === 'owner' ? { refresh: ownerRefresh } : { limbs: 'single' as const }),
    });
    const context = ckksContext({ engine: await wasmEngine(), primitives: nodePrimitives() }, training.plan.parameters);
    const secret = secretKey(context);
    const prepared = { training, context, secret, keys: evaluationKeys(training.plan, context, secret) };
    this.#prepared.set(rows.count, prepared);
    return prepared;
  }

  close(): void {
    for (const { secret } of this.#prepared.values()) secret.wipe();
  }
}

interface FoldResult {
  readonly released: Released;
  readonly cpuSeconds: number;
  readonly refreshes: number;
  readonly accuracyPercent: number | null;
  readonly area: number | null;
  readonly rootMeanSquare: number | null;
  readonly weightDifference: number | null;
  readonly equalDecisions: number | null;
  readonly tested: number;
}

function resultOf(
  trained: Trained,
  test: CheckedRows | undefined,
  learnt: CheckedRows,
  { literal, privacy }: Hyperparameters,
): FoldResult {
  const { released } = trained;
  const none = {
    accuracyPercent: null,
    area: null,
    rootMeanSquare: null,
    weightDifference: null,
    equalDecisions: null,
    tested: 0,
  };
  // How good a private model is on the rows it was made of is a number of those rows, and no noise was added to it.
  if (released.kind === 'refused' || privacy !== undefined) return { ...trained, ...none };
  const judged = test ?? learnt;
  const z = margins(judged, released.weights);
  // Beside every encrypted result the same steps in the clear.
  const clear = descend(learnt, recipe(literal)).weights;
  const beside = margins(judged, clear);
  const difference = Math.max(...released.weights.map((weight, j) => Math.abs(weight - (clear[j] ?? Number.NaN))));
  const equal = z.reduce((count, one, i) => count + (one > 0 === (beside[i] ?? Number.NaN) > 0 ? 1 : 0), 0);
  const base = { ...trained, ...none, tested: judged.count, weightDifference: difference, equalDecisions: equal };
  if (judged.labelSet !== 'binary') {
    const square = z.reduce((sum, one, i) => sum + (one - (judged.labels[i] ?? Number.NaN)) ** 2, 0);
    return { ...base, equalDecisions: null, rootMeanSquare: Math.sqrt(square / judged.count) };
  }
  const right = z.reduce((count, one, i) => count + (one > 0 === (judged.labels[i] === 1) ? 1 : 0), 0);
  const both = judged.labels.includes(0) && judged.labels.includes(1);
  return {
    ...base,
    accuracyPercent: (100 * right) / judged.count,
    area: both ? areaUnderCurve(z, judged.labels) : null,
  };
}

interface Context {
  readonly options: TrainOptions;
  readonly names: readonly string[];
  readonly rows: CheckedRows;
  readonly training: TrainingPlan | undefined;
}

function report(found: readonly FoldResult[], { options, names, rows, training }: Context): void {
  const refused = found.find(({ released }) => released.kind === 'refused')?.released;
  if (refused?.kind === 'refused') {
    if (options.json) printJson({ released: false, code: refused.code, reason: refused.reason });
    else process.stdout.write(`refused: ${refused.reason}\n`);
    process.exitCode = 1;
    return;
  }
  const statements = found.map(({ released }) => (released.kind === 'released' ? released.statement : null));
  const checked = statements.filter((one): one is Statement => one !== null).map((one) => recheckStatement(one).kind);
  const weights = found.map(({ released }) => (released.kind === 'released' ? [...released.weights] : []));
  const tested = found.reduce((sum, fold) => sum + fold.tested, 0);
  const summary = {
    released: true,
    encrypted: training !== undefined,
    rows: rows.count,
    columns: names,
    folds: found.length,
    accuracyPercent: meanOf(found.map(({ accuracyPercent }) => accuracyPercent)),
    area: meanOf(found.map(({ area }) => area)),
    rootMeanSquare: meanOf(found.map(({ rootMeanSquare }) => rootMeanSquare)),
    cpuSecondsEach: meanOf(found.map(({ cpuSeconds }) => cpuSeconds)),
    ...(training === undefined
      ? {}
      : {
          weightDifference: Math.max(...found.map(({ weightDifference }) => weightDifference ?? 0)),
          equalDecisionsPercent:
            (100 * found.reduce((sum, { equalDecisions }) => sum + (equalDecisions ?? 0), 0)) / tested,
          refreshes: training.refreshBefore.length,
          refreshedCiphertexts: found[0]?.refreshes ?? 0,
          parameters: training.plan.parameters.toString(),
          peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1e3),
        }),
  };
  if (options.json) {
    printJson({
      ...summary,
      weights,
      statements: checked.length === 0 ? null : statements,
      statementsChecked: checked,
    });
    return;
  }
  if (training !== undefined) process.stdout.write(`${explain(training.plan)}\n\n`);
  printColumns(Object.entries(summary).flatMap(([name, value]) => (value === null ? [] : [[name, shown(value)]])));
  if (found.length === 1) printColumns(names.map((name, j) => [name, (weights[0]?.[j] ?? Number.NaN).toPrecision(6)]));
  for (const statement of statements) if (statement !== null) process.stdout.write(`${JSON.stringify(statement)}\n`);
}

const shown = (value: unknown): string =>
  typeof value === 'number' && !Number.isInteger(value)
    ? value.toPrecision(5)
    : Array.isArray(value)
      ? value.join(', ')
      : String(value);

/** Of folds that have the number; null where none has. */
function meanOf(values: readonly (number | null)[]): number | null {
  const present = values.filter((value): value is number => value !== null);
  return present.length === 0 ? null : present.reduce((sum, value) => sum + value, 0) / present.length;
}

function since(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1e6;
}
