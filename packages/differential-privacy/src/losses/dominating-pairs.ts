// From mechanisms to the laws that accountants compose: a history flattened into leaves with counts, and for each leaf its dominating
// pair in both directions. Directions compose each with itself; ε is the larger of the two (Zhu, Dong, Wang 2022, section 3).
import { canonicalJson } from '../mechanisms/canonical.ts';
import type { Mechanism } from '../mechanisms/mechanism.ts';
import { logBinomial, logSumExp } from '../numerics/logarithms.ts';
import {
  approximateLaw,
  discreteGaussianLaw,
  discreteLaplaceLaw,
  gaussianLaw,
  laplaceLaw,
  randomizedResponseLaw,
} from './base-laws.ts';
import {
  type Mixture,
  mirrored,
  mixtureLaw,
  poissonSampledLaw,
  subsetSampledGaussianLaw,
  withApart,
} from './derived-laws.ts';
import { apartOf, type LossLaw } from './loss-law.ts';
import { treeHeight, treeSensitivitySquared } from './tree-sensitivity.ts';
import { keptRate, truncatedLaw } from './truncated-law.ts';

export interface Leaf {
  readonly mechanism: Mechanism;
  readonly count: number;
}

/** Repetitions, compositions and shuffled epochs unrolled into counts; equal leaves counted together, in order of first appearance. */
export function leavesOf(history: readonly Mechanism[]): Leaf[] {
  const counts = new Map<string, { mechanism: Mechanism; count: number }>();
  const visit = (mechanism: Mechanism, count: number): void => {
    switch (mechanism.kind) {
      case 'repetition':
        visit(mechanism.inner, count * mechanism.count);
        return;
      case 'shuffledBatches':
        visit(mechanism.inner, count * mechanism.epochs);
        return;
      case 'composition':
        for (const part of mechanism.parts) visit(part, count);
        return;
      default: {
        const key = canonicalJson(mechanism);
        const known = counts.get(key);
        if (known === undefined) counts.set(key, { mechanism, count });
        else known.count += count;
      }
    }
  };
  for (const mechanism of history) visit(mechanism, 1);
  return [...counts.values()];
}

export interface Pairs {
  /** What is lost when the unit leaves. */
  readonly remove: LossLaw;
  /** What is lost when it joins. */
  readonly add: LossLaw;
  /** Some data reach the pair, so that a lower bound for the pair is one for the mechanism. */
  readonly attained: boolean;
}

/** undefined where no pair is known: Rényi moments are all there is. */
export function pairsOf(mechanism: Mechanism): Pairs | undefined {
  switch (mechanism.kind) {
    case 'gaussian':
      return symmetric(gaussianLaw(mechanism.noiseMultiplier), true);
    case 'laplace':
      return symmetric(laplaceLaw(mechanism.scaleMultiplier), true);
    case 'discreteGaussian':
      return symmetric(discreteGaussianLaw(mechanism.noiseStddev, mechanism.sensitivity), true);
    case 'discreteLaplace':
      return symmetric(discreteLaplaceLaw(mechanism.rate, mechanism.sensitivity), true);
    case 'randomizedResponse':
      return symmetric(randomizedResponseLaw(mechanism.randomness, mechanism.categories), true);
    case 'approximate':
      return symmetric(approximateLaw(mechanism.epsilon, mechanism.delta), true);
    case 'exponential':
      // Bounded range ε implies ε-privacy; the Rényi accountant knows better.
      return symmetric(approximateLaw(mechanism.epsilon, 0), false);
    case 'sparseVector': {
      const epsilon = mechanism.thresholdEpsilon + mechanism.queriesEpsilon + mechanism.releaseEpsilon;
      return symmetric(approximateLaw(epsilon, 0), false);
    }
    case 'tree': {
      const squared = mechanism.stepCounts.reduce((sum, count) => sum + treeHeight(count), 0);
      return symmetric(gaussianLaw(mechanism.noiseMultiplier / Math.sqrt(squared)), true);
    }
    case 'treeWithoutRestart': {
      const { stepCount, maximumParticipation, minimumSeparation } = mechanism;
      const squared = treeSensitivitySquared(stepCount, maximumParticipation, minimumSeparation);
      return symmetric(gaussianLaw(mechanism.noiseMultiplier / Math.sqrt(squared)), false);
    }
    case 'bandedMatrix':
      return symmetric(gaussianLaw(mechanism.noiseMultiplier / Math.sqrt(mechanism.maximumParticipation)), true);
    case 'poissonSampled':
      return poissonPairs(mechanism.inner, mechanism.samplingRate);
    case 'truncatedPoissonSampled':
      if (mechanism.samplingRate === 0) return symmetric(nothing, true);
      return { remove: truncatedLaw(mechanism, 'remove'), add: truncatedLaw(mechanism, 'add'), attained: false };
    case 'fixedSizeSampled': {
      const rate = mechanism.batchSize / mechanism.populationSize;
      if (rate === 1) return symmetric(gaussianLaw(mechanism.noiseMultiplier), true);
      return symmetric(subsetSampledGaussianLaw(mechanism.noiseMultiplier, rate), false);
    }
    case 'groupPoissonSampled':
      return groupPairs(mechanism.noiseMultiplier, mechanism.samplingRate, mechanism.groupSize);
    case 'skellam':
    case 'distributedDiscreteGaussian':
    case 'zeroConcentrated':
    case 'repeatAndSelect':
      return undefined;
    case 'repetition':
    case 'composition':
    case 'shuffledBatches':
      throw new Error(`${mechanism.kind} is no leaf`);
    default:
      return mechanism satisfies never;
  }
}

