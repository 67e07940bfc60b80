// Loss laws built from others: Poisson sampling of any law, mixtures of Gaussians, subsets without replacement, public coin flips.
import { logAddExp } from '../numerics/logarithms.ts';
import { logNormalDensity, normalUpperTail } from '../numerics/normal.ts';
import { upperCrossing } from '../numerics/search.ts';
import { largestOf, panelWidth } from './base-laws.ts';
import { type Apart, apartOf, type Branch, type Hump, humpDistance, type LossLaw } from './loss-law.ts';

/** ln(1 - q + q e^l). */
export function logMixed(q: number, loss: number): number {
  if (loss < 30) return Math.log1p(q * Math.expm1(loss));
  return logAddExp(Math.log1p(-q), Math.log(q) + loss);
}

/** The l with ln(1 - q + q e^l) = mixed; minus infinity where there is none. */
function unmixed(q: number, mixed: number): number {
  if (mixed > 30) return mixed + Math.log1p((q - 1) * Math.exp(-mixed)) - Math.log(q);
  return Math.log1p(Math.max(-1, Math.expm1(mixed) / q));
}

/**
 * With little noise the logarithm of a mixture turns within some σ² around the outcomes where one component takes over from another, at
 * distance πσ² of its branch points, and is smooth elsewhere: panels as wide as their distance from there (ratio 3 to the half width:
 * 5.8^-32), so that their number grows like ln(1/σ) and not like 1/σ².
 */
function graded(branch: Branch, sigma: number, turns: readonly number[]): Branch[] {
  if (sigma > 0.15) return [branch];
  const { low, high, scale } = branch;
  const widest = 1.5 * sigma;
  const centres = turns.map((turn) => Math.min(high, Math.max(low, turn))).sort((a, b) => a - b);
  const cuts = [low, high, ...centres];
  centres.forEach((centre, at) => {
    // To the middle between this one and the next; further out the other one decides.
    const [left, right] = [centres[at - 1] ?? low - (centre - low), centres[at + 1] ?? high + (high - centre)];
    for (let distance = scale; distance < 2 * widest; distance *= 2) {
      if (distance < 0.5 * (centre - left)) cuts.push(centre - distance);
      if (distance < 0.5 * (right - centre)) cuts.push(centre + distance);
    }
  });
  const ends = cuts.filter((x) => x >= low && x <= high).sort((a, b) => a - b);
  const pieces: Branch[] = [];
  for (let at = 1; at < ends.length; at += 1) {
    const [start, end] = [ends[at - 1]!, ends[at]!];
    if (!(end > start)) continue;
    const away = centres.reduce((least, centre) => Math.min(least, Math.max(0, start - centre, centre - end)), widest);
    pieces.push({ ...branch, low: start, high: end, scale: Math.max(scale, away) });
  }
  return pieces;
}

/**
 * Poisson sampling of a record with rate q (Zhu, Dong, Wang 2022, theorem 11). With (P, Q) the pair for the record taken or not:
 * removing compares (1 - q)Q + qP with Q, loss ln(1 - q + q e^L); adding compares Q with the mixture, minus that loss.
 */
export function poissonSampledLaw(base: LossLaw, q: number, direction: 'remove' | 'add'): LossLaw {
  const sign = direction === 'remove' ? 1 : -1;
  const newLoss = (loss: number): number => sign * logMixed(q, loss);
  // ln dP'/dP: the mixture is P·((1 - q)e^(-L) + q), and Q is P·e^(-L).
  const reweighted =
    direction === 'remove' ? (loss: number): number => logMixed(q, loss) - loss : (loss: number): number => -loss;
  const turn = Math.log1p(-q) - Math.log(q);
  const pieces =
    base.gaussianVariance === undefined
      ? base.branches
      : base.branches.flatMap((one) => graded(one, 1 / Math.sqrt(base.gaussianVariance!), [one.outcome(turn)]));
  const branches = pieces.map(
    (branch): Branch => ({
      ...branch,
      logDensity: (x) => branch.logDensity(x) + reweighted(branch.loss(x)),
      loss: (x) => newLoss(branch.loss(x)),
      outcome: (loss) => {
        const inner = unmixed(q, sign * loss);
        // Below the least loss of the branch lies its low-loss end.
        const [first, last] = [branch.loss(branch.low), branch.loss(branch.high)];
        return branch.outcome(Math.min(Math.max(inner, Math.min(first, last)), Math.max(first, last)));
      },
    }),
  );
  const supremum = direction === 'remove' ? logMixed(q, base.supremum) : -Math.log1p(-q);
  const finite = base.supremum < Number.POSITIVE_INFINITY;
  const smallest = -largestOf(base.atomLosses.map((loss) => -loss));
  const atomLosses = base.atomLosses.map(newLoss);
  // Two points are a lattice wherever they lie.
  const [first, second] = atomLosses;
  const pair = branches.length === 0 && atomLosses.length === 2 && first !== second;
  return {
    branches,
    atomLosses,
    ...(pair ? { lattice: { spacing: Math.abs(first! - second!), offset: first! } } : {}),
    atomLogMasses: base.atomLogMasses.map((logMass, at) => logMass + reweighted(base.atomLosses[at]!)),
    // Only tails cut off far out carry it here: as much on either side.
    infinityMass: base.infinityMass,
    supremum: direction === 'add' && finite ? -logMixed(q, smallest) : supremum,
    ...(base.gaussianVariance === undefined ? {} : apartIn(direction, q, base.gaussianVariance)),
    ...(base.gaussianVariance === undefined || direction === 'add'
      ? {}
      : withHumps(sampledHumps(q, base.gaussianVariance, Math.log1p(-q)))),
  };
}

