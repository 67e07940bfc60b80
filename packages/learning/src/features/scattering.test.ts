import { describe, expect, it } from 'vitest';
import { seededFloats } from '../engine/agreement.contract.ts';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { ParameterError } from '../errors.ts';
import { naiveScattering } from './naive-scattering.contract.ts';
import { FEATURE_LENGTH, GROUP_COUNT, GROUP_EPSILON, IMAGE_LENGTH, scattering } from './scattering.ts';
import { scatteringTables } from './scattering-tables.ts';

const engine = await wasmEngine();
const plain = scattering(engine, { isNormalised: false });
const normalised = scattering(engine);

const image = (pixel: (row: number, column: number) => number): Float32Array =>
  Float32Array.from({ length: IMAGE_LENGTH }, (_, p) => pixel(Math.floor(p / 28), p % 28));
const norm = (values: ArrayLike<number>): number => Math.sqrt(Array.from(values).reduce((a, b) => a + b * b, 0));
const difference = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, i) => value - b[i]);
const largest = (values: Float32Array): number => values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
/** Noise on rows and columns from 5 to 18, so that it can move by four. */
const noise = seededFloats(IMAGE_LENGTH, 3);
const patch = (down: number, right: number): Float32Array =>
  image((row, column) => {
    const [y, x] = [row - down, column - right];
    return y >= 5 && y < 19 && x >= 5 && x < 19 ? noise[y * 28 + x] : 0;
  });
/** Largest difference of two float transforms of numbers up to 1: sums of a thousand terms, twice. */
const TOLERANCE = 1e-5;

