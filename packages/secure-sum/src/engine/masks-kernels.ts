/** Masks and packed words; contracts are stated in kernels/masks.ts. */
export interface MaskKernels {
  addStream(words: number, stream: number, count: number, size: number): void;
  subtractStream(words: number, stream: number, count: number, size: number): void;
  pack(out: number, words: number, count: number, bits: number): void;
  addPacked(words: number, packed: number, count: number, bits: number): void;
}
