// What a released model costs in privacy, worked out before anything runs: sensitivity of the summed gradient without clipping, the
// noise that a target (ε, δ) needs, and the invariant on which both rest. A guarantee that cannot be had is an answer, not an error.
//
// WHY WITHOUT CLIPPING. While |⟨w, x⟩| ≤ R a row's gradient (p(z) − y)x is no longer than (1 + η)B; ridge and barrier see no data. So
// the sum over rows moves by at most (1 + η)B when a row comes or goes, twice that when it is replaced. (Our derivation: nothing here
// is quoted from a paper's proof.)
// WHERE THE NOISE GOES. 'every-step': on the summed gradient of every step, on a grid of integers, so that it is the Gaussian mechanism
// exactly; iterates may be opened. 'once': on w_T alone, for plain full-batch descent on a convex surrogate; nothing else is ever
// opened, and an encrypted run is deterministic up to its last addition.
// ARITHMETIC. Rounding to the grid, the rounding of doubles and the error of approximate encryption are charged to the sensitivity.

import { tightestEpsilon } from '@sumus/differential-privacy/accountants';
import { noiseFor } from '@sumus/differential-privacy/inverse';
import { type Adjacency, type Mechanism, under } from '@sumus/differential-privacy/mechanisms';
import {
  aggregateSensitivity,
  couplingDelta,
  descentSensitivity,
  logisticRegression,
  polynomialLogistic,
  squaredLoss,
} from '@sumus/differential-privacy/sensitivity';
import { ParameterError } from '../errors.ts';
import { constantRate, type Invariant, proveInvariant } from './invariant.ts';
import type { Recipe } from './recipe.ts';

export type NoisePlacement = 'every-step' | 'once';

export interface GuaranteeLiteral {
  readonly recipe: Recipe;
  /** n: public. */
  readonly rowCount: number;
  readonly columns: number;
  /** B. */
  readonly normBound: number;
  /** |y| ≤ this, for linear models. */
  readonly targetBound?: number;
  readonly adjacency: Adjacency;
  readonly epsilon: number;
  readonly delta: number;
  readonly placement?: NoisePlacement;
  /** Rows clipped to this: the comparison's. */
  readonly clippingNorm?: number;
  /** Width of a grid cell, a power of two; default 2^-14 at every step, 2^-16 of Δ once, coarser where the sampler needs it. */
  readonly granularity?: number;
  /** Bound on what approximate arithmetic may add to each coordinate of the noised quantity; default 0 beyond that of doubles. */
  readonly arithmeticError?: number;
}

export interface Guarantee {
  readonly literal: GuaranteeLiteral;
  readonly placement: NoisePlacement;
  readonly invariant: Invariant;
  /** Largest length of one row's gradient. */
  readonly lipschitz: number;
  /** η; 0 for exact models. */
  readonly supError: number;
  /** Δ of the summed gradient ('every-step') or of w_T ('once'), arithmetic included. */
  readonly sensitivity: number;
  readonly noiseMultiplier: number;
  /** σ of the noise added, in the units of `sensitivity`. */
  readonly noiseStddev: number;
  readonly granularity: number;
  readonly history: readonly Mechanism[];
  /** What is claimed: ε at most `literal.epsilon`, δ at most `literal.delta`, the coupling's share included. */
  readonly epsilon: number;
  readonly delta: number;
}

export type GuaranteeFound =
  | { readonly kind: 'guaranteed'; readonly guarantee: Guarantee }
  | { readonly kind: 'refused'; readonly reason: string };

const DEFAULT_GRANULARITY = 2 ** -14;
/** Of a result's sensitivity, a cell is less than 2^-this. */
const GRID_BITS = 16;
/** What the sampler takes (differential-privacy: noise/rounded-gaussian.ts). */
const MOST_CELLS = 2 ** 21;
/** Of δ, what a coupling may take. */
const COUPLING_SHARE = 0.1;

