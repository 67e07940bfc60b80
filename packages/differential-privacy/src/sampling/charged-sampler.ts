// The sampler, the noise and the ledger in one object: a batch cannot be had without being paid for, and what is paid
// is what this object draws and what noise it adds. Nobody states a rate beside a loader of his own (Opacus issue 813:
// a swapped sampler made q wrong by 45 000), or a multiplier beside noise of his own: plan and grid are copied and
// derived again when the object is made, and what is not made here (drawBatch) is behind no door of this package.
//
// The noise is a Gaussian rounded on the grid, so the price is that of a Gaussian. A step is used once: its batch is
// drawn once, its sum released once. A second release of the same batch is another mechanism on the same random draw
// and is refused.

import type { Budget } from '../budget/budget.ts';
import type { BudgetExhausted } from '../budget/chargeable.ts';
import type { Ledger } from '../budget/ledger.ts';
import { ParameterError } from '../errors.ts';
import { under } from '../mechanisms/constructors.ts';
import type { Adjacency, Mechanism, Unit } from '../mechanisms/mechanism.ts';
import { fromGrid, type GaussianGrid, gaussianGrid, gridNoise, releaseSum } from '../noise/gaussian-grid.ts';
import type { IntegerSampler } from '../noise/integer-sampler.ts';
import { type RandomSource, RandomWords } from '../noise/random-source.ts';
import { roundedGaussian } from '../noise/rounded-gaussian.ts';
import { contributionsThatDiffer } from '../sensitivity/aggregate.ts';
import { priceOf } from './amplification.ts';
import { drawBatch, drawEpoch } from './draw.ts';
import { type EpochPlan, publicDivisor, type SamplingPlan, type StepPlan, samplingPlan } from './sampling-plan.ts';

export interface Charged<P extends SamplingPlan> {
  readonly plan: P;
  /** Bound, granularity and noise of one batch's sum. Every contribution goes through `toGrid` of this grid. */
  readonly grid: GaussianGrid;
  readonly adjacency: Adjacency;
  readonly unit: Unit;
  /** Charged; shared by all that draw from the same data. */
  readonly ledger: Ledger<Mechanism>;
  readonly source: RandomSource;
  /**
   * σ_b of adaptive clipping, where a batch's count of bits is released beside its sum (clipping/adaptive.ts): the two
   * are one Gaussian of more sensitivity, and charged as that.
   */
  readonly countStddev?: number;
  /** What for; goes into the history. */
  readonly note: string;
}

/** A batch that is paid for. Made by the samplers of this file. */
export class PaidBatch {
  readonly kind = 'paid-batch';
  /** Secret. */
  readonly indices: Uint32Array;
  /** The public number that sums are divided by. */
  readonly divisor: number;
  readonly #grid: GaussianGrid;
  readonly #noise: Noise;
  #released = false;

  constructor(indices: Uint32Array, divisor: number, grid: GaussianGrid, noise: Noise) {
    this.indices = indices;
    this.divisor = divisor;
    this.#grid = grid;
    this.#noise = noise;
  }

