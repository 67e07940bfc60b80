import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { ParameterError } from '../errors.ts';
import { type Distribution, stddevOf } from '../parameters/distributions.ts';
import { RandomStream } from './random-stream.ts';
import { sampleSmall } from './small.ts';
import {
  chiSquareDeviations,
  histogram,
  MOST_DEVIATIONS,
  meanDeviations,
  varianceDeviations,
} from './statistics.contract.ts';

const primitives = nodePrimitives();
const seed = Uint8Array.from({ length: 32 }, (_, i) => 5 * i + 1);

function draw(engine: Engine, distribution: Distribution, count: number, index = 0): Int32Array {
  return engine.memory.scope(() => {
    const address = engine.memory.allocate(4 * count);
    sampleSmall(engine, new RandomStream(primitives, seed, 'test', index), distribution, address, count);
    return engine.memory.i32(address, count).slice();
  });
}

/** Exact probabilities of the integers in [−bound, bound]. */
function probabilities(distribution: Distribution, bound: number): number[] {
  const range = Array.from({ length: 2 * bound + 1 }, (_, i) => i - bound);
  switch (distribution.kind) {
    case 'ternary':
      return range.map((x) => (Math.abs(x) <= 1 ? 1 / 3 : 0));
    case 'centredBinomial': {
      // Row 2·eta of Pascal's triangle over 4^eta.
      let row = [1n];
      for (let n = 0; n < 2 * distribution.eta; n++) row = [...row, 0n].map((c, i) => c + (row[i - 1] ?? 0n));
      return range.map((x) => Number(row[x + distribution.eta] ?? 0n) / 4 ** distribution.eta);
    }
    case 'discreteGaussian': {
      const weights = range.map((x) => Math.exp(-(x * x) / (2 * distribution.stddev ** 2)));
      const total = weights.reduce((sum, w) => sum + w, 0);
      return weights.map((w) => w / total);
    }
    default:
      return distribution satisfies never;
  }
}

const wider = (distribution: Distribution): Distribution => ({
  kind: 'discreteGaussian',
  stddev: 1.2 * stddevOf(distribution),
});

const DISTRIBUTIONS: readonly Distribution[] = [
  { kind: 'ternary' },
  ...[1, 2, 7, 21, 64].map((eta): Distribution => ({ kind: 'centredBinomial', eta })),
  ...[1, 3.2, 4.5, 6.364, 11.25, 20].map((stddev): Distribution => ({ kind: 'discreteGaussian', stddev })),
];
const name = (d: Distribution): string => Object.values(d).join(' ');

