// The outcomes of a step labelled by their loss, for rare-losses.ts: body, jumps of several sizes, big. A label is drawn with a
// probability that is smooth in the loss, so that the transform of each class decays, and depends on nothing else.
import { type Demand, type LossLaw, type Measure, measureOf, nodesBetween, type Stretch } from '../losses/loss-law.ts';
import { normalUpperTail } from '../numerics/normal.ts';
import type { Part } from './cumulant.ts';

/** P(beyond a threshold | loss) = Φ(ln(loss/at)/softness), and certainly so from so many widths on: what a label lacks there is 1e-12. */
export interface Threshold {
  readonly at: number;
  readonly softness: number;
}

const certain = 7;
/** From one class of jumps to the next. */
const growth = 3;
/** Of the first threshold; the others are as wide in the loss itself, but not narrower than the other in its logarithm. */
const softest = 0.15;
const hardest = 0.05;

/** Losses and masses, as numbers: nothing here is lighter than e^-90. */
export interface Nodes {
  readonly losses: Float64Array;
  readonly masses: Float64Array;
}

/** One part of a composition: its nodes by label. The body is what is left of a mass of one. */
export interface LabelledPart {
  readonly count: number;
  readonly law: LossLaw;
  readonly body: Nodes;
  /** Of all that is not body. */
  readonly bodyMass: number;
  readonly jumps: readonly Nodes[];
  readonly big: Nodes;
}

/** Thresholds of body and first class, first and second class, …, last class and big. */
export function thresholdsFrom(body: number, big: number): Threshold[] {
  const classes = Math.max(1, Math.round(Math.log(big / body) / Math.log(growth)));
  return Array.from({ length: classes + 1 }, (_, index) => {
    const at = body * (big / body) ** (index / classes);
    return { at, softness: Math.max(hardest, (softest * body) / at) };
  });
}

/**
 * The share of a loss that has a label: 0 the body, then the classes of jumps, the last of all big. Gains are body; those larger than the
 * last threshold are put to the last class, as the transform of the body must be known at all frequencies and they fade with it.
 */
function share(loss: number, label: number, thresholds: readonly Threshold[]): number {
  const last = thresholds.length - 1;
  const tail = (z: number): number => (z >= certain ? 0 : z <= -certain ? 1 : normalUpperTail(z));
  if (!(loss > 0)) {
    if (last === 0 || loss === 0) return label === 0 ? 1 : 0;
    const beyond = position(-loss, thresholds[last], certain);
    return label === 0 ? tail(beyond) : label === last ? tail(-beyond) : 0;
  }
  const a = position(loss, thresholds[label - 1], certain);
  const b = position(loss, thresholds[label], -certain);
  if (a <= -certain || b >= certain) return 0;
  // As a difference of tails on the side where both are small.
  return Math.max(0, b > 0 ? tail(b) - tail(a) : tail(-a) - tail(-b));
}

/** Whether an atom may be labelled as a jump of any class: gains that are atoms always are body. */
export const isJump = (loss: number, thresholds: readonly Threshold[]): boolean =>
  loss > 0 && share(loss, 0, thresholds) + share(loss, thresholds.length, thresholds) < 1;

const position = (loss: number, threshold: Threshold | undefined, none: number): number =>
  threshold === undefined ? none : Math.log(loss / threshold.at) / threshold.softness;

/** What the nodes must be good for: the tilt t, where what weighs less than `negligible` may be wrong, and a frequency for each label. */
export interface LabelDemand {
  readonly t: number;
  readonly negligible: (part: number) => number;
  readonly negligibleBig: number;
  /** Of the body first, then of each class of jumps. */
  readonly frequencies: readonly number[];
}

