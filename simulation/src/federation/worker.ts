// Who has the data of a simulated participant: it trains on them, or sums up their statistics, and hands back what came of it. Networks are
// shared among participants, one after the other; nothing of a contribution stays in them.

import type { LocalStatistics } from '@sumus/federation/contribution';
import { architectureOf } from '@sumus/federation/model';
import { featureMap, statisticsOf } from '@sumus/federation/one-round';
import type { Train } from '@sumus/federation/participant';
import { type CheckedPlan, planHash } from '@sumus/federation/plan';
import { type LocalResult, LocalTraining, randomSourceOf } from '@sumus/federation/training';
import type { Engine } from '@sumus/learning/engine';
import { Network } from '@sumus/learning/network';
import type { Primitives } from '@sumus/platform/primitives';
import type { LabelledExamples } from '../examples/index.ts';
import type { RandomBytes } from '../seeds/seeded.ts';

export type Worker = (work: Train['work']) => LocalResult | LocalStatistics;

/** A network of the plan, for everybody. */
export function networkOf(engine: Engine, plan: CheckedPlan): Network {
  return new Network(engine, architectureOf(plan), {
    seed: plan.model.firstWeightsSeed,
    maxBatch: plan.batching.pieceSize,
  });
}

export interface WorkerTools {
  readonly engine: Engine;
  readonly platform: Primitives;
  readonly network: Network;
}

export function workerOf(
  { engine, platform, network }: WorkerTools,
  plan: CheckedPlan,
  data: LabelledExamples,
  randomBytes: RandomBytes,
): Worker {
  const examples = { inputs: data.inputs, targets: data.labels };
  const { unitOfRow } = data;
  const { exchange } = plan;
  if (exchange.schedule === 'one-round') {
    const features = featureMap(
      exchange,
      { inputSize: data.inputSize, key: planHash(platform, plan) },
      { engine, chacha20: platform.chacha20 },
    );
    const units = plan.batching.countedIn === 'people' ? new Set(unitOfRow).size : data.count;
    const { minimumUnits: needed, countedIn } = plan.batching;
    return () =>
      units < needed
        ? { kind: 'too few', found: units, needed, countedIn }
        : { kind: 'statistics', values: statisticsOf(features(data.inputs), data.labels, exchange), units };
  }
  const training = new LocalTraining(network, plan, randomSourceOf(randomBytes));
  return (work) => {
    if (work.kind !== 'update') throw new RangeError('statistics are asked for, and the plan trains');
    const { start, drift } = work;
    return training.contribute({ start, data: { examples, unitOfRow }, drift });
  };
}
