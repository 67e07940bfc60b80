// The door `@sumus/learning/files`.

export { LARGEST_COUNT, LARGEST_RANK, type NamedTensor } from './named-tensor.ts';
export {
  ARCHITECTURE_KEY,
  flatWeights,
  type NetworkFile,
  namedWeights,
  readNetwork,
  writeNetwork,
} from './network-file.ts';
export {
  HEADER_LIMIT,
  type ReadingOptions,
  readSafetensors,
  type TensorFile,
  writeSafetensors,
} from './safetensors.ts';
