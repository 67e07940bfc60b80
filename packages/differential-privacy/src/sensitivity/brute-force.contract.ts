// Neighbouring data sets by brute force, for tests of closed-form sensitivities: random and extreme examples, plain
// loops.

/** A small linear congruential generator for numbers in [0, 1): tests only. */
export function numbers(seed: number): () => number {
  let state = BigInt(seed) * 2862933555777941757n + 3037000493n;
  return () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n);
    return Number(state >> 11n) / 2 ** 53;
  };
}

export function gaussianOf(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** A direction times a length: exactly `radius` half of the time, shorter otherwise. */
export function vectorWithin(next: () => number, dimension: number, radius: number): number[] {
  const raw = Array.from({ length: dimension }, () => gaussianOf(next));
  const norm = Math.hypot(...raw);
  const length = next() < 0.5 ? radius : radius * next();
  return raw.map((one) => (one / norm) * length);
}

export const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
export const minus = (a: readonly number[], b: readonly number[]): number[] => a.map((x, i) => x - b[i]!);
export const norm = (a: readonly number[]): number => Math.hypot(...a);
export const logistic = (z: number): number => 1 / (1 + Math.exp(-z));
