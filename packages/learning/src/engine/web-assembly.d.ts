// The part of WebAssembly the engine uses. Libraries are compiled without DOM and Node types; WebAssembly is the language's own.

declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Instance {
    readonly exports: Record<string, unknown>;
  }
  function instantiate(
    bytes: Uint8Array<ArrayBuffer>,
    imports: { env: { memory: Memory } },
  ): Promise<{ readonly instance: Instance }>;
}
