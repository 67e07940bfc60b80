// What a plan asks of data, in the few facts that a person's file is held against: the shape of one example, how many classes a model tells
// apart, which columns a table has to have, and how many units a contribution stands for. Pure.

import { architectureOf } from '@sumus/federation/model';
import type { CheckedPlan } from '@sumus/federation/plan';
import { featuresOfPlan } from '@sumus/federation/worker';
import { outputShape, sizeOf } from '@sumus/learning/model';

type Preparation = CheckedPlan['preparation'];
export type TableDemand = Extract<Preparation, { readonly kind: 'table' }>;

export interface Demand {
  /** Of one example as the data have it: [784], or [28, 28, 1]. */
  readonly shape: readonly number[];
  readonly inputSize: number;
  readonly classes: number;
  /** False where a plan predicts numbers, which this page has no data for. */
  readonly tellsClasses: boolean;
  /** Where the plan says how columns become numbers; undefined where that is the participant's own business. */
  readonly table: TableDemand | undefined;
  readonly minimumUnits: number;
  readonly countedIn: 'people' | 'rows';
}

/** Images that scattering takes. */
const SCATTERED: readonly number[] = [28, 28, 1];

export function demandOf(plan: CheckedPlan): Demand {
  const { exchange, model, batching, preparation } = plan;
  const network = architectureOf(plan);
  const isOneRound = exchange.schedule === 'one-round';
  const shape = featuresOfPlan(plan)?.features === 'scattering' ? SCATTERED : network.input;
  return Object.freeze({
    shape,
    inputSize: sizeOf(shape),
    classes: isOneRound ? exchange.classes : sizeOf(outputShape(network)),
    tellsClasses: isOneRound || model.loss === 'crossEntropy',
    table: preparation.kind === 'table' ? preparation : undefined,
    minimumUnits: batching.minimumUnits,
    countedIn: batching.countedIn,
  });
}

export interface PictureShape {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
}

/** Smaller squares are tables. */
const SMALLEST_SIDE = 8;

/** Height, width and channels, where one example can be a picture; undefined where it cannot. */
export function pictureShapeOf({ shape, inputSize, table }: Demand): PictureShape | undefined {
  if (table !== undefined) return undefined;
  const [height, width, channels] = shape;
  if (shape.length === 3 && height !== undefined && width !== undefined && (channels === 1 || channels === 3)) {
    return { height, width, channels };
  }
  // A flat input of a square number is read as a grey picture: what 784 has always meant.
  const side = Math.sqrt(inputSize);
  if (shape.length !== 1 || !Number.isInteger(side) || side < SMALLEST_SIDE) return undefined;
  return { height: side, width: side, channels: 1 };
}
