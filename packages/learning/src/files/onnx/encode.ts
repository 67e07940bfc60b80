// A graph as the bytes of an ONNX file: fields by ascending number, weights as raw little-endian bytes, so equal graphs are equal files.

import { ParameterError } from '../../errors.ts';
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
} from './graph.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

/** The file format's version that came with opset 21. */
const IR_VERSION = 10;
const PRODUCER = 'sumus';

export function encodeOnnx(graph: OnnxGraph): Uint8Array<ArrayBuffer> {
  const fault = graphFault(graph);
  if (fault !== undefined) throw new ParameterError(fault);
  const body = new ProtobufWriter();
  for (const node of graph.nodes) body.message(GRAPH.node, encodeNode(node));
  body.text(GRAPH.name, graph.name);
  for (const tensor of graph.initializers) body.message(GRAPH.initializer, encodeTensor(tensor));
  for (const value of graph.inputs) body.message(GRAPH.input, encodeValue(value));
  for (const value of graph.outputs) body.message(GRAPH.output, encodeValue(value));
  return new ProtobufWriter()
    .integer(MODEL.irVersion, IR_VERSION)
    .text(MODEL.producerName, PRODUCER)
    .message(MODEL.graph, body)
    .message(MODEL.opsetImport, new ProtobufWriter().text(OPSET.domain, '').integer(OPSET.version, graph.opset))
    .finish();
}

function encodeNode({ name, operator, inputs, outputs, attributes }: OnnxNode): ProtobufWriter {
  const writer = new ProtobufWriter();
  for (const input of inputs) writer.text(NODE.input, input);
  for (const output of outputs) writer.text(NODE.output, output);
  writer.text(NODE.name, name).text(NODE.operator, operator);
  const sorted = [...attributes].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [key, attribute] of sorted) writer.message(NODE.attribute, encodeAttribute(key, attribute));
  return writer;
}

function encodeAttribute(name: string, attribute: OnnxAttribute): ProtobufWriter {
  const writer = new ProtobufWriter().text(ATTRIBUTE.name, name);
  switch (attribute.kind) {
    case 'float':
      writer.float(ATTRIBUTE.float, attribute.value);
      break;
    case 'int':
      writer.integer(ATTRIBUTE.int, attribute.value);
      break;
    case 'string':
      writer.text(ATTRIBUTE.text, attribute.value);
      break;
    case 'tensor':
      writer.message(ATTRIBUTE.tensor, encodeTensor(attribute.value));
      break;
    case 'ints':
      for (const value of attribute.value) writer.integer(ATTRIBUTE.ints, value);
      break;
    default:
      attribute satisfies never;
  }
  return writer.integer(ATTRIBUTE.type, ATTRIBUTE_TYPE[attribute.kind]);
}

function encodeTensor(tensor: OnnxTensor): ProtobufWriter {
  const writer = new ProtobufWriter();
  for (const size of tensor.shape) writer.integer(TENSOR.dimensions, size);
  return writer
    .integer(TENSOR.type, ELEMENT_TYPE[tensor.elementType])
    .text(TENSOR.name, tensor.name)
    .bytes(TENSOR.raw, rawBytes(tensor));
}

function rawBytes(tensor: OnnxTensor): Uint8Array {
  const size = tensor.elementType === 'float32' ? 4 : 8;
  const bytes = new Uint8Array(size * tensor.data.length);
  const view = new DataView(bytes.buffer);
  if (tensor.elementType === 'float32') {
    // As words, not as floats: a NaN keeps its bits.
    const words = new Uint32Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.length);
    words.forEach((word, i) => {
      view.setUint32(4 * i, word, true);
    });
  } else {
    tensor.data.forEach((value, i) => {
      if (!Number.isSafeInteger(value)) throw new ParameterError(`${value} is no integer that can be written`);
      view.setBigInt64(8 * i, BigInt(value), true);
    });
  }
  return bytes;
}

function encodeValue({ name, elementType, shape }: OnnxValue): ProtobufWriter {
  const sizes = new ProtobufWriter();
  for (const size of shape) {
    const dimension = new ProtobufWriter();
    if (typeof size === 'number') dimension.integer(DIMENSION.value, size);
    else dimension.text(DIMENSION.parameter, size);
    sizes.message(SHAPE.dimension, dimension);
  }
  const tensor = new ProtobufWriter()
    .integer(TENSOR_TYPE.element, ELEMENT_TYPE[elementType])
    .message(TENSOR_TYPE.shape, sizes);
  return new ProtobufWriter()
    .text(VALUE.name, name)
    .message(VALUE.type, new ProtobufWriter().message(TYPE.tensor, tensor));
}
