/** Words of a few bits ↔ a stream of bits; contracts are stated in kernels/packing.ts. */
export interface PackingKernels {
  packBits(out: number, values: number, count: number, bits: number): void;
  unpackBits(out: number, packed: number, count: number, bits: number): void;
  packQuads30(out: number, values: number, count: number): void;
  addQuads30(sums: number, packed: number, count: number, q: number): number;
  someAtLeast(values: number, count: number, bound: number): number;
}