export function guarantee(literal: GuaranteeLiteral): GuaranteeFound {
  const { recipe, placement = 'every-step', delta, epsilon, columns, normBound } = literal;
  requireLiteral(literal);
  if (recipe.batchSize !== undefined && literal.adjacency === 'add-remove') {
    return refused(
      'a row that comes or goes moves every later row to another batch: use replace-one or zero-out with batches',
    );
  }
  const { lipschitz, supError } = gradientBound(literal);
  const exact = placement === 'once' ? outputSensitivity(literal, lipschitz) : undefined;
  if (exact !== undefined && 'reason' in exact) return refused(exact.reason);
  const sensitivityOn = (granularity: number): number =>
    exact === undefined
      ? stepSensitivity(literal, lipschitz, granularity)
      : exact.sensitivity + granularity * Math.sqrt(columns);
  const historyAt = (noiseMultiplier: number): readonly Mechanism[] => historyOf(literal, placement, noiseMultiplier);
  // Of the coupling the share of δ is set aside before, and its δ′ is looked at after the noise is known.
  const mayCouple =
    literal.clippingNorm === undefined &&
    recipe.projectionRadius === undefined &&
    placement === 'every-step' &&
    recipe.model.kind === 'logistic';
  const noiseDelta = mayCouple ? delta * (1 - COUPLING_SHARE) : delta;
  const noise = noiseFor({ epsilon, delta: noiseDelta }, historyAt);
  if (noise.kind === 'none') return refused(noise.reason);
  const granularity = literal.granularity ?? gridFor(exact?.sensitivity, noise.value, sensitivityOn);
  const sensitivity = sensitivityOn(granularity) * (1 + 2 ** -48);
  const noiseStddev = noise.value * sensitivity * (1 + 2 ** -48);
  if (noiseStddev / granularity > MOST_CELLS) {
    return refused(
      `noise of ${noiseStddev.toPrecision(4)} is ${(noiseStddev / granularity).toPrecision(4)} cells of ${granularity}, of which the sampler takes ${MOST_CELLS}: a coarser grid`,
    );
  }
  const batch = recipe.batchSize ?? literal.rowCount;
  const invariant =
    literal.clippingNorm !== undefined
      ? ({ kind: 'always' } as const)
      : proveInvariant({
          recipe,
          normBound,
          lipschitz,
          columns,
          noiseStddev: placement === 'every-step' ? noiseStddev / batch : 0,
          ...stray(literal, placement, lipschitz, granularity),
        });
  if (invariant.kind === 'unproved') return refused(invariant.reason);
  const charged = invariant.kind === 'coupling' ? couplingDelta({ epsilon, failure: invariant.failure }) : 0;
  if (noiseDelta + charged > delta) {
    return refused(
      `the noise may leave the interval with probability ${invariant.kind === 'coupling' ? invariant.failure : 0}: that costs ${charged} of δ = ${delta}`,
    );
  }
  return {
    kind: 'guaranteed',
    guarantee: Object.freeze({
      literal,
      placement,
      invariant,
      lipschitz,
      supError,
      sensitivity,
      noiseMultiplier: noise.value,
      noiseStddev,
      granularity,
      history: historyAt(noise.value),
      epsilon: noise.bound.epsilon,
      delta: noiseDelta + charged,
    }),
  };
}

/** One Gaussian a step; with batches each row is in one batch a pass, in an order taken as known. */
export function historyOf(
  { recipe, rowCount, adjacency }: Pick<GuaranteeLiteral, 'recipe' | 'rowCount' | 'adjacency'>,
  placement: NoisePlacement,
  noiseMultiplier: number,
): readonly Mechanism[] {
  const m = under({ adjacency, unit: 'record' });
  const gaussian = m.gaussian({ noiseMultiplier });
  if (placement === 'once') return [gaussian];
  const { batchSize, steps } = recipe;
  if (batchSize === undefined) return [m.repetition({ inner: gaussian, count: steps.length })];
  const passes = Math.ceil(steps.length / Math.floor(rowCount / batchSize));
  return [m.shuffledBatches({ inner: gaussian, epochs: passes })];
}

