// A tester that knows nothing of a mechanism but how to run it: runs it many times on neighbouring inputs, searches
// half of the outputs for an event that tells them apart, and measures that event on the other half. ε is then at least
// ln((p − δ)/q) with p, q bounded after Clopper and Pearson; larger than what is claimed, the claim is refuted.
//
// It finds violations, it proves none absent. Search and measurement use different runs, and the significance is
// divided by the number of pairs and directions: a claim that holds is refuted with probability at most `significance`.

import { ParameterError } from '../errors.ts';
import { lowerBound, requireDelta, requireLevel, upperBound } from './binomial.ts';
import { type Feature, standardFeatures } from './features.ts';

export interface BlackBox<D> {
  /** One run; `run` numbers it, so that a caller can seed it. Outputs of one length. */
  run(data: D, run: number): readonly number[];
  /** Neighbouring inputs: the extremes, where a wrong sensitivity shows. */
  readonly pairs: readonly (readonly [D, D])[];
  /** What to look at beside the standard features. */
  readonly features?: readonly Feature[];
}

export interface Claim {
  readonly epsilon: number;
  readonly delta: number;
}

export interface Trial {
  /** Runs on each input of each pair. */
  readonly runs: number;
  readonly significance: number;
}

export interface BlackBoxVerdict {
  readonly claim: Claim;
  /** ε is at least this, with confidence 1 − significance. */
  readonly epsilon: number;
  readonly violated: boolean;
  /** The event that shows it, in words. */
  readonly witness: string;
}

type Side = 'at least' | 'at most' | 'exactly';

interface Event {
  readonly feature: Feature;
  readonly side: Side;
  readonly value: number;
}

export function testBlackBox<D>(box: BlackBox<D>, claim: Claim, { runs, significance }: Trial): BlackBoxVerdict {
  requireDelta(claim.delta);
  requireLevel('a significance', significance);
  if (!(claim.epsilon >= 0)) throw new ParameterError(`a claimed ε is non-negative, not ${claim.epsilon}`);
  if (!Number.isSafeInteger(runs) || runs < 100) throw new ParameterError(`a test has at least 100 runs, not ${runs}`);
  if (box.pairs.length === 0) throw new ParameterError('a test needs at least one pair of neighbours');
  const each = significance / (2 * box.pairs.length);
  let best: BlackBoxVerdict = { claim, epsilon: 0, violated: false, witness: 'no event tells the inputs apart' };
  let run = 0;
  for (const [at, [one, other]] of box.pairs.entries()) {
    const outputs = ([one, other] as const).map((data) => Array.from({ length: runs }, () => box.run(data, run++)));
    for (const [mine, theirs] of [
      [outputs[0], outputs[1]],
      [outputs[1], outputs[0]],
    ]) {
      const half = runs >>> 1;
      const event = bestEvent(mine.slice(0, half), theirs.slice(0, half), claim.delta, box.features ?? []);
      const epsilon = measured(event, mine.slice(half), theirs.slice(half), claim.delta, each);
      if (epsilon > best.epsilon) {
        const witness = `${event.feature.name} ${event.side} ${event.value}, pair ${at}`;
        best = { claim, epsilon, violated: epsilon > claim.epsilon, witness };
      }
    }
  }
  return best;
}

/** ε of an event: its probability under mine, bounded from below, against theirs, bounded from above. */
function measured(
  event: Event,
  mine: readonly (readonly number[])[],
  theirs: readonly (readonly number[])[],
  delta: number,
  significance: number,
): number {
  const p = lowerBound(count(event, mine), mine.length, significance / 2);
  const q = upperBound(count(event, theirs), theirs.length, significance / 2);
  return p > delta ? Math.max(0, Math.log((p - delta) / q)) : 0;
}

function count({ feature, side, value }: Event, outputs: readonly (readonly number[])[]): number {
  return outputs.filter((output) => {
    const x = feature.of(output);
    switch (side) {
      case 'at least':
        return x >= value;
      case 'at most':
        return x <= value;
      case 'exactly':
        return x === value;
      default:
        return side satisfies never;
    }
  }).length;
}

/** Thresholds tried for each feature, and single values. */
const QUANTILES = 64;
const ATOMS = 16;

/** The event with the largest ε by a quick conservative estimate: counts moved by three deviations against us. */
function bestEvent(
  mine: readonly (readonly number[])[],
  theirs: readonly (readonly number[])[],
  delta: number,
  more: readonly Feature[],
): Event {
  const features = [...standardFeatures(mine[0]?.length ?? 0), ...more];
  if (features.length === 0) throw new ParameterError('a mechanism without outputs has nothing to test');
  let best: Event = { feature: features[0], side: 'at least', value: 0 };
  let bestScore = Number.NEGATIVE_INFINITY;
  const consider = (event: Event, mineCount: number, theirCount: number): void => {
    const p = (mineCount - 3 * Math.sqrt(mineCount + 1)) / mine.length - delta;
    const q = (theirCount + 3 * Math.sqrt(theirCount + 1) + 3) / theirs.length;
    const score = p > 0 ? Math.log(p / q) : Number.NEGATIVE_INFINITY;
    if (score > bestScore) {
      bestScore = score;
      best = event;
    }
  };
  for (const feature of features) {
    const a = Float64Array.from(mine, (output) => feature.of(output)).sort();
    const b = Float64Array.from(theirs, (output) => feature.of(output)).sort();
    const all = Float64Array.from([...a, ...b]).sort();
    for (let k = 0; k <= QUANTILES; k++) {
      const value = all[Math.min(all.length - 1, Math.floor((k * all.length) / QUANTILES))];
      consider(
        { feature, side: 'at least', value },
        a.length - firstAtLeast(a, value),
        b.length - firstAtLeast(b, value),
      );
      consider({ feature, side: 'at most', value }, firstAbove(a, value), firstAbove(b, value));
    }
    for (const value of commonest(a)) {
      consider(
        { feature, side: 'exactly', value },
        firstAbove(a, value) - firstAtLeast(a, value),
        firstAbove(b, value) - firstAtLeast(b, value),
      );
    }
  }
  return best;
}

/** Values that occur most often in a sorted list. */
function commonest(sorted: Float64Array): number[] {
  const counts: [number, number][] = [];
  for (let at = 0; at < sorted.length; ) {
    const end = firstAbove(sorted, sorted[at]);
    counts.push([sorted[at], end - at]);
    at = Math.max(end, at + 1);
  }
  return counts
    .sort(([, a], [, b]) => b - a)
    .slice(0, ATOMS)
    .map(([value]) => value);
}

const firstAtLeast = (sorted: Float64Array, value: number): number => first(sorted, (x) => x >= value);
const firstAbove = (sorted: Float64Array, value: number): number => first(sorted, (x) => x > value);

function first(sorted: Float64Array, holds: (x: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(sorted[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
