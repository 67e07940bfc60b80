// An ONNX file as one of our networks, where its graph is one: a chain of layers with residual blocks, from one input to one output.
//
// Images may come channels first, as most files have them, or channels last, as ours have them: the weights are put into our order,
// and the network always takes rows × columns × channels. A softmax at the very end is reported, not kept: our outputs are logits.
// Refused by operator and attribute: what no layer here computes. Nothing is approximated in silence.

import { MalformedMessage, ParameterError } from '../../errors.ts';
import { type Architecture, architecture, parameterCount } from '../../model/architecture.ts';
import type { Shape } from '../../model/shapes.ts';
import { layersSince, start, weightsSince } from './chain.ts';
import { decodeOnnx } from './decode.ts';
import { type OnnxGraph, type OnnxTensor, shownNode } from './graph.ts';
import { importNode } from './import-node.ts';
import { type ImportedValue, inOurOrder } from './imported-value.ts';

export interface ImportedNetwork {
  readonly model: Architecture;
  readonly weights: Float32Array<ArrayBuffer>;
  /** The file ended in a softmax, which the network's outputs have not gone through. */
  readonly isSoftmaxed: boolean;
}

/** Throws MalformedMessage. */
export function importOnnx(bytes: Uint8Array): ImportedNetwork {
  const graph = decodeOnnx(bytes);
  try {
    return networkOf(graph);
  } catch (error) {
    // A shape that does not fit is the caller's fault in an architecture, and the file's fault here.
    if (!(error instanceof ParameterError)) throw error;
    throw new MalformedMessage(`the graph is no network: ${error.message}`, { cause: error });
  }
}

function networkOf(graph: OnnxGraph): ImportedNetwork {
  const values = new Map<string, ImportedValue>();
  const constants = new Map<string, OnnxTensor>(graph.initializers.map((tensor) => [tensor.name, tensor]));
  const input = inputOf(graph);
  values.set(graph.inputs[0].name, input);

  for (const node of graph.nodes) {
    const constant = node.attributes.get('value');
    if (node.operator === 'Constant') {
      if (constant?.kind !== 'tensor') throw new MalformedMessage(`${shownNode(node)} has no value`);
      constants.set(node.outputs[0], constant.value);
      continue;
    }
    if (node.outputs.slice(1).some((name) => name !== '' && isUsed(graph, name))) {
      throw new MalformedMessage(`${shownNode(node)}: only its first output can be used`);
    }
    const result = importNode(node, { values, constants, opset: graph.opset });
    values.set(node.outputs[0], result);
  }

  if (graph.outputs.length !== 1) throw new MalformedMessage(`the graph has ${graph.outputs.length} outputs, not one`);
  const output = values.get(graph.outputs[0].name);
  if (output === undefined) throw new MalformedMessage('the output is a constant');
  const { chain, isSoftmaxed } = inOurOrder(output, 'the output');
  const model = architecture({ input: input.shape, layers: layersSince(start, chain) });
  const weights = new Float32Array(parameterCount(model));
  let at = 0;
  for (const part of weightsSince(start, chain)) {
    weights.set(part, at);
    at += part.length;
  }
  if (at !== weights.length) throw new MalformedMessage(`${at} weights for ${weights.length} parameters`);
  const wrong = weights.findIndex((weight) => !Number.isFinite(weight));
  if (wrong >= 0) throw new MalformedMessage(`weight ${wrong} is ${weights[wrong]}`);
  return { model, weights, isSoftmaxed };
}

const isUsed = ({ nodes, outputs }: OnnxGraph, name: string): boolean =>
  nodes.some(({ inputs }) => inputs.includes(name)) || outputs.some((output) => output.name === name);

function inputOf(graph: OnnxGraph): ImportedValue {
  if (graph.inputs.length !== 1) throw new MalformedMessage(`the graph has ${graph.inputs.length} inputs, not one`);
  const [{ name, shape, elementType }] = graph.inputs;
  const sizes: number[] = [];
  // The first dimension is the batch.
  for (const size of shape.slice(1)) {
    if (typeof size !== 'number' || size < 1) throw new MalformedMessage(`the input ${name} has a size ${size}`);
    sizes.push(size);
  }
  if (sizes.length !== 1 && sizes.length !== 3) {
    throw new MalformedMessage(
      `the input ${name} has ${shape.length} dimensions; a batch of rows (2) or images (4) is read`,
    );
  }
  const isChannelsFirst = sizes.length === 3 && startsChannelsFirst(graph);
  const ours: Shape = isChannelsFirst ? [sizes[1], sizes[2], sizes[0]] : sizes;
  return {
    chain: start,
    shape: ours,
    order: { kind: isChannelsFirst ? 'channelsFirst' : 'rows' },
    isTokens: elementType === 'int64',
    isSoftmaxed: false,
    polynomial: undefined,
  };
}

/** The first operator that cares for the order of channels says which it is. */
function startsChannelsFirst({ nodes }: OnnxGraph): boolean {
  for (const { operator, attributes } of nodes) {
    switch (operator) {
      case 'Conv':
      case 'MaxPool':
      case 'AveragePool':
      case 'GlobalAveragePool':
      case 'GroupNormalization':
        return true;
      case 'Flatten':
      case 'Reshape':
        return false;
      case 'Transpose': {
        const permutation = attributes.get('perm');
        return permutation?.kind === 'ints' && permutation.value[1] === 2;
      }
      default:
    }
  }
  return false;
}
