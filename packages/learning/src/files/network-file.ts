// A network in one safetensors file: its weights under the names of its parameters, its architecture as canonical JSON in the metadata.
// Other tools read the weights; we read both, and refuse a file whose tensors are not exactly the architecture's parameters.

import { MalformedMessage, ParameterError } from '../errors.ts';
import {
  type Architecture,
  canonicalJson,
  parameterCount,
  parametersOf,
  parseArchitecture,
} from '../model/architecture.ts';
import { sizeOf } from '../model/shapes.ts';
import { firstNonFinite, type NamedTensor } from './named-tensor.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

/** The metadata's key of the architecture. */
export const ARCHITECTURE_KEY = 'sumus.architecture';

export interface NetworkFile {
  readonly model: Architecture;
  /** All parameters, in the order of `parametersOf`. */
  readonly weights: Float32Array<ArrayBuffer>;
  /** Whatever else the file says. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** Equal networks give equal bytes. Refuses weights that are too few, too many or not finite. */
export function writeNetwork(
  model: Architecture,
  weights: Float32Array,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array<ArrayBuffer> {
  if (metadata.has(ARCHITECTURE_KEY))
    throw new ParameterError(`the metadata's ${ARCHITECTURE_KEY} is the architecture`);
  const wrong = firstNonFinite(weights);
  if (wrong >= 0) throw new ParameterError(`weight ${wrong} is ${weights[wrong]}`);
  return writeSafetensors({
    tensors: namedWeights(model, weights),
    metadata: new Map([...metadata, [ARCHITECTURE_KEY, canonicalJson(model)]]),
  });
}

/** Throws MalformedMessage. */
export function readNetwork(bytes: Uint8Array): NetworkFile {
  const { tensors, metadata } = readSafetensors(bytes, { isFiniteRequired: true });
  const text = metadata.get(ARCHITECTURE_KEY);
  if (text === undefined) throw new MalformedMessage(`the file's metadata has no ${ARCHITECTURE_KEY}`);
  let model: Architecture;
  try {
    model = parseArchitecture(text);
  } catch (error) {
    if (!(error instanceof ParameterError)) throw error;
    throw new MalformedMessage(`the file's architecture is none: ${error.message}`, { cause: error });
  }
  const others = new Map([...metadata].filter(([key]) => key !== ARCHITECTURE_KEY));
  return { model, weights: flatWeights(model, tensors), metadata: others };
}

/** The flat vector cut into its parameters; copies. */
export function namedWeights(model: Architecture, weights: Float32Array): readonly NamedTensor[] {
  const count = parameterCount(model);
  if (weights.length !== count) throw new ParameterError(`${weights.length} weights for ${count} parameters`);
  let at = 0;
  return parametersOf(model).map(({ name, shape }) => {
    at += sizeOf(shape);
    return { name, shape, data: weights.slice(at - sizeOf(shape), at) };
  });
}

/** Throws MalformedMessage unless the tensors are the architecture's parameters, all of them and nothing else. */
export function flatWeights(model: Architecture, tensors: readonly NamedTensor[]): Float32Array<ArrayBuffer> {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const parameters = parametersOf(model);
  // All sizes are compared before anything is allocated: an architecture of a few bytes may claim a gigabyte.
  const parts = parameters.map(({ name, shape }) => {
    const tensor = byName.get(name);
    if (tensor === undefined) throw new MalformedMessage(`there is no tensor ${name}`);
    if (`${tensor.shape}` !== `${shape}` || tensor.data.length !== sizeOf(shape)) {
      throw new MalformedMessage(`tensor ${name} has shape [${tensor.shape}], not [${shape}]`);
    }
    byName.delete(name);
    return tensor.data;
  });
  const [extra] = byName.keys();
  if (tensors.length !== parameters.length) {
    throw new MalformedMessage(
      `tensor ${JSON.stringify(extra ?? tensors[0]?.name)} is no parameter, or is given twice`,
    );
  }
  const weights = new Float32Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    weights.set(part, at);
    at += part.length;
  }
  return weights;
}
