// A plan's own work with somebody watching: the network counts the steps that training takes of it. It does the same steps to the same bits;
// what is told is how many were done, never what on.

import { architectureOf } from '@sumus/federation/model';
import type { CheckedPlan } from '@sumus/federation/plan';
import type { RandomBytes } from '@sumus/federation/training';
import { type FeatureMapTools, type WorkerData, type WorkResult, workerOf } from '@sumus/federation/worker';
import {
  type Batch,
  type ClippedLosses,
  type ClippedOptions,
  type ExampleLosses,
  type GradientOptions,
  type LossSpec,
  Network,
} from '@sumus/learning/network';
import type { TrainingProgress, TrainingTask, TrainingWorker } from './training-worker.ts';

type Tell = (progress: TrainingProgress) => void;

class WatchedNetwork extends Network {
  onStep: (loss: number) => void = () => undefined;

  override batchGradient(
    batch: Batch,
    loss: LossSpec,
    options: GradientOptions & { readonly reduction?: 'mean' | 'sum' } = {},
  ): ExampleLosses {
    const found = super.batchGradient(batch, loss, options);
    this.onStep(found.meanLoss);
    return found;
  }

  override clippedSum(batch: Batch, loss: LossSpec, options: ClippedOptions): ClippedLosses {
    const found = super.clippedSum(batch, loss, options);
    this.onStep(found.meanLoss);
    return found;
  }
}

export type WatchedWorker = (work: TrainingTask['work'], tell: Tell) => WorkResult;

/** The same as federation's workerOf, bit for bit. */
export function watchedWorker(
  tools: FeatureMapTools,
  plan: CheckedPlan,
  data: WorkerData,
  randomBytes: RandomBytes,
): WatchedWorker {
  const { seed, maxBatch } = { seed: plan.model.firstWeightsSeed, maxBatch: plan.batching.pieceSize };
  const network = new WatchedNetwork(tools.engine, architectureOf(plan), { seed, maxBatch });
  const worker = workerOf({ ...tools, network }, plan, data, randomBytes);
  const { epochs, steps } = stepsOf(plan, data.table?.rowCount ?? data.labels.length);
  return (work, tell) => {
    let step = 0;
    const perEpoch = Math.max(1, Math.ceil(steps / epochs));
    const say = (loss: number | null): void =>
      tell({ epoch: Math.min(epochs, Math.floor(Math.max(0, step - 1) / perEpoch) + 1), epochs, step, steps, loss });
    network.onStep = (loss) => {
      step = Math.min(steps, step + 1);
      say(loss);
    };
    say(null);
    const found = worker(work);
    // Poisson batches may have been empty, and statistics are one step.
    step = steps;
    say(null);
    return found;
  };
}

/** Of one contribution, as batches are drawn (federation/training/batches.ts). */
export function stepsOf(
  { exchange, batching }: CheckedPlan,
  rowCount: number,
): { readonly epochs: number; readonly steps: number } {
  if (exchange.schedule === 'one-round') return { epochs: 1, steps: 1 };
  const { sampling } = batching;
  const { unit, count } = exchange.localWork;
  const perEpoch =
    sampling.kind === 'poisson'
      ? Math.ceil(1 / sampling.rate)
      : sampling.kind === 'shuffled'
        ? Math.ceil(rowCount / sampling.batchSize)
        : 1;
  const steps = unit === 'epochs' ? count * perEpoch : count;
  return { epochs: Math.max(1, Math.ceil(steps / Math.max(1, perEpoch))), steps };
}

/** A worker that works where it is called: nothing else happens meanwhile. For threads, pages' workers and tests. */
export function workerHere(tools: FeatureMapTools, data: WorkerData, randomBytes: RandomBytes): TrainingWorker {
  let made: { readonly plan: CheckedPlan; readonly worker: WatchedWorker } | undefined;
  return {
    train: async ({ plan, work }, tell) => {
      if (made?.plan !== plan) made = { plan, worker: watchedWorker(tools, plan, data, randomBytes) };
      return made.worker(work, tell);
    },
    close: () => undefined,
  };
}
