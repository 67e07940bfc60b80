// The engine: the hot loops of learning behind one interface, over one flat memory.
//
// Two implementations answer to it: engine-wasm.ts (AssemblyScript SIMD, kernels/; the same bits in every runtime) and
// engine-reference.ts (plain TypeScript, sums in doubles). They agree up to float rounding: the contract suites state how far.
// Kernels take addresses in the engine's memory. An engine belongs to one network, or to a few that live equally long.

import type { ActivationKernels } from './activation-kernels.ts';
import type { ConvolutionKernels } from './convolution-kernels.ts';
import type { LossKernels } from './loss-kernels.ts';
import type { MatrixKernels } from './matrix-kernels.ts';
import type { EngineMemory } from './memory.ts';
import type { NormalisationKernels } from './normalisation-kernels.ts';
import type { OptimiserKernels } from './optimiser-kernels.ts';
import type { PoolingKernels } from './pooling-kernels.ts';
import type { ScatteringKernels } from './scattering-kernels.ts';
import type { TokenKernels } from './token-kernels.ts';
import type { VectorKernels } from './vector-kernels.ts';
import type { WinogradKernels } from './winograd-kernels.ts';

export interface Engine {
  readonly name: 'wasm' | 'reference';
  readonly memory: EngineMemory;
  readonly matrix: MatrixKernels;
  readonly convolution: ConvolutionKernels;
  readonly winograd: WinogradKernels;
  readonly vectors: VectorKernels;
  readonly activations: ActivationKernels;
  readonly pooling: PoolingKernels;
  readonly normalisation: NormalisationKernels;
  readonly tokens: TokenKernels;
  readonly losses: LossKernels;
  readonly optimisers: OptimiserKernels;
  readonly scattering: ScatteringKernels;
}
