// The engine: the hot loops of the lattice behind one interface, over one flat memory.
//
// Two implementations answer to it with equal bytes: engine-wasm.ts (AssemblyScript SIMD, kernels/) and engine-reference.ts
// (plain TypeScript, slow and obvious). A kernel takes addresses in the engine's memory. Polynomials do not live there: they
// are JavaScript's own typed arrays, copied in and out of a scratch arena (memory.ts), so that nothing has to be freed by hand.

import type { EmbeddingKernels } from './embedding-kernels.ts';
import type { IntegerKernels } from './integer-kernels.ts';
import type { EngineMemory } from './memory.ts';
import type { NttKernels } from './ntt-kernels.ts';
import type { PackingKernels } from './packing-kernels.ts';
import type { ResidueKernels } from './residue-kernels.ts';
import type { SamplingKernels } from './sampling-kernels.ts';

export interface Engine {
  readonly name: 'wasm' | 'reference';
  readonly memory: EngineMemory;
  readonly ntt: NttKernels;
  readonly residues: ResidueKernels;
  readonly sampling: SamplingKernels;
  readonly embedding: EmbeddingKernels;
  readonly packing: PackingKernels;
  readonly integers: IntegerKernels;
}