/**
 * Where the dominating pair is not attained: the losses of data for which all other records are zero, so that only whether the one record
 * is in the batch matters. A bound from below, for the mechanism itself.
 */
export function witnessOf(mechanism: Mechanism): Pairs | undefined {
  if (mechanism.kind === 'fixedSizeSampled') {
    return symmetric(replacedLaw(mechanism.noiseMultiplier, mechanism.batchSize / mechanism.populationSize), true);
  }
  if (mechanism.kind === 'truncatedPoissonSampled') {
    const base = gaussianLaw(mechanism.noiseMultiplier);
    const rate = keptRate(mechanism);
    if (!(rate > 0 && rate < 1)) return undefined;
    const [remove, add] = [poissonSampledLaw(base, rate, 'remove'), poissonSampledLaw(base, rate, 'add')];
    return { remove, add, attained: true };
  }
  return undefined;
}

/** A record that is in the batch with this probability, moved from half the sensitivity on one side to half on the other. */
function replacedLaw(noiseMultiplier: number, rate: number): LossLaw {
  const weights = [Math.log1p(-rate), Math.log(rate)];
  const law = mixtureLaw(
    { logWeights: weights, shifts: [0, 0.5] },
    { logWeights: weights, shifts: [0, -0.5] },
    noiseMultiplier,
  );
  const hitLoss = Math.log(rate) - Math.log1p(-rate);
  return {
    ...law,
    ...withApart(apartOf({ rate, sigma: noiseMultiplier, distance: 0.5 }, { hitLoss, missLoss: 0 })),
  };
}

const symmetric = (law: LossLaw, attained: boolean): Pairs => ({ remove: law, add: law, attained });

/** Nothing is lost, ever. */
const nothing = approximateLaw(0, 0);

function poissonPairs(inner: Mechanism, rate: number): Pairs | undefined {
  if (rate === 0) return symmetric(nothing, true);
  const base = pairsOf(inner);
  if (rate === 1 || base === undefined) return base;
  if (inner.adjacency === 'replace-one' && inner.kind === 'gaussian') {
    // Half of the replace-one sensitivity to either side of the sum without the record.
    return symmetric(replacedLaw(inner.noiseMultiplier, rate), true);
  }
  return {
    remove: poissonSampledLaw(base.remove, rate, 'remove'),
    add: poissonSampledLaw(base.remove, rate, 'add'),
    attained: base.attained,
  };
}

/** Numbers of records that weigh less than e^this are taken for an infinite loss. */
const unseen = -85;
/** A mixture of more components takes too long. */
const mostComponents = 150;

/**
 * So many of the group as the sample took shift the sum by as much (Ganesh 2024). Of many components, blocks are shifted as far as the
 * farthest of each: the likelihood ratio rises with x, so that a hockey stick is P(x > τ) - αQ(x > τ) at the best τ (adding: the
 * same with x < τ), and a larger shift can only raise it. What is left out is mass at infinity where the mixture is P, and where it
 * is Q its absence only raises the loss.
 */
function groupPairs(sigma: number, rate: number, size: number): Pairs {
  if (rate === 0) return symmetric(nothing, true);
  if (rate === 1) return symmetric(gaussianLaw(sigma / size), true);
  const counts: { readonly k: number; readonly logWeight: number }[] = [];
  for (let k = 0; k <= size; k += 1) {
    const logWeight = logBinomial(size, k) + k * Math.log(rate) + (size - k) * Math.log1p(-rate);
    if (logWeight >= unseen) counts.push({ k, logWeight });
  }
  const block = Math.ceil(counts.length / mostComponents);
  const joined: { logWeights: number[]; shifts: number[] } = { logWeights: [], shifts: [] };
  for (let at = counts.length; at > 0; at -= block) {
    const members = counts.slice(Math.max(0, at - block), at);
    joined.logWeights.unshift(logSumExp(members.map(({ logWeight }) => logWeight)));
    joined.shifts.unshift(members.at(-1)!.k);
  }
  const alone: Mixture = { logWeights: [0], shifts: [0] };
  const lost = counts.length <= size ? { infinityMass: 1e-33 } : {};
  return {
    remove: { ...mixtureLaw(joined, alone, sigma), ...lost },
    add: mixtureLaw(mirrored(alone), mirrored(joined), sigma),
    attained: block === 1,
  };
}
