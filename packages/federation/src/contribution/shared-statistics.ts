// What turns tables into features, learned together before the first round: means, deviations and the most frequent category of each column
// come from one sum over all participants, and no participant's own is seen by anybody. dataset knows what is summed (localSums) and what
// comes of it (recipeFromSums); here the sums become words like any contribution's, with noise where something is promised.
//
//   a row moves the sums by at most √(3·standard + 2·impute mean + 1·impute most frequent): every entry of a row is in [0, 1]
//
// Bounds and categories are declared beforehand, by people; a range or a list of a participant's own never leaves it. A participant of more
// than rowsAtMost rows is clipped: all its sums by one factor, so that it weighs less and its means stay what they are.

import { localSums, type Recipe, recipeFromSums, type SharedStep, sumsLength } from '@sumus/dataset/prepare';
import type { Table } from '@sumus/dataset/table';
import type { Mechanism } from '@sumus/differential-privacy/mechanisms';
import { decode, defineEncoding, type Encoding, encode, type Rotation } from '@sumus/secure-sum/encoding';
import type { Engine } from '@sumus/secure-sum/engine';
import { MalformedMessage } from '@sumus/secure-sum/errors';
import { ParameterError } from '../errors.ts';
import type { CheckedPlan } from '../plan/check.ts';
import type { Promised } from '../plan/plan.ts';
import { FLOAT_ALLOWANCE, priceOfSum } from '../plan/price.ts';
import { contributionsInSum, type PlannedNoise, packedWordBitsOf, roomForNoise } from '../plan/sums.ts';
import type { OpenedSum, RejectedSum } from '../release/release.ts';
import type { TooFew } from '../training/units.ts';
import type { ContributionTools } from './contribution.ts';
import { ownNoise } from './noise.ts';

/** Agreed before the run, beside its plan. */
export interface Preparation {
  readonly steps: readonly SharedStep[];
  /** Rows of one participant that count whole. */
  readonly rowsAtMost: number;
  /** Deviation of the sum's noise over what one row moves it by; 0 in a plan that promises nothing, and only there. */
  readonly noiseMultiplier: number;
}

export interface PreparedWords {
  readonly kind: 'contribution';
  /** As many as preparationEncoding says. Secret until they are protected; the caller's to wipe. */
  readonly words: Int32Array;
}

/** What one row moves the sums by, at most. */
export const rowNorm = (steps: readonly SharedStep[]): number =>
  Math.sqrt(
    steps.reduce((squares, step) => {
      if (step.kind === 'standard') return squares + 3;
      return step.kind === 'impute' ? squares + (step.with === 'mean' ? 2 : 1) : squares;
    }, 0),
  );

/** How these sums become words: the same for everybody. Goes into the sum's agreement in the place of the plan's own encoding. */
export function preparationEncoding(plan: CheckedPlan, preparation: Preparation): Encoding {
  const { steps, rowsAtMost } = preparation;
  if (sumsLength(steps) === 0) throw new ParameterError('no step of this preparation needs a sum');
  if (!Number.isSafeInteger(rowsAtMost) || rowsAtMost < 1) throw new ParameterError(`rowsAtMost is ${rowsAtMost}`);
  const noise = noiseOf(plan, preparation);
  const withNoise = (variance: number | undefined): Encoding =>
    defineEncoding({
      vectorLength: sumsLength(steps),
      clippingNorm: rowsAtMost * rowNorm(steps),
      valueBits: plan.encoding.valueBits,
      wordBits: packedWordBitsOf(plan),
      maximumContributors: contributionsInSum(plan).most,
      rotation: plan.encoding.rotation,
      ...(variance === undefined ? {} : { noise: { name: lawOf(plan), variance } }),
    });
  return noise === undefined ? withNoise(undefined) : roomForNoise(withNoise, noise);
}

