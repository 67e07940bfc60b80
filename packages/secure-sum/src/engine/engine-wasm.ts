// The engine that runs: AssemblyScript SIMD kernels, embedded as modules, all over one WebAssembly memory.

import { wasmBase64 as hadamardModule } from '../kernels/hadamard.wasm.ts';
import { wasmBase64 as masksModule } from '../kernels/masks.wasm.ts';
import { wasmBase64 as roundingModule } from '../kernels/rounding.wasm.ts';
import { decodeBase64 } from './base64.ts';
import type { Engine } from './engine.ts';
import type { HadamardKernels } from './hadamard-kernels.ts';
import type { MaskKernels } from './masks-kernels.ts';
import { EngineMemory, type MemoryBacking } from './memory.ts';
import type { RoundingKernels } from './rounding-kernels.ts';

const PAGE_BYTES = 65536;

class WasmBacking implements MemoryBacking {
  readonly memory = new WebAssembly.Memory({ initial: 16 });

  get buffer(): ArrayBuffer {
    return this.memory.buffer;
  }

  ensure(bytes: number): void {
    const missing = bytes - this.memory.buffer.byteLength;
    if (missing <= 0) return;
    // By at least a half, so that growing happens rarely.
    this.memory.grow(Math.ceil(Math.max(missing, this.memory.buffer.byteLength / 2) / PAGE_BYTES));
  }
}

/** Compiles and instantiates the kernels; one engine serves any number of rounds. */
export async function wasmEngine(): Promise<Engine> {
  const backing = new WasmBacking();
  const load = async (module: string): Promise<unknown> => {
    const { instance } = await WebAssembly.instantiate(decodeBase64(module), { env: { memory: backing.memory } });
    return instance.exports;
  };
  return {
    name: 'wasm',
    memory: new EngineMemory(backing),
    hadamard: (await load(hadamardModule)) as HadamardKernels,
    masks: (await load(masksModule)) as MaskKernels,
    rounding: (await load(roundingModule)) as RoundingKernels,
  };
}
