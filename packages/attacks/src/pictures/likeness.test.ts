import { describe, expect, it } from 'vitest';
import { numbers } from '../made-pictures.contract.ts';
import { nearest, peakSignalToNoise, structuralSimilarity } from './index.ts';

const shape = { rows: 14, columns: 13, channels: 2 };
const made = (seed: number): Float32Array<ArrayBuffer> => {
  const next = numbers(seed);
  return Float32Array.from({ length: 14 * 13 * 2 }, () => next());
};

/** Wang et al. 2004, equations 13 to 17, window by window and term by term. */
function naive(a: Float32Array, b: Float32Array): number {
  const gaussian = (x: number, y: number): number => Math.exp(-(x * x + y * y) / (2 * 1.5 ** 2));
  const values: number[] = [];
  for (const channel of [0, 1]) {
    for (let row = 5; row < 14 - 5; row++) {
      for (let column = 5; column < 13 - 5; column++) {
        const window: (readonly [number, number, number])[] = [];
        for (let y = -5; y <= 5; y++) {
          for (let x = -5; x <= 5; x++) {
            const at = ((row + y) * 13 + column + x) * 2 + channel;
            window.push([gaussian(x, y), a[at]!, b[at]!]);
          }
        }
        const total = window.reduce((sum, [w]) => sum + w, 0);
        const mean = (of: (a: number, b: number) => number): number =>
          window.reduce((sum, [w, p, q]) => sum + w * of(p, q), 0) / total;
        const [ma, mb] = [mean((p) => p), mean((_, q) => q)];
        const [va, vb] = [mean((p) => (p - ma) ** 2), mean((_, q) => (q - mb) ** 2)];
        const covariance = mean((p, q) => (p - ma) * (q - mb));
        const luminance = (2 * ma * mb + 0.0001) / (ma ** 2 + mb ** 2 + 0.0001);
        values.push((luminance * (2 * covariance + 0.0009)) / (va + vb + 0.0009));
      }
    }
  }
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('structural similarity', () => {
  it('is what its definition gives, window by window', () => {
    const [a, b] = [made(1), made(2)];
    const mixed = a.map((value, i) => 0.7 * value + 0.3 * b[i]!);
    for (const other of [b, mixed, a.map((value) => 1 - value)]) {
      expect(structuralSimilarity(a, other, shape)).toBeCloseTo(naive(a, other), 9);
    }
  });

  it('is 1 for a picture and itself, near 0 for another, negative for its negative', () => {
    const a = made(1);
    expect(structuralSimilarity(a, a, shape)).toBeCloseTo(1, 12);
    expect(Math.abs(structuralSimilarity(a, made(2), shape))).toBeLessThan(0.15);
    expect(
      structuralSimilarity(
        a,
        a.map((value) => 1 - value),
        shape,
      ),
    ).toBeLessThan(-0.5);
  });

  it('is refused for pictures that are no pictures of the shape, or smaller than the window', () => {
    expect(() => structuralSimilarity(made(1), made(2).slice(1), shape)).toThrow(/no pictures of 364/);
    const small = { rows: 10, columns: 20, channels: 1 };
    expect(() => structuralSimilarity(new Float32Array(200), new Float32Array(200), small)).toThrow(/window of 11/);
  });
});

describe('the peak signal-to-noise ratio', () => {
  it('is 20 dB for an error of a tenth in every pixel, and infinite for none', () => {
    const a = Float32Array.of(0.5, 0.25, 0.75, 0);
    expect(peakSignalToNoise(a, [0.4, 0.35, 0.65, 0.1])).toBeCloseTo(20, 6);
    expect(peakSignalToNoise(a, a)).toBe(Number.POSITIVE_INFINITY);
    expect(() => peakSignalToNoise(a, [1])).toThrow(/4 and 1 numbers/);
  });
});

describe('the nearest candidate', () => {
  it('is the one with the least error of those that can be shown, whatever its place, or none', () => {
    const truth = made(1);
    const size = truth.length;
    const values = new Float64Array(3 * size).fill(Number.NaN);
    values.set(made(2), 0);
    values.set(
      truth.map((value) => value + 0.01),
      size,
    );
    const found = nearest(truth, { count: 3, size, values, sources: new Uint32Array(3) }, shape);
    expect(found?.candidate).toBe(1);
    expect(found?.psnr).toBeGreaterThan(39);
    expect(found?.absoluteError).toBeLessThan(0.0101);
    expect(Math.max(...(found?.picture ?? []))).toBeLessThanOrEqual(1);
    const none = { count: 0, size, values: new Float64Array(0), sources: new Uint32Array(0) };
    expect(nearest(truth, none, shape)).toBeUndefined();
  });
});
