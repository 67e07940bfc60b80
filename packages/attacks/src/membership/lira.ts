// Membership inference by likelihood ratio (LiRA; arXiv 2112.03570, algorithm 1, online). Many models are trained on random halves of the same
// examples; of every example some models have seen it and some have not. Each model in turn is the one under attack, the others are the
// attacker's: how confident models are that have seen the example, and that have not, are two normal distributions, and the score is the
// logarithm of their ratio at the attacked model's confidence. With few models the deviation is shared by all examples, as the paper does.
//
// The attacker here knows the kind of data and of training, and holds the very examples it asks about. Refuses fewer than four models.

import { wasmEngine } from '@sumus/learning/engine';
import { type Architecture, initialWeights } from '@sumus/learning/model';
import { ParameterError } from '../errors.ts';
import { seededUniform, shuffledFrom } from '../random/seeded.ts';
import { areaUnderRates, type RatePoint, ratesAt } from './rates.ts';
import { type Examples, type Opinions, ShadowModel, type ShadowTraining } from './shadow-model.ts';

export interface MembershipTrial {
  readonly model: Architecture;
  readonly examples: Examples;
  /** How many models; each is attacked by all others. */
  readonly models: number;
  readonly training: ShadowTraining;
  readonly seed: number;
  /** False positive rates at which to say how many members are found. */
  readonly allowed?: readonly number[];
  readonly onModel?: (done: number, of: number) => void;
}

export interface MembershipOutcome {
  readonly rates: readonly RatePoint[];
  readonly areaUnderRates: number;
  /** Of the models, on what they have seen and on what they have not. */
  readonly seenAccuracy: number;
  readonly unseenAccuracy: number;
  /** Decisions behind the rates: of members, and of others. */
  readonly members: number;
  readonly others: number;
}

const ALLOWED: readonly number[] = [0.001, 0.01, 0.1];

export async function membershipTrial(trial: MembershipTrial): Promise<MembershipOutcome> {
  const { model, examples, models, training, seed, allowed = ALLOWED, onModel } = trial;
  const count = examples.labels.length;
  if (!Number.isSafeInteger(models) || models < 4)
    throw new ParameterError(`${models} models; a likelihood ratio needs 4`);
  const seen = halves(count, models, seed);
  // Of what a model sees, which is half; the same for all models, so that one accountant speaks for each.
  const rate = (2 * training.batch) / count;
  const shadow = new ShadowModel(await wasmEngine(), model, training);
  const opinions: Opinions[] = [];
  for (let one = 0; one < models; one++) {
    const places = Array.from({ length: count }, (_, place) => place).filter(
      (place) => seen[place * models + one] === 1,
    );
    // Other first weights for each: the attacker does not know those of the model under attack.
    const own = seed + one + 1;
    shadow.train(examples, places, { first: initialWeights(model, own), seed: own, rate });
    opinions.push(shadow.opinions(examples));
    onModel?.(one + 1, models);
  }
  const scores = likelihoodRatios(
    opinions.map(({ confidences }) => confidences),
    seen,
  );
  const accuracy = (of: 0 | 1): number => {
    let [all, right] = [0, 0];
    for (let place = 0; place < count; place++) {
      for (let one = 0; one < models; one++) {
        if (seen[place * models + one] !== of) continue;
        all += 1;
        right += opinions[one].right[place];
      }
    }
    return right / all;
  };
  const members = seen.reduce((sum, one) => sum + one, 0);
  return {
    rates: ratesAt({ scores, members: seen }, allowed),
    areaUnderRates: areaUnderRates({ scores, members: seen }),
    seenAccuracy: accuracy(1),
    unseenAccuracy: accuracy(0),
    members,
    others: seen.length - members,
  };
}

/** Of every example (a row of `models` entries): which models see it. Half of them, whichever. */
function halves(count: number, models: number, seed: number): Uint8Array<ArrayBuffer> {
  const uniform = seededUniform(seed, 10);
  const seen = new Uint8Array(count * models);
  for (let place = 0; place < count; place++) {
    for (const one of shuffledFrom(models, uniform).subarray(0, Math.floor(models / 2))) seen[place * models + one] = 1;
  }
  return seen;
}

/** log N(φ; μ_in, σ_in) − log N(φ; μ_out, σ_out) of every example and model, the model itself left out of the means. */
export function likelihoodRatios(confidences: readonly Float64Array[], seen: Uint8Array): Float64Array<ArrayBuffer> {
  const models = confidences.length;
  const count = confidences[0]?.length ?? 0;
  const scores = new Float64Array(count * models);
  const pooled = [0, 1].map((side) => pooledVariance(confidences, seen, side));
  for (let place = 0; place < count; place++) {
    const sums = [0, 0];
    const numbers = [0, 0];
    for (let one = 0; one < models; one++) {
      const side = seen[place * models + one];
      sums[side] += confidences[one][place];
      numbers[side] += 1;
    }
    for (let one = 0; one < models; one++) {
      const own = confidences[one][place];
      const side = seen[place * models + one];
      const without = (of: number): number =>
        (sums[of] - (of === side ? own : 0)) / (numbers[of] - (of === side ? 1 : 0));
      const logDensity = (of: number): number =>
        -((own - without(of)) ** 2) / (2 * pooled[of]) - Math.log(pooled[of]) / 2;
      scores[place * models + one] = logDensity(1) - logDensity(0);
    }
  }
  return scores;
}

/** The mean over examples of the variance over models on one side; never zero, since it divides. */
function pooledVariance(confidences: readonly Float64Array[], seen: Uint8Array, side: number): number {
  const models = confidences.length;
  const count = confidences[0]?.length ?? 0;
  let [squares, freedom] = [0, 0];
  for (let place = 0; place < count; place++) {
    const own = confidences.filter((_, one) => seen[place * models + one] === side).map((of) => of[place]);
    if (own.length < 2) continue;
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
    squares += own.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    freedom += own.length - 1;
  }
  return Math.max(squares / Math.max(freedom, 1), 1e-12);
}
