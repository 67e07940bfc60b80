// The differential-privacy mode of Shokri and Shmatikov 2015, for fidelity: sparse-vector selection of the parameters
// to share, with its constants ε₁ = 8/9 ε, ε₂ = 2/9 ε, thresholds refreshed after each upload and values with fresh
// noise. 8/9 + 2/9 > 1 is not an error: with answers at scale 2cΔf/ε₂ each costs ε₂/2c, together ε₂/2 = ε/9.
//
// The paper reports ε/c "per parameter". That is not an ε of anything that is released: one epoch costs (ε/c)·c, a
// training that times its epochs. For 109,386 parameters at ε/c = 1 and a tenth shared, 10,938 an epoch. So a selection
// cannot be had without its true cost, and the cost names what the same noise buys with Gaussian accounting. Use that
// instead.
//
// Exact on a grid: values are bounded to [−γ, γ], counted in steps of γ/2^12 or coarser, and all noise is discrete
// Laplace.

import { ParameterError } from '../errors.ts';
import { discreteLaplace, LARGEST_SCALE } from '../noise/discrete-laplace.ts';
import { type RandomSource, RandomWords } from '../noise/random-source.ts';

/** Above one by more than a few roundings. */
const UP = 1 + 2 ** -50;

export interface SelectiveChoice {
  readonly parameterCount: number;
  /** θ_u: the fraction of parameters uploaded in an epoch at most. */
  readonly uploadFraction: number;
  /** γ: values are bounded to [−γ, γ]. */
  readonly bound: number;
  /** τ ≥ 0: what a value's magnitude is compared with. */
  readonly threshold: number;
  /** The paper's ε/c. */
  readonly epsilonPerUpload: number;
  readonly epochs: number;
  /** For the Gaussian alternative. */
  readonly delta: number;
}

/** What it costs, with what the paper reports beside it. */
export interface SelectiveCost {
  /** c. */
  readonly uploadsPerEpoch: number;
  /** ε/c: the number the paper reports. A label, not a guarantee. */
  readonly reportedPerParameter: number;
  /** True ε of what one participant releases in one epoch. */
  readonly epsilonPerEpoch: number;
  /** True ε of a training. */
  readonly epsilonTotal: number;
  /** Scale of the Laplace noise on an uploaded value: 18γ·c/ε, in the values' own units. */
  readonly answerNoiseScale: number;
  readonly selectionNoiseScale: number;
  /** Gaussian noise of the same deviation on c values clipped together to γ√c, for the same epochs. */
  readonly gaussianAlternative: { readonly noiseStddev: number; readonly epsilonTotal: number; readonly delta: number };
  readonly warning: string;
}

export interface Selected {
  readonly indices: Uint32Array;
  /** In [−γ, γ]. */
  readonly values: Float64Array;
  readonly cost: SelectiveCost;
}

export function selectiveCost(choice: SelectiveChoice): SelectiveCost {
  const { parameterCount, uploadFraction, bound, threshold, epsilonPerUpload, epochs, delta } = choice;
  if (!Number.isSafeInteger(parameterCount) || parameterCount < 1)
    throw new ParameterError(`${parameterCount} parameters`);
  if (!(uploadFraction > 0 && uploadFraction <= 1))
    throw new ParameterError(`an upload fraction is in (0, 1], not ${uploadFraction}`);
  if (!(Number.isFinite(bound) && bound > 0)) throw new ParameterError(`a bound is positive, not ${bound}`);
  if (!(Number.isFinite(threshold) && threshold >= 0))
    throw new ParameterError(`a threshold is non-negative, not ${threshold}`);
  if (!(Number.isFinite(epsilonPerUpload) && epsilonPerUpload > 0))
    throw new ParameterError(`ε/c is positive, not ${epsilonPerUpload}`);
  if (!Number.isSafeInteger(epochs) || epochs < 1) throw new ParameterError(`${epochs} epochs`);
  if (!(delta > 0 && delta < 1)) throw new ParameterError(`δ is in (0, 1), not ${delta}`);
  const uploads = Math.max(1, Math.floor(uploadFraction * parameterCount));
  const epsilonPerEpoch = epsilonPerUpload * uploads;
  const answerNoiseScale = (18 * bound) / epsilonPerUpload;
  const noiseStddev = Math.SQRT2 * answerNoiseScale;
  // Replacing a record moves the shared vector by at most 2γ√c: ρ = Δ²/2σ² an epoch, ε = ρ + 2√(ρ ln 1/δ) (Bun, Steinke
  // 2016), an upper bound.
  const rho = (epochs * 4 * bound ** 2 * uploads) / (2 * noiseStddev ** 2);
  return Object.freeze({
    uploadsPerEpoch: uploads,
    reportedPerParameter: epsilonPerUpload,
    epsilonPerEpoch,
    epsilonTotal: epsilonPerEpoch * epochs,
    answerNoiseScale,
    selectionNoiseScale: (9 * bound) / epsilonPerUpload,
    gaussianAlternative: { noiseStddev, epsilonTotal: rho + 2 * Math.sqrt(rho * Math.log(1 / delta)), delta },
    warning:
      `ε/c = ${epsilonPerUpload} is not a privacy guarantee: one epoch costs ε = ${epsilonPerEpoch}, ` +
      `${epochs} of them ε = ${epsilonPerEpoch * epochs}. Gaussian noise of the same size costs less: see gaussianAlternative.`,
  });
}

