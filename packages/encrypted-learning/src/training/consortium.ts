// Training by a consortium: every member keeps its rows, takes its part of the gradient in the clear, rounds it to a grid, adds its share of
// the noise, and encrypts the integers under the members' shared key. The sum, already noisy, is opened jointly, exact (lattice:
// integers, shared-keys); everybody takes the same step, projects on the ball of radius R/B, and goes on. Nothing but noisy sums
// is ever opened, so every iterate is private before anyone sees it and projection is post-processing.
//
// WHY INTEGERS. A Gaussian of doubles is not the Gaussian of the proof, and an approximate opening has an error that would have to be
// charged. Here neither is possible: a sum that is no vector of integers is refused.
// WHOSE NOISE. Shares are sized for the honest members that are left when `missing` are gone or take theirs back.
//
// Refused: a recipe without a projection on R/B or with batches, replace-one (rounding is accounted under the other two), rows that are
// not the plan's, iterates off the ball, sums off the grid.

import { noiseFor } from '@sumus/differential-privacy/inverse';
import { type Mechanism, serializeMechanism } from '@sumus/differential-privacy/mechanisms';
import {
  type DistributedNoise,
  distributedNoise,
  noiseShare,
  priceOfShares,
  type RandomSource,
} from '@sumus/differential-privacy/noise';
import { projectInPlace } from '@sumus/differential-privacy/sensitivity';
import { type SharedIntegerParameters, sharedIntegerParameters } from '@sumus/lattice/shared-keys';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import { requireFits } from './descent.ts';
import { addPublicGradient, dataGradient } from './gradient.ts';
import { gradientBound } from './gradient-sensitivity.ts';
import { proveInvariant } from './invariant.ts';
import { type Recipe, type RecipeLiteral, recipe } from './recipe.ts';
import { CheckedRows } from './rows.ts';

export interface ConsortiumLiteral {
  readonly recipe: RecipeLiteral;
  /** n, of all members together: public. */
  readonly rowCount: number;
  /** The most rows that one member has: public. */
  readonly mostRows: number;
  readonly columns: number;
  /** B. */
  readonly normBound: number;
  readonly targetBound?: number;
  readonly adjacency: 'zero-out' | 'add-remove';
  readonly epsilon: number;
  readonly delta: number;
  readonly members: readonly number[];
  /** t: how many open. */
  readonly threshold: number;
  /** Shares of noise that may be missing: dropouts and colluders together. */
  readonly missing: number;
  /** Width of a grid cell, a power of two; default 2^-10. */
  readonly granularity?: number;
}

export interface ConsortiumPlan {
  readonly literal: ConsortiumLiteral;
  readonly recipe: Recipe;
  readonly radius: number;
  readonly granularity: number;
  /** One row's part of a sum is no longer than this, the rounding of doubles included. */
  readonly sensitivity: number;
  readonly supError: number;
  /** In cells. */
  readonly noise: DistributedNoise;
  readonly history: readonly Mechanism[];
  readonly epsilon: number;
  /** What a member encrypts lies within ± this, in cells. */
  readonly valueBound: number;
  readonly shared: SharedIntegerParameters;
}

export type ConsortiumFound =
  | { readonly kind: 'planned'; readonly plan: ConsortiumPlan }
  | { readonly kind: 'refused'; readonly reason: string };

const DEFAULT_GRANULARITY = 2 ** -10;
/** Beyond so many deviations no share of noise is ever seen: 2^-180. */
const TAIL = 16;
const DEGREE = 4096;

