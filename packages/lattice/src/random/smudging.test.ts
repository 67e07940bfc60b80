import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { ParameterError } from '../errors.ts';
import { readBlock } from '../ring/blocks.ts';
import { toIntegers } from '../ring/operations.ts';
import { coefficientPolynomial } from '../ring/polynomial.ts';
import { primesBelow } from '../ring/primes.ts';
import { ring } from '../ring/ring.ts';
import { WIDE_PRECISION } from './discrete-gaussian.ts';
import { RandomStream } from './random-stream.ts';
import { sampleDiscreteGaussian } from './small.ts';
import { largestSmudging, sampleSmudgingBlock, smudgingShape, smudgingStddevLog2 } from './smudging.ts';
import {
  chiSquareDeviations,
  histogram,
  MOST_DEVIATIONS,
  meanDeviations,
  varianceDeviations,
} from './statistics.contract.ts';

const primitives = nodePrimitives();
const seed = Uint8Array.from({ length: 32 }, (_, i) => 7 * i + 9);
const DEGREE = 4096;
const PRIMES = primesBelow(2 ** 30, 4, DEGREE);

function residues(engine: Engine, stddevLog2: number, index: number, primes = PRIMES): Uint32Array<ArrayBuffer> {
  const over = ring(engine, DEGREE, primes);
  return engine.memory.scope(() => {
    const address = engine.memory.allocate(over.blockBytes);
    sampleSmudgingBlock(over, new RandomStream(primitives, seed, 'smud', index), stddevLog2, address);
    return readBlock(over, address);
  });
}

const integers = (engine: Engine, stddevLog2: number, index: number): bigint[] =>
  toIntegers(coefficientPolynomial(ring(engine, DEGREE, PRIMES), residues(engine, stddevLog2, index)));

const SIZES = [0, 1.5, 2, 3, 3.3, 4, 10.75, 33.99, 34, 34.6, 40.2, 64.3, 66, 67.9, 91.5, 92];

describe('smudging noise', () => {
  it.each(SIZES)('of 2^%d is the stated sum of its stream, to the last unit, and below its bound', async (size) => {
    const engine = await wasmEngine();
    const { stddev, shift } = smudgingShape(size);
    const [gaussian, bytes] = engine.memory.scope(() => {
      const address = engine.memory.allocate(4 * DEGREE);
      const stream = new RandomStream(primitives, seed, 'smud', 3);
      sampleDiscreteGaussian(engine, stream, address, DEGREE, stddev, WIDE_PRECISION);
      const uniform = new Uint32Array(2 * Math.ceil(shift / 32) * DEGREE);
      stream.fill(new Uint8Array(uniform.buffer));
      return [engine.memory.i32(address, DEGREE).slice(), uniform];
    });
    const w = 1n << BigInt(shift);
    const planes = Math.ceil(shift / 32);
    const uniform = (first: number, i: number): bigint => {
      let value = 0n;
      for (let word = planes - 1; word >= 0; word--)
        value = (value << 32n) | BigInt(bytes[(first + word) * DEGREE + i]);
      return value % w;
    };
    const naive = Array.from(gaussian, (g, i) => w * BigInt(g) + uniform(0, i) + uniform(planes, i) - (w - 1n));
    const drawn = integers(engine, size, 3);
    expect(drawn).toEqual(naive);
    const bound = largestSmudging(size);
    expect(drawn.every((x) => x < bound && -x < bound)).toBe(true);
    expect(Math.log2(Number(bound)) - size).toBeLessThanOrEqual(6);
  });

  it('is the same integer modulo every prime, in both engines', async () => {
    const engine = await wasmEngine();
    for (const size of [0, 5.5, 64.3, 92]) {
      const whole = residues(engine, size, 1);
      expect(residues(referenceEngine(), size, 1)).toEqual(whole);
      expect(residues(engine, size, 1, [PRIMES[2]])).toEqual(whole.slice(2 * DEGREE, 3 * DEGREE));
    }
  });

  it.each([0.5, 2.4, 10.75, 67.9, 92])(
    'of 2^%d has the shape and the deviation of its Gaussian, not 1.2 σ',
    async (size) => {
      const engine = await wasmEngine();
      const { stddev, shift } = smudgingShape(size);
      const deviation = Math.sqrt(stddev ** 2 + (1 - 4 ** -shift) / 6) * 2 ** shift;
      const samples = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => integers(engine, size, 100 + i)).map(Number);
      expect(Math.abs(varianceDeviations(samples, deviation))).toBeLessThan(MOST_DEVIATIONS);
      expect(Math.abs(meanDeviations(samples, deviation))).toBeLessThan(MOST_DEVIATIONS);
      expect(Math.abs(varianceDeviations(samples, 1.2 * deviation))).toBeGreaterThan(MOST_DEVIATIONS);
      if (shift < 4) return;
      // Cells of a quarter of a deviation against the normal distribution.
      const cells = (scale: number): number[] =>
        histogram(
          samples.map((x) => Math.max(-16, Math.min(15, Math.floor((4 * x) / scale)))),
          -16,
          15,
        );
      const normal = Array.from({ length: 32 }, (_, i) => {
        const from = i === 0 ? Number.NEGATIVE_INFINITY : (i - 16) / 4;
        const to = i === 31 ? Number.POSITIVE_INFINITY : (i - 15) / 4;
        return normalBelow(to) - normalBelow(from);
      });
      expect(chiSquareDeviations(cells(deviation), normal)).toBeLessThan(MOST_DEVIATIONS);
      expect(chiSquareDeviations(cells(1.2 * deviation), normal)).toBeGreaterThan(MOST_DEVIATIONS);
    },
  );

  it('is uniform in its low bits, however wide', async () => {
    const engine = await wasmEngine();
    for (const size of [34, 67.9, 92]) {
      const counts = new Array<number>(256).fill(0);
      for (let i = 0; i < 8; i++) for (const x of integers(engine, size, 200 + i)) counts[Number(x & 255n)] += 1;
      expect(chiSquareDeviations(counts, new Array<number>(256).fill(1 / 256))).toBeLessThan(MOST_DEVIATIONS);
    }
  });

  it('leaves scratch memory empty', async () => {
    const engine = await wasmEngine();
    residues(engine, 67.9, 9, [PRIMES[0]]);
    engine.memory.scope(() => {
      // Past the block that was read back.
      engine.memory.allocate(4 * DEGREE);
      const after = engine.memory.allocate(40 * DEGREE);
      expect(engine.memory.u8(after, 40 * DEGREE).every((byte) => byte === 0)).toBe(true);
    });
  });

  it.each([-0.01, 92.01, Number.NaN, Number.POSITIVE_INFINITY])('of 2^%d is refused', (size) => {
    expect(() => residues(referenceEngine(), size, 0)).toThrow(ParameterError);
    expect(() => residues(referenceEngine(), size, 0)).toThrow(String(size));
  });
});

