/** Words of a few bits ↔ a stream of bits; contracts are stated in kernels/packing.ts. */
export interface PackingKernels {
  packBits(out: number, values: number, count: number, bits: number): void;
  unpackBits(out: number, packed: number, count: number, bits: number): void;
  someAtLeast(values: number, count: number, bound: number): number;
}
