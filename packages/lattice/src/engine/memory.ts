// The engine's flat memory: tables that stay at the bottom, scratch space above them that is handed back when a scope ends.
// Addresses are byte offsets, 16-byte aligned. Views are made afresh for every use, because growing the memory detaches them.
// Refuses: tables asked for while scratch is in use, scratch asked for outside a scope.

/** What a memory stands on: a WebAssembly.Memory, or for the reference engine a buffer that is replaced when it grows. */
export interface MemoryBacking {
  readonly buffer: ArrayBuffer;
  /** Makes at least `bytes` bytes available and keeps what is there. */
  ensure(bytes: number): void;
}

const ALIGNMENT = 16;
const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

export class EngineMemory {
  readonly #backing: MemoryBacking;
  /** Address 0 stays unused, so that no valid address is falsy. */
  #tablesEnd = ALIGNMENT;
  #top = ALIGNMENT;
  #depth = 0;
  /** The highest address scratch has reached since the innermost secret scope began. */
  #highest = ALIGNMENT;

  constructor(backing: MemoryBacking) {
    this.#backing = backing;
  }

  /** Space for a table that lives as long as the engine. */
  allocateTable(bytes: number): number {
    if (this.#depth !== 0) throw new Error('lattice engine: a table was requested while scratch memory is in use');
    const address = this.#tablesEnd;
    const end = align(address + bytes);
    this.#backing.ensure(end);
    this.#tablesEnd = end;
    this.#top = end;
    return address;
  }

  /** Scratch space until the innermost scope ends. Contents are whatever was there before. */
  allocate(bytes: number): number {
    if (this.#depth === 0) throw new Error('lattice engine: scratch memory was requested outside a scope');
    const address = this.#top;
    const end = align(address + bytes);
    this.#backing.ensure(end);
    this.#top = end;
    this.#highest = Math.max(this.#highest, end);
    return address;
  }

  /** Runs `work`; all scratch it allocates is free again afterwards. Must not be asynchronous. */
  scope<Result>(work: () => Result): Result {
    const mark = this.#top;
    this.#depth += 1;
    try {
      return work();
    } finally {
      this.#depth -= 1;
      this.#top = mark;
    }
  }

  /** As `scope`, and everything allocated inside, by inner scopes too, is overwritten with zeros: for work on secrets. */
  secretScope<Result>(work: () => Result): Result {
    const outerHighest = this.#highest;
    const start = this.#top;
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
  f64(address: number, length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.#backing.buffer, address, length);
  }
}
