import type { TokenKernels } from '../token-kernels.ts';

function mix(input: number): number {
  let x = input ^ (input >>> 16);
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

export function referenceTokens(floats: () => Float32Array): TokenKernels {
  return {
    gatherRows(out, table, tokens, n, width) {
      const f = floats();
      for (let i = 0; i < n * width; i++) {
        f[out / 4 + i] = f[table / 4 + f[tokens / 4 + Math.floor(i / width)] * width + (i % width)];
      }
    },
    scatterRows(table, rows, tokens, n, width, factor) {
      const f = floats();
      for (let i = 0; i < n * width; i++) {
        f[table / 4 + f[tokens / 4 + Math.floor(i / width)] * width + (i % width)] += factor * f[rows / 4 + i];
      }
    },
    scatteredSquares(rows, tokens, n, width) {
      const f = floats();
      const table = new Map<number, number>();
      for (let i = 0; i < n * width; i++) {
        const key = f[tokens / 4 + Math.floor(i / width)] * width + (i % width);
        table.set(key, (table.get(key) ?? 0) + f[rows / 4 + i]);
      }
      return [...table.values()].reduce((sum, v) => sum + v * v, 0);
    },
    dropout(out, x, n, seed, threshold, scale) {
      const f = floats();
      const key = mix(seed);
      for (let i = 0; i < n; i++) {
        f[out / 4 + i] = mix(i ^ key) < threshold >>> 0 ? 0 : Math.fround(scale) * f[x / 4 + i];
      }
    },
  };
}
