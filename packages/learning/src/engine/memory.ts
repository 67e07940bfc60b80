// The engine's flat memory. Weights, activations and gradients live in it for as long as the engine does: a network reserves all
// it needs when it is made, and a training step reserves nothing. Addresses are byte offsets, 16-byte aligned, zero-filled at first.
// Views are made afresh for every use, because reserving more detaches the old ones.

/** What a memory stands on: a WebAssembly.Memory, or for the reference engine a buffer that is replaced when it grows. */
export interface MemoryBacking {
  readonly buffer: ArrayBuffer;
  /** Makes at least `bytes` bytes available and keeps what is there. */
  ensure(bytes: number): void;
}

const ALIGNMENT = 16;
/** Kernels may read a vector past the end of a buffer (never write): room for that. */
const SLACK = 32;

export class EngineMemory {
  readonly #backing: MemoryBacking;
  /** Address 0 stays unused: it means "none". */
  #end = ALIGNMENT;

  constructor(backing: MemoryBacking) {
    this.#backing = backing;
  }

  /** Space that stays reserved as long as the engine lives. */
  reserve(bytes: number): number {
    const address = this.#end;
    const end = Math.ceil((address + bytes + SLACK) / ALIGNMENT) * ALIGNMENT;
    this.#backing.ensure(end);
    this.#end = end;
    return address;
  }

  /** Space for `length` floats, rounded up to whole vectors of four. */
  reserveFloats(length: number): number {
    return this.reserve(Math.ceil(length / 4) * 16);
  }

  get reservedBytes(): number {
    return this.#end;
  }

  f32(address: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.#backing.buffer, address, length);
  }
  f64(address: number, length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.#backing.buffer, address, length);
  }
  u32(address: number, length: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.#backing.buffer, address, length);
  }
}
