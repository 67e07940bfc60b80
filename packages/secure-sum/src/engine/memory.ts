// The flat memory that kernels work in: a stack of scopes. Vectors are JavaScript's own typed arrays and are copied in and out, so
// nothing has to be freed by hand, and what a secret scope held is zeros when it ends.
// Addresses are byte offsets, 16-byte aligned, never 0. Views are made afresh for every use: growing the memory detaches them.

/** What a memory stands on: a WebAssembly.Memory, or for the reference engine a buffer that is replaced when it grows. */
export interface MemoryBacking {
  readonly buffer: ArrayBuffer;
  /** Makes at least `bytes` bytes available and keeps what is there. */
  ensure(bytes: number): void;
}

const ALIGNMENT = 16;

export class EngineMemory {
  readonly #backing: MemoryBacking;
  #top = ALIGNMENT;
  #depth = 0;
  /** How far memory has been handed out since the innermost secret scope began. */
  #highest = ALIGNMENT;

  constructor(backing: MemoryBacking) {
    this.#backing = backing;
  }

  /** Space until the innermost scope ends; contents are whatever was there before. */
  allocate(bytes: number): number {
    if (this.#depth === 0) throw new Error('secure-sum engine: memory was asked for outside a scope');
    const address = this.#top;
    const end = Math.ceil((address + bytes) / ALIGNMENT) * ALIGNMENT;
    this.#backing.ensure(end);
    this.#top = end;
    this.#highest = Math.max(this.#highest, end);
    return address;
  }

  /** Space for good, in front of all scopes. */
  reserve(bytes: number): number {
    if (this.#depth !== 0) throw new Error('secure-sum engine: memory was reserved inside a scope');
    const address = this.#top;
    const end = Math.ceil((address + bytes) / ALIGNMENT) * ALIGNMENT;
    this.#backing.ensure(end);
    this.#top = end;
    this.#highest = Math.max(this.#highest, end);
    return address;
  }

  /** Where words lie, if they lie here. */
  addressOf({ buffer, byteOffset }: Uint32Array): number | undefined {
    return buffer === this.#backing.buffer ? byteOffset : undefined;
  }

  /** Runs `work`; what it allocates is free again afterwards. Must not be asynchronous. */
  scope<Result>(work: () => Result): Result {
    const start = this.#top;
    this.#depth += 1;
    try {
      return work();
    } finally {
      this.#depth -= 1;
      this.#top = start;
    }
  }

  /** As `scope`, and all that was allocated inside, by inner scopes too, is overwritten with zeros. */
  secretScope<Result>(work: () => Result): Result {
    const start = this.#top;
    const outerHighest = this.#highest;
    this.#highest = start;
    try {
      return this.scope(work);
    } finally {
      new Uint8Array(this.#backing.buffer, start, this.#highest - start).fill(0);
      this.#highest = Math.max(outerHighest, this.#highest);
    }
  }

  u8(address: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#backing.buffer, address, length);
  }
  u32(address: number, length: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.#backing.buffer, address, length);
  }
  i32(address: number, length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.#backing.buffer, address, length);
  }
  f32(address: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.#backing.buffer, address, length);
  }
}