describe.each(DISTRIBUTIONS.map((d) => [name(d), d] as const))('%s', (_, distribution) => {
  const bound = Math.ceil(13 * stddevOf(distribution));
  const expected = probabilities(distribution, bound);

  it('fits its exact probabilities, its variance and its mean, and not those of 1.2 σ', async () => {
    const samples = draw(await wasmEngine(), distribution, 2 ** 20);
    const counts = histogram(samples, -bound, bound);
    expect(chiSquareDeviations(counts, expected)).toBeLessThan(MOST_DEVIATIONS);
    expect(Math.abs(varianceDeviations(samples, stddevOf(distribution)))).toBeLessThan(MOST_DEVIATIONS);
    expect(Math.abs(meanDeviations(samples, stddevOf(distribution)))).toBeLessThan(MOST_DEVIATIONS);
    // The same tests refuse a wrong σ.
    expect(chiSquareDeviations(counts, probabilities(wider(distribution), bound))).toBeGreaterThan(MOST_DEVIATIONS);
    expect(Math.abs(varianceDeviations(samples, 1.2 * stddevOf(distribution)))).toBeGreaterThan(MOST_DEVIATIONS);
  });

  it('has neighbours that are independent, at every distance the layouts suggest', async () => {
    const samples = draw(await wasmEngine(), distribution, 2 ** 18, 1);
    for (const distance of [1, 2, 4, 8, 16, 32, 64, 80, 4096]) {
      let sum = 0;
      for (let i = 0; i + distance < samples.length; i++) sum += samples[i] * samples[i + distance];
      const correlation = sum / (samples.length - distance) / stddevOf(distribution) ** 2;
      expect(Math.abs(correlation) * Math.sqrt(samples.length), `distance ${distance}`).toBeLessThan(5.5);
    }
  });

  it('is the same in both engines, and a short draw is the beginning of a long one', async () => {
    const long = draw(referenceEngine(), distribution, 4096 + 80);
    const engine = await wasmEngine();
    expect(draw(engine, distribution, 4096 + 80)).toEqual(long);
    for (const count of [16, 32, 48, 64, 80, 96, 1024, 4096, 4112]) {
      expect(draw(engine, distribution, count), `${count} values`).toEqual(long.slice(0, count));
      if (count < 100) expect(draw(referenceEngine(), distribution, count)).toEqual(long.slice(0, count));
    }
  });

  it('leaves nothing of its keystream in scratch memory', async () => {
    const engine = await wasmEngine();
    engine.memory.scope(() => {
      const address = engine.memory.allocate(4 * 1024);
      sampleSmall(engine, new RandomStream(primitives, seed, 'test', 0), distribution, address, 1024);
      const after = engine.memory.allocate(16_384);
      // The distribution's table is public and may remain; keystream and accepted words may not.
      const keystream = new Uint8Array(64);
      new RandomStream(primitives, seed, 'test', 0).fill(keystream);
      const left = engine.memory.u8(after, 16_384);
      for (let i = 0; i + 8 <= left.length; i += 8) {
        expect(keystream.subarray(0, 8).every((byte, k) => left[i + k] === byte)).toBe(false);
      }
    });
  });
});

describe('ternary values', () => {
  it('are uniform at each of the eighty places of a group, so no digit of a word is favoured', async () => {
    const samples = draw(await wasmEngine(), { kind: 'ternary' }, 80 * 16384);
    for (let place = 0; place < 80; place++) {
      const counts = [0, 0, 0];
      for (let i = place; i < samples.length; i += 80) counts[samples[i] + 1] += 1;
      expect(chiSquareDeviations(counts, [1 / 3, 1 / 3, 1 / 3]), `place ${place}`).toBeLessThan(5.5);
    }
  });

  it('would not pass with the bias of a byte modulo three', () => {
    const bytes = new Uint8Array(2 ** 22);
    new RandomStream(primitives, seed, 'test', 2).fill(bytes);
    const counts = [0, 0, 0];
    for (const byte of bytes) counts[byte % 3] += 1;
    expect(chiSquareDeviations(counts, [1 / 3, 1 / 3, 1 / 3])).toBeGreaterThan(MOST_DEVIATIONS);
  });
});

describe('what cannot be drawn is refused by value', () => {
  it.each<[Distribution, number, RegExp]>([
    [{ kind: 'ternary' }, 0, /not 0/],
    [{ kind: 'ternary' }, 24, /not 24/],
    [{ kind: 'ternary' }, 16.5, /not 16.5/],
    [{ kind: 'centredBinomial', eta: 0 }, 16, /not 0/],
    [{ kind: 'centredBinomial', eta: 65 }, 16, /not 65/],
    [{ kind: 'centredBinomial', eta: 2.5 }, 16, /not 2.5/],
    [{ kind: 'discreteGaussian', stddev: 0.99 }, 16, /not 0.99/],
    [{ kind: 'discreteGaussian', stddev: 20.01 }, 16, /not 20.01/],
    [{ kind: 'discreteGaussian', stddev: Number.NaN }, 16, /not NaN/],
    [{ kind: 'discreteGaussian', stddev: Number.POSITIVE_INFINITY }, 16, /not Infinity/],
  ])('%j, %d values', (distribution, count, message) => {
    const engine = referenceEngine();
    expect(() => draw(engine, distribution, count)).toThrow(message);
    expect(() => draw(engine, distribution, count)).toThrow(ParameterError);
  });
});