function sampledHumps(q: number, variance: number, missLoss: number): Hump[] {
  if (variance < humpDistance ** 2) return [];
  return [
    { mean: missLoss, variance: 0 },
    { mean: Math.log(q) + 0.5 * variance, variance },
  ];
}

const withHumps = (humps: readonly Hump[]): { readonly humps?: readonly Hump[] } => (humps.length > 1 ? { humps } : {});

function apartIn(direction: 'remove' | 'add', q: number, gaussianVariance: number): { readonly apart?: Apart } {
  const where = { rate: q, sigma: 1 / Math.sqrt(gaussianVariance), distance: 1 };
  const rest = Math.log1p(-q);
  const removed = apartOf(where, { hitLoss: Math.log(q), missLoss: rest });
  if (removed === undefined) return {};
  // Without the record no step has taken it: all outcomes say so.
  return { apart: direction === 'remove' ? removed : { ...removed, rate: 0, missLoss: -rest } };
}

/** A finite mixture of Gaussians of one deviation. */
export interface Mixture {
  readonly logWeights: readonly number[];
  readonly shifts: readonly number[];
}

/**
 * One Gaussian mixture against another, where the likelihood ratio rises with x: groups under Poisson sampling (Ganesh 2024) and
 * replacing a sampled record (Lebeda, Regehr, Kamath, Steinke 2024, section 4).
 */
export function mixtureLaw(numerator: Mixture, denominator: Mixture, sigma: number): LossLaw {
  const shifts = [...numerator.shifts, ...denominator.shifts];
  const [lowest, highest] = [-largestOf(shifts.map((shift) => -shift)), largestOf(shifts)];
  const variance = sigma * sigma;
  const [over, under] = [logRatioOf(numerator, variance), logRatioOf(denominator, variance)];
  const loss = (x: number): number => over(x) - under(x);
  const low = lowest - 13 * sigma;
  const high = highest + 13 * sigma;
  const branch: Branch = {
    low,
    high,
    logDensity: (x) => over(x) + logNormalDensity(x, 0, sigma),
    loss,
    outcome: (wanted) => upperCrossing((x) => wanted - loss(x), { low, high }, 1e-12),
    scale: panelWidth(sigma, highest - lowest),
  };
  const turns = [...turnsOf(numerator, variance), ...turnsOf(denominator, variance)];
  return {
    branches: graded(branch, sigma, turns),
    atomLosses: [],
    atomLogMasses: [],
    infinityMass: 0,
    supremum: Number.POSITIVE_INFINITY,
    ...withHumps(mixtureHumps(numerator.shifts, sigma, loss)),
  };
}

function mixtureHumps(shifts: readonly number[], sigma: number, loss: (x: number) => number): Hump[] {
  const sorted = [...shifts].sort((a, b) => a - b);
  if (!sorted.some((shift, at) => shift - (sorted[at - 1] ?? shift) > humpDistance * sigma)) return [];
  return sorted.map((shift) => ({
    mean: loss(shift),
    variance: (0.5 * (loss(shift + sigma) - loss(shift - sigma))) ** 2,
  }));
}

/** ln of the mixture's density over that of N(0, σ²), a sum of exponentials of lines. Asked for at every node: nothing is allocated. */
function logRatioOf({ logWeights, shifts }: Mixture, variance: number): (x: number) => number {
  const slopes = Float64Array.from(shifts, (shift) => shift / variance);
  const starts = Float64Array.from(logWeights, (weight, j) => weight - (0.5 * shifts[j]! * shifts[j]!) / variance);
  const size = slopes.length;
  return (x) => {
    let largest = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < size; j += 1) largest = Math.max(largest, starts[j] + slopes[j] * x);
    let sum = 0;
    for (let j = 0; j < size; j += 1) {
      const below = starts[j] + slopes[j] * x - largest;
      if (below > -40) sum += Math.exp(below);
    }
    return largest + Math.log(sum);
  };
}

