// Products of matrices and a convolution, in GF/s of one core.

import { wasmEngine } from '@sumus/learning/engine';
import { measure, once } from '../measure.ts';
import type { BenchOptions, Result } from '../report.ts';

const SHAPES: readonly (readonly [m: number, k: number, n: number])[] = [
  [256, 256, 256],
  [64, 784, 128],
  [1024, 1152, 128],
  [18432, 25, 32],
  [512, 512, 512],
];

export async function productRows(options: BenchOptions): Promise<readonly Result[]> {
  options.say('matrix products');
  const results: Result[] = [];
  for (const [m, k, n] of options.smoke ? SHAPES.slice(0, 1) : SHAPES) {
    const { matrix, memory } = await wasmEngine();
    const [a, b, c] = [memory.reserveFloats(m * k), memory.reserveFloats(k * n), memory.reserveFloats(m * n)];
    const scratch = memory.reserve(matrix.gemmScratchBytes(n));
    memory.f32(a, m * k).set(Float32Array.from({ length: m * k }, (_, i) => Math.sin(i)));
    memory.f32(b, k * n).set(Float32Array.from({ length: k * n }, (_, i) => Math.cos(i)));
    const [timing] = await measure(
      [{ name: 'product', work: () => matrix.gemm(m, n, k, a, k, 1, b, n, 1, c, n, 0, scratch) }],
      options.smoke ? once : { rounds: 9, sampleMs: 60 },
    );
    const ms = timing?.cpuMs.minimum ?? 0;
    results.push({
      name: `product ${m}×${k}×${n}`,
      cpuMsMinimum: ms,
      gigaflops: ms > 0 ? (2 * m * k * n) / ms / 1e6 : null,
    });
  }
  return results;
}