/** Without a demand, the nodes of the law alone. */
export function labelled(
  parts: readonly Part[],
  thresholds: readonly Threshold[],
  demand?: LabelDemand,
): LabelledPart[] {
  return parts.map(({ law, count }, at) => {
    const nodes = (index: number): Nodes => {
      const asked: Demand | undefined =
        demand === undefined
          ? undefined
          : index === thresholds.length
            ? { frequency: 0, tilts: [{ t: 0, negligible: demand.negligibleBig }] }
            : { frequency: demand.frequencies[index]!, tilts: [{ t: demand.t, negligible: demand.negligible(at) }] };
      return nodesOf(law, index, thresholds, asked);
    };
    const jumps = thresholds.slice(1).map((_, index) => nodes(index + 1));
    const big = nodes(thresholds.length);
    const outside = [...jumps, big].reduce((sum, { masses }) => sum + massOf(masses), 0);
    return { count, law, body: nodes(0), bodyMass: 1 - law.infinityMass - outside, jumps, big };
  });
}

export const massOf = (masses: Float64Array): number => masses.reduce((sum, mass) => sum + mass, 0);

function nodesOf(law: LossLaw, label: number, thresholds: readonly Threshold[], demand: Demand | undefined): Nodes {
  const losses: number[] = [];
  const masses: number[] = [];
  const add = (loss: number, mass: number): void => {
    if (!(mass > 0)) return;
    losses.push(loss);
    masses.push(mass);
  };
  law.atomLosses.forEach((loss, i) => {
    const part = loss <= 0 ? (label === 0 ? 1 : 0) : share(loss, label, thresholds);
    add(loss, Math.exp(law.atomLogMasses[i]!) * part);
  });
  if (demand === undefined) {
    const all = plainMeasure(law);
    for (let at = all.atomCount; at < all.losses.length; at += 1) {
      const part = share(all.losses[at]!, label, thresholds);
      if (part > 0) add(all.losses[at]!, Math.exp(all.logMasses[at]!) * part);
    }
  } else {
    for (const stretch of stretchesOf(label, thresholds)) {
      const { losses: at, logMasses } = nodesBetween(law, stretch, demand);
      for (let i = 0; i < at.length; i += 1) add(at[i]!, Math.exp(logMasses[i]!));
    }
  }
  return { losses: Float64Array.from(losses), masses: Float64Array.from(masses) };
}

const measured = new WeakMap<LossLaw, Measure>();

/** Searches ask for the same law again and again. */
function plainMeasure(law: LossLaw): Measure {
  const known = measured.get(law) ?? measureOf(law);
  measured.set(law, known);
  return known;
}

/** Where a label has any share, with panels of a few widths around its thresholds. */
function stretchesOf(label: number, thresholds: readonly Threshold[]): Stretch[] {
  const end = ({ at, softness }: Threshold, widths: number): number => at * Math.exp(widths * softness);
  const around = (threshold: Threshold | undefined): number[] => {
    const cuts: number[] = [];
    if (threshold !== undefined) {
      for (let widths = -certain; widths <= certain; widths += 2) cuts.push(end(threshold, widths));
    }
    return cuts;
  };
  const [low, high, last] = [thresholds[label - 1], thresholds[label], thresholds[thresholds.length - 1]!];
  const gains = around(last).map((cut) => -cut);
  const logShare = (loss: number): number => Math.log(share(loss, label, thresholds));
  const whole: Stretch = {
    low:
      low === undefined ? (thresholds.length > 1 ? -end(last, certain) : Number.NEGATIVE_INFINITY) : end(low, -certain),
    high: high === undefined ? Number.POSITIVE_INFINITY : end(high, certain),
    cuts: [...(label === 0 ? gains : []), ...around(low), ...around(high)].sort((a, b) => a - b),
    logShare,
  };
  if (label !== thresholds.length - 1 || label === 0) return [whole];
  const farGains = {
    low: Number.NEGATIVE_INFINITY,
    high: -end(last, -certain),
    cuts: gains.sort((a, b) => a - b),
    logShare,
  };
  return [farGains, whole];
}
