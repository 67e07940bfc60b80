// How batches are drawn, as data. Each way is another mechanism with another price: at σ = 0.5, T = 10^4, δ = 1e-6,
// rate 1/T, Poisson batches cost ε = 1.95 and fixed once-per-epoch batches 11.0. Hence each is a type, and only
// `amplification.ts` says what it gives.

import { ParameterError } from '../errors.ts';

/** Every record independently with probability `rate` at every step. */
export interface PoissonPlan {
  readonly kind: 'poisson';
  readonly recordCount: number;
  readonly rate: number;
}

/** Poisson, and when more than `largestBatch` came, a uniform subset of that size. */
export interface TruncatedPoissonPlan {
  readonly kind: 'truncated-poisson';
  readonly recordCount: number;
  readonly rate: number;
  readonly largestBatch: number;
}

/** `batchSize` different records at every step, uniformly, afresh. */
export interface FixedSizePlan {
  readonly kind: 'fixed-size';
  readonly recordCount: number;
  readonly batchSize: number;
}

/** Per epoch every record falls into one of `binCount` batches, independently and uniformly. */
export interface BallsAndBinsPlan {
  readonly kind: 'balls-and-bins';
  readonly recordCount: number;
  readonly binCount: number;
}

/**
 * Per epoch a random order, cut into batches of `batchSize` (the last one shorter). Not amplified by anything we can
 * prove.
 */
export interface ShuffledPlan {
  readonly kind: 'shuffled';
  readonly recordCount: number;
  readonly batchSize: number;
}

/** Every record at every step. */
export interface FullPlan {
  readonly kind: 'full';
  readonly recordCount: number;
}

/** One batch a charge. */
export type StepPlan = PoissonPlan | TruncatedPoissonPlan | FixedSizePlan | FullPlan;
/** One epoch of several disjoint batches a charge. */
export type EpochPlan = BallsAndBinsPlan | ShuffledPlan;
export type SamplingPlan = StepPlan | EpochPlan;

/** A frozen copy of a plan, checked. */
export function samplingPlan<P extends SamplingPlan>(literal: P): Readonly<P> {
  const plan: P = { ...literal };
  requireCount('record count', plan.recordCount, 2 ** 31);
  switch (plan.kind) {
    case 'poisson':
      requireRate(plan.rate);
      break;
    case 'truncated-poisson':
      requireRate(plan.rate);
      requireCount('largest batch', plan.largestBatch, plan.recordCount);
      break;
    case 'fixed-size':
    case 'shuffled':
      requireCount('batch size', plan.batchSize, plan.recordCount);
      break;
    case 'balls-and-bins':
      requireCount('bin count', plan.binCount, 2 ** 31);
      break;
    case 'full':
      break;
    default:
      plan satisfies never;
  }
  return Object.freeze(plan);
}

/**
 * What sums are divided by: the expected batch size, a public number. Never the size that came out and never a private
 * n: the size tells of the record that is in it (Opacus issues 571 and 819: a claimed 1.2 was 2.5).
 */
export function publicDivisor(plan: SamplingPlan): number {
  switch (plan.kind) {
    case 'poisson':
    case 'truncated-poisson':
      return plan.rate * plan.recordCount;
    case 'fixed-size':
    case 'shuffled':
      return plan.batchSize;
    case 'balls-and-bins':
      return plan.recordCount / plan.binCount;
    case 'full':
      return plan.recordCount;
    default:
      return plan satisfies never;
  }
}

function requireRate(rate: number): void {
  if (!(rate > 0 && rate <= 1)) throw new ParameterError(`a sampling rate is in (0, 1], not ${rate}`);
}

function requireCount(name: string, count: number, largest: number): void {
  if (!Number.isSafeInteger(count) || count < 1 || count > largest) {
    throw new ParameterError(`a ${name} is an integer in [1, ${largest}], not ${count}`);
  }
}
