// How many members of a population are the only ones of their kind, estimated from a sample alone: three estimators, and the rule by which
// Dankar et al. 2012 choose among them. The names are ARX's. What goes in is how large the sample's classes are, and how large the
// population is, of which the sample is thought to be drawn at random: where it is not, none of this holds.
//
// Where ARX 3.9's code departs from the formula of its source, the formula is followed: the second equation of the slide negative binomial is divided
// by (1 − d)^(α + 2), not multiplied, and Shlosser's sum has its −1 within.
import { ParameterError } from '../errors.ts';
import { digamma, logGamma } from './gamma.ts';

export type UniquenessModel = 'pitman' | 'slide-negative-binomial' | 'zayatz';

export interface PopulationUniques {
  readonly populationSize: number;
  /** Rows that are alone in the sample. */
  readonly sampleUniques: number;
  /** Expected number of unique members of the population; undefined where the estimator has no solution. */
  readonly zayatz: number | undefined;
  readonly pitman: number | undefined;
  readonly slideNegativeBinomial: number | undefined;
  /** What the rule of Dankar et al. takes, and as a part of the population. */
  readonly chosen: { readonly model: UniquenessModel; readonly uniques: number; readonly share: number };
}

/** The sample: s classes of j rows each, by j. */
interface Sample {
  readonly rows: number;
  readonly classes: number;
  readonly sizes: readonly (readonly [size: number, count: number])[];
  readonly ones: number;
  readonly twos: number;
  readonly populationSize: number;
  /** n / N, in (0, 1]. */
  readonly fraction: number;
}

export function populationUniques(classSizes: Uint32Array, populationSize: number): PopulationUniques {
  const sample = sampleOf(classSizes, populationSize);
  const { ones: sampleUniques, fraction } = sample;
  if (sampleUniques === 0 || fraction === 1) {
    const uniques = sampleUniques;
    const same = { zayatz: uniques, pitman: uniques, slideNegativeBinomial: uniques };
    const chosen = { model: 'zayatz', uniques, share: uniques / populationSize } as const;
    return { populationSize, sampleUniques, ...same, chosen };
  }
  const zayatz = zayatzUniques(sample);
  const pitman = pitmanUniques(sample);
  const slideNegativeBinomial = slideUniques(sample);
  return {
    populationSize,
    sampleUniques,
    zayatz,
    pitman,
    slideNegativeBinomial,
    chosen: chosenOf(sample, zayatz, pitman, slideNegativeBinomial),
  };
}

/** Dankar et al. 2012: a sample of at most a tenth, Pitman; of more, the smaller of the other two. */
function chosenOf(
  { fraction, populationSize }: Sample,
  zayatz: number,
  pitman: number | undefined,
  slide: number | undefined,
): PopulationUniques['chosen'] {
  const of = (model: UniquenessModel, uniques: number): PopulationUniques['chosen'] => ({
    model,
    uniques,
    share: uniques / populationSize,
  });
  if (fraction <= 0.1) return pitman === undefined ? of('zayatz', zayatz) : of('pitman', pitman);
  return slide === undefined || zayatz < slide ? of('zayatz', zayatz) : of('slide-negative-binomial', slide);
}

function sampleOf(classSizes: Uint32Array, populationSize: number): Sample {
  const counts = new Map<number, number>();
  let [rows, classes] = [0, 0];
  for (const size of classSizes) {
    if (size === 0) continue;
    rows += size;
    classes += 1;
    counts.set(size, (counts.get(size) ?? 0) + 1);
  }
  if (!(Number.isSafeInteger(populationSize) && populationSize >= Math.max(1, rows))) {
    throw new ParameterError(`a population has at least the ${rows} members of its sample, not ${populationSize}`);
  }
  const sizes = [...counts].sort(([a], [b]) => a - b);
  const [ones, twos] = [counts.get(1) ?? 0, counts.get(2) ?? 0];
  return { rows, classes, sizes, ones, twos, populationSize, fraction: rows / populationSize };
}

/**
 * Zayatz 1991. If the population's classes were as the sample's, a class alone in the sample is alone in the population with
 * probability s₁ H(1) / Σ sᵢ H(i), H(i) the probability that a class of i has just one member in the sample (hypergeometric).
 * So many of the sample's uniques are the population's, and the sample holds n / N of those.
 */
function zayatzUniques({ ones, sizes, rows, populationSize, fraction }: Sample): number {
  let all = 0;
  for (const [size, count] of sizes) all += count * oneOf(size, rows, populationSize);
  return (ones * ((ones * oneOf(1, rows, populationSize)) / all)) / fraction;
}

/** H(i) = i · n/N · Π_{1 ≤ j < i} (N − n − j + 1)/(N − j). */
function oneOf(size: number, rows: number, populationSize: number): number {
  let probability = (size * rows) / populationSize;
  for (let other = 1; other < size && probability > 0; other += 1) {
    probability *= Math.max(0, populationSize - rows - other + 1) / (populationSize - other);
  }
  return probability;
}

/**
 * Hoshino 2001: Pitman's sampling formula. θ and α maximise
 *   Σ_{i<u} ln(θ + iα) − Σ_{i<n} ln(θ + i) + Σⱼ sⱼ Σ_{i<j} ln(i − α),  0 ≤ α < 1, θ > −α,
 * and a population of N has N · Γ(θ+α+N−1) Γ(θ+1) / (Γ(θ+α) Γ(θ+N)) uniques (for large N: N^α Γ(θ+1)/Γ(θ+α), which ARX takes).
 */
