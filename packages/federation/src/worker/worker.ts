// Who has the data of a participant: it prepares them as the plan says, trains on them or sums up their statistics, and hands back what came
// of it. It runs where the data are (a thread, a page's worker) and answers the participant's `train`. Workers that take turns may share a
// network; nothing of a contribution stays in it. Refuses work that the plan does not ask for.

import type { Recipe } from '@sumus/dataset/prepare';
import type { Table } from '@sumus/dataset/table';
import type { Engine } from '@sumus/learning/engine';
import { Network } from '@sumus/learning/network';
import { sumsOfColumns } from '../contribution/columns.ts';
import type { LocalStatistics } from '../contribution/contribution.ts';
import { ParameterError } from '../errors.ts';
import { architectureOf } from '../model/model.ts';
import type { FeatureMap } from '../one-round/features.ts';
import { statisticsOf } from '../one-round/statistics.ts';
import type { CheckedPlan } from '../plan/check.ts';
import type { Train } from '../run/participant/setup.ts';
import { type LocalResult, LocalTraining } from '../training/local-training.ts';
import { type RandomBytes, randomSourceOf } from '../training/own-randomness.ts';
import type { TooFew } from '../training/units.ts';
import { type FeatureMapTools, featureMapOf } from './features-of-plan.ts';
import { classesOfRows, rowsUnder } from './table-data.ts';

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
  /** Where the plan is about a table: all of it, its target too. Then inputs and labels are not looked at. */
  readonly table?: Table | undefined;
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
  const examples = examplesIn(tools, plan, data);
  const asked = exchange.schedule === 'one-round' ? undefined : trainer(tools, plan, data, examples, randomBytes);
  return (work) => {
    if (work.kind === 'statistics')
      return work.of === 'columns' ? columns(plan, data) : records(plan, data, examples, work);
    if (asked === undefined) throw new ParameterError('an update is asked for, and the plan sums statistics');
    return asked(work);
  };
}

type Update = Extract<Train['work'], { readonly kind: 'update' }>;
type Statistics = Extract<Train['work'], { readonly kind: 'statistics' }>;

function trainer(
  tools: WorkerTools,
  plan: CheckedPlan,
  { unitOfRow }: WorkerData,
  examples: Examples,
  randomBytes: RandomBytes,
): (work: Update) => WorkResult {
  const training = new LocalTraining(tools.network, plan, randomSourceOf(randomBytes));
  return ({ start, drift, recipe }) => {
    const { inputs, labels: targets } = examples(recipe);
    return training.contribute({ start, data: { examples: { inputs, targets }, unitOfRow }, drift });
  };
}

/** The sums of a table's columns, before the first round. */
function columns(plan: CheckedPlan, data: WorkerData): WorkResult {
  const counted = unitsOf(plan, data);
  return typeof counted === 'number'
    ? { kind: 'statistics', values: sumsOfColumns(plan, tableIn(data)), units: counted }
    : counted;
}

function records(plan: CheckedPlan, data: WorkerData, examples: Examples, { recipe }: Statistics): WorkResult {
  const { exchange } = plan;
  if (exchange.schedule !== 'one-round') throw new ParameterError('statistics are asked for, and the plan trains');
  const counted = unitsOf(plan, data);
  if (typeof counted !== 'number') return counted;
  const { inputs, labels } = examples(recipe);
  return { kind: 'statistics', values: statisticsOf(inputs, labels, exchange), units: counted };
}

function unitsOf({ batching }: CheckedPlan, { labels, unitOfRow, table }: WorkerData): number | TooFew {
  const { countedIn, minimumUnits: needed } = batching;
  if (countedIn === 'people' && unitOfRow === undefined)
    throw new ParameterError('the plan counts people, and the data say nowhere whose row is whose');
  const found = countedIn === 'people' ? new Set(unitOfRow).size : (table?.rowCount ?? labels.length);
  return found >= needed ? found : { kind: 'too few', found, needed, countedIn };
}

function tableIn({ table }: WorkerData): Table {
  if (table === undefined) throw new ParameterError('the plan is about a table, and the data are none');
  return table;
}

/** What the plan's model takes, and its answers. Made once, when they are needed first: who never takes part computes nothing. */
type Examples = (recipe: Recipe | undefined) => { readonly inputs: Float32Array; readonly labels: Uint32Array };

function examplesIn(tools: WorkerTools, plan: CheckedPlan, data: WorkerData): Examples {
  let made: { readonly recipe: string; readonly inputs: Float32Array; readonly labels: Uint32Array } | undefined;
  return (recipe) => {
    const text = JSON.stringify(recipe ?? null);
    made = made?.recipe === text ? made : { recipe: text, ...preparedExamples(tools, plan, data, recipe) };
    return made;
  };
}

/** `recipe`: recipeOf what is published, where the plan is about a table. */
export function preparedExamples(
  tools: FeatureMapTools & Pick<WorkerTools, 'features'>,
  plan: CheckedPlan,
  data: WorkerData,
  recipe: Recipe | undefined,
): { readonly inputs: Float32Array; readonly labels: Uint32Array } {
  const { preparation } = plan;
  if (preparation.kind !== 'table') return { inputs: preparedInputs(tools, plan, data), labels: data.labels };
  if (recipe === undefined) throw new ParameterError('a table is to be made into numbers without a recipe');
  const table = tableIn(data);
  const rows = { inputs: rowsUnder(recipe, preparation, table), inputSize: plan.model.architecture.input[0] ?? 0 };
  return { inputs: preparedInputs(tools, plan, rows), labels: classesOfRows(preparation, table) };
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