/** Φ(x) by its Taylor series about zero, good to 1e-12 for |x| ≤ 4.5. */
function normalBelow(x: number): number {
  if (!Number.isFinite(x)) return x < 0 ? 0 : 1;
  let term = x;
  let sum = x;
  for (let k = 1; k < 200; k++) {
    term *= -(x * x) / (2 * k);
    sum += term / (2 * k + 1);
  }
  return 0.5 + sum / Math.sqrt(2 * Math.PI);
}

describe('the bound that smudging.ts states', () => {
  /** P[W·G + U + V = k + offset] for small W by summing all of it up. */
  function masses(stddev: number, w: number): Float64Array {
    const reach = Math.ceil(14 * stddev);
    const gaussian = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * stddev ** 2)));
    const total = gaussian.reduce((a, b) => a + b, 0);
    const out = new Float64Array((2 * reach + 3) * w);
    gaussian.forEach((g, a) => {
      for (let u = 0; u < w; u++) for (let v = 0; v < w; v++) out[a * w + u + v] += g / total / (w * w);
    });
    return out;
  }

  /** Squared Hellinger distance and total variation of a distribution and its shift by v. */
  function distances(p: Float64Array, v: number): { hellinger: number; variation: number } {
    let hellinger = 0;
    let variation = 0;
    for (let k = -v; k < p.length; k++) {
      const [x, y] = [p[k] ?? 0, p[k + v] ?? 0];
      hellinger += (Math.sqrt(x) - Math.sqrt(y)) ** 2 / 2;
      variation += Math.abs(x - y) / 2;
    }
    return { hellinger, variation };
  }

  it.each([
    [1, 4],
    [4, 4],
    [16, 4],
    [16, 5.3],
    [64, 7.9],
  ])('holds for W = %d, σ₀ = %d and shifts from one unit to beyond W, and is tight', (w, stddev) => {
    const p = masses(stddev, w);
    const sigma = w * stddev;
    for (const v of [1, 2, 3, w, 2 * w + 1, 5 * w]) {
      const { hellinger, variation } = distances(p, v);
      expect(hellinger).toBeLessThanOrEqual((v ** 2 / (8 * sigma ** 2)) * (1 + 1e-9));
      expect(variation).toBeLessThanOrEqual(v / (2 * sigma));
      if (v <= w) expect(hellinger).toBeGreaterThan(0.9 * (v ** 2 / (8 * sigma ** 2)));
    }
  });

  it('would be broken by uniform noise of the same deviation, which hides a vector far worse', () => {
    const width = 222;
    const uniform = new Float64Array(width).fill(1 / width);
    const sigma = Math.sqrt((width ** 2 - 1) / 12);
    expect(distances(uniform, 1).hellinger).toBeGreaterThan(10 * (1 / (8 * sigma ** 2)));
  });

  it('sizes the noise: σ = norm · 2^(bits − 1)', () => {
    // 100 silos, 23-bit sums, 25 chunks in 1000 rounds: √(N·Q)·σ_ct·2^39.
    const ct = Math.log2(3.24 * Math.sqrt(100 * (1 + (4 / 3) * 8192 * 100)));
    const shiftNormLog2 = ct + Math.log2(8192 * 25_000) / 2;
    expect(smudgingStddevLog2(shiftNormLog2, { measure: 'totalVariation', bits: 40 })).toBeCloseTo(67.9, 1);
  });
});