/** The tightest sound ε of a history, or undefined where no accountant covers it. */
export function epsilonOf(history: readonly Mechanism[], delta: number): number | undefined {
  const answer = tightestEpsilon(history, delta);
  return answer.kind === 'bound' && answer.sound ? answer.epsilon : undefined;
}

/** Rows are checked to a hair above B. */
const ROW_ROUNDING = 1 + 2 ** -39;

export function gradientBound(literal: GuaranteeLiteral): { readonly lipschitz: number; readonly supError: number } {
  const { recipe, normBound, clippingNorm, targetBound } = literal;
  if (clippingNorm !== undefined) return { lipschitz: clippingNorm, supError: 0 };
  switch (recipe.model.kind) {
    case 'logistic-exact':
      return { lipschitz: logisticRegression({ radius: normBound }).lipschitz * ROW_ROUNDING, supError: 0 };
    case 'linear':
      if (targetBound === undefined || recipe.projectionRadius === undefined) {
        throw new ParameterError(
          'a linear model’s gradient is bounded by a bound on its targets and a projection: state both',
        );
      }
      return {
        lipschitz:
          squaredLoss({ radius: normBound, weightRadius: recipe.projectionRadius, targetBound }).lipschitz *
          ROW_ROUNDING ** 2,
        supError: 0,
      };
    case 'logistic': {
      const { activation } = recipe;
      if (activation === undefined) throw new ParameterError('a logistic recipe without its polynomial');
      return {
        lipschitz: polynomialLogistic({ radius: normBound, fit: activation.fit }).lipschitz,
        supError: activation.supError,
      };
    }
    default:
      return recipe.model satisfies never;
  }
}

/** Of the sum over a step's rows, on the grid. */
export function stepSensitivity(literal: GuaranteeLiteral, lipschitz: number, granularity: number): number {
  const { adjacency, columns, rowCount, arithmeticError = 0 } = literal;
  const doubles = rowCount * roundingOfDoubles(literal, lipschitz);
  return aggregateSensitivity({
    contribution: lipschitz,
    adjacency,
    divisor: 1,
    arithmeticError: { perCoordinate: granularity / 2 + arithmeticError + doubles, dimension: columns },
  });
}

/**
 * Of each coordinate of a mean gradient: naive sums of n doubles, each from d products, are (n + 4d + 64) roundings of terms whose moduli
 * have a mean of at most L.
 */
function roundingOfDoubles({ rowCount, columns }: GuaranteeLiteral, lipschitz: number): number {
  return (rowCount + 4 * columns + 64) * lipschitz * 2 ** -52;
}

/** The grid where none is asked for: fine beside the sensitivity, and coarse enough for the sampler. */
function gridFor(exact: number | undefined, multiplier: number, sensitivityOn: (width: number) => number): number {
  let width = exact === undefined ? DEFAULT_GRANULARITY : 2 ** Math.floor(Math.log2(exact) - GRID_BITS);
  // Of a very wide vector the grid's own rounding needs more cells of noise however coarse it is: then there is no such grid.
  for (let turn = 0; turn < 64 && (multiplier * sensitivityOn(width)) / width > MOST_CELLS / 2; turn += 1) width *= 2;
  return width;
}

