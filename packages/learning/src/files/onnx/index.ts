// The door `@sumus/learning/files/onnx`.

export { decodeOnnx } from './decode.ts';
export { encodeOnnx } from './encode.ts';
export { type ExportOptions, exportOnnx, onnxGraph } from './export.ts';
export {
  NEWEST_OPSET,
  OLDEST_OPSET,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from './graph.ts';
export { type ImportedNetwork, importOnnx } from './import.ts';
