// The bytes of an ONNX file as a graph. Refuses, by name: what is no ONNX file of the known opsets and operators, element types other than
// float32 and int64, weights in other files, sparse weights, functions, subgraphs, sizes that do not agree.

import { MalformedMessage } from '../../errors.ts';
import {
  ATTRIBUTE,
  ATTRIBUTE_TYPE,
  DIMENSION,
  ELEMENT_TYPE,
  GRAPH,
  MODEL,
  NODE,
  OPSET,
  SHAPE,
  TENSOR,
  TENSOR_TYPE,
  TYPE,
  VALUE,
} from './fields.ts';
import {
  graphFault,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
  tensorFault,
} from './graph.ts';
import { Message } from './protobuf-reader.ts';

/** Nodes and constants of one file; more than any network here has. */
const MOST_ENTRIES = 65536;

// Versions, documentation, names of axes and metadata mean nothing to what a graph computes.
const IGNORED = {
  model: [3, 4, 5, 6, 14],
  graph: [10, 13, 16],
  node: [6, 9],
  attribute: [13],
  tensor: [12, 16],
  value: [3, 4],
};

export function decodeOnnx(bytes: Uint8Array): OnnxGraph {
  const model = new Message('the model', bytes, Object.values(MODEL), [...IGNORED.model]);
  if (!model.has(MODEL.graph)) throw new MalformedMessage('the model has no graph');
  const graph = new Message('the graph', model.bytes(MODEL.graph), Object.values(GRAPH), IGNORED.graph);
  const nodes = bounded(graph, GRAPH.node, 'nodes').map(decodeNode);
  const initializers = bounded(graph, GRAPH.initializer, 'constants').map(decodeTensor);
  const constants = new Set(initializers.map(({ name }) => name));
  const value: OnnxGraph = {
    name: graph.text(GRAPH.name),
    opset: opsetOf(model),
    nodes,
    initializers,
    // Old files list their constants among the inputs.
    inputs: bounded(graph, GRAPH.input, 'inputs')
      .map(decodeValue)
      .filter(({ name }) => !constants.has(name)),
    outputs: bounded(graph, GRAPH.output, 'outputs').map(decodeValue),
  };
  const fault = graphFault(value);
  if (fault !== undefined) throw new MalformedMessage(fault);
  return value;
}

function bounded(message: Message, field: number, what: string): readonly Uint8Array[] {
  const entries = message.repeatedBytes(field);
  if (entries.length > MOST_ENTRIES) throw new MalformedMessage(`${entries.length} ${what} are too many`);
  return entries;
}

function opsetOf(model: Message): number {
  const [only, ...others] = model.repeatedBytes(MODEL.opsetImport);
  if (only === undefined || others.length > 0) throw new MalformedMessage('the model must import one set of operators');
  const opset = new Message('the import of operators', only, Object.values(OPSET));
  requireStandardDomain(opset.text(OPSET.domain));
  return opset.integer(OPSET.version);
}

function requireStandardDomain(domain: string): void {
  if (domain !== '' && domain !== 'ai.onnx') {
    throw new MalformedMessage(`operators of ${JSON.stringify(domain)} are not known here`);
  }
}

function decodeNode(bytes: Uint8Array): OnnxNode {
  const node = new Message('a node', bytes, Object.values(NODE), IGNORED.node);
  requireStandardDomain(node.text(NODE.domain));
  const operator = node.text(NODE.operator);
  const attributes = new Map<string, OnnxAttribute>();
  for (const entry of bounded(node, NODE.attribute, 'attributes')) {
    const message = new Message(`an attribute of ${operator}`, entry, Object.values(ATTRIBUTE), IGNORED.attribute);
    const name = message.text(ATTRIBUTE.name);
    if (attributes.has(name)) throw new MalformedMessage(`${operator} has the attribute ${JSON.stringify(name)} twice`);
    attributes.set(name, decodeAttribute(name, message));
  }
  return {
    name: node.text(NODE.name),
    operator,
    inputs: node.repeatedText(NODE.input),
    outputs: node.repeatedText(NODE.output),
    attributes,
  };
}

