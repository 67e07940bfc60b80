// The door `@sumus/learning/files`.

export { LARGEST_COUNT, LARGEST_RANK, type NamedTensor } from './named-tensor.ts';
export {
  HEADER_LIMIT,
  type ReadingOptions,
  readSafetensors,
  type TensorFile,
  writeSafetensors,
} from './safetensors.ts';
