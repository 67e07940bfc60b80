// The privacy loss of one mechanism in one direction, as a measure: under P the loss L = ln(dP/dQ) has atoms, stretches with a smooth
// density, and mass at infinity. Everything an accountant needs (moments, transforms, discretisations) is computed from it.
// A pair (P, Q) here always *dominates* the mechanism: every hockey-stick divergence of neighbouring outputs is at most that of
// (P, Q) (Zhu, Dong, Wang 2022, definition 7), and dominating pairs compose (their theorem 10).
import { normalUpperTail } from '../numerics/normal.ts';
import { gaussLegendre } from '../numerics/quadrature.ts';

/** A stretch of outcomes x on which the loss is smooth and monotone. */
export interface Branch {
  readonly low: number;
  readonly high: number;
  /** ln of the density of P at x. */
  logDensity(x: number): number;
  loss(x: number): number;
  /** The outcome with this loss. Only asked for losses between those of the two ends. */
  outcome(loss: number): number;
  /** Quadrature panels are at most this wide: density and loss are analytic in a disc around each. */
  readonly scale: number;
}

export interface LossLaw {
  readonly branches: readonly Branch[];
  readonly atomLosses: readonly number[];
  /** ln of the masses under P. */
  readonly atomLogMasses: readonly number[];
  /** Mass of P where Q has none. */
  readonly infinityMass: number;
  /** Largest finite loss; infinite when unbounded. */
  readonly supremum: number;
  /** N(μ²/2, μ²): the loss of a Gaussian, for which everything has a closed form. The value is μ². */
  readonly gaussianVariance?: number;
  /** All atoms lie on offset + spacing · ℤ: then a grid can be exact. */
  readonly lattice?: Lattice;
  /** With little noise one can see which steps took the record. */
  readonly apart?: Apart;
  /** Where the density is a row of separate humps, its transform comes back when they turn in step: they must be told apart. */
  readonly humps?: readonly Hump[];
}

/** A Gaussian hump of the density of the loss. */
export interface Hump {
  readonly mean: number;
  readonly variance: number;
}

/** Components nearer than so many deviations make one hump. */
export const humpDistance = 3;

/**
 * But for a mass `fault`, the loss is within `slack` of this: with probability `rate` it is N(v/2, v) + hitLoss, v the variance, and
 * else it is missLoss.
 */
export interface Apart {
  readonly rate: number;
  readonly variance: number;
  readonly hitLoss: number;
  readonly missLoss: number;
  readonly fault: number;
  readonly slack: number;
}

/**
 * A mixture with N(0, σ²) whose other component, at distance d from it, weighs q: outcomes at which neither outweighs the other by e^60
 * are faults, elsewhere the lighter one adds less than e^-60 of itself. Undefined where faults are no rarity.
 */
export function apartOf(
  { rate, sigma, distance }: { readonly rate: number; readonly sigma: number; readonly distance: number },
  { hitLoss, missLoss }: { readonly hitLoss: number; readonly missLoss: number },
): Apart | undefined {
  const clear = 60;
  const reach = (0.5 * distance - (clear * sigma * sigma) / distance) / sigma;
  if (!(reach > 8 && rate > 1e-12 && rate <= 0.5)) return undefined;
  return {
    rate,
    variance: (distance / sigma) ** 2,
    hitLoss,
    missLoss,
    fault: normalUpperTail(reach),
    slack: (2 * Math.exp(-clear)) / rate,
  };
}

export interface Lattice {
  readonly spacing: number;
  readonly offset: number;
  /** The loss is a discrete Gaussian: ln E_P[e^(zL)] = μ²(z² + z)/2 but for e^(-2π²σ²), with this μ², for |Im z| below half the period. */
  readonly gaussianVariance?: number;
  /** The atoms are cells of the true ones: above them, and not for lower bounds. */
  readonly inCells?: boolean;
}

/** A discrete stand-in for a loss law: quadrature nodes as atoms. Moments agree to about 1e-15. */
export interface Measure {
  readonly losses: Float64Array;
  /** ln of the masses, which add up to one less the mass at infinity. */
  readonly logMasses: Float64Array;
  /** The first so many are true atoms, not quadrature nodes. */
  readonly atomCount: number;
  /** What the masses lack to one: at infinity, or nodes left out on purpose. */
  readonly missing: number;
}

/**
 * What a measure is for: E[e^((t + is)L)] up to |s| = frequency at the tilts t. Nodes whose tilted weight is below e^negligible may be
 * wrong.
 */
export interface Demand {
  readonly frequency: number;
  readonly tilts: readonly { readonly t: number; readonly negligible: number }[];
}

const panelRule = 16;
/** Nodes lighter than e^-90 are left out: all of them together weigh less than 1e-35. */
const lightest = -90;
/**
 * Mass of one step that nodes and branches may leave out: what is lighter than e^-90, and what lies beyond thirteen deviations. It is
 * charged to δ with what is at infinity.
 */
export function cutMassOf(law: LossLaw): number {
  return law.branches.length > 0 && law.gaussianVariance === undefined ? 1e-36 : 0;
}

