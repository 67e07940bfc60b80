/** From floats to words and back; contracts are stated in kernels/rounding.ts. */
export interface RoundingKernels {
  squaredNorm(values: number, count: number): number;
  squaredNormOfWords(words: number, count: number): number;
  /** The answer is a number of places, as a signed 32-bit integer. */
  roundAtRandom(out: number, values: number, random: number, count: number, bound: number): number;
  addWithin(words: number, noise: number, count: number, bound: number): number;
  /** As a signed 32-bit integer: −2^31 stands for 2^31. */
  largestMagnitude(words: number, count: number): number;
  wordsToFloats(out: number, words: number, count: number): void;
}