/** How far arithmetic and the grid take what runs from the descent that the interval is proved for: lengths, of mean gradients and iterates. */
function stray(
  literal: GuaranteeLiteral,
  placement: NoisePlacement,
  lipschitz: number,
  granularity: number,
): { readonly gradientError: number; readonly iterateError: number } {
  const { recipe, rowCount, columns, arithmeticError = 0 } = literal;
  const root = Math.sqrt(columns);
  const doubles = roundingOfDoubles(literal, lipschitz);
  if (placement === 'once') return { gradientError: root * doubles, iterateError: root * arithmeticError };
  // Sum and noise are rounded, half a cell each.
  const onSum = (granularity + arithmeticError) / (recipe.batchSize ?? rowCount);
  return { gradientError: root * (onSum + doubles * (rowCount / (recipe.batchSize ?? rowCount))), iterateError: 0 };
}

function outputSensitivity(
  literal: GuaranteeLiteral,
  lipschitz: number,
): { readonly sensitivity: number } | { readonly reason: string } {
  const { recipe, rowCount, normBound, adjacency, columns, arithmeticError = 0 } = literal;
  const learningRate = constantRate(recipe);
  if (recipe.optimiser !== 'gradient-descent' || recipe.batchSize !== undefined || learningRate === undefined) {
    return { reason: 'noise once at the end is accounted for full-batch gradient descent with one step size only' };
  }
  if (literal.clippingNorm !== undefined || recipe.barrier !== undefined || recipe.model.kind === 'linear') {
    return { reason: 'noise once at the end is accounted for logistic models without clipping and barrier only' };
  }
  const slope = recipe.activation?.fit.slope;
  const [least, most] = slope === undefined ? [0, 0.25] : [Math.min(0, slope.least.value), slope.most.value];
  const strongConvexity = recipe.ridge + least * normBound ** 2 * (1 + 1e-9);
  if (strongConvexity < 0) {
    return {
      reason: `the polynomial falls (p′ ≥ ${least.toPrecision(3)}) more than the ridge ${recipe.ridge} makes up for: the surrogate is not convex, and two runs may drift apart`,
    };
  }
  const steepest = slope === undefined ? most : Math.max(most, -slope.least.value);
  const smoothness = steepest * normBound ** 2 * (1 + 1e-9) + recipe.ridge;
  if (learningRate > 2 / (smoothness + strongConvexity)) {
    return { reason: `a step of ${learningRate} is above 2/(M + m) = ${2 / (smoothness + strongConvexity)}` };
  }
  const exact = descentSensitivity({
    learningRate,
    steps: recipe.steps.length,
    recordCount: rowCount,
    lipschitz,
    adjacency,
    smoothness,
    strongConvexity,
  });
  // A step keeps two points together, so that what doubles err by in each adds up: of gradients, and of iterates no longer than TηL.
  // Encryption errs by what the caller says.
  const steps = recipe.steps.length;
  const doubles = steps * learningRate * (roundingOfDoubles(literal, lipschitz) + 4 * steps * lipschitz * 2 ** -52);
  const arithmetic = 2 * (arithmeticError + doubles) * Math.sqrt(columns);
  return { sensitivity: exact + arithmetic };
}

function requireLiteral({
  rowCount,
  columns,
  epsilon,
  delta,
  granularity,
  arithmeticError = 0,
}: GuaranteeLiteral): void {
  for (const [name, value] of [
    ['a row count', rowCount],
    ['a number of columns', columns],
  ] as const) {
    if (!(Number.isSafeInteger(value) && value > 0)) throw new ParameterError(`${name} of ${value}`);
  }
  if (!(Number.isFinite(epsilon) && epsilon > 0)) throw new ParameterError(`a target ε of ${epsilon}`);
  if (!(delta > 0 && delta < 1)) throw new ParameterError(`a target δ of ${delta}`);
  if (granularity !== undefined && !(granularity > 0 && Number.isInteger(Math.log2(granularity)))) {
    throw new ParameterError(`a granularity is a power of two, not ${granularity}`);
  }
  if (!(Number.isFinite(arithmeticError) && arithmeticError >= 0)) {
    throw new ParameterError(`an arithmetic error of ${arithmeticError}`);
  }
}

const refused = (reason: string): GuaranteeFound => ({ kind: 'refused', reason });
