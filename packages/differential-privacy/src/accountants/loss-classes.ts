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

/** The share of a loss that lies between two thresholds; none means that there is no end on this side. */
function share(loss: number, low: Threshold | undefined, high: Threshold | undefined): number {
  if (!(loss > 0)) return low === undefined ? 1 : 0;
  const a = position(loss, low, certain);
  const b = position(loss, high, -certain);
  if (a <= -certain || b >= certain) return 0;
  // As a difference of tails on the side where both are small.
  const tail = (z: number): number => (z >= certain ? 0 : z <= -certain ? 1 : normalUpperTail(z));
  return Math.max(0, b > 0 ? tail(b) - tail(a) : tail(-a) - tail(-b));
}

/** Whether a loss may be labelled as a jump of any class. */
export const isJump = (loss: number, thresholds: readonly Threshold[]): boolean =>
  loss > 0 && share(loss, thresholds[0], thresholds.at(-1)) > 0;

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
      return nodesOf(law, thresholds[index - 1], thresholds[index], asked);
    };
    const jumps = thresholds.slice(1).map((_, index) => nodes(index + 1));
    const big = nodes(thresholds.length);
    const outside = [...jumps, big].reduce((sum, { masses }) => sum + massOf(masses), 0);
    return { count, body: nodes(0), bodyMass: 1 - law.infinityMass - outside, jumps, big };
  });
}

export const massOf = (masses: Float64Array): number => masses.reduce((sum, mass) => sum + mass, 0);

function nodesOf(
  law: LossLaw,
  low: Threshold | undefined,
  high: Threshold | undefined,
  demand: Demand | undefined,
): Nodes {
  const losses: number[] = [];
  const masses: number[] = [];
  const add = (loss: number, mass: number): void => {
    if (!(mass > 0)) return;
    losses.push(loss);
    masses.push(mass);
  };
  if (demand === undefined) {
    const all = plainMeasure(law);
    for (let at = 0; at < all.losses.length; at += 1) {
      const part = share(all.losses[at]!, low, high);
      if (part > 0) add(all.losses[at]!, Math.exp(all.logMasses[at]!) * part);
    }
  } else {
    const { losses: at, logMasses } = nodesBetween(law, stretchOf(low, high), demand);
    for (let i = 0; i < at.length; i += 1) add(at[i]!, Math.exp(logMasses[i]!));
    law.atomLosses.forEach((loss, i) => {
      add(loss, Math.exp(law.atomLogMasses[i]!) * share(loss, low, high));
    });
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
function stretchOf(low: Threshold | undefined, high: Threshold | undefined): Stretch {
  const cuts: number[] = [];
  const end = (threshold: Threshold, widths: number): number => threshold.at * Math.exp(widths * threshold.softness);
  for (const threshold of [low, high]) {
    if (threshold === undefined) continue;
    for (let widths = -certain; widths <= certain; widths += 2) cuts.push(end(threshold, widths));
  }
  cuts.sort((a, b) => a - b);
  return {
    low: low === undefined ? Number.NEGATIVE_INFINITY : end(low, -certain),
    high: high === undefined ? Number.POSITIVE_INFINITY : end(high, certain),
    cuts,
    logShare: (loss) => Math.log(share(loss, low, high)),
  };
}
