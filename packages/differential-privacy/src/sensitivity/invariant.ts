// Three ways to hold |⟨w, x⟩| ≤ R, without which a polynomial activation is not bounded and its gradient has no
// sensitivity:
//   release and project   the noisy iterate is private already: decrypt it, project on the ball of radius R/B in the
//                         clear, go on. Exact.
//   coupling              compare with the mechanism that clips z; differ only when some |z| > R, with probability δ′:
//                         costs (1 + e^ε) δ′.
//   radial bound          a ridge or a quartic barrier whose pull inwards outweighs the data's outwards at ‖w‖ = R.
//                         Noise-free flows only.
// A barrier alone is soft: with noise it needs the coupling as well. Release and project is the practical one.

import { ParameterError } from '../errors.ts';
import { requireNatural, requireNonNegative, requirePositive } from './gradient-bounds.ts';

/** The radius of weights that keeps |⟨w, x⟩| ≤ R for ‖x‖ ≤ B. Rounded down. */
export function safeWeightRadius({
  interval,
  dataRadius,
}: {
  readonly interval: number;
  readonly dataRadius: number;
}): number {
  requirePositive('an interval', interval);
  requirePositive('a data radius', dataRadius);
  return (interval / dataRadius) * (1 - 2 ** -50);
}

/**
 * Projects on the ball of this radius; mutates `weights`. Post-processing of a private release: free. Returns whether
 * anything changed.
 */
export function projectInPlace(weights: Float64Array, radius: number): boolean {
  requirePositive('a radius', radius);
  const norm = lengthOf(weights);
  if (!Number.isFinite(norm))
    throw new ParameterError('weights hold a NaN or an infinity: no scaling brings them back');
  if (norm <= radius) return false;
  const scale = (radius / norm) * (1 - 2 ** -50);
  for (let i = 0; i < weights.length; i++) weights[i] *= scale;
  return true;
}

function lengthOf(values: Float64Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (const value of values) sum += (value / largest) ** 2;
  return largest * Math.sqrt(sum);
}

/** δ of the coupling: Pr[M(D) ∈ S] ≤ Pr[M̃(D) ∈ S] + δ′ ≤ e^ε (Pr[M(D′) ∈ S] + δ′) + δ + δ′. Rounded up. */
export function couplingDelta({ epsilon, failure }: { readonly epsilon: number; readonly failure: number }): number {
  requireNonNegative('ε', epsilon);
  if (!(failure >= 0 && failure <= 1)) throw new ParameterError(`a probability is in [0, 1], not ${failure}`);
  return failure === 0 ? 0 : Math.min(1, (1 + Math.exp(epsilon)) * failure * (1 + 2 ** -48));
}

/**
 * With w₀ = 0, step w ← (1 − ηλ)w − ηg, ‖g‖ ≤ L and ηλ ≤ 1: ‖w_t‖ ≤ L/λ for ever. (And ‖w_T‖ ≤ ηTL without decay.) The
 * smaller of the two.
 */
export function decayedRadius(step: {
  readonly lipschitz: number;
  readonly learningRate: number;
  readonly decay: number;
  readonly steps: number;
}): number {
  const { lipschitz, learningRate, decay, steps } = step;
  requireNonNegative('a gradient bound', lipschitz);
  requirePositive('a learning rate', learningRate);
  requireNonNegative('a decay', decay);
  requireNatural('a number of steps', steps);
  if (learningRate * decay > 1) throw new ParameterError(`ηλ = ${learningRate * decay} is above 1`);
  // η L Σ_{k<T} (1 − ηλ)^k.
  const shrink = 1 - learningRate * decay;
  const sum = shrink === 1 ? steps : -Math.expm1(steps * Math.log1p(-learningRate * decay)) / (learningRate * decay);
  return learningRate * lipschitz * sum * (1 + 1e-12);
}

/**
 * Pr[some iterate's accumulated noise is longer than `margin`], at most: the accumulated noise is N(0, v·I) with v ≤
 * η²s² Σ (1 − ηλ)^2k, and Pr[χ²_d ≥ d + 2√(dx) + 2x] ≤ e^−x (Laurent, Massart 2000, lemma 1), once for each step. For
 * the coupling's δ′.
 */
