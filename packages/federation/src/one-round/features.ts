// Features of a one-round plan: the inputs, or their wavelet scattering, brought to the plan's number of coordinates by a public random
// projection and to the plan's length. Nothing is learned from data, so nothing is spent. Participants.
//
// The projection has entries ±1 from a ChaCha20 stream under a public key (the plan's hash, so that nobody chose it with data in hand);
// lengths are R·(1 − 2⁻²⁰), so that rounding of floats does not take them over R. A record without any feature stays zero.

import type { Engine } from '@sumus/learning/engine';
import { FEATURE_LENGTH, IMAGE_LENGTH, scattering } from '@sumus/learning/features';
import { ParameterError } from '../errors.ts';
import type { OneRound } from '../plan/plan.ts';

/** Records one after another; returns their features one after another. */
export type FeatureMap = (inputs: Float32Array) => Float32Array<ArrayBuffer>;

export interface FeatureTools {
  readonly engine: Engine;
  readonly chacha20: (key: Uint8Array, nonce: Uint8Array, counter: number, out: Uint8Array) => void;
}

/** Records of one product with the projection. */
const PIECE = 64;

/** Reserves the projection in the engine's memory: make one and keep it. */
export function featureMap(
  { features, featureCount, radius }: Pick<OneRound, 'features' | 'featureCount' | 'radius'>,
  { inputSize, key }: { readonly inputSize: number; readonly key: Uint8Array },
  tools: FeatureTools,
): FeatureMap {
  if (features === 'scattering' && inputSize !== IMAGE_LENGTH) {
    throw new ParameterError(`scattering takes images of ${IMAGE_LENGTH} numbers, not ${inputSize}`);
  }
  const width = features === 'scattering' ? FEATURE_LENGTH : inputSize;
  if (featureCount > width) throw new ParameterError(`${featureCount} features of ${width} numbers`);
  const scatter = features === 'scattering' ? scattering(tools.engine) : undefined;
  const project = featureCount === width ? undefined : projection(width, featureCount, key, tools);
  return (inputs) => {
    if (inputs.length % inputSize !== 0)
      throw new ParameterError(`${inputs.length} numbers are no rows of ${inputSize}`);
    const rows = scatter === undefined ? inputs : scatter.transform(inputs);
    const projected = project === undefined ? Float32Array.from(rows) : project(rows);
    for (let at = 0; at < projected.length; at += featureCount) {
      bringToLength(projected.subarray(at, at + featureCount), radius * (1 - 2 ** -20));
    }
    return projected;
  };
}

function bringToLength(x: Float32Array, length: number): void {
  let squares = 0;
  for (const value of x) squares += value * value;
  if (!Number.isFinite(squares)) throw new ParameterError('a feature is not finite');
  if (squares === 0) return;
  const factor = length / Math.sqrt(squares);
  for (let i = 0; i < x.length; i++) x[i] *= factor;
}

function projection(
  width: number,
  count: number,
  key: Uint8Array,
  { engine: { memory, matrix }, chacha20 }: FeatureTools,
): (rows: Float32Array) => Float32Array<ArrayBuffer> {
  const signs = new Uint8Array(Math.ceil((width * count) / 8));
  chacha20(key, new Uint8Array(12), 0, signs);
  const signsAt = memory.reserveFloats(width * count);
  const rowsAt = memory.reserveFloats(PIECE * width);
  const outAt = memory.reserveFloats(PIECE * count);
  const scratch = memory.reserve(matrix.gemmScratchBytes(count));
  const entries = memory.f32(signsAt, width * count);
  for (let i = 0; i < entries.length; i++) entries[i] = (signs[i >> 3] >> (i & 7)) & 1 ? 1 : -1;
  return (rows) => {
    const rowCount = rows.length / width;
    const out = new Float32Array(rowCount * count);
    for (let first = 0; first < rowCount; first += PIECE) {
      const size = Math.min(PIECE, rowCount - first);
      memory.f32(rowsAt, size * width).set(rows.subarray(first * width, (first + size) * width));
      matrix.gemm(size, count, width, rowsAt, width, 1, signsAt, count, 1, outAt, count, 0, scratch);
      out.set(memory.f32(outAt, size * count), first * count);
    }
    return out;
  };
}
