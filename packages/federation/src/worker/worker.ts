// Who has the data of a participant: it prepares them as the plan says, trains on them or sums up their statistics, and hands back what came
// of it. It runs where the data are (a thread, a page's worker) and answers the participant's `train`. Workers that take turns may share a
// network; nothing of a contribution stays in it. Refuses work that the plan does not ask for.

import type { Engine } from '@sumus/learning/engine';
import { Network } from '@sumus/learning/network';
import type { LocalStatistics } from '../contribution/contribution.ts';
import { ParameterError } from '../errors.ts';
import { architectureOf } from '../model/model.ts';
import type { FeatureMap } from '../one-round/features.ts';
import { statisticsOf } from '../one-round/statistics.ts';
import type { CheckedPlan } from '../plan/check.ts';
import type { OneRound } from '../plan/plan.ts';
import type { Train } from '../run/participant/setup.ts';
import { type LocalResult, LocalTraining } from '../training/local-training.ts';
import { type RandomBytes, randomSourceOf } from '../training/own-randomness.ts';
import { type FeatureMapTools, featureMapOf } from './features-of-plan.ts';

/** What a `train` is answered with. */
export type WorkResult = LocalResult | LocalStatistics;
export type Worker = (work: Train['work']) => WorkResult;

/** Examples one after another, as the data have them: before anything that the plan's preparation does. */
export interface WorkerData {
  readonly inputs: Float32Array;
  readonly labels: Uint32Array;
  /** Numbers of one example. */
  readonly inputSize: number;
  /** The person of each row, where the data name one. */
  readonly unitOfRow?: Uint32Array | undefined;
}

export interface WorkerTools extends FeatureMapTools {
  readonly network: Network;
  /** Of this plan, where several workers share one: its tables are large. */
  readonly features?: FeatureMap | undefined;
}

/** A network of the plan, which workers that take turns may share. */
export function networkOf(engine: Engine, plan: CheckedPlan): Network {
  return new Network(engine, architectureOf(plan), {
    seed: plan.model.firstWeightsSeed,
    maxBatch: plan.batching.pieceSize,
  });
}

/** `randomBytes` is the participant's own cryptographically secure generator: it draws its batches. */
export function workerOf(tools: WorkerTools, plan: CheckedPlan, data: WorkerData, randomBytes: RandomBytes): Worker {
  const { exchange } = plan;
  if (exchange.schedule === 'one-round') return statistician(tools, plan, exchange, data);
  const training = new LocalTraining(tools.network, plan, randomSourceOf(randomBytes));
  let inputs: Float32Array | undefined;
  return (work) => {
    if (work.kind !== 'update') throw new ParameterError('statistics are asked for, and the plan trains');
    // Once, and when they are needed first: a participant that never takes part computes nothing.
    inputs ??= preparedInputs(tools, plan, data);
    const { start, drift } = work;
    return training.contribute({
      start,
      data: { examples: { inputs, targets: data.labels }, unitOfRow: data.unitOfRow },
      drift,
    });
  };
}

/** A piece at a time: the map has a copy of what it maps. */
const PIECE = 1000;

/** What the plan's model takes, of so many examples one after another. */
export function preparedInputs(
  tools: FeatureMapTools & Pick<WorkerTools, 'features'>,
  plan: CheckedPlan,
  { inputs, inputSize }: Pick<WorkerData, 'inputs' | 'inputSize'>,
): Float32Array {
  const map = tools.features ?? featureMapOf(plan, inputSize, tools);
  if (map === undefined) return inputs;
  const pieces: Float32Array[] = [];
  for (let at = 0; at < inputs.length; at += PIECE * inputSize) {
    pieces.push(map(inputs.subarray(at, at + PIECE * inputSize)));
  }
  const all = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function statistician(tools: WorkerTools, plan: CheckedPlan, exchange: OneRound, data: WorkerData): Worker {
  const { countedIn, minimumUnits: needed } = plan.batching;
  const { labels, unitOfRow } = data;
  if (countedIn === 'people' && unitOfRow === undefined)
    throw new ParameterError('the plan counts people, and the data say nowhere whose row is whose');
  const units = countedIn === 'people' ? new Set(unitOfRow).size : labels.length;
  let values: Float32Array | undefined;
  return (work) => {
    if (work.kind !== 'statistics') throw new ParameterError('an update is asked for, and the plan sums statistics');
    if (units < needed) return { kind: 'too few', found: units, needed, countedIn };
    // A round that failed is tried again with the same statistics.
    values ??= statisticsOf(preparedInputs(tools, plan, data), labels, exchange);
    return { kind: 'statistics', values: values.slice(), units };
  };
}
