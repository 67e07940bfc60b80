// The part of WebAssembly that the engine uses. It is the language's own; nothing else of a platform may be named in a library.

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
