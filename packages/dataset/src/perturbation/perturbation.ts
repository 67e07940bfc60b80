// Noise on the data themselves, cell by cell: whoever sees the output learns little about any one cell, whatever else they know.
// This is local differential privacy: ε is what one cell costs, and the cells of a row add up, since they are about one person.
//
// Two tables are neighbours here when one row's cell is replaced by any other value of the stated range or list. Ranges, lists
// and ε are public and must not be read off the data. Which cells are missing is not hidden. Samplers are handed in and must be
// exact (packages/differential-privacy has them); noise is drawn on an integer grid, since real-valued noise in floating point
// leaks what it hides (Mironov 2012), and clamping to the range afterwards costs nothing.
import { ParameterError } from '../errors.ts';

export interface IntegerNoise {
  /** Overwrites `out` with independent draws. */
  sampleInto(out: Int32Array): void;
}

/** What this module draws from. Every draw must follow its law exactly. */
export interface NoiseSamplers {
  /** P(x) ∝ e^(−|x| / scale) over the integers. */
  discreteLaplace(scale: number): IntegerNoise;
  /** P(x) ∝ e^(−x² / (2 · stddev²)) over the integers. */
  discreteGaussian(stddev: number): IntegerNoise;
  /** True with exactly this probability. */
  coin(probability: number): () => boolean;
  /** Uniform in [0, bound). */
  below(bound: number): number;
  /** The ε at δ of discrete Gaussian noise on an integer that another value may change by `sensitivity`; never below the truth. */
  gaussianEpsilon(stddev: number, sensitivity: number, delta: number): number;
}

export type Perturbation =
  /** Each cell is told truthfully with probability e^ε / (e^ε + m − 1), else another of the m categories (Warner 1965). */
  | { readonly kind: 'randomised-response'; readonly epsilon: number; readonly categories: readonly string[] }
  | {
      readonly kind: 'laplace';
      readonly epsilon: number;
      readonly lower: number;
      readonly upper: number;
      readonly resolution: number;
    }
  | {
      readonly kind: 'gaussian';
      /** σ over the width of the range. */
      readonly noiseMultiplier: number;
      readonly delta: number;
      readonly lower: number;
      readonly upper: number;
      readonly resolution: number;
    };

/** What one cell of a column costs. */
export interface CellCost {
  readonly epsilon: number;
  readonly delta: number;
}

export interface PerturbedCategories {
  readonly codes: Int32Array;
  readonly cost: CellCost;
  /** The probability that a cell is told truthfully. */
  readonly truthProbability: number;
}

/** `codes` index `categories`; −1 is missing and stays so. */
export function randomisedResponse(
  codes: ArrayLike<number>,
  { epsilon, categories }: Perturbation & { kind: 'randomised-response' },
  samplers: NoiseSamplers,
): PerturbedCategories {
  requirePositive('ε', epsilon);
  const m = categories.length;
  if (m < 2) throw new ParameterError(`randomised response needs two categories or more, not ${m}`);
  // e^ε / (e^ε + m − 1), rounded down far more than the exponential may err: a truth less often is a smaller ε.
  const truthProbability = (1 / (1 + (m - 1) * Math.exp(-epsilon))) * (1 - 2 ** -40);
  const truthful = samplers.coin(truthProbability);
  const out = new Int32Array(codes.length);
  for (let row = 0; row < out.length; row += 1) {
    const code = codes[row];
    if (code >= m) throw new ParameterError(`row ${row} has code ${code} of ${m}`);
    if (code < 0 || truthful()) {
      out[row] = code;
      continue;
    }
    const other = samplers.below(m - 1);
    out[row] = other < code ? other : other + 1;
  }
  return { codes: out, cost: { epsilon, delta: 0 }, truthProbability };
}

export interface PerturbedNumbers {
  readonly values: Float64Array;
  readonly cost: CellCost;
  /** Standard deviation of the noise before clamping, in the column's unit. */
  readonly noiseStddev: number;
}

