// For people with their own training function: each task says from which weights to start, and takes the weights that came of it. Everything
// after that (choice, clipping, noise, protection, ledger) is the participant's, as with the built-in training.
//
//   for await (const task of run) await task.send(await train(task))
//
// Refuses what a foreign function cannot keep: privacy of records, whose clipping happens inside the steps, and sums of statistics.

import { ParameterError } from '@sumus/federation/errors';
import type { CheckedPlan } from '@sumus/federation/plan';
import type { WorkResult } from '@sumus/federation/worker';
import type { TrainingTask, TrainingWorker } from '../worker/training-worker.ts';

export interface OwnResult {
  /** After the training, in the order of the start's. */
  readonly weights: Float32Array;
  /** Rows that were trained on, counted again where they came again. */
  readonly examples: number;
  /** Different rows, where examples came again; or different people, where the plan counts people. Default: `examples`, of rows. */
  readonly units?: number | undefined;
  /** Steps of the optimiser; asked for where the plan corrects by control variates. Default 1. */
  readonly steps?: number | undefined;
  /** Default 0; summed only where the plan has the metric. */
  readonly meanLoss?: number | undefined;
  /** Share of right answers; needed where the plan has the metric. */
  readonly accuracy?: number | undefined;
}

export interface OwnTask {
  readonly plan: CheckedPlan;
  readonly round: number;
  /** Of the model. */
  readonly version: number;
  /** A copy: yours. */
  readonly weights: Float32Array<ArrayBuffer>;
  /** c − c_i, to be added to every gradient, where the plan has control variates. */
  readonly drift: Float32Array<ArrayBuffer> | undefined;
  /** Hands the result to the participant. Throws ParameterError where it cannot be used; then it may be sent again. */
  send(result: OwnResult): Promise<void>;
}

interface Waiting {
  readonly task: TrainingTask;
  readonly resolve: (result: WorkResult) => void;
}

export class OwnTasks implements AsyncIterable<OwnTask> {
  readonly #waiting: Waiting[] = [];
  #wake: () => void = () => undefined;
  #isOver = false;
  readonly worker: TrainingWorker;
  readonly #onLeft: () => void;

  /** `onLeft`: the loop was left before the run was over. */
  constructor(onLeft: () => void) {
    this.#onLeft = onLeft;
    this.worker = {
      train: async (task) => {
        requireForeign(task);
        return new Promise((resolve) => {
          this.#waiting.push({ task, resolve });
          this.#wake();
        });
      },
      close: () => this.end(),
    };
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<OwnTask, void, undefined> {
    try {
      for (;;) {
        const next = this.#waiting.shift();
        if (next !== undefined) yield ownTask(next);
        else if (this.#isOver) return;
        else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      if (!this.#isOver) this.#onLeft();
    }
  }
}

function requireForeign({ plan: { privacy }, work }: TrainingTask): void {
  if (work.kind !== 'update') throw new ParameterError('the plan asks for statistics of the data, not for training');
  if ((privacy.kind === 'central' || privacy.kind === 'local') && privacy.unit === 'record') {
    throw new ParameterError(
      'the plan promises privacy of records, which a foreign training function cannot keep: each record is clipped inside the steps',
    );
  }
}

function ownTask({ task: { plan, round, version, work }, resolve }: Waiting): OwnTask {
  if (work.kind !== 'update') throw new ParameterError('the plan asks for statistics of the data, not for training');
  const { start, drift } = work;
  return {
    plan,
    round,
    version,
    weights: start.slice(),
    drift: drift?.slice(),
    send: async (result) => resolve(resultOf(plan, start, result)),
  };
}

function resultOf(plan: CheckedPlan, start: Float32Array, result: OwnResult): WorkResult {
  const { batching } = plan;
  const { weights, examples, steps = 1, meanLoss = 0, accuracy } = result;
  const requireCount = (name: string, value: number): void => {
    if (!Number.isSafeInteger(value) || value < 0) throw new ParameterError(`${name} is ${value}, not a count`);
  };
  requireCount('examples', examples);
  requireCount('steps', steps);
  if (weights.length !== start.length) {
    throw new ParameterError(`${weights.length} weights, and the model has ${start.length}`);
  }
  const units = result.units ?? (batching.countedIn === 'rows' ? examples : undefined);
  if (units === undefined)
    throw new ParameterError('the plan counts people: say in `units` how many are behind the examples');
  requireCount('units', units);
  if (plan.metrics.some(({ name }) => name === 'accuracy') && accuracy === undefined) {
    throw new ParameterError('the plan sums the share of right answers: say it in `accuracy`');
  }
  if (accuracy !== undefined && !(accuracy >= 0 && accuracy <= 1)) {
    throw new ParameterError(`accuracy is ${accuracy}, not a share from 0 to 1`);
  }
  const { minimumUnits: needed, countedIn } = batching;
  if (units < needed) return { kind: 'too few', found: units, needed, countedIn };
  if (!weights.every(Number.isFinite) || !Number.isFinite(meanLoss)) {
    return { kind: 'not finite', what: 'a weight or the loss of the own training' };
  }
  const update = weights.map((weight, i) => weight - (start[i] ?? 0));
  return { kind: 'update', update, weights: weights.slice(), steps, examples, units, meanLoss, accuracy };
}
