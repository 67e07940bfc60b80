// A published model's bytes, read: its weights, the part of them that is a picture, and files that other tools read. Loaded when somebody looks,
// not with the page.
import { architectureOf, firstWeightsOf } from '@sumus/federation/model';
import type { CheckedPlan } from '@sumus/federation/plan';
import { publishedFromBytes } from '@sumus/federation/release';
import { namedWeights, writeNetwork } from '@sumus/learning/files';
import { exportOnnx } from '@sumus/learning/files/onnx';

export interface WeightPicture {
  readonly values: Float32Array | Float64Array;
  readonly width: number;
  readonly height: number;
  /** How the picture came about, for its caption. */
  readonly kind: 'inputs of each unit' | 'weights in a row';
}

/** Undefined where nothing was published yet. */
function weightsOf(plan: CheckedPlan, bytes: Uint8Array): Float32Array | Float64Array | undefined {
  const published = publishedFromBytes(plan, bytes);
  return published.kind === 'model' ? published.server.weights : published.classifier?.weights;
}

const TILES_AT_MOST = 10;

/** The first layer, unit by unit, where its inputs are a square picture; else the first weights as they lie. */
export function pictureOf(plan: CheckedPlan, bytes: Uint8Array): WeightPicture | undefined {
  const weights = weightsOf(plan, bytes);
  if (weights === undefined) return undefined;
  if (plan.exchange.schedule !== 'one-round' && weights instanceof Float32Array) {
    // The first weights are random and everybody knows them: what was learnt is the difference.
    const known = firstWeightsOf(plan);
    const learnt = weights.map((weight, at) => weight - (known[at] ?? 0));
    const first = namedWeights(architectureOf(plan), learnt).find(({ shape }) => shape.length === 2);
    const inputs = plan.model.architecture.input.reduce((all, one) => all * one, 1);
    const side = Math.round(Math.sqrt(inputs));
    if (first !== undefined && side * side === inputs && first.shape.includes(inputs)) {
      const isByInput = first.shape[0] === inputs;
      const units = (isByInput ? first.shape[1] : first.shape[0]) ?? 1;
      return tiles(first.data, { side, units, isByInput });
    }
  }
  const width = Math.ceil(Math.sqrt(Math.min(weights.length, 96 * 96)));
  return { values: weights.subarray(0, width * width), width, height: width, kind: 'weights in a row' };
}

interface Tiles {
  readonly side: number;
  readonly units: number;
  /** Weights of one input stand together, not those of one unit. */
  readonly isByInput: boolean;
}

function tiles(values: ArrayLike<number>, { side, units, isByInput }: Tiles): WeightPicture {
  const shown = Math.min(units, TILES_AT_MOST);
  const across = Math.min(5, shown);
  const down = Math.ceil(shown / across);
  const [width, height] = [across * (side + 1) - 1, down * (side + 1) - 1];
  const picture = new Float32Array(width * height);
  for (let unit = 0; unit < shown; unit++) {
    const [left, top] = [(unit % across) * (side + 1), Math.floor(unit / across) * (side + 1)];
    for (let at = 0; at < side * side; at++) {
      const value = values[isByInput ? at * units + unit : unit * side * side + at] ?? 0;
      picture[(top + Math.floor(at / side)) * width + left + (at % side)] = value;
    }
  }
  return { values: picture, width, height, kind: 'inputs of each unit' };
}

export type FileFormat = 'safetensors' | 'onnx';

/** Throws where a plan's model has no such file: one of statistics of features has none. */
export function modelFile(
  plan: CheckedPlan,
  planId: string,
  bytes: Uint8Array,
  format: FileFormat,
): Uint8Array<ArrayBuffer> {
  const weights = weightsOf(plan, bytes);
  if (plan.exchange.schedule === 'one-round' || !(weights instanceof Float32Array)) {
    throw new RangeError('a model of one round works on features: `sumus model` writes it with them');
  }
  const model = architectureOf(plan);
  return format === 'onnx'
    ? exportOnnx(model, weights)
    : writeNetwork(model, weights, new Map([['sumus.plan', planId]]));
}