/** What the sum costs a unit; undefined where nothing is promised. Charged like a round, before anything leaves. */
export function priceOfPreparation(plan: CheckedPlan, preparation: Preparation): Mechanism | undefined {
  const noise = noiseOf(plan, preparation);
  if (noise === undefined) return undefined;
  const promised = promisedBy(plan);
  const norm = unitNorm(promised, preparation);
  const moved = promised.adjacency === 'replace-one' ? 2 * norm : norm;
  const arithmetic = preparation.rowsAtMost * rowNorm(preparation.steps) * FLOAT_ALLOWANCE;
  const encoding = preparationEncoding(plan, preparation);
  return priceOfSum(promised, { noise, law: lawOf(plan), encoding, reach: moved + arithmetic });
}

/** A participant's sums as words. Refuses, as a value, a table of too few rows for a contribution of the plan. */
export function contributeToPreparation(
  { engine, primitives, randomBytes }: ContributionTools,
  plan: CheckedPlan,
  preparation: Preparation,
  { table, units, rotation }: { readonly table: Table; readonly units: number; readonly rotation: Rotation },
): PreparedWords | TooFew {
  const { minimumUnits, countedIn } = plan.batching;
  if (!(units >= minimumUnits))
    return Object.freeze({ kind: 'too few', found: units, needed: minimumUnits, countedIn });
  const encoding = preparationEncoding(plan, preparation);
  const sums = localSums(preparation.steps, table);
  const values = Float32Array.from(sums);
  const own = {
    chacha20: primitives.chacha20,
    randomBytes: (length: number): Uint8Array<ArrayBuffer> => Uint8Array.from(randomBytes(length)),
  };
  const { words } = encode(engine, own, encoding, rotation, { values, noise: ownNoise(encoding, randomBytes) });
  values.fill(0);
  sums.fill(0);
  return Object.freeze({ kind: 'contribution', words });
}

/** The recipe of the opened sum: the same for everybody who has it. */
export function recipeOfSum(
  engine: Engine,
  plan: CheckedPlan,
  preparation: Preparation,
  { words, contributors, rotation }: OpenedSum,
): { readonly kind: 'recipe'; readonly recipe: Recipe } | RejectedSum {
  const { fewest } = contributionsInSum(plan);
  if (!(contributors >= fewest)) {
    return Object.freeze({
      kind: 'rejected',
      code: 'too-few',
      reason: `a sum of ${contributors}, at least ${fewest} are needed`,
    });
  }
  try {
    const { mean } = decode(engine, preparationEncoding(plan, preparation), rotation, { words, contributors });
    const totals = Float64Array.from(mean, (value) => value * contributors);
    return Object.freeze({ kind: 'recipe', recipe: recipeFromSums(preparation.steps, totals) });
  } catch (error) {
    if (!(error instanceof MalformedMessage)) throw error;
    return Object.freeze({ kind: 'rejected', code: 'out-of-range', reason: error.message });
  }
}

const lawOf = ({ privacy }: CheckedPlan): 'discrete-gaussian' | 'skellam' =>
  privacy.kind === 'central' ? privacy.noise : 'discrete-gaussian';

function promisedBy({ privacy }: CheckedPlan): Promised {
  if (privacy.kind === 'none') throw new ParameterError('this plan promises nothing');
  return privacy;
}

/** A record is a row; a participant is all its rows. */
const unitNorm = ({ unit }: Promised, { steps, rowsAtMost }: Preparation): number =>
  unit === 'record' ? rowNorm(steps) : rowsAtMost * rowNorm(steps);

function noiseOf(plan: CheckedPlan, preparation: Preparation): PlannedNoise | undefined {
  const { privacy } = plan;
  const { noiseMultiplier } = preparation;
  if (privacy.kind === 'none') {
    if (noiseMultiplier !== 0) throw new ParameterError('noise in the sums of a plan that promises nothing');
    return undefined;
  }
  if (!(noiseMultiplier > 0)) {
    throw new ParameterError(
      `noiseMultiplier is ${noiseMultiplier}: sums without noise in a plan that promises privacy`,
    );
  }
  const shares = privacy.kind === 'central' ? contributionsInSum(plan).fewest - privacy.corruptContributors : 1;
  return { stddev: noiseMultiplier * unitNorm(privacy, preparation), shares };
}
