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
import { type Mechanism, under } from '@sumus/differential-privacy/mechanisms';
import { couplingDelta } from '@sumus/differential-privacy/sensitivity';
import { gradientBound, outputSensitivity, roundingOfDoubles, stepSensitivity } from './gradient-sensitivity.ts';
import { type GuaranteeLiteral, type NoisePlacement, requireLiteral } from './guarantee-literal.ts';
import { type Invariant, proveInvariant } from './invariant.ts';

export type { GuaranteeLiteral, NoisePlacement } from './guarantee-literal.ts';

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

const refused = (reason: string): GuaranteeFound => ({ kind: 'refused', reason });
