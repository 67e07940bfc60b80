// Encodings of every kind against plain arithmetic: the mean that is decoded from a sum modulo 2^w, and the mean of the clipped vectors.
import { nodePrimitives } from '@sumus/platform/node';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Engine, wasmEngine } from '../engine/index.ts';
import { runsWhole, seededWords } from '../engine/seeded-words.contract.ts';
import { normOf, SHAPES, sumOf, testEncoding, vectorOf } from './seeded-encodings.contract.ts';

const platform = nodePrimitives();
let engine: Engine;
beforeAll(async () => {
  engine = await wasmEngine();
});

const configuration = fc.record({
  vectorLength: fc.oneof(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 3000 })),
  valueBits: fc.integer({ min: 2, max: 20 }),
  spareBits: fc.integer({ min: 2, max: 8 }),
  contributors: fc.integer({ min: 1, max: 9 }),
  clippingNorm: fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
  magnitude: fc.double({ min: 0.01, max: 100, noNaN: true }),
  rotation: fc.constantFrom('hadamard' as const, 'none' as const),
  rounding: fc.constantFrom('stochastic' as const, 'conditional' as const),
  maximumWeight: fc.option(fc.integer({ min: 1, max: 1e9 }), { nil: undefined }),
  shape: fc.constantFrom(...SHAPES),
  seed: fc.integer({ min: 1, max: 255 }),
});

describe('any encoding', () => {
  it('decodes a sum to the mean of clipped vectors, within a step a word, and weights exactly', () => {
    fc.assert(
      fc.property(configuration, (options) => {
        const { contributors, magnitude, shape, seed, valueBits, spareBits, maximumWeight } = options;
        const next = seededWords(seed);
        const wordBits = Math.max(valueBits + spareBits, valueBits + 4);
        const test = testEncoding(platform, { ...options, wordBits, maximumContributors: contributors }, seed);
        const { encoding } = test;
        const vectors = Array.from({ length: contributors }, () => {
          const raw = vectorOf(shape, options.vectorLength, next);
          const factor = (magnitude * options.clippingNorm) / (normOf(raw) || 1);
          return raw.map((value) => factor * value);
        });
        const weights = vectors.map(() => (maximumWeight === undefined ? 1 : 1 + (next() % maximumWeight)));
        const most = maximumWeight ?? 1;
        const encoded = vectors.map((values, i) =>
          test.encode(engine, { values, ...(maximumWeight !== undefined && { weight: weights[i] }) }),
        );
        for (const { words, clampedWords } of encoded) {
          expect(clampedWords).toBe(0);
          expect(words.every((word) => Math.abs(word) <= encoding.largestWord)).toBe(true);
        }
        const decoded = test.decode(
          engine,
          sumOf(
            encoded.map(({ words }) => words),
            wordBits,
          ),
          contributors,
        );
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        if (maximumWeight !== undefined) expect(decoded.totalWeight).toBe(total);
        const clipped = vectors.map((values, i) => {
          const share = weights[i] / most;
          const norm = normOf(values) * share;
          return values.map((value) => share * value * Math.min(1, options.clippingNorm / norm || 1));
        });
        const mean = vectors[0].map((_, i) => clipped.reduce((sum, values) => sum + values[i], 0) / (total / most));
        const error = normOf(decoded.mean.map((value, i) => value - mean[i]));
        const steps = (contributors * Math.sqrt(encoding.words)) / encoding.scale / (total / most);
        const floats = (1e-5 * options.clippingNorm * contributors) / (total / most);
        expect(error).toBeLessThan(steps + floats);
      }),
      { seed: 11, numRuns: runsWhole() ? 5000 : 150 },
    );
  });
});