/** The loss may turn e^(isL) by so much over a panel of 16 Gauss–Legendre nodes before their sum is off by more than rounding. */
const turnPerPanel = 10;
/** And the tilted density may change by a factor of e to this: the rule's relative error on e^(ax), |a| ≤ 10, is 1e-16. */
const spreadPerPanel = 22;

/** Panels of Gauss–Legendre nodes as wide as the density allows, and split where a demand asks for more. */
export function measureOf(law: LossLaw, demand?: Demand): Measure {
  const losses: number[] = [...law.atomLosses];
  const logMasses: number[] = [...law.atomLogMasses];
  for (const branch of law.branches) addNodes(branch, losses, logMasses, demand);
  let total = 0;
  for (const logMass of logMasses) total += Math.exp(logMass);
  const correction = Math.log(total) - Math.log1p(-law.infinityMass);
  return {
    losses: Float64Array.from(losses),
    logMasses: Float64Array.from(logMasses, (logMass) => logMass - correction),
    atomCount: law.atomLosses.length,
    missing: law.infinityMass,
  };
}

export interface Stretch {
  readonly low: number;
  readonly high: number;
  readonly cuts: readonly number[];
  /** ln of what the density is multiplied by at a loss. */
  readonly logShare: (loss: number) => number;
}

/** Nodes of a share of the smooth part, with losses from `low` to `high` and panels that end at each of the losses in `cuts`. */
export function nodesBetween(law: LossLaw, { low, high, cuts, logShare }: Stretch, demand?: Demand): Measure {
  const losses: number[] = [];
  const logMasses: number[] = [];
  for (const branch of law.branches) {
    const rising = branch.loss(branch.high) > branch.loss(branch.low);
    const [start, end] = rising ? [branch.low, branch.high] : [branch.high, branch.low];
    const [least, most] = [branch.loss(start), branch.loss(end)];
    if (least >= high || most <= low) continue;
    const ends = [least < low ? branch.outcome(low) : start];
    for (const cut of cuts)
      if (cut > Math.max(low, least) && cut < Math.min(high, most)) ends.push(branch.outcome(cut));
    ends.push(most > high ? branch.outcome(high) : end);
    for (let at = 1; at < ends.length; at += 1) {
      const [a, b] = [Math.min(ends[at - 1]!, ends[at]!), Math.max(ends[at - 1]!, ends[at]!)];
      const logDensity = (x: number): number => branch.logDensity(x) + logShare(branch.loss(x));
      if (b > a) addNodes({ ...branch, low: a, high: b, logDensity }, losses, logMasses, demand);
    }
  }
  return { losses: Float64Array.from(losses), logMasses: Float64Array.from(logMasses), atomCount: 0, missing: 0 };
}

/** Appends the nodes of a branch. */
function addNodes(branch: Branch, losses: number[], logMasses: number[], demand: Demand | undefined): void {
  const { nodes, weights } = gaussLegendre(panelRule);
  const panel = (low: number, high: number, depth: number): void => {
    const start = losses.length;
    const half = 0.5 * (high - low);
    const middle = 0.5 * (high + low);
    for (let at = 0; at < panelRule; at += 1) {
      const x = middle + half * nodes[at];
      const logMass = branch.logDensity(x) + Math.log(half * weights[at]);
      if (logMass < lightest) continue;
      losses.push(branch.loss(x));
      logMasses.push(logMass);
    }
    if (demand === undefined || losses.length === start || depth === 0) return;
    // The ends count as well: a steep tilt may have all its weight between the end and the first node.
    const ends = [low, high].map((x) => ({ loss: branch.loss(x), logMass: branch.logDensity(x) + Math.log(half) }));
    const pieces = piecesFor(demand, ends, losses, logMasses, start);
    if (pieces <= 1) return;
    losses.length = start;
    logMasses.length = start;
    for (let piece = 0; piece < pieces; piece += 1) {
      panel(low + ((high - low) * piece) / pieces, low + ((high - low) * (piece + 1)) / pieces, depth - 1);
    }
  };
  const count = Math.max(1, Math.ceil((branch.high - branch.low) / branch.scale));
  const width = (branch.high - branch.low) / count;
  for (let at = 0; at < count; at += 1) panel(branch.low + at * width, branch.low + (at + 1) * width, 8);
}

/** Into how many pieces the panel with these ends, whose nodes begin at `start`, must be cut. */
function piecesFor(
  demand: Demand,
  ends: readonly { readonly loss: number; readonly logMass: number }[],
  losses: readonly number[],
  logMasses: readonly number[],
  start: number,
): number {
  const turn = demand.frequency * Math.abs(ends[0]!.loss - ends[1]!.loss);
  let pieces = 1;
  for (const { t, negligible } of demand.tilts) {
    let heaviest = Number.NEGATIVE_INFINITY;
    let least = Number.POSITIVE_INFINITY;
    const see = (weight: number): void => {
      heaviest = Math.max(heaviest, weight);
      least = Math.min(least, weight);
    };
    for (let at = start; at < losses.length; at += 1) see(logMasses[at]! + t * losses[at]!);
    for (const { loss, logMass } of ends) see(logMass + t * loss);
    if (heaviest < negligible) continue;
    pieces = Math.max(pieces, turn / turnPerPanel, Math.min(32, (heaviest - least) / spreadPerPanel));
  }
  return Math.ceil(pieces);
}