export function planConsortium(literal: ConsortiumLiteral): ConsortiumFound {
  const { rowCount, columns, normBound, members, missing, threshold, adjacency, mostRows } = literal;
  const granularity = literal.granularity ?? DEFAULT_GRANULARITY;
  const made = recipe(literal.recipe);
  if (made.batchSize !== undefined) return refused('a consortium takes all rows in every step');
  if (made.projectionRadius === undefined)
    return refused('nothing keeps |⟨w, x⟩| within the interval: project on the ball of radius R/B');
  if (!(Number.isSafeInteger(mostRows) && mostRows > 0 && mostRows <= rowCount))
    throw new ParameterError(`${mostRows} rows of ${rowCount}`);
  const { lipschitz, supError } = gradientBound({ ...literal, recipe: made });
  const invariant = proveInvariant({ recipe: made, normBound, lipschitz, noiseStddev: 0, columns });
  if (invariant.kind === 'unproved') return refused(invariant.reason);
  // What doubles may round in a member's sum, on either side.
  const doubles = 2 * Math.sqrt(columns) * (mostRows + 4 * columns + 64) * mostRows * lipschitz * 2 ** -52;
  const sensitivity = lipschitz + doubles;
  const survivorship = { participantCount: members.length, missingCount: missing };
  const sharesAt = (multiplier: number): DistributedNoise =>
    distributedNoise('discrete-gaussian', (multiplier * sensitivity) / granularity, survivorship);
  const release = { norm: sensitivity, dimension: columns, granularity, adjacency, unit: 'record' } as const;
  const historyAt = (multiplier: number): readonly Mechanism[] => {
    const inner = priceOfShares(sharesAt(multiplier), release);
    return [{ kind: 'repetition', adjacency, unit: 'record', inner, count: made.steps.length }];
  };
  const found = noiseFor({ epsilon: literal.epsilon, delta: literal.delta }, historyAt);
  if (found.kind === 'none') return refused(found.reason);
  const noise = sharesAt(found.value);
  const valueBound = Math.ceil((mostRows * sensitivity) / granularity + 1 + TAIL * noise.shareStddev);
  const shared = sharedIntegerParameters({
    integers: {
      degree: DEGREE,
      plaintext: { kind: 'lanes', valueBits: Math.ceil(Math.log2(valueBound + 1)) + 1, signed: true, lanes: 1 },
      additions: members.length,
    },
    sums: 'plain',
    members,
    threshold,
    decryptions: made.steps.length * Math.ceil(columns / DEGREE),
  });
  const plan = Object.freeze({
    literal,
    recipe: made,
    radius: made.projectionRadius,
    granularity,
    sensitivity,
    supError,
    noise,
    history: historyAt(found.value),
    epsilon: found.bound.epsilon,
    valueBound,
    shared,
  });
  return { kind: 'planned', plan };
}

/** What everybody knows between two steps. */
export interface ConsortiumState {
  readonly step: number;
  readonly weights: Float64Array;
  readonly ahead: Float64Array;
}

export function firstState({ literal: { columns } }: ConsortiumPlan): ConsortiumState {
  return Object.freeze({ step: 0, weights: new Float64Array(columns), ahead: new Float64Array(columns) });
}

/**
 * One member's integers for this step, noise included: to be encrypted and nothing else. Secret until they are in a sum. Once a step: a
 * ConsortiumMember counts.
 */
export function memberContribution(
  plan: ConsortiumPlan,
  state: ConsortiumState,
  rows: CheckedRows,
  source: RandomSource,
): Int32Array {
  const { literal, recipe: made, granularity, radius, noise, valueBound } = plan;
  requireRows(literal, rows);
  requireFits(made, rows);
  if (state.step >= made.steps.length)
    throw new ParameterError(`all ${made.steps.length} steps are accounted for and taken`);
  // The coordinator sends iterates: one off the ball would have gradients that nobody accounted for.
  if (!(Math.hypot(...state.ahead) <= radius * (1 + 2 ** -40))) {
    throw new ProtocolViolation(
      `an iterate of length ${Math.hypot(...state.ahead)} is not on the ball of radius ${radius}`,
    );
  }
  const { sum } = dataGradient(rows, { from: 0, to: rows.count }, state.ahead, made);
  const values = new Int32Array(literal.columns);
  noiseShare(noise, source).sampleInto(values);
  sum.forEach((value, j) => {
    const cells = Math.round(value / granularity) + values[j];
    if (!(Math.abs(cells) <= valueBound)) throw new ParameterError('a contribution lies beyond its bound');
    values[j] = cells;
  });
  return values;
}

