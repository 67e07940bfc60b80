// Noise once, on the result: how far two training runs on neighbouring data can end apart. Under encryption this is the
// cheap place for noise, and for strongly convex full-batch descent it costs no more than noise at every step whose
// iterates stay hidden (`hiddenStateMu`).
//
// These hold for plain descent with the stated step sizes only. Momentum, Adam, a polynomial that falls somewhere (no
// convexity): compose instead.

import { ParameterError } from '../errors.ts';
import type { Adjacency } from '../mechanisms/mechanism.ts';
import { contributionsThatDiffer } from './aggregate.ts';
import { requireNatural, requireNonNegative, requirePositive } from './gradient-bounds.ts';

/** Above one by more than the rounding of any formula here: none subtracts numbers that are nearly equal. */
const UP = 1 + 2 ** -46;

/**
 * The minimiser of (1/n) Σ ℓ + (Λ/2)‖w‖², ℓ convex and L-Lipschitz: 2L/(nΛ) for replace-one (Chaudhuri, Monteleoni,
 * Sarwate 2011; arXiv 0912.0071), half for add/remove with n public. A point with ‖∇J‖ ≤ τ instead of the
 * minimiser is within τ/Λ of it: 2τ/Λ more.
 */
export function minimiserSensitivity(problem: {
  readonly lipschitz: number;
  readonly recordCount: number;
  readonly ridge: number;
  readonly adjacency: Adjacency;
  readonly gradientTolerance?: number;
}): number {
  const { lipschitz, recordCount, ridge, adjacency, gradientTolerance = 0 } = problem;
  requireNonNegative('a gradient bound', lipschitz);
  requireNatural('a record count', recordCount);
  requirePositive('Λ', ridge);
  requireNonNegative('a gradient tolerance', gradientTolerance);
  const exact = (contributionsThatDiffer(adjacency) * lipschitz) / (recordCount * ridge);
  return (exact + (2 * gradientTolerance) / ridge) * UP;
}

interface Passes {
  readonly lipschitz: number;
  readonly smoothness: number;
  readonly recordCount: number;
  readonly batchSize: number;
}

/**
 * Permutation SGD over `passes`, constant step η ≤ 2/β, convex: 2kLη/b for replace-one (Wu, Li, Kumar, Chaudhuri, Jha,
 * Naughton 2017; arXiv 1606.04722). The order is fixed without looking at data; a replaced record is met once a pass,
 * and between those meetings steps do not expand.
 */
export function convexPasses(run: Passes & { readonly passes: number; readonly learningRate: number }): number {
  const { lipschitz, smoothness, learningRate, passes, batchSize } = run;
  requirePasses(run);
  requireNatural('a number of passes', passes);
  requireStep(learningRate, 2 / smoothness);
  return ((2 * passes * lipschitz * learningRate) / batchSize) * UP;
}

/** γ-strongly convex, constant η ≤ 1/β: 2ηL/b / (1 − (1 − ηγ)^(n/b)), any number of passes. */
export function stronglyConvexPasses(
  run: Passes & { readonly strongConvexity: number; readonly learningRate: number },
): number {
  const { lipschitz, smoothness, strongConvexity, learningRate, recordCount, batchSize } = run;
  requirePasses(run);
  requireCurvature(run);
  requireStep(learningRate, 1 / smoothness);
  const lost = -Math.expm1((recordCount / batchSize) * Math.log1p(-learningRate * strongConvexity));
  return ((2 * learningRate * lipschitz) / batchSize / lost) * UP;
}

/**
 * γ-strongly convex, η_t = min(1/β, 1/(γt)) over updates t = 1, 2, …: 2L/(γn), whatever the batch size: a perturbation
 * 2Lη_t/b shrinks as t/T over T = kn/b updates. (TF-Privacy's BoltOn divides by b once more and is up to b times too
 * small.)
 */
export function decreasingPasses(run: Passes & { readonly strongConvexity: number }): number {
  const { lipschitz, strongConvexity, recordCount } = run;
  requirePasses(run);
  requireCurvature(run);
  return ((2 * lipschitz) / (strongConvexity * recordCount)) * UP;
}

/** η_t of `decreasingPasses`, for updates t ≥ 1. */
export function decreasingStep(update: number, { smoothness, strongConvexity }: Contraction): number {
  return Math.min(1 / smoothness, 1 / (strongConvexity * update));
}

interface Contraction {
  /** M: the objective's, ridge included. */
  readonly smoothness: number;
  /** m. */
  readonly strongConvexity: number;
}

