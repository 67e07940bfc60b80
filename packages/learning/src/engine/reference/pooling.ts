import type { PoolingKernels } from '../pooling-kernels.ts';

/** Calls `visit` with the place of every output element and of every entry of its window, in floats from the start. */
function windows(
  [columns, channels, outRows, outColumns]: readonly [number, number, number, number],
  [windowRows, windowColumns, step]: readonly [number, number, number],
  visit: (out: number, entries: readonly number[]) => void,
): void {
  for (let i = 0; i < outRows; i++) {
    for (let j = 0; j < outColumns; j++) {
      for (let c = 0; c < channels; c++) {
        const entries: number[] = [];
        for (let ky = 0; ky < windowRows; ky++) {
          for (let kx = 0; kx < windowColumns; kx++) {
            entries.push(((i * step + ky) * columns + j * step + kx) * channels + c);
          }
        }
        visit((i * outColumns + j) * channels + c, entries);
      }
    }
  }
}

export function referencePooling(floats: () => Float32Array): PoolingKernels {
  return {
    maxPool(y, x, columns, channels, outRows, outColumns, window, step) {
      const f = floats();
      windows([columns, channels, outRows, outColumns], [window, window, step], (out, entries) => {
        f[y / 4 + out] = Math.max(...entries.map((at) => f[x / 4 + at]));
      });
    },
    maxPoolGradient(dx, dy, x, y, columns, channels, outRows, outColumns, window, step) {
      const f = floats();
      windows([columns, channels, outRows, outColumns], [window, window, step], (out, entries) => {
        const first = entries.find((at) => f[x / 4 + at] === f[y / 4 + out]) ?? 0;
        f[dx / 4 + first] += f[dy / 4 + out];
      });
    },
    averagePool(y, x, columns, channels, outRows, outColumns, windowRows, windowColumns, step) {
      const f = floats();
      windows([columns, channels, outRows, outColumns], [windowRows, windowColumns, step], (out, entries) => {
        f[y / 4 + out] = entries.reduce((sum, at) => sum + f[x / 4 + at], 0) / entries.length;
      });
    },
    averagePoolGradient(dx, dy, columns, channels, outRows, outColumns, windowRows, windowColumns, step) {
      const f = floats();
      windows([columns, channels, outRows, outColumns], [windowRows, windowColumns, step], (out, entries) => {
        for (const at of entries) f[dx / 4 + at] += f[dy / 4 + out] / entries.length;
      });
    },
  };
}
