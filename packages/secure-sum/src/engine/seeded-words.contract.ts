// Test material: words and floats from a seed, the same on every platform. Not for secrets.

/** Uniform 32-bit words by Marsaglia's xorshift128. */
export function seededWords(seed: number): () => number {
  let [x, y, z, w] = [seed | 1, 362436069, 521288629, 88675123];
  return () => {
    const t = x ^ (x << 11);
    [x, y, z] = [y, z, w];
    w = (w ^ (w >>> 19) ^ t ^ (t >>> 8)) >>> 0;
    return w;
  };
}

/** Uniform in [0, 1). */
export const uniformly = (next: () => number): number => next() / 2 ** 32;

/** A standard normal value by the polar method. Its logarithm may differ in the last bit between platforms. */
export function normally(next: () => number): number {
  for (;;) {
    const u = 2 * uniformly(next) - 1;
    const v = 2 * uniformly(next) - 1;
    const s = u * u + v * v;
    if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
  }
}

/** Whether the long suites run whole. */
export function runsWhole(): boolean {
  const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
  return process?.env['SUMUS_FULL'] === '1';
}
