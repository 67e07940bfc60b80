// The door `@sumus/learning/network`.
export type { LossSpec, Targets } from '../losses/loss.ts';
export {
  type Batch,
  type ClippedLosses,
  type ClippedOptions,
  type ExampleLosses,
  type GradientOptions,
  Network,
  type NetworkOptions,
} from './network.ts';
export type { Slice } from './slices.ts';
