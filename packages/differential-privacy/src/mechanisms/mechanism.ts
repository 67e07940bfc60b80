// Mechanisms are data: plain frozen values that say what was released, under which adjacency and for which unit. Accountants
// interpret them; nothing here computes a privacy loss. They serialise to canonical JSON (canonical.ts) and are built, checked, by
// constructors.ts.
//
// Every noise multiplier is the standard deviation (for Laplace the scale) over the sensitivity *under the stated adjacency*. Under
// 'replace-one' a record clipped to norm C can move a sum by 2C: the multiplier is then σ/2C, and only the caller knows C.

/** What distinguishes two neighbouring data sets. 'zero-out' replaces a unit's contribution by zero and keeps all public counts. */
export type Adjacency = 'add-remove' | 'replace-one' | 'zero-out';

/** Whose data is one unit: a single record, or everything that one participant has. */
export type Unit = 'record' | 'participant';

interface Frame<A extends Adjacency, U extends Unit> {
  readonly adjacency: A;
  readonly unit: U;
}

export interface Gaussian {
  readonly kind: 'gaussian';
  readonly noiseMultiplier: number;
}

/** N_Z(0, σ²) noise on an integer of integer sensitivity. */
export interface DiscreteGaussian {
  readonly kind: 'discreteGaussian';
  readonly noiseStddev: number;
  readonly sensitivity: number;
}

export interface Laplace {
  readonly kind: 'laplace';
  /** Scale of the noise over the L1 sensitivity: ε = 1/scale. */
  readonly scaleMultiplier: number;
}

/** P(x) ∝ e^(-rate·|x|) on the integers. */
export interface DiscreteLaplace {
  readonly kind: 'discreteLaplace';
  readonly rate: number;
  readonly sensitivity: number;
}

/** A rounded vector to which participants' integer noises add up; see moments.ts for the meaning of the numbers. */
export interface Rounded {
  readonly l2Sensitivity: number;
  readonly dimension: number;
  /** β of conditional rounding (Kairouz, Liu, Steinke 2021, section 4.1); 0 is unconditional. */
  readonly roundingBias: number;
}

/** Skellam noise of central deviation σ on a grid of 1/gridScale. */
export interface Skellam extends Rounded {
  readonly kind: 'skellam';
  readonly gridScale: number;
  readonly noiseStddev: number;
}

/** A sum of discrete Gaussians, one from each participant, on a grid of the given step: nearly a discrete Gaussian itself. */
export interface DistributedDiscreteGaussian extends Rounded {
  readonly kind: 'distributedDiscreteGaussian';
  readonly gridStep: number;
  readonly localStddev: number;
  readonly participantCount: number;
}

/** Keeps the truth with probability 1 - randomness, else draws one of all categories. */
export interface RandomizedResponse {
  readonly kind: 'randomizedResponse';
  readonly randomness: number;
  readonly categories: number;
}

/** ε-bounded-range selection: the exponential mechanism, report-noisy-max with Gumbel noise, permute-and-flip. */
export interface Exponential {
  readonly kind: 'exponential';
  readonly epsilon: number;
}

/**
 * AboveThreshold or NumericSparse that stops at its cut-off (Lyu, Su, Li 2017, algorithm 7): the three parts are all it costs, as long
 * as the noises have the scales of that algorithm. Negatives are free, the released values are not.
 */
export interface SparseVector {
  readonly kind: 'sparseVector';
  readonly thresholdEpsilon: number;
  readonly queriesEpsilon: number;
  readonly releaseEpsilon: number;
}

/** Anything known to be (ε, δ)-private and no more. */
export interface Approximate {
  readonly kind: 'approximate';
  readonly epsilon: number;
  readonly delta: number;
}

export interface ZeroConcentrated {
  readonly kind: 'zeroConcentrated';
  readonly rho: number;
}

/**
 * The sums of a binary tree over a stream (Honaker; Kairouz et al. 2021). With `restarts` a unit takes part once in each of the trees
 * whose leaf counts are listed; without, in one tree up to `maximumParticipation` times, at least `minimumSeparation` leaves apart.
 */