function decodeAttribute(name: string, message: Message): OnnxAttribute {
  const type = message.integer(ATTRIBUTE.type);
  switch (type) {
    case ATTRIBUTE_TYPE.float:
      return { kind: 'float', value: message.float(ATTRIBUTE.float) };
    case ATTRIBUTE_TYPE.int:
      return { kind: 'int', value: message.integer(ATTRIBUTE.int) };
    case ATTRIBUTE_TYPE.string:
      return { kind: 'string', value: message.text(ATTRIBUTE.text) };
    case ATTRIBUTE_TYPE.tensor:
      return { kind: 'tensor', value: decodeTensor(message.bytes(ATTRIBUTE.tensor)) };
    case ATTRIBUTE_TYPE.ints:
      return { kind: 'ints', value: message.repeatedIntegers(ATTRIBUTE.ints) };
    default:
      throw new MalformedMessage(`the attribute ${JSON.stringify(name)} is of type ${type}, which is not read`);
  }
}

function decodeTensor(bytes: Uint8Array): OnnxTensor {
  const message = new Message('a tensor', bytes, Object.values(TENSOR), IGNORED.tensor);
  const name = message.text(TENSOR.name);
  const shown = JSON.stringify(name);
  if (message.integer(TENSOR.location) !== 0) throw new MalformedMessage(`tensor ${shown} lies in another file`);
  const shape = message.repeatedIntegers(TENSOR.dimensions);
  const type = message.integer(TENSOR.type);
  if (type !== ELEMENT_TYPE.float32 && type !== ELEMENT_TYPE.int64) {
    throw new MalformedMessage(`tensor ${shown} has elements of type ${type}; float32 (1) and int64 (7) are read`);
  }
  const isFloat = type === ELEMENT_TYPE.float32;
  const [own, other] = isFloat ? [TENSOR.floats, TENSOR.integers] : [TENSOR.integers, TENSOR.floats];
  if (message.has(other) || (message.has(own) && message.has(TENSOR.raw))) {
    throw new MalformedMessage(`tensor ${shown} holds its numbers twice`);
  }
  const raw = message.bytes(TENSOR.raw);
  if (raw.length % (isFloat ? 4 : 8) !== 0) throw new MalformedMessage(`tensor ${shown} has ${raw.length} bytes`);
  const isRaw = message.has(TENSOR.raw);
  const tensor: OnnxTensor = isFloat
    ? {
        name,
        shape,
        elementType: 'float32',
        data: isRaw ? rawFloats(raw) : Float32Array.from(message.repeatedFloats(TENSOR.floats)),
      }
    : {
        name,
        shape,
        elementType: 'int64',
        data: isRaw ? rawIntegers(raw, shown) : message.repeatedIntegers(TENSOR.integers),
      };
  const fault = tensorFault(tensor);
  if (fault !== undefined) throw new MalformedMessage(fault);
  return tensor;
}

function rawFloats(raw: Uint8Array): Float32Array {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const data = new Float32Array(raw.length / 4);
  const words = new Uint32Array(data.buffer);
  for (let i = 0; i < words.length; i++) words[i] = view.getUint32(4 * i, true);
  return data;
}

function rawIntegers(raw: Uint8Array, shown: string): readonly number[] {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Array.from({ length: raw.length / 8 }, (_, i) => {
    const value = Number(view.getBigInt64(8 * i, true));
    if (!Number.isSafeInteger(value)) throw new MalformedMessage(`tensor ${shown} has an integer beyond 2^53`);
    return value;
  });
}

function decodeValue(bytes: Uint8Array): OnnxValue {
  const value = new Message('an input or output', bytes, Object.values(VALUE), IGNORED.value);
  const name = value.text(VALUE.name);
  const type = new Message(`the type of ${JSON.stringify(name)}`, value.bytes(VALUE.type), Object.values(TYPE), [6]);
  if (!type.has(TYPE.tensor)) throw new MalformedMessage(`${JSON.stringify(name)} is no tensor`);
  const tensor = new Message(
    `the type of ${JSON.stringify(name)}`,
    type.bytes(TYPE.tensor),
    Object.values(TENSOR_TYPE),
  );
  const element = tensor.integer(TENSOR_TYPE.element);
  if (element !== ELEMENT_TYPE.float32 && element !== ELEMENT_TYPE.int64) {
    throw new MalformedMessage(
      `${JSON.stringify(name)} has elements of type ${element}; float32 (1) and int64 (7) are read`,
    );
  }
  const shape = new Message('a shape', tensor.bytes(TENSOR_TYPE.shape), Object.values(SHAPE));
  return {
    name,
    elementType: element === ELEMENT_TYPE.float32 ? 'float32' : 'int64',
    shape: bounded(shape, SHAPE.dimension, 'dimensions').map((entry) => {
      const dimension = new Message('a dimension', entry, Object.values(DIMENSION), [3]);
      return dimension.has(DIMENSION.value) ? dimension.integer(DIMENSION.value) : dimension.text(DIMENSION.parameter);
    }),
  };
}
