// The sensitivity that a round is charged for, held against words as secure-sum really makes them: of two neighbours, with the same signs
// and the same randomness of rounding.
import { nodePrimitives } from '@sumus/platform/node';
import { openContext } from '@sumus/secure-sum/context';
import { encode, rotationOf } from '@sumus/secure-sum/encoding';
import { wasmEngine } from '@sumus/secure-sum/engine';
import { describe, expect, it } from 'vitest';
import type { Plan } from './plan.ts';
import { priceOfRound } from './price.ts';
import { samplePlan } from './sample-plans.contract.ts';
import { noiseOf, unitNormOf, vectorLengthOf, wordEncodingOf } from './sums.ts';

const engine = await wasmEngine();
const platform = nodePrimitives();
const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const context = openContext(platform, {
  projectId: 'p',
  taskId: 't',
  round: 1,
  flush: 0,
  modelHash: hash(1),
  configHash: hash(2),
  policyHash: hash(3),
});

/** Words without noise; the stream of rounding is that of `seed`. */
function wordsOf(plan: Plan, values: Float32Array, seed: number): Int32Array {
  const encoding = wordEncodingOf(plan);
  const rotation = rotationOf(platform, context, encoding.windows);
  const primitives = { ...platform, randomBytes: (length: number) => new Uint8Array(length).fill(seed) };
  const noise = { stddev: Math.sqrt(encoding.noise?.variance ?? 0), sampleInto: (out: Int32Array) => void out.fill(0) };
  return encode(engine, primitives, encoding, rotation, { values, noise }).words;
}

function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
}

const vectorOf = (next: () => number, length: number, norm: number): Float32Array => {
  const values = Float32Array.from({ length }, next);
  const scale = norm / Math.hypot(...values);
  return values.map((value) => value * scale);
};
const distance = (a: Int32Array, b: Int32Array): number => Math.hypot(...a.map((word, i) => word - b[i]));

/** What is charged for, in steps: the mechanism's reach and its rounding. */
function chargedSteps(plan: Plan): number {
  const price = priceOfRound(plan);
  const sum = price?.kind === 'poissonSampled' ? price.inner : price;
  if (sum?.kind !== 'distributedDiscreteGaussian') throw new Error('another mechanism');
  expect(sum.localStddev * Math.sqrt(sum.participantCount)).toBeCloseTo(noiseOf(plan)?.stddev ?? Number.NaN, 12);
  return sum.l2Sensitivity / sum.gridStep + Math.sqrt(sum.dimension);
}

describe('the sensitivity that is charged', () => {
  it('covers what one record moves in the words, also of a vector that is clipped', () => {
    const plan = samplePlan({ epsilon: 3 });
    const unit = unitNormOf(plan);
    const charged = chargedSteps(plan);
    let most = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const next = random(seed);
      const base = vectorOf(next, vectorLengthOf(plan), plan.encoding.clippingNorm * (seed % 3 === 0 ? 1.3 : 0.9));
      const record = vectorOf(next, base.length, unit);
      const neighbour = base.map((value, i) => value + record[i]);
      most = Math.max(most, distance(wordsOf(plan, base, seed), wordsOf(plan, neighbour, seed)));
    }
    expect(most).toBeLessThanOrEqual(charged);
    // The bound is not idle: without the record's own steps it would be broken.
    expect(most).toBeGreaterThan(charged / 3);
    expect(most).toBeGreaterThan(Math.sqrt(wordEncodingOf(plan).words));
  });

  it('covers what the presence of a participant moves', () => {
    const plan = samplePlan({ epsilon: 8, unit: 'participant' });
    const charged = chargedSteps(plan);
    const { clippingNorm } = plan.encoding;
    for (const norm of [clippingNorm, 5 * clippingNorm]) {
      const values = vectorOf(random(3), vectorLengthOf(plan), norm);
      const moved = Math.hypot(...wordsOf(plan, values, 1));
      expect(moved).toBeLessThanOrEqual(charged);
      expect(moved).toBeGreaterThan(0.98 * charged - Math.sqrt(values.length));
    }
  });
});