export interface Tree {
  readonly kind: 'tree';
  readonly noiseMultiplier: number;
  readonly stepCounts: readonly number[];
}
export interface TreeWithoutRestart {
  readonly kind: 'treeWithoutRestart';
  readonly noiseMultiplier: number;
  readonly stepCount: number;
  readonly maximumParticipation: number;
  readonly minimumSeparation: number;
}

/**
 * Noise correlated by a banded matrix with unit columns (Choquette-Choo et al. 2023): each unit takes part at most so many times, at
 * least a band apart, so that its columns are orthogonal.
 */
export interface BandedMatrix {
  readonly kind: 'bandedMatrix';
  readonly noiseMultiplier: number;
  readonly maximumParticipation: number;
}

/** Each record enters each batch by itself with the sampling rate; only the batch is seen by the inner mechanism. */
export interface PoissonSampled<A extends Adjacency, U extends Unit> {
  readonly kind: 'poissonSampled';
  readonly inner: Mechanism<A, U>;
  readonly samplingRate: number;
}

/**
 * Poisson batches cut down to `batchLimit` records at random: the price is that a record may push out another. Of a data set of
 * `populationSize` records, against neighbours of one more or one fewer: the price depends on that number, which is taken as known.
 */
export interface TruncatedPoissonSampled {
  readonly kind: 'truncatedPoissonSampled';
  readonly noiseMultiplier: number;
  readonly samplingRate: number;
  readonly populationSize: number;
  readonly batchLimit: number;
}

/** A batch of fixed size, drawn uniformly without replacement, afresh each time. */
export interface FixedSizeSampled {
  readonly kind: 'fixedSizeSampled';
  readonly noiseMultiplier: number;
  readonly populationSize: number;
  readonly batchSize: number;
}

/**
 * Batches that partition the data, shuffled or not: each record is in one batch an epoch. Shuffling gives **no** amplification that is
 * claimed here: the order is taken as known. (Poisson accounting of shuffled batches understates ε: 1.95 for a true 11.0 at σ = ½.)
 */
export interface ShuffledBatches<A extends Adjacency, U extends Unit> {
  readonly kind: 'shuffledBatches';
  readonly inner: Mechanism<A, U>;
  readonly epochs: number;
}

/** The guarantee for a group of so many records under Poisson sampling, each sampled by itself. */
export interface GroupPoissonSampled {
  readonly kind: 'groupPoissonSampled';
  readonly noiseMultiplier: number;
  readonly samplingRate: number;
  readonly groupSize: number;
}

/**
 * A search that runs the inner mechanism a random number of times and releases the best (Papernot, Steinke 2022). `shape` is η of the
 * truncated negative binomial (1 geometric, 0 logarithmic) or 'poisson'.
 */
export interface RepeatAndSelect<A extends Adjacency, U extends Unit> {
  readonly kind: 'repeatAndSelect';
  readonly inner: Mechanism<A, U>;
  readonly meanRuns: number;
  readonly shape: number | 'poisson';
}

export interface Repetition<A extends Adjacency, U extends Unit> {
  readonly kind: 'repetition';
  readonly inner: Mechanism<A, U>;
  readonly count: number;
}

export interface Composition<A extends Adjacency, U extends Unit> {
  readonly kind: 'composition';
  readonly parts: readonly Mechanism<A, U>[];
}

/** A mechanism under one adjacency and for one unit. Both are part of the type: what differs in either does not compose. */
export type Mechanism<A extends Adjacency = Adjacency, U extends Unit = Unit> = Frame<A, U> &
  (
    | Gaussian
    | DiscreteGaussian
    | Laplace
    | DiscreteLaplace
    | Skellam
    | DistributedDiscreteGaussian
    | RandomizedResponse
    | Exponential
    | SparseVector
    | Approximate
    | ZeroConcentrated
    | Tree
    | TreeWithoutRestart
    | BandedMatrix
    | PoissonSampled<A, U>
    | TruncatedPoissonSampled
    | FixedSizeSampled
    | ShuffledBatches<A, U>
    | GroupPoissonSampled
    | RepeatAndSelect<A, U>
    | Repetition<A, U>
    | Composition<A, U>
  );

export type Kind = Mechanism['kind'];
