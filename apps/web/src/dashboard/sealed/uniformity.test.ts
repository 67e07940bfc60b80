import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { middleOf, uniformityOf, upperGamma } from './uniformity.ts';

const platform = nodePrimitives();

function noise(seed: number, length: number): Uint8Array {
  const key = new Uint8Array(32).fill(seed);
  const out = new Uint8Array(length);
  platform.chacha20(key, new Uint8Array(12), 0, out);
  return out;
}

describe('the upper incomplete gamma function', () => {
  it('is that of the exponential and Poisson laws where it has a closed form', () => {
    for (const x of [0.01, 0.5, 1, 3, 20, 60]) {
      expect(upperGamma(1, x)).toBeCloseTo(Math.exp(-x), 10);
      // Q(n, x) = Σ_{k<n} e^−x x^k / k!
      for (const n of [2, 5, 40]) {
        let [term, sum] = [Math.exp(-x), Math.exp(-x)];
        for (let k = 1; k < n; k++) {
          term *= x / k;
          sum += term;
        }
        expect(upperGamma(n, x)).toBeCloseTo(sum, 10);
      }
    }
  });

  it('is a half near its median, and that of tables for χ² of 255 degrees', () => {
    // Critical values: 293.25 at 0.05, 310.46 at 0.01 (Abramowitz and Stegun, 26.8, by the Wilson–Hilferty formula to a digit).
    expect(upperGamma(127.5, 254.334 / 2)).toBeCloseTo(0.5, 3);
    expect(upperGamma(127.5, 293.25 / 2)).toBeCloseTo(0.05, 3);
    expect(upperGamma(127.5, 310.46 / 2)).toBeCloseTo(0.01, 3);
  });
});

describe('uniformity of bytes', () => {
  it('calls noise noise, in a hundred samples, and its p-values are even', () => {
    const found = Array.from({ length: 100 }, (_, seed) => uniformityOf(noise(seed + 1, 20_000)));
    expect(Math.min(...found.map(({ pValue }) => pValue))).toBeGreaterThan(1e-6);
    expect(Math.min(...found.map(({ entropyBits }) => entropyBits))).toBeGreaterThan(7.98);
    const below = found.filter(({ pValue }) => pValue < 0.5).length;
    expect(below).toBeGreaterThan(25);
    expect(below).toBeLessThan(75);
  });

  it('sees one byte in fifty that is always the same', () => {
    const bytes = noise(7, 20_000).map((byte, at) => (at % 50 === 0 ? 0 : byte));
    expect(uniformityOf(bytes).pValue).toBeLessThan(1e-6);
  });

  it('sees floats that are not protected', () => {
    const values = Float32Array.from({ length: 5000 }, (_, at) => Math.sin(at) * 0.01);
    const found = uniformityOf(new Uint8Array(values.buffer));
    expect(found.pValue).toBeLessThan(1e-6);
    expect(found.entropyBits).toBeLessThan(7.9);
  });

  it('counts what a naive count does', () => {
    const bytes = noise(9, 1000);
    const { histogram, chiSquare } = uniformityOf(bytes);
    const naive = Array.from({ length: 256 }, (_, value) => [...bytes].filter((byte) => byte === value).length);
    expect([...histogram]).toEqual(naive);
    expect(chiSquare).toBeCloseTo(
      naive.reduce((all, n) => all + (n - 1000 / 256) ** 2 / (1000 / 256), 0),
      9,
    );
  });

  it('looks at the middle of a frame', () => {
    expect(middleOf(new Uint8Array(100_000))).toHaveLength(100_000 - 4096);
    expect(middleOf(new Uint8Array(800))).toHaveLength(600);
    expect(middleOf(new Uint8Array(10_000_000))).toHaveLength(2 ** 18);
    expect(middleOf(new Uint8Array(5000), 4000)).toHaveLength(3920);
  });
});