/** NaN is missing and stays so. Values outside the range are moved to its nearer end first. */
export function noisyNumbers(
  values: ArrayLike<number>,
  perturbation: Perturbation & { kind: 'laplace' | 'gaussian' },
  samplers: NoiseSamplers,
): PerturbedNumbers {
  const { lower, upper, resolution } = perturbation;
  requirePositive('the resolution', resolution);
  if (!(Number.isFinite(lower) && Number.isFinite(upper) && lower < upper)) {
    throw new ParameterError(`a range goes up, not from ${lower} to ${upper}`);
  }
  // The grid goes from `lower` in whole steps; its last point may lie up to one step above `upper`. The sensitivity is its width.
  const steps = Math.ceil((upper - lower) / resolution);
  const { noise, cost, stddev } = noiseFor(perturbation, steps, samplers);
  const draws = new Int32Array(values.length);
  noise.sampleInto(draws);
  const out = new Float64Array(values.length);
  for (let row = 0; row < out.length; row += 1) {
    if (Number.isNaN(values[row])) {
      out[row] = Number.NaN;
      continue;
    }
    const place = Math.min(steps, Math.max(0, Math.round((values[row] - lower) / resolution)));
    const moved = Math.min(steps, Math.max(0, place + draws[row]));
    out[row] = Math.min(upper, onGrid(lower, resolution, moved));
  }
  draws.fill(0);
  return { values: out, cost, noiseStddev: stddev * resolution };
}

function noiseFor(
  perturbation: Perturbation & { kind: 'laplace' | 'gaussian' },
  steps: number,
  samplers: NoiseSamplers,
): { readonly noise: IntegerNoise; readonly cost: CellCost; readonly stddev: number } {
  if (perturbation.kind === 'laplace') {
    requirePositive('ε', perturbation.epsilon);
    const scale = steps / perturbation.epsilon;
    // The ε that this very scale has: the quotient may have been rounded down.
    const epsilon = Math.max(perturbation.epsilon, (steps / scale) * (1 + 2 ** -52));
    const q = Math.exp(-1 / scale);
    return {
      noise: samplers.discreteLaplace(scale),
      cost: { epsilon, delta: 0 },
      stddev: Math.sqrt(2 * q) / (1 - q),
    };
  }
  const { noiseMultiplier, delta } = perturbation;
  requirePositive('the noise multiplier', noiseMultiplier);
  if (!(delta > 0 && delta < 1)) throw new ParameterError(`δ is in (0, 1), not ${delta}`);
  const stddev = noiseMultiplier * steps;
  const epsilon = samplers.gaussianEpsilon(stddev, steps, delta);
  return { noise: samplers.discreteGaussian(stddev), cost: { epsilon, delta }, stddev };
}

/** lower + place · resolution, rounded to as many decimals as the two have, so that 0.1 steps stay 0.1 steps in print. */
function onGrid(lower: number, resolution: number, place: number): number {
  const decimals = Math.max(decimalsOf(lower), decimalsOf(resolution));
  const value = lower + place * resolution;
  return decimals > 15 ? value : Number(value.toFixed(decimals));
}

function decimalsOf(value: number): number {
  const [digits = '', exponent = '0'] = String(Math.abs(value)).split('e');
  return Math.max(0, (digits.split('.')[1]?.length ?? 0) - Number(exponent));
}

/** What a row costs: its cells are about one person, so both add up (basic composition). */
export function rowCost(cells: readonly CellCost[]): CellCost {
  return cells.reduce((sum, cell) => ({ epsilon: sum.epsilon + cell.epsilon, delta: sum.delta + cell.delta }), {
    epsilon: 0,
    delta: 0,
  });
}

function requirePositive(what: string, value: number): void {
  if (!(Number.isFinite(value) && value > 0)) throw new ParameterError(`${what} is a number above 0, not ${value}`);
}
