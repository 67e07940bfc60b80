// The door `@sumus/learning/model`.
export {
  type Architecture,
  type ArchitectureLiteral,
  architecture,
  canonicalJson,
  contentHash,
  outputShape,
  parameterCount,
  parametersOf,
  parseArchitecture,
  summary,
} from './architecture.ts';
export { initialWeights } from './initialise.ts';
export type { Initialiser, LayerKind, LayerSpec } from './layer-spec.ts';
export { type ParameterDeclaration, type Shape, sizeOf } from './shapes.ts';
export { type ZooName, zoo, zooNames } from './zoo.ts';
