import type { EngineMemory } from './memory.ts';

/** Masks and packed words; contracts are stated in kernels/masks.ts. */
export interface MaskKernels {
  addStream(words: number, stream: number, count: number, size: number): void;
  subtractStream(words: number, stream: number, count: number, size: number): void;
  pack(out: number, words: number, count: number, bits: number): void;
  addPacked(words: number, packed: number, count: number, bits: number): void;
  signExtend(words: number, count: number, bits: number, extremes: number): void;
}

/** Masks on a memory of their own, which never grows: views of it stay valid. */
export interface MaskBench {
  readonly memory: EngineMemory;
  readonly masks: MaskKernels;
}