/** The outcomes at which another component of a mixture becomes the heaviest: where ln w_j + (m_j x - m_j²/2)/σ² cross on top. */
function turnsOf({ logWeights, shifts }: Mixture, variance: number): number[] {
  const order = shifts.map((_, at) => at).sort((a, b) => shifts[a]! - shifts[b]!);
  const crossing = (a: number, b: number): number =>
    0.5 * (shifts[a]! + shifts[b]!) + (variance * (logWeights[a]! - logWeights[b]!)) / (shifts[b]! - shifts[a]!);
  const top: number[] = [];
  for (const next of order) {
    for (;;) {
      const [last, before] = [top.at(-1), top.at(-2)];
      if (last === undefined || before === undefined || crossing(before, last) < crossing(last, next)) break;
      top.pop();
    }
    top.push(next);
  }
  return top.slice(1).map((one, at) => crossing(top[at]!, one));
}

/** Seen from the other side of the real line: swapping the two sides keeps the likelihood ratio rising. */
export function mirrored(mixture: Mixture): Mixture {
  return { logWeights: mixture.logWeights, shifts: mixture.shifts.map((shift) => -shift) };
}

/**
 * A batch of fixed size drawn without replacement, one record replaced (Zhu, Dong, Wang 2022, theorem 11, subset sampling): for every
 * α ≥ 1 the hockey stick is at most that of M = (1 - γ)Q + γP against Q, and by the symmetry of replacing δ(α) = 1 - α + αδ(1/α)
 * below one. The pair with that curve: where M > Q it is (M, Q), mirrored it is (Q, M), and what is left of the mass has loss 0.
 */
export function subsetSampledGaussianLaw(noiseMultiplier: number, rate: number): LossLaw {
  const sigma = noiseMultiplier;
  const inner = (x: number): number => (x - 0.5) / (sigma * sigma);
  const shared = {
    low: 0.5,
    high: 1 + 13 * sigma,
    scale: panelWidth(sigma, 1),
  };
  const outcome = (loss: number): number => 0.5 + sigma * sigma * unmixed(rate, Math.max(0, loss));
  const upper: Branch = {
    ...shared,
    logDensity: (x) => logNormalDensity(x, 0, sigma) + logMixed(rate, inner(x)),
    loss: (x) => logMixed(rate, inner(x)),
    outcome,
  };
  const lower: Branch = {
    ...shared,
    logDensity: (x) => logNormalDensity(x, 0, sigma),
    loss: (x) => -logMixed(rate, inner(x)),
    outcome: (loss) => outcome(-loss),
  };
  const underQ = normalUpperTail(0.5 / sigma);
  const underM = (1 - rate) * underQ + rate * normalUpperTail(-0.5 / sigma);
  const turn = 0.5 + sigma * sigma * (Math.log1p(-rate) - Math.log(rate));
  return {
    branches: [upper, lower].flatMap((branch) => graded(branch, sigma, [turn])),
    atomLosses: [0],
    atomLogMasses: [Math.log1p(-underQ - underM)],
    infinityMass: 0,
    supremum: Number.POSITIVE_INFINITY,
    ...withApart(apartOf({ rate, sigma, distance: 1 }, { hitLoss: Math.log(rate), missLoss: 0 })),
    ...withHumps(sampledHumps(rate, 1 / (sigma * sigma), 0)),
  };
}

export const withApart = (apart: Apart | undefined): { readonly apart?: Apart } =>
  apart === undefined ? {} : { apart };

/** A public coin decides between two laws: its loss is drawn from the first with probability 1 - share, else from the second. */
export function eitherLaw(first: LossLaw, second: LossLaw, share: number): LossLaw {
  if (share === 0) return first;
  const weighted = (law: LossLaw, logShare: number): LossLaw => ({
    ...law,
    branches: law.branches.map((branch) => ({ ...branch, logDensity: (x) => branch.logDensity(x) + logShare })),
    atomLogMasses: law.atomLogMasses.map((logMass) => logMass + logShare),
  });
  const a = weighted(first, Math.log1p(-share));
  const b = weighted(second, Math.log(share));
  return {
    branches: [...a.branches, ...b.branches],
    atomLosses: [...a.atomLosses, ...b.atomLosses],
    atomLogMasses: [...a.atomLogMasses, ...b.atomLogMasses],
    infinityMass: (1 - share) * a.infinityMass + share * b.infinityMass,
    supremum: Math.max(a.supremum, b.supremum),
    ...withHumps([...(a.humps ?? []), ...(b.humps ?? [])].sort((one, other) => one.mean - other.mean)),
  };
}
