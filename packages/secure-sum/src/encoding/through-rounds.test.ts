// Floats in, a mean out, through whole rounds: encoding and protocols know nothing of each other, and fit.

import { wasmEngine as latticeEngine } from '@sumus/lattice/engine';
import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Engine, wasmEngine } from '../engine/index.ts';
import { seededWords } from '../engine/seeded-words.contract.ts';
import { SimulatedRound, simulatedProject } from '../mask/simulation.contract.ts';
import { play } from '../one-shot/one-shot-driver.contract.ts';
import { world } from '../one-shot/one-shot-world.contract.ts';
import { decode, defineEncoding, describeEncoding, type Encoding, encode, type Rotation, rotationOf } from './index.ts';
import { normOf, vectorOf } from './seeded-encodings.contract.ts';

const platform = nodePrimitives();
const LENGTH = 120;
const COUNT = 7;
const next = seededWords(1);
/** Heavy-tailed, some above the clip of 1. */
const vectors = Array.from({ length: COUNT }, (_, i) =>
  vectorOf('student-t3', LENGTH, next).map((value) => ((i + 1) * value) / 20),
);
const weights = vectors.map((_, i) => 10 * i + 1);

let engine: Engine;
beforeAll(async () => {
  engine = await wasmEngine();
});

const encodingFor = (wordBits: number): Encoding =>
  defineEncoding({
    vectorLength: LENGTH,
    clippingNorm: 1,
    valueBits: 16,
    wordBits,
    maximumContributors: 8,
    maximumWeight: 100,
    counters: [{ name: 'steps', maximum: 1_000_000 }],
  });

const words = (encoding: Encoding, rotation: Rotation, i: number): Int32Array =>
  encode(engine, platform, encoding, rotation, { values: vectors[i], weight: weights[i], counts: { steps: 1000 * i } })
    .words;

/** What came out, against plain arithmetic over those who contributed. */
function requireMean(encoding: Encoding, rotation: Rotation, sum: Int32Array, contributed: readonly number[]): void {
  const { mean, totalWeight, counts } = decode(engine, encoding, rotation, {
    words: sum,
    contributors: contributed.length,
  });
  const total = contributed.reduce((all, i) => all + weights[i], 0);
  expect(totalWeight).toBe(total);
  expect(counts).toEqual({ steps: contributed.reduce((all, i) => all + 1000 * i, 0) });
  const clipped = vectors.map((values, i) => {
    const share = weights[i] / 100;
    return values.map((value) => share * value * Math.min(1, 1 / (normOf(values) * share)));
  });
  const expected = mean.map((_, at) => contributed.reduce((all, i) => all + clipped[i][at], 0) / (total / 100));
  const steps = (contributed.length * Math.sqrt(encoding.words)) / encoding.scale / (total / 100);
  expect(normOf(mean.map((value, at) => value - expected[at]))).toBeLessThan(steps);
  expect(normOf(expected)).toBeGreaterThan(100 * steps);
}

describe('vectors of floats', () => {
  it('come out of a round of mask as their weighted mean, whoever drops out', async () => {
    const encoding = encodingFor(19);
    const project = await simulatedProject(platform, engine, COUNT);
    let rotation: Rotation | undefined;
    const round: SimulatedRound = new SimulatedRound(project, {
      members: COUNT,
      configuration: describeEncoding(platform, encoding),
      dropsAt: (member) => (member === 3 ? 2 : member === 5 ? 3 : undefined),
      vectorOf: (member) => {
        rotation ??= rotationOf(platform, round.open, encoding.windows);
        return words(encoding, rotation, member);
      },
    });
    await round.run();
    expect(round.refusals).toEqual([]);
    const contributed = [...round.membersAt(round.result!.contributors)].sort((a, b) => a - b);
    expect(contributed).toEqual([0, 1, 2, 4, 5, 6]);
    requireMean(encoding, rotation!, round.result!.sum, contributed);
  });

  it('come out of a one-shot round as their weighted mean, whoever stays away', async () => {
    const encoding = encodingFor(20);
    const { vectorLength, valueBits, wordBits } = describeEncoding(platform, encoding);
    const one = await world(platform, await latticeEngine(), {
      contributors: COUNT,
      literal: { vectorLength, valueBits, wordBits, maximumContributors: 8 },
    });
    const rotation = rotationOf(platform, one.context, encoding.windows);
    const contributed = [0, 2, 3, 6];
    const { result } = await play(one, { contribute: contributed, vectors: (i) => words(encoding, rotation, i) });
    requireMean(encoding, rotation, result!.sum, contributed);
  });
});
