// The engine that runs: AssemblyScript SIMD kernels, embedded as modules, all over one WebAssembly memory.

import { wasmBase64 as embeddingModule } from '../kernels/embedding.wasm.ts';
import { wasmBase64 as integersModule } from '../kernels/integers.wasm.ts';
import { wasmBase64 as nttModule } from '../kernels/ntt.wasm.ts';
import { wasmBase64 as packingModule } from '../kernels/packing.wasm.ts';
import { wasmBase64 as residuesModule } from '../kernels/residues.wasm.ts';
import { wasmBase64 as samplingModule } from '../kernels/sampling.wasm.ts';
import { decodeBase64 } from './base64.ts';
import type { EmbeddingKernels } from './embedding-kernels.ts';
import type { Engine } from './engine.ts';
import type { IntegerKernels } from './integer-kernels.ts';
import { EngineMemory, type MemoryBacking } from './memory.ts';
import type { NttKernels } from './ntt-kernels.ts';
import type { PackingKernels } from './packing-kernels.ts';
import type { ResidueKernels } from './residue-kernels.ts';
import type { SamplingKernels } from './sampling-kernels.ts';

const PAGE = 65536;

class WasmBacking implements MemoryBacking {
  readonly memory = new WebAssembly.Memory({ initial: 64 });

  get buffer(): ArrayBuffer {
    return this.memory.buffer;
  }

  ensure(bytes: number): void {
    const missing = bytes - this.memory.buffer.byteLength;
    if (missing <= 0) return;
    // Grows by at least a half, so that growing happens rarely.
    this.memory.grow(Math.ceil(Math.max(missing, this.memory.buffer.byteLength / 2) / PAGE));
  }
}

/** Compiles and instantiates the kernels (a few milliseconds); one engine serves any number of rings and keys. */
export async function wasmEngine(): Promise<Engine> {
  const backing = new WasmBacking();
  const load = async (module: string): Promise<unknown> => {
    const { instance } = await WebAssembly.instantiate(decodeBase64(module), { env: { memory: backing.memory } });
    return instance.exports;
  };
  const [ntt, residues, sampling, embedding, packing] = await Promise.all(
    [nttModule, residuesModule, samplingModule, embeddingModule, packingModule].map(load),
  );
  return {
    name: 'wasm',
    memory: new EngineMemory(backing),
    ntt: ntt as NttKernels,
    residues: residues as ResidueKernels,
    integers: (await load(integersModule)) as IntegerKernels,
    sampling: sampling as SamplingKernels,
    embedding: embedding as EmbeddingKernels,
    packing: packing as PackingKernels,
  };
}