function pitmanUniques(sample: Sample): number | undefined {
  const { rows, classes, sizes, populationSize: people } = sample;
  if (classes >= rows || classes < 2) return undefined;
  const thetaOf = (alpha: number): number | undefined => {
    // ∂/∂θ, from above infinity at θ = −α to below zero.
    const slope = (shift: number): number =>
      firstSum(shift - alpha, alpha, classes) - (digamma(shift - alpha + rows) - digamma(shift - alpha + 1));
    const shift = rootOfFalling((at) => slope(Math.exp(at)), Math.log(1e-12), Math.log(1e15));
    return shift === undefined ? undefined : Math.exp(shift) - alpha;
  };
  const slopeOfAlpha = (alpha: number): number => {
    const theta = thetaOf(alpha);
    if (theta === undefined) return Number.NaN;
    let fallen = 0;
    for (const [size, count] of sizes) fallen += count * (digamma(size - alpha) - digamma(1 - alpha));
    return (classes - 1 - theta * firstSum(theta, alpha, classes)) / alpha - fallen;
  };
  const least = 1e-6;
  // Where it falls from the start, α is at its lower end, and the formula is Ewens's.
  const alpha = slopeOfAlpha(least) <= 0 ? least : rootOfFalling(slopeOfAlpha, least, 1 - 1e-9);
  const theta = alpha === undefined ? undefined : thetaOf(alpha);
  if (alpha === undefined || theta === undefined) return undefined;
  const logarithm =
    logGamma(theta + alpha + people - 1) - logGamma(theta + people) + logGamma(theta + 1) - logGamma(theta + alpha);
  const uniques = people * Math.exp(logarithm);
  return uniques >= 0 && uniques <= people ? uniques : undefined;
}

/** Σ_{1 ≤ i < u} 1/(θ + iα). */
const firstSum = (theta: number, alpha: number, classes: number): number =>
  (digamma(theta / alpha + classes) - digamma(theta / alpha + 1)) / alpha;

/**
 * Chen and Keller-McNulty 1998: population classes are 1 and a negative binomial, P(F = x) = C(α+x−2, x−1) β^α (1−β)^(x−1). With
 * d = (1−f)(1−β), a Bernoulli sample of the K classes has on average
 *   K f (β/(1−d))^α (1 + αd/(1−d))  classes of one,  and  K f² α(1−β) β^α (2 − (1−α)d) / (2 (1−d)^(α+2))  classes of two;
 * the population K β^α. K is Shlosser's estimate as modified by Haas and Stokes 1998.
 */
function slideUniques(sample: Sample): number | undefined {
  const { fraction: f, ones, twos } = sample;
  if (twos === 0) return undefined;
  const classes = shlosserClasses(sample);
  const spread = (beta: number): number => (1 - f) * (1 - beta);
  // The second over the first, which grows with α.
  const alphaOf = (beta: number): number | undefined => {
    const d = spread(beta);
    const quotient = (alpha: number): number =>
      (f * alpha * (1 - beta) * (2 - (1 - alpha) * d)) / (2 * (1 - d) * (1 - d + alpha * d));
    const found = rootOfFalling((at) => twos / ones - quotient(Math.exp(at)), Math.log(1e-9), Math.log(1e9));
    return found === undefined ? undefined : Math.exp(found);
  };
  const excess = (beta: number): number => {
    const alpha = alphaOf(beta);
    if (alpha === undefined) return Number.NaN;
    const d = spread(beta);
    return classes * f * (beta / (1 - d)) ** alpha * (1 + (alpha * d) / (1 - d)) - ones;
  };
  const beta = firstRoot(excess);
  const alpha = beta === undefined ? undefined : alphaOf(beta);
  return beta === undefined || alpha === undefined ? undefined : classes * beta ** alpha;
}

/** u + s₁ · Σ i f² (1−f²)^(i−1) sᵢ / Σ (1−f)^i ((1+f)^i − 1) sᵢ · (Σ (1−f)^i sᵢ / Σ i f (1−f)^(i−1) sᵢ)². */
function shlosserClasses({ fraction: f, sizes, classes, ones }: Sample): number {
  let [squares, differences, unseen, singles] = [0, 0, 0, 0];
  for (const [size, count] of sizes) {
    squares += size * f * f * (1 - f * f) ** (size - 1) * count;
    differences += ((1 - f * f) ** size - (1 - f) ** size) * count;
    unseen += (1 - f) ** size * count;
    singles += size * f * (1 - f) ** (size - 1) * count;
  }
  return classes + ones * (squares / differences) * (unseen / singles) ** 2;
}

const halvings = 200;

/** Where a function goes from above zero to below, by halving; undefined where its ends do not differ so. */
function rootOfFalling(of: (at: number) => number, from: number, to: number): number | undefined {
  let [low, high] = [from, to];
  if (!(of(low) > 0 && of(high) < 0)) return undefined;
  for (let step = 0; step < halvings && high - low > 1e-15 * Math.max(1, Math.abs(low)); step += 1) {
    const middle = (low + high) / 2;
    if (of(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The first change of sign on a grid of (0, 1) that is fine at both ends. */
function firstRoot(of: (beta: number) => number): number | undefined {
  const at = (step: number): number => 1 / (1 + Math.exp(-(step / 8)));
  let before: { readonly beta: number; readonly value: number } | undefined;
  for (let step = -200; step <= 200; step += 1) {
    const beta = at(step);
    const value = of(beta);
    if (Number.isFinite(value) && before !== undefined && before.value < 0 !== value < 0) {
      const sign = before.value > 0 ? 1 : -1;
      return rootOfFalling((one) => sign * of(one), before.beta, beta);
    }
    before = Number.isFinite(value) ? { beta, value } : undefined;
  }
  return undefined;
}
