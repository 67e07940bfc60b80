// Test material: words from a seed, the same on every platform, with the extremes of a range mixed in. Not for secrets.

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

/** How a vector of test input is filled, as values below `bound`. */
export const FILLINGS: readonly string[] = ['random', 'zeros', 'largest', 'extremes'];

export function filled(filling: string, length: number, bound: number, next: () => number): Uint32Array<ArrayBuffer> {
  const below = (): number => Math.floor((next() / 2 ** 32) * bound);
  const extremes = [0, 1, bound - 1, bound - 2, bound >>> 1];
  switch (filling) {
    case 'random':
      return Uint32Array.from({ length }, below);
    case 'zeros':
      return new Uint32Array(length);
    case 'largest':
      return new Uint32Array(length).fill(bound - 1);
    case 'extremes':
      return Uint32Array.from({ length }, () => (next() % 4 === 0 ? below() : extremes[next() % extremes.length]));
    default:
      throw new Error(`no filling called ${filling}`);
  }
}

/** Whether the long suites run whole (npm run test:full). */
export function runsWhole(): boolean {
  const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
  return process?.env['SUMUS_FULL'] === '1';
}