export interface FullBatchDescent extends Contraction {
  readonly learningRate: number;
  readonly steps: number;
  readonly recordCount: number;
  readonly lipschitz: number;
  readonly adjacency: Adjacency;
}

/**
 * By how much one step brings two points together, c = max(|1 − ηm|, |1 − ηM|), as 1 − c = min(ηm, 2 − ηM), which for a
 * small m has digits that 1 − c has lost. Rounded down; at zero two points stay as far apart as they were.
 */
function contraction({ learningRate, smoothness, strongConvexity }: FullBatchDescent): number {
  requirePositive('M', smoothness);
  requireNonNegative('m', strongConvexity);
  if (strongConvexity > smoothness) throw new ParameterError(`m = ${strongConvexity} is above M = ${smoothness}`);
  requireStep(learningRate, 2 / (smoothness + strongConvexity));
  return Math.max(0, Math.min(learningRate * strongConvexity, 2 - learningRate * smoothness - 2 ** -51));
}

/** (1 − c^T)/(1 − c) and c^T from 1 − c. */
function decayed(gap: number, steps: number): { readonly sum: number; readonly power: number } {
  if (gap === 0) return { sum: steps, power: 1 };
  if (gap >= 1) return { sum: 1, power: 0 };
  const logPower = steps * Math.log1p(-gap);
  return { sum: -Math.expm1(logPower) / gap, power: Math.exp(logPower) };
}

/**
 * Full-batch descent from the same start, η ≤ 2/(M + m): η·(2L/n)·(1 − c^T)/(1 − c); for m = 0, 2ηLT/n. No convergence
 * needed. Half for add/remove.
 */
export function descentSensitivity(run: FullBatchDescent): number {
  const { learningRate, steps, recordCount, lipschitz, adjacency } = run;
  requireNatural('a number of steps', steps);
  requireNatural('a record count', recordCount);
  requireNonNegative('a gradient bound', lipschitz);
  const { sum } = decayed(contraction(run), steps);
  return ((learningRate * contributionsThatDiffer(adjacency) * lipschitz * sum) / recordCount) * UP;
}

/**
 * Noise N(0, σ²I) on every gradient, only w_T released, m-strongly convex, M-smooth: μ-GDP with μ = (s/(ησ))·√((1 −
 * c^T)/(1 + c^T) · (1 + c)/(1 − c)), s = η·Δ of the mean gradient (Bok, Su, Altschuler 2024;
 * arXiv 2403.00278).
 */
export function hiddenStateMu(run: FullBatchDescent & { readonly noiseStddev: number }): number {
  const { learningRate, steps, recordCount, lipschitz, adjacency, noiseStddev, strongConvexity } = run;
  requirePositive('a noise deviation', noiseStddev);
  requireNatural('a number of steps', steps);
  requireNatural('a record count', recordCount);
  requireNonNegative('a gradient bound', lipschitz);
  requirePositive('m', strongConvexity);
  const gap = contraction(run);
  const { sum, power } = decayed(gap, steps);
  const s = (learningRate * contributionsThatDiffer(adjacency) * lipschitz) / recordCount;
  return (s / (learningRate * noiseStddev)) * Math.sqrt((sum / (1 + power)) * (2 - gap)) * UP;
}

/**
 * The one output noise with the guarantee of `hiddenStateMu`: Δ_T/μ, which is the deviation that noise at every step
 * would have accumulated.
 */
export function equivalentOutputNoise(run: FullBatchDescent & { readonly noiseStddev: number }): number {
  return descentSensitivity(run) / hiddenStateMu(run);
}

function requirePasses({ lipschitz, smoothness, recordCount, batchSize }: Passes): void {
  requireNonNegative('a gradient bound', lipschitz);
  requirePositive('a smoothness', smoothness);
  requireNatural('a record count', recordCount);
  requireNatural('a batch size', batchSize);
  if (recordCount % batchSize !== 0) {
    // A shorter last batch would weigh its records more than 1/b.
    throw new ParameterError(`batches of ${batchSize} do not divide ${recordCount} records`);
  }
}

function requireCurvature({ smoothness, strongConvexity }: Contraction): void {
  requirePositive('γ', strongConvexity);
  if (strongConvexity > smoothness) throw new ParameterError(`γ = ${strongConvexity} is above β = ${smoothness}`);
}

function requireStep(learningRate: number, largest: number): void {
  if (!(learningRate > 0 && learningRate <= largest)) {
    throw new ParameterError(`a learning rate is in (0, ${largest}] here, not ${learningRate}`);
  }
}
