// The engine: the hot loops of secure-sum behind one interface, over one flat memory. Two implementations answer with equal bytes:
// engine-wasm.ts (AssemblyScript SIMD, kernels/) and engine-reference.ts (plain TypeScript, slow and obvious).
// A kernel takes addresses in the engine's memory. A new one: kernels/NAME.ts, NAME-kernels.ts, reference/NAME.ts, NAME.test.ts here
// (both engines, whole memory compared), and a line in engine-wasm.ts and engine-reference.ts.

import type { HadamardKernels } from './hadamard-kernels.ts';
import type { MaskBench, MaskKernels } from './masks-kernels.ts';
import type { EngineMemory } from './memory.ts';
import type { RoundingKernels } from './rounding-kernels.ts';

export interface Engine {
  readonly name: 'wasm' | 'reference';
  readonly memory: EngineMemory;
  readonly hadamard: HadamardKernels;
  readonly masks: MaskKernels;
  readonly rounding: RoundingKernels;
  /** The kernels of masks over `bytes` bytes that are theirs alone, for words that stay there from step to step; gone when nobody holds it. */
  masksBeside(bytes: number): MaskBench;
}