export function noiseEscape(run: {
  readonly dimension: number;
  readonly noiseStddev: number;
  readonly learningRate: number;
  readonly decay: number;
  readonly steps: number;
  readonly margin: number;
}): number {
  const { dimension, noiseStddev, learningRate, decay, steps, margin } = run;
  requireNatural('a dimension', dimension);
  requireNatural('a number of steps', steps);
  requirePositive('a noise deviation', noiseStddev);
  requirePositive('a learning rate', learningRate);
  requireNonNegative('a decay', decay);
  requirePositive('a margin', margin);
  // Beyond one a step turns the accumulated noise round, beyond two it makes it larger.
  if (learningRate * decay > 1) throw new ParameterError(`ηλ = ${learningRate * decay} is above 1`);
  // Σ_{k<T} (1 − ηλ)^2k, by 1 − (1 − ηλ)² = ηλ(2 − ηλ).
  const lost = learningRate * decay * (2 - learningRate * decay);
  const sum = lost === 0 ? steps : -Math.expm1(steps * Math.log1p(-lost)) / lost;
  const ratio = (margin ** 2 / (learningRate ** 2 * noiseStddev ** 2 * sum)) * (1 - 1e-12);
  if (ratio <= dimension) return 1;
  const root = (Math.sqrt(2 * ratio - dimension) - Math.sqrt(dimension)) / 2;
  return Math.min(1, steps * Math.exp(-root * root) * (1 + 1e-9));
}

/** max u·σ(−u) = 0.27846…, rounded up. */
const OUTWARD = 0.2785;

/**
 * The data term's largest drift outwards at ‖w‖ = r for ‖x‖ ≤ 1: max over c in [0, 1] of c(σ(−rc) + η) ≤ 0.2785/r + η.
 */
export function outwardDrift({ radius, supError }: { readonly radius: number; readonly supError: number }): number {
  requirePositive('a radius', radius);
  requireNonNegative('a sup error', supError);
  return OUTWARD / radius + supError;
}

/** λ of a ridge (λ/2)‖w‖² that confines the noise-free flow to ‖w‖ ≤ R, for ‖x‖ ≤ 1. */
export function confiningRidge(bound: { readonly radius: number; readonly supError: number }): number {
  return outwardDrift(bound) / bound.radius;
}

/** κ of a barrier with gradient κ(‖w‖²/R_w²)w that does the same. */
export function confiningBarrier(bound: {
  readonly radius: number;
  readonly supError: number;
  readonly barrierRadius: number;
}): number {
  requirePositive('a barrier radius', bound.barrierRadius);
  return (outwardDrift(bound) * bound.barrierRadius ** 2) / bound.radius ** 3;
}

export interface Descent {
  /** μ and L of the objective on the ball. */
  readonly strongConvexity: number;
  readonly smoothness: number;
  /** a, at most 1/L. */
  readonly learningRate: number;
  readonly steps: number;
  readonly dimension: number;
  /** s: deviation of each coordinate of the noise on each gradient. */
  readonly noiseStddev: number;
  /** ‖w₀ − ŵ‖. */
  readonly initialDistance: number;
}

/**
 * E‖w_T − ŵ‖² ≤ (1 − aμ)^2T ‖w₀ − ŵ‖² + a s² d / μ, ŵ the minimiser; projection on a convex set that holds ŵ keeps it.
 */
export function convergenceBound(descent: Descent): number {
  const { strongConvexity, smoothness, learningRate, steps, dimension, noiseStddev, initialDistance } = descent;
  requirePositive('μ', strongConvexity);
  requirePositive('L', smoothness);
  if (strongConvexity > smoothness) throw new ParameterError(`μ = ${strongConvexity} is above L = ${smoothness}`);
  requireNatural('a number of steps', steps);
  requireNatural('a dimension', dimension);
  requireNonNegative('a noise deviation', noiseStddev);
  requireNonNegative('an initial distance', initialDistance);
  if (!(learningRate > 0 && learningRate <= 1 / smoothness)) {
    throw new ParameterError(`a learning rate is in (0, 1/L = ${1 / smoothness}], not ${learningRate}`);
  }
  return (
    (1 - learningRate * strongConvexity) ** (2 * steps) * initialDistance ** 2 +
    (learningRate * noiseStddev ** 2 * dimension) / strongConvexity
  );
}

/** ‖ŵ − w*‖ ≤ ηB/λ: what the polynomial costs at the optimum. */
export function surrogateDistance(cost: {
  readonly supError: number;
  readonly dataRadius: number;
  readonly strongConvexity: number;
}): number {
  requireNonNegative('a sup error', cost.supError);
  requirePositive('a data radius', cost.dataRadius);
  requirePositive('a strong convexity', cost.strongConvexity);
  return (cost.supError * cost.dataRadius) / cost.strongConvexity;
}

/** Noise a step for T steps within ρ-zCDP: s = Δ √(T / 2ρ). Rounded up. */
export function noiseForSteps(steps: {
  readonly sensitivity: number;
  readonly count: number;
  readonly rho: number;
}): number {
  requireNonNegative('a sensitivity', steps.sensitivity);
  requirePositive('ρ', steps.rho);
  requireNatural('a number of steps', steps.count);
  return steps.sensitivity * Math.sqrt(steps.count / (2 * steps.rho)) * (1 + 2 ** -48);
}
