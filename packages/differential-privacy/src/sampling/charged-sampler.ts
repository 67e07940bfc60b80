// The sampler and the ledger in one object: a batch cannot be had without being paid for, and what is paid is what this object draws
// and what noise it adds. Nobody states a rate beside a loader of his own (Opacus issue 813: a swapped sampler made q wrong by 45 000).
//
// A step is used once: its batch is drawn once, its sum released once. A second release of the same batch is another mechanism on the same
// random draw and is refused.

import type { Budget } from '../budget/budget.ts';
import type { BudgetExhausted, Chargeable } from '../budget/chargeable.ts';
import { ParameterError } from '../errors.ts';
import { releaseSum } from '../noise/gaussian-grid.ts';
import type { IntegerSampler } from '../noise/integer-sampler.ts';
import { type RandomSource, RandomWords } from '../noise/random-source.ts';
import { drawBatch, drawEpoch } from './draw.ts';
import { type EpochPlan, publicDivisor, type SamplingPlan, type StepPlan, samplingPlan } from './sampling-plan.ts';

/** What one charge of a plan costs, given what is done to one batch. `amplification.ts` has it for this package's mechanisms. */
export type PriceOf<M> = (plan: SamplingPlan, perBatch: M) => M;

/** A batch that is paid for. */
export class PaidBatch {
  readonly indices: Uint32Array;
  /** The public number that sums are divided by. */
  readonly divisor: number;
  readonly #noise: IntegerSampler;
  #released = false;

  constructor(indices: Uint32Array, divisor: number, noise: IntegerSampler) {
    this.indices = indices;
    this.divisor = divisor;
    this.#noise = noise;
  }

  /** The batch's integer sum with fresh noise. Once. */
  release(sum: ArrayLike<number>): Float64Array {
    if (this.#released)
      throw new ParameterError('the sum of this batch has been released: another release is another charge');
    this.#released = true;
    return releaseSum(sum, this.#noise);
  }

  toJSON(): never {
    throw new ParameterError('who is in a batch is secret and is not serialised');
  }
}

export interface ChargedSamplerParts<M extends Chargeable, P extends SamplingPlan> {
  readonly plan: P;
  /** What is done to one batch: the mechanism of this noise at the contributions' bound. */
  readonly perBatch: M;
  readonly priceOf: PriceOf<M>;
  readonly noise: IntegerSampler;
  readonly budget: Budget<M>;
  readonly source: RandomSource;
  readonly note: string;
}

/** Draws one batch a charge. */
export class ChargedSampler<M extends Chargeable> {
  readonly plan: StepPlan;
  readonly #parts: ChargedSamplerParts<M, StepPlan>;
  readonly #random: RandomWords;
  readonly #price: M;
  #budget: Budget<M>;

  constructor(parts: ChargedSamplerParts<M, StepPlan>) {
    this.plan = samplingPlan(parts.plan);
    this.#parts = parts;
    this.#price = parts.priceOf(this.plan, parts.perBatch);
    this.#budget = parts.budget;
    this.#random = new RandomWords(parts.source);
  }

  /** The budget after everything drawn so far. */
  get budget(): Budget<M> {
    return this.#budget;
  }

  /** Pays, then draws. An exhausted budget draws nothing. */
  next(): PaidBatch | BudgetExhausted {
    const after = this.#budget.spend({ mechanism: this.#price, count: 1, note: this.#parts.note });
    if (after.kind === 'budget-exhausted') return after;
    this.#budget = after;
    return new PaidBatch(drawBatch(this.plan, this.#random), publicDivisor(this.plan), this.#parts.noise);
  }
}

/** Draws one epoch of disjoint batches a charge. */
export class ChargedEpochs<M extends Chargeable> {
  readonly plan: EpochPlan;
  readonly #parts: ChargedSamplerParts<M, EpochPlan>;
  readonly #random: RandomWords;
  readonly #price: M;
  #budget: Budget<M>;

  constructor(parts: ChargedSamplerParts<M, EpochPlan>) {
    this.plan = samplingPlan(parts.plan);
    this.#parts = parts;
    this.#price = parts.priceOf(this.plan, parts.perBatch);
    this.#budget = parts.budget;
    this.#random = new RandomWords(parts.source);
  }

  get budget(): Budget<M> {
    return this.#budget;
  }

  next(): readonly PaidBatch[] | BudgetExhausted {
    const after = this.#budget.spend({ mechanism: this.#price, count: 1, note: this.#parts.note });
    if (after.kind === 'budget-exhausted') return after;
    this.#budget = after;
    const divisor = publicDivisor(this.plan);
    return drawEpoch(this.plan, this.#random).map((indices) => new PaidBatch(indices, divisor, this.#parts.noise));
  }
}
