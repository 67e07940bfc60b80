// Releases of small plans, for tests: contributions added in clear and released.
import { decode } from '@sumus/secure-sum/encoding';
import type { Engine } from '@sumus/secure-sum/engine';
import {
  contributed,
  firstOf,
  PARAMETERS,
  rotationFor,
  sumEngine,
  supportFor,
  workOf,
} from '../contribution/small-run.contract.ts';
import { type CheckedPlan, type Plan, wordEncodingOf } from '../plan/index.ts';
import { type Published, type ReleaseResult, release } from './index.ts';

export const engine: Engine = await sumEngine();

export const wordsOf = (
  plan: CheckedPlan,
  updates: readonly Float32Array[],
  published: Published = firstOf(plan),
  round = 1,
): Int32Array[] =>
  updates.map((update, seed) => contributed(plan, workOf(update), { engine, seed, published, round }).words);

export function released(
  plan: CheckedPlan,
  words: Int32Array,
  contributors: number,
  published: Published = firstOf(plan),
  round = 1,
): ReleaseResult {
  return release(engine, plan, {
    published,
    support: supportFor(plan, published, round),
    sums: [{ words, contributors, rotation: rotationFor(plan, round) }],
    memberCount: 8,
  });
}

export function nextOf(result: ReleaseResult): Published {
  if (result.kind !== 'released') throw new Error(`${result.code}: ${result.reason}`);
  return result.published;
}

export const weightsOf = (published: Published): Float32Array => {
  if (published.kind !== 'model') throw new Error('no model');
  return published.server.weights;
};

/** What a sum of three alone would move the model by. */
export function meanWeights(plan: CheckedPlan, words: Int32Array, round: number): Float32Array {
  return decode(engine, wordEncodingOf(plan), rotationFor(plan, round), { words, contributors: 3 }).mean;
}

export function localWorkOf({ exchange }: Plan): object {
  if (exchange.schedule === 'one-round') throw new Error('no rounds');
  return exchange.localWork;
}

export function atWeights(published: Published, weight: number): Published {
  if (published.kind !== 'model') throw new Error('no model');
  return { ...published, server: { ...published.server, weights: new Float32Array(PARAMETERS).fill(weight) } };
}