describe('a scattering transform', () => {
  it.each([
    ['wasm', engine],
    ['reference', referenceEngine()],
  ] as const)('of the %s engine is its definition, computed by double sums in space', (_, own) => {
    const transform = scattering(own, { isNormalised: false });
    const { gain } = scatteringTables();
    for (const x of [seededFloats(IMAGE_LENGTH, 1), image((row, column) => (row === 3 && column === 24 ? 1 : 0))]) {
      const expected = naiveScattering(x, gain);
      const found = transform.transform(x);
      expect(expected).toHaveLength(FEATURE_LENGTH);
      // Relative to each order of the transform, since second-order coefficients are small.
      for (const [from, to] of [
        [0, 1],
        [1, 17],
        [17, 81],
      ]) {
        const part = found.subarray(49 * from, 49 * to);
        const exact = Float32Array.from(expected.slice(49 * from, 49 * to));
        expect(largest(exact)).toBeGreaterThan(1e-4);
        expect(largest(difference(part, exact))).toBeLessThan(TOLERANCE * largest(exact));
      }
    }
  });

  it('never takes two images further apart, and keeps most of a smooth one', () => {
    for (let seed = 0; seed < 30; seed++) {
      const x = seededFloats(IMAGE_LENGTH, 100 + seed);
      const y =
        seed % 2 === 0 ? seededFloats(IMAGE_LENGTH, 200 + seed) : x.map((v, i) => (i === 28 * 14 + seed ? v + 1 : v));
      const apart = norm(difference(plain.transform(x), plain.transform(y)));
      expect(4 * apart).toBeLessThan(norm(difference(x, y)) * (1 + 1e-5));
    }
    // Waves of every wavelet's own frequency are where the bound is nearest.
    let nearest = 0;
    for (let theta = 0; theta < 8; theta++) {
      for (const frequency of [0.75 * Math.PI, 0.375 * Math.PI]) {
        const angle = (Math.PI * theta) / 8;
        const wave = image((row, column) => {
          const [y, x] = [row - 14, column - 14];
          const phase = frequency * (x * Math.cos(angle) + y * Math.sin(angle));
          return Math.cos(phase) * Math.exp(-(x * x + y * y) / 50);
        });
        nearest = Math.max(nearest, (4 * norm(plain.transform(wave))) / norm(wave));
      }
    }
    const blob = image((row, column) => Math.exp(-((row - 14) ** 2 + (column - 14) ** 2) / 40));
    const kept = (4 * norm(plain.transform(blob))) / norm(blob);
    expect(nearest).toBeLessThan(1);
    expect(kept).toBeLessThan(1);
    // Filters twice or half as large would fail here or above.
    expect(kept).toBeGreaterThan(0.75);
  });

  it('moves by one when the image moves by four pixels', () => {
    const still = plain.transform(patch(0, 0));
    const moved = plain.transform(patch(4, 4));
    let worst = 0;
    for (let channel = 0; channel < 81; channel++) {
      for (let row = 1; row < 7; row++) {
        for (let column = 1; column < 7; column++) {
          const at = channel * 49 + row * 7 + column;
          worst = Math.max(worst, Math.abs(moved[at] - still[at - 8]));
        }
      }
    }
    expect(worst).toBeLessThan(1e-6);
    expect(largest(difference(moved, still))).toBeGreaterThan(1e-2);
  });

  it('changes far less than the pixels when the image moves by one', () => {
    const relative = (a: Float32Array, b: Float32Array): number => norm(difference(a, b)) / norm(a);
    const pixels = relative(patch(0, 0), patch(0, 1));
    const features = relative(plain.transform(patch(0, 0)), plain.transform(patch(0, 1)));
    expect(pixels).toBeGreaterThan(1);
    expect(features).toBeLessThan(pixels / 3);
  });

  it('turns orientations when the image is transposed', () => {
    const x = seededFloats(IMAGE_LENGTH, 7);
    const straight = plain.transform(x);
    const turned = plain.transform(image((row, column) => x[column * 28 + row]));
    // Direction θ becomes π/2 - θ, and opposite directions have the same modulus.
    const mirror = (theta: number): number => (12 - theta) % 8;
    const channel = (c: number): number => {
      if (c === 0) return 0;
      if (c < 9) return 1 + mirror(c - 1);
      if (c < 17) return 9 + mirror(c - 9);
      return 17 + 8 * mirror(Math.floor((c - 17) / 8)) + mirror((c - 17) % 8);
    };
    let worst = 0;
    for (let c = 0; c < 81; c++) {
      for (let p = 0; p < 49; p++) {
        const at = channel(c) * 49 + (p % 7) * 7 + Math.floor(p / 7);
        worst = Math.max(worst, Math.abs(turned[c * 49 + p] - straight[at]));
      }
    }
    expect(worst).toBeLessThan(1e-6);
  });

  it('is proportional to the image', () => {
    const x = seededFloats(IMAGE_LENGTH, 8);
    const once = plain.transform(x);
    const thrice = plain.transform(x.map((value) => 3 * value));
    expect(
      largest(
        difference(
          thrice,
          once.map((value) => 3 * value),
        ),
      ),
    ).toBeLessThan(1e-5);
  });

  it('has 27 groups of mean 0 and variance 1 once normalised, and zeros for an empty image', () => {
    const x = seededFloats(IMAGE_LENGTH, 9);
    const features = normalised.transform(x);
    const before = plain.transform(x);
    const length = FEATURE_LENGTH / GROUP_COUNT;
    for (let g = 0; g < GROUP_COUNT; g++) {
      const raw = Array.from(before.subarray(g * length, (g + 1) * length));
      const mean = raw.reduce((a, b) => a + b, 0) / length;
      const variance = raw.reduce((a, b) => a + (b - mean) ** 2, 0) / length;
      raw.forEach((value, i) => {
        expect(Math.abs(features[g * length + i] - (value - mean) / Math.sqrt(variance + GROUP_EPSILON))).toBeLessThan(
          1e-5,
        );
      });
    }
    expect(largest(normalised.transform(new Float32Array(IMAGE_LENGTH)))).toBe(0);
  });

  it('does not depend on the other images of a batch', () => {
    const images = seededFloats(3 * IMAGE_LENGTH, 10);
    const together = normalised.transform(images);
    for (const i of [2, 0, 1]) {
      const alone = normalised.transform(images.subarray(i * IMAGE_LENGTH, (i + 1) * IMAGE_LENGTH));
      expect(alone).toEqual(together.slice(i * FEATURE_LENGTH, (i + 1) * FEATURE_LENGTH));
    }
  });

  it('refuses what is no image', () => {
    const refuses = (images: Float32Array, message: RegExp): void => {
      expect(() => plain.transform(images)).toThrow(ParameterError);
      expect(() => plain.transform(images)).toThrow(message);
    };
    refuses(new Float32Array(0), /no image/);
    refuses(new Float32Array(785), /785 numbers are no whole images of 784/);
    const broken = new Float32Array(2 * IMAGE_LENGTH);
    broken[IMAGE_LENGTH + 5] = Number.NaN;
    refuses(broken, /pixel 5 of image 1 is NaN/);
    broken[IMAGE_LENGTH + 5] = Number.NEGATIVE_INFINITY;
    refuses(broken, /is -Infinity/);
  });
});