  /** The batch's sum on the grid, with fresh noise, divided by the public number. Once. */
  release(gridSum: ArrayLike<number>): Float64Array {
    if (this.#released) {
      throw new ParameterError('the sum of this batch has been released: another release is another charge');
    }
    if (gridSum.length !== this.#grid.dimension) {
      throw new ParameterError(`a sum of ${gridSum.length} numbers on a grid of ${this.#grid.dimension}`);
    }
    const noisy = releaseSum(gridSum, this.#noise.sum);
    this.#released = true;
    const divisor = this.divisor;
    return fromGrid(this.#grid, noisy).map((x) => x / divisor);
  }

  /** The same, and the sum of the batch's bits (`AdaptiveClipping.bit`) with the noise that was charged for it. Once. */
  releaseWithCount(
    gridSum: ArrayLike<number>,
    bitSum: number,
  ): { readonly mean: Float64Array; readonly count: number } {
    const { count } = this.#noise;
    if (count === undefined)
      throw new ParameterError('no count was charged for: the sampler was made without countStddev');
    if (!Number.isSafeInteger(bitSum)) throw new ParameterError('a sum of bits is an integer');
    const mean = this.release(gridSum);
    const draw = new Int32Array(1);
    count.sampleInto(draw);
    return { mean, count: bitSum + draw[0] };
  }

  toJSON(): never {
    throw new ParameterError('who is in a batch is secret and is not serialised');
  }
}

interface Noise {
  readonly sum: IntegerSampler;
  readonly count: IntegerSampler | undefined;
}

function noiseOf({ grid, countStddev, source }: Charged<SamplingPlan>): Noise {
  const count = countStddev === undefined ? undefined : roundedGaussian(2 * countStddev, source);
  return { sum: gridNoise(grid, source), count };
}

/** The same with every part copied, and derived again where it is derived: nothing that the caller holds can change it. */
function settled<P extends SamplingPlan>(parts: Charged<P>): Charged<P> {
  const { plan, grid, adjacency, unit, ledger, source, countStddev, note } = parts;
  const derived = { plan: samplingPlan(plan), grid: gaussianGrid(grid) };
  const count = countStddev === undefined ? {} : { countStddev };
  return Object.freeze({ ...derived, adjacency, unit, ledger, source, note, ...count });
}

/** What is done to one batch, as the accountant sees it. */
function perBatch({ grid, countStddev, adjacency, unit }: Charged<SamplingPlan>): Mechanism {
  // One contribution moves the sum by its norm and the count of ±1 by one: z^−2 = z_Δ^−2 + (2σ_b)^−2.
  const together =
    countStddev === undefined ? grid.noiseMultiplier : 1 / Math.hypot(1 / grid.noiseMultiplier, 1 / (2 * countStddev));
  // σ over the sensitivity under this adjacency; rounded down.
  const noiseMultiplier = (together / contributionsThatDiffer(adjacency)) * (1 - 2 ** -50);
  return under({ adjacency, unit }).gaussian({ noiseMultiplier });
}

/** Draws one batch a charge. */
export class ChargedSampler {
  readonly plan: StepPlan;
  /** What one batch costs. */
  readonly price: Mechanism;
  readonly #parts: Charged<StepPlan>;
  readonly #noise: Noise;
  readonly #random: RandomWords;
  #reserved = 0;

  constructor(from: Charged<StepPlan>) {
    const parts = settled(from);
    this.plan = parts.plan;
    this.price = priceOf(this.plan, perBatch(parts));
    this.#parts = parts;
    this.#noise = noiseOf(parts);
    this.#random = new RandomWords(parts.source);
  }

  /** What contributions go through `toGrid` of. */
  get grid(): GaussianGrid {
    return this.#parts.grid;
  }

  /** The budget after everything that was charged so far, here and by others. */
  get budget(): Budget<Mechanism> {
    return this.#parts.ledger.budget;
  }

  /** Pays for so many batches at once, which `next` then draws without asking the accountant each time. All or nothing. */
  reserve(count: number): BudgetExhausted | undefined {
    const { ledger, note } = this.#parts;
    const exhausted = ledger.charge({ mechanism: this.price, count, note });
    if (exhausted === undefined) this.#reserved += count;
    return exhausted;
  }

  /** Pays unless paid for, then draws. An exhausted budget draws nothing. */
  next(): PaidBatch | BudgetExhausted {
    if (this.#reserved === 0) {
      const exhausted = this.reserve(1);
      if (exhausted !== undefined) return exhausted;
    }
    this.#reserved -= 1;
    const indices = drawBatch(this.plan, this.#random);
    return new PaidBatch(indices, publicDivisor(this.plan), this.#parts.grid, this.#noise);
  }
}

/** Draws one epoch of disjoint batches a charge. */
export class ChargedEpochs {
  readonly plan: EpochPlan;
  /** What one epoch costs. */
  readonly price: Mechanism;
  readonly #parts: Charged<EpochPlan>;
  readonly #noise: Noise;
  readonly #random: RandomWords;

  constructor(from: Charged<EpochPlan>) {
    const parts = settled(from);
    this.plan = parts.plan;
    this.price = priceOf(this.plan, perBatch(parts));
    this.#parts = parts;
    this.#noise = noiseOf(parts);
    this.#random = new RandomWords(parts.source);
  }

  get grid(): GaussianGrid {
    return this.#parts.grid;
  }

  get budget(): Budget<Mechanism> {
    return this.#parts.ledger.budget;
  }

  next(): readonly PaidBatch[] | BudgetExhausted {
    const { ledger, note } = this.#parts;
    const exhausted = ledger.charge({ mechanism: this.price, count: 1, note });
    if (exhausted !== undefined) return exhausted;
    const divisor = publicDivisor(this.plan);
    return drawEpoch(this.plan, this.#random).map(
      (indices) => new PaidBatch(indices, divisor, this.#parts.grid, this.#noise),
    );
  }
}
