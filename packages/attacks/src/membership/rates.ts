// What a membership score is worth: the share of members found where at most a given share of the others is accused with them (Carlini,
// Chien, Nasr, Song, Terzis and Tramèr, IEEE S&P 2022, arXiv 2112.03570: the mean over all examples says little, the left end of the
// curve says who is not private). Rates are read off the scores as they are; a threshold never accuses more than it may.

import { ParameterError } from '../errors.ts';

export interface Scored {
  /** The higher, the more likely a member. */
  readonly scores: Float64Array;
  /** 1: a member. */
  readonly members: Uint8Array;
}

export interface RatePoint {
  /** What was allowed. */
  readonly falsePositiveRate: number;
  readonly truePositiveRate: number;
}

/** The highest true positive rate over thresholds whose false positive rate is at most each of `allowed`. Equal scores fall together. */
export function ratesAt({ scores, members }: Scored, allowed: readonly number[]): readonly RatePoint[] {
  const { order, positives, negatives } = ranked({ scores, members });
  return allowed.map((falsePositiveRate) => {
    const mayAccuse = Math.floor(falsePositiveRate * negatives + 1e-9);
    let [truly, falsely, best] = [0, 0, 0];
    for (let i = 0; i < order.length; i++) {
      if (members[order[i]] === 1) truly += 1;
      else falsely += 1;
      if (falsely > mayAccuse) break;
      const isWhole = i + 1 === order.length || scores[order[i + 1]] !== scores[order[i]];
      if (isWhole) best = truly;
    }
    return { falsePositiveRate, truePositiveRate: best / positives };
  });
}

/** The chance that a member scores above another: Mann and Whitney's U over the number of pairs. */
export function areaUnderRates({ scores, members }: Scored): number {
  const { order, positives, negatives } = ranked({ scores, members });
  let [above, area] = [0, 0];
  for (let from = 0; from < order.length; ) {
    let to = from;
    let [truly, falsely] = [0, 0];
    while (to < order.length && scores[order[to]] === scores[order[from]]) {
      if (members[order[to]] === 1) truly += 1;
      else falsely += 1;
      to += 1;
    }
    area += falsely * (above + truly / 2);
    above += truly;
    from = to;
  }
  return area / (positives * negatives);
}

function ranked({ scores, members }: Scored): {
  readonly order: readonly number[];
  readonly positives: number;
  readonly negatives: number;
} {
  if (scores.length !== members.length)
    throw new ParameterError(`${scores.length} scores for ${members.length} examples`);
  const positives = members.reduce((sum, one) => sum + one, 0);
  const negatives = members.length - positives;
  if (positives === 0 || negatives === 0) throw new ParameterError('rates need members and others');
  const order = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a]);
  return { order, positives, negatives };
}