/** The next iterates from the opened sum: the same for everybody. */
export function nextState(
  plan: ConsortiumPlan,
  { step, weights, ahead }: ConsortiumState,
  opened: ArrayLike<number>,
): ConsortiumState {
  const { recipe: made, literal, granularity, radius, valueBound } = plan;
  const { rate, momentum } = made.steps[step];
  const most = valueBound * literal.members.length;
  const gradient = new Float64Array(literal.columns);
  if (opened.length !== gradient.length)
    throw new ProtocolViolation(`a sum of ${opened.length} numbers, not ${gradient.length}`);
  for (let j = 0; j < gradient.length; j += 1) {
    if (!Number.isSafeInteger(opened[j]) || Math.abs(opened[j]) > most) {
      throw new ProtocolViolation(
        `number ${j} of the sum is no integer within ±${most}: its noise is not what was accounted for`,
      );
    }
    gradient[j] = (opened[j] * granularity) / literal.rowCount;
  }
  addPublicGradient(gradient, ahead, made);
  const next = ahead.map((value, j) => value - rate * gradient[j]);
  const moved = next.map((value, j) => value + momentum * (value - weights[j]));
  projectInPlace(next, radius);
  projectInPlace(moved, radius);
  return Object.freeze({ step: step + 1, weights: next, ahead: moved });
}

export interface ConsortiumStatement {
  readonly format: 'sumus encrypted-learning consortium statement 1';
  readonly literal: ConsortiumLiteral;
  readonly supError: number;
  readonly sensitivity: number;
  readonly shareStddev: number;
  readonly history: readonly string[];
}

export function consortiumStatement({
  literal,
  supError,
  sensitivity,
  noise,
  history,
}: ConsortiumPlan): ConsortiumStatement {
  return Object.freeze({
    format: 'sumus encrypted-learning consortium statement 1',
    literal,
    supError,
    sensitivity,
    shareStddev: noise.shareStddev,
    history: history.map(serializeMechanism),
  });
}

/** Works everything out again from what was agreed; why the stated is less, or undefined. */
export function recheckConsortium(stated: ConsortiumStatement): string | undefined {
  const again = planConsortium(stated.literal);
  if (again.kind === 'refused') return again.reason;
  const { plan } = again;
  const slack = 1 + 1e-9;
  // Negated, so that a number that is none is found as well.
  if (!(plan.supError <= stated.supError * slack)) return `η is ${plan.supError}, stated is ${stated.supError}`;
  if (!(plan.sensitivity <= stated.sensitivity * slack))
    return `the sensitivity is ${plan.sensitivity}, stated is ${stated.sensitivity}`;
  if (!(plan.noise.shareStddev <= stated.shareStddev * slack)) {
    return `shares of deviation ${plan.noise.shareStddev} are needed, stated are ${stated.shareStddev}`;
  }
  if (plan.history.map(serializeMechanism).join('\n') !== stated.history.join('\n')) {
    return 'the history is not that of this plan';
  }
  return undefined;
}

function requireRows({ columns, normBound, mostRows, targetBound }: ConsortiumLiteral, rows: CheckedRows): void {
  if (!CheckedRows.areChecked(rows)) throw new ParameterError('rows are checked before anything is computed of them');
  if (rows.columns !== columns || rows.count > mostRows) {
    throw new ParameterError(
      `the plan is for up to ${mostRows} rows of ${columns} columns, these are ${rows.count} of ${rows.columns}`,
    );
  }
  if (rows.normBound > normBound)
    throw new ParameterError(
      `the plan is for rows up to B = ${normBound}, these were checked against ${rows.normBound}`,
    );
  if (typeof rows.labelSet === 'number' && !(rows.labelSet <= (targetBound ?? 0))) {
    throw new ParameterError(`the plan is for targets within ±${targetBound}, these lie within ±${rows.labelSet}`);
  }
}

const refused = (reason: string): ConsortiumFound => ({ kind: 'refused', reason });
