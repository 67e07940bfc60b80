// A model as a file: our safetensors, which holds its architecture, or ONNX where it is straightforward. Features that a model of one round
// was fitted on stand in the metadata: who tries it computes them again.
import { readFileSync } from 'node:fs';
import { type NetworkFile, readNetwork } from '@sumus/learning/files';
import { importOnnx } from '@sumus/learning/files/onnx';
import { UsageError } from '../command.ts';
import type { Preparation } from './examples-source.ts';
import { preparationFrom } from './preparation-json.ts';

/** Canonical JSON of what featureMap takes; in the metadata of models of one round. */
export const FEATURES_KEY = 'sumus.features';
/** How a table became the numbers that the model takes: JSON of a Preparation. */
export const PREPARATION_KEY = 'sumus.preparation';
/** The plan's hash, in the metadata of what came out of a run. */
export const PLAN_KEY = 'sumus.plan';

export function readModel(path: string): NetworkFile {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new UsageError(`${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  try {
    if (!/\.onnx$/i.test(path)) return readNetwork(bytes);
    const { model, weights } = importOnnx(bytes);
    return { model, weights, metadata: new Map() };
  } catch (cause) {
    throw new UsageError(`${path} is no model: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

export interface FeaturesOfModel {
  readonly features: 'scattering' | 'inputs';
  readonly featureCount: number;
  readonly radius: number;
  /** Numbers of one example before. */
  readonly inputSize: number;
  /** The public key of the projection. */
  readonly key: Uint8Array;
}

export const featuresText = ({ key, ...rest }: FeaturesOfModel): string =>
  JSON.stringify({ ...rest, key: Buffer.from(key).toString('hex') });

/** Undefined where the model takes examples as they are. */
export function featuresOfModel({ metadata }: NetworkFile): FeaturesOfModel | undefined {
  const text = metadata.get(FEATURES_KEY);
  if (text === undefined) return undefined;
  const refuse = (): never => {
    throw new UsageError(`the model's ${FEATURES_KEY} says nothing that this version knows`);
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Whatever it is, it is not what this version writes.
    return refuse();
  }
  if (typeof value !== 'object' || value === null) return refuse();
  const { features, featureCount, radius, inputSize, key } = { ...value } as Readonly<Record<string, unknown>>;
  if (features !== 'scattering' && features !== 'inputs') return refuse();
  if (typeof featureCount !== 'number' || typeof radius !== 'number' || typeof inputSize !== 'number') return refuse();
  if (typeof key !== 'string' || !/^[0-9a-f]{64}$/.test(key)) return refuse();
  return { features, featureCount, radius, inputSize, key: Uint8Array.from(Buffer.from(key, 'hex')) };
}

/** Undefined where the model was not trained on a table. */
export function preparationOfModel({ metadata }: NetworkFile): Preparation | undefined {
  const text = metadata.get(PREPARATION_KEY);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`the model's ${PREPARATION_KEY} is no JSON`, { cause });
  }
  return preparationFrom(value, `the model's ${PREPARATION_KEY}`);
}
