// The engine that runs: AssemblyScript SIMD kernels, embedded as modules, all over one WebAssembly memory. No relaxed operations,
// no fused multiply-add, no Math of the runtime: the same inputs give the same bits everywhere.

import { wasmBase64 as activationsModule } from '../kernels/activations.wasm.ts';
import { wasmBase64 as convolutionModule } from '../kernels/convolution.wasm.ts';
import { wasmBase64 as gemmModule } from '../kernels/gemm.wasm.ts';
import { wasmBase64 as lossesModule } from '../kernels/losses.wasm.ts';
import { wasmBase64 as normalisationModule } from '../kernels/normalisation.wasm.ts';
import { wasmBase64 as optimisersModule } from '../kernels/optimisers.wasm.ts';
import { wasmBase64 as poolingModule } from '../kernels/pooling.wasm.ts';
import { wasmBase64 as scatteringModule } from '../kernels/scattering.wasm.ts';
import { wasmBase64 as tokensModule } from '../kernels/tokens.wasm.ts';
import { wasmBase64 as vectorsModule } from '../kernels/vectors.wasm.ts';
import { wasmBase64 as winogradModule } from '../kernels/winograd.wasm.ts';
import type { ActivationKernels } from './activation-kernels.ts';
import { decodeBase64 } from './base64.ts';
import type { ConvolutionKernels } from './convolution-kernels.ts';
import type { Engine } from './engine.ts';
import type { LossKernels } from './loss-kernels.ts';
import type { MatrixKernels } from './matrix-kernels.ts';
import { EngineMemory, type MemoryBacking } from './memory.ts';
import type { NormalisationKernels } from './normalisation-kernels.ts';
import type { OptimiserKernels } from './optimiser-kernels.ts';
import type { PoolingKernels } from './pooling-kernels.ts';
import type { ScatteringKernels } from './scattering-kernels.ts';
import type { TokenKernels } from './token-kernels.ts';
import type { VectorKernels } from './vector-kernels.ts';
import type { WinogradKernels } from './winograd-kernels.ts';

const PAGE = 65536;

/** In the order in which wasmEngine names their exports. */
const modules = [
  gemmModule,
  convolutionModule,
  winogradModule,
  vectorsModule,
  activationsModule,
  poolingModule,
  normalisationModule,
  tokensModule,
  lossesModule,
  optimisersModule,
  scatteringModule,
];

class WasmBacking implements MemoryBacking {
  readonly memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: 4 });

  get buffer(): ArrayBuffer {
    return this.memory.buffer;
  }

  ensure(bytes: number): void {
    const missing = bytes - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
  }
}

/** Compiles and instantiates the kernels (a few milliseconds). */
export async function wasmEngine(): Promise<Engine> {
  const backing = new WasmBacking();
  const load = async (module: string): Promise<unknown> => {
    const { instance } = await WebAssembly.instantiate(decodeBase64(module), { env: { memory: backing.memory } });
    return instance.exports;
  };
  const [
    matrix,
    convolution,
    winograd,
    vectors,
    activations,
    pooling,
    normalisation,
    tokens,
    losses,
    optimisers,
    scattering,
  ] = await Promise.all(modules.map(load));
  // A module's exports are untyped; the contract suites hold that they are these.
  return {
    name: 'wasm',
    memory: new EngineMemory(backing),
    matrix: matrix as MatrixKernels,
    convolution: convolution as ConvolutionKernels,
    winograd: winograd as WinogradKernels,
    vectors: vectors as VectorKernels,
    activations: activations as ActivationKernels,
    pooling: pooling as PoolingKernels,
    normalisation: normalisation as NormalisationKernels,
    tokens: tokens as TokenKernels,
    losses: losses as LossKernels,
    optimisers: optimisers as OptimiserKernels,
    scattering: scattering as ScatteringKernels,
  };
}