/**
 * Selects and perturbs one epoch's upload. Coordinates are visited in a random order; what is returned is all that may
 * leave.
 */
export function selectUpload(update: Float64Array, choice: SelectiveChoice, source: RandomSource): Selected {
  const cost = selectiveCost(choice);
  const { bound, threshold, parameterCount, epsilonPerUpload } = choice;
  if (update.length !== parameterCount)
    throw new ParameterError(`an update of ${update.length} parameters, not ${parameterCount}`);
  // In units of γ: s(ε₁) = 2c·2γ/(8/9 ε) = 4.5 c/ε, queries at twice that, answers at 18 c/ε.
  const perGamma = 1 / epsilonPerUpload;
  // The scale that is drawn is a little larger than this.
  const cellsPerBound = 2 ** Math.min(12, Math.floor(Math.log2(LARGEST_SCALE / (18 * perGamma * UP * UP))));
  if (cellsPerBound < 2)
    throw new ParameterError(
      `ε/c = ${epsilonPerUpload} needs noise of ${18 * perGamma} times the bound: nothing would be left`,
    );
  const grid = bound / cellsPerBound;
  const cells = (value: number): number => {
    // Non-finite values count as zero: an error would tell about the data.
    const finite = Number.isFinite(value) ? value : 0;
    return Math.round(Math.max(-bound, Math.min(bound, finite)) / grid);
  };
  const scale = (factor: number): number => factor * perGamma * cellsPerBound * UP;
  const thresholdNoise = discreteLaplace(scale(4.5), source);
  const queryNoise = discreteLaplace(scale(9), source);
  const answerNoise = discreteLaplace(scale(18), source);
  const random = new RandomWords(source);
  const draw = new Int32Array(1);
  const order = Uint32Array.from({ length: parameterCount }, (_, i) => i);
  const queries = new Int32Array(parameterCount);
  queryNoise.sampleInto(queries);
  thresholdNoise.sampleInto(draw);
  const base = Math.round(threshold / grid);
  let noisyThreshold = base + draw[0];
  const indices: number[] = [];
  const values: number[] = [];
  for (let visited = 0; visited < parameterCount && indices.length < cost.uploadsPerEpoch; visited++) {
    const other = visited + random.below(parameterCount - visited);
    const index = order[other];
    order[other] = order[visited];
    const value = cells(update[index]);
    if (Math.abs(value) + queries[visited] < noisyThreshold) continue;
    answerNoise.sampleInto(draw);
    indices.push(index);
    values.push(Math.max(-cellsPerBound, Math.min(cellsPerBound, value + draw[0])) * grid);
    thresholdNoise.sampleInto(draw);
    noisyThreshold = base + draw[0];
  }
  queries.fill(0);
  draw.fill(0);
  random.wipe();
  return Object.freeze({ indices: Uint32Array.from(indices), values: Float64Array.from(values), cost });
}
