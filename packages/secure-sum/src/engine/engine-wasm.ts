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

const pagesOf = (bytes: number): number => Math.ceil(bytes / PAGE_BYTES);

class WasmBacking implements MemoryBacking {
  readonly memory = new WebAssembly.Memory({ initial: 16 });

  get buffer(): ArrayBuffer {
    return this.memory.buffer;
  }

  ensure(bytes: number): void {
    const missing = bytes - this.memory.buffer.byteLength;
    if (missing <= 0) return;
    // By at least a half, so that growing happens rarely.
    this.memory.grow(pagesOf(Math.max(missing, this.memory.buffer.byteLength / 2)));
  }
}

class FixedBacking implements MemoryBacking {
  readonly memory: WebAssembly.Memory;
  readonly buffer: ArrayBuffer;

  constructor(bytes: number) {
    this.memory = new WebAssembly.Memory({ initial: pagesOf(bytes), maximum: pagesOf(bytes) });
    this.buffer = this.memory.buffer;
  }

  ensure(bytes: number): void {
    if (bytes > this.buffer.byteLength) throw new Error(`secure-sum engine: ${bytes} bytes of a fixed memory`);
  }
}

/** Compiles and instantiates the kernels; one engine serves any number of rounds. */
export async function wasmEngine(): Promise<Engine> {
  const backing = new WasmBacking();
  const compiled = (module: string): Promise<WebAssembly.Module> => WebAssembly.compile(decodeBase64(module));
  const on = async (module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<unknown> =>
    (await WebAssembly.instantiate(module, { env: { memory } })).exports;
  const masks = await compiled(masksModule);
  return {
    name: 'wasm',
    memory: new EngineMemory(backing),
    hadamard: (await on(await compiled(hadamardModule), backing.memory)) as HadamardKernels,
    masks: (await on(masks, backing.memory)) as MaskKernels,
    rounding: (await on(await compiled(roundingModule), backing.memory)) as RoundingKernels,
    masksBeside(bytes) {
      const own = new FixedBacking(bytes);
      const exports: unknown = new WebAssembly.Instance(masks, { env: { memory: own.memory } }).exports;
      return { memory: new EngineMemory(own), masks: exports as MaskKernels };
    },
  };
}
