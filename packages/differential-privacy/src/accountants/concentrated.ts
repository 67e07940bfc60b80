// Zero-concentrated differential privacy: one number ρ a mechanism, and they add up (Bun, Steinke 2016). Simple ledgers need no more;
// sampling does not fit into it.
import { leavesOf } from '../losses/dominating-pairs.ts';
import { treeHeight, treeSensitivitySquared } from '../losses/tree-sensitivity.ts';
import type { Mechanism } from '../mechanisms/mechanism.ts';
import type { Answer } from './answer.ts';
import { frameOf, type History, requireDelta } from './history.ts';
import { epsilonFromMoment } from './renyi.ts';

/** ρ, or why there is none. */
function rhoOf(mechanism: Mechanism): number | string {
  switch (mechanism.kind) {
    case 'gaussian':
      return 0.5 / mechanism.noiseMultiplier ** 2;
    case 'discreteGaussian':
      // The same as of the continuous one (Canonne, Kamath, Steinke 2020, theorem 4).
      return 0.5 * (mechanism.sensitivity / mechanism.noiseStddev) ** 2;
    case 'laplace':
      return pure(1 / mechanism.scaleMultiplier);
    case 'discreteLaplace':
      return pure(mechanism.rate * mechanism.sensitivity);
    case 'randomizedResponse': {
      const other = mechanism.randomness / mechanism.categories;
      return pure(Math.log1p(-mechanism.randomness * (1 - 1 / mechanism.categories)) - Math.log(other));
    }
    case 'sparseVector':
      return pure(mechanism.thresholdEpsilon + mechanism.queriesEpsilon + mechanism.releaseEpsilon);
    case 'exponential':
      // Bounded range ε is ε²/8-zCDP (Cesar, Rogers 2021, lemma 3.4).
      return mechanism.epsilon ** 2 / 8;
    case 'approximate':
      return mechanism.delta === 0 ? pure(mechanism.epsilon) : 'an (ε, δ)-guarantee has no ρ';
    case 'zeroConcentrated':
      return mechanism.rho;
    case 'tree':
      return (
        (0.5 * mechanism.stepCounts.reduce((sum, count) => sum + treeHeight(count), 0)) / mechanism.noiseMultiplier ** 2
      );
    case 'treeWithoutRestart': {
      const { stepCount, maximumParticipation, minimumSeparation, noiseMultiplier } = mechanism;
      return (0.5 * treeSensitivitySquared(stepCount, maximumParticipation, minimumSeparation)) / noiseMultiplier ** 2;
    }
    case 'bandedMatrix':
      return (0.5 * mechanism.maximumParticipation) / mechanism.noiseMultiplier ** 2;
    case 'poissonSampled':
    case 'truncatedPoissonSampled':
    case 'fixedSizeSampled':
    case 'groupPoissonSampled':
      return 'what sampling gains is not of the form ρα';
    case 'skellam':
    case 'distributedDiscreteGaussian':
      return 'its Rényi divergence is not of the form ρα';
    case 'repeatAndSelect':
      return 'a search is not of the form ρα';
    case 'repetition':
    case 'composition':
    case 'shuffledBatches':
      return 'unrolled before';
    default:
      return mechanism satisfies never;
  }
}

/** Pure ε is ε²/2-zCDP (Bun, Steinke 2016, proposition 1.4). */
const pure = (epsilon: number): number => (epsilon * epsilon) / 2;

export function concentratedEpsilon(history: History, delta: number): Answer {
  requireDelta(delta);
  const frame = frameOf(history);
  let rho = 0;
  for (const { mechanism, count } of leavesOf(history)) {
    const one = rhoOf(mechanism);
    if (typeof one === 'string') return { kind: 'refused', accountant: 'zCDP', reason: one };
    rho += count * one;
  }
  const epsilon = epsilonFromMoment((t) => rho * t * (t + 1), delta);
  return { kind: 'bound', accountant: 'zCDP', epsilon, delta, lower: null, ...frame, sound: true };
}
