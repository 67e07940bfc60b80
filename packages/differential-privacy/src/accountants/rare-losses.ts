// ε(δ) where a step hardly ever loses anything: sampling so rare, or so few steps, that the transform of the loss does not decay along
// the line of contour.ts, because nearly all mass lies in one place.
//
// Every outcome is labelled by its loss (loss-classes.ts): *body* (next to nothing, or a gain), *jump* of some class, or *big* (many
// times ε). With φ_body and φ_jumps the transforms of what is so labelled, both of positive measures, and all steps taken together,
//   δ(ε) = [no step big, some jump]  (1/2πi) ∫ ((φ_body + φ_jumps)^T - φ_body^T) e^(-zε)/(z(1 + z)) dz: the integrand now decays,
//        + [some step big]           (1 - (1 - p)^T) - e^ε (1 - (1 - p_Q)^T), p and p_Q the masses of big under P and Q, as then L > ε,
//        + [all steps body]          next to nothing, as then L < ε,
// where the last two hold up to Chernoff bounds that are charged. A class of jumps of size η has a density that is smooth on the scale
// of η: its transform is gone for frequencies above some 100/η, so that each class needs few nodes, and the large ones few points.
//
// Refuses (answers undefined) where jumps are atoms, and where the body alone could reach ε.
import type { Interval } from './answer.ts';
import { evaluate, largestError, numericalMargin } from './contour.ts';
import type { Line } from './contour-line.ts';
import { infinityMassOf, type Part } from './cumulant.ts';
import { isJump, labelled, type Threshold, thresholdsFrom } from './loss-classes.ts';
import {
  curvatureAt,
  type Fading,
  fadingOf,
  heightAt,
  lineOf,
  longest,
  lowestOf,
  narrowest,
  stationOf,
} from './rare-line.ts';
import { bigDelta, type Composition, logBigError, logBodyDelta, logBodyOf, ratioOf } from './rare-moments.ts';

/** Share of δ that may be charged for each of the two Chernoff bounds. */
const charged = 1e-8;
const pointLimit = 8192;

/** An interval of ε, looked for near one that is known, if any; undefined where the labels do not fit. */
export function rareLossEpsilon(parts: readonly Part[], delta: number, near?: number): Interval | undefined {
  const atInfinity = infinityMassOf(parts);
  if (atInfinity >= delta) return undefined;
  const others = parts.filter(({ law }) => law.gaussianVariance === undefined);
  // Some jumps must be spread out; atoms may be in the body.
  if (others.every(({ law }) => law.atomLosses.some((loss) => loss > 0))) return undefined;
  const gaussian = parts.reduce((sum, { law, count }) => sum + count * (law.gaussianVariance ?? 0), 0);
  const goal = delta - atInfinity;
  let guess = near ?? firstGuess(others, gaussian, goal);
  for (let round = 0; round < 5 && guess !== undefined; round += 1) {
    const thresholds = thresholdsFor(others, gaussian, guess, goal);
    if (thresholds === undefined) return undefined;
    const found = solveAt(others, gaussian, { thresholds, guess, goal });
    if (found === undefined) return undefined;
    if (typeof found !== 'number') return found;
    guess = found;
  }
  return undefined;
}

/** The largest body and the least big for which both bounds are small. Coarse nodes will do. */
function thresholdsFor(
  others: readonly Part[],
  gaussian: number,
  epsilon: number,
  goal: number,
): Threshold[] | undefined {
  const limit = Math.log(charged * goal) - 1;
  let body = epsilon / 2;
  const bodyFits = (): boolean =>
    logBodyDelta({ parts: labelled(others, thresholdsFrom(body, 3 * body).slice(0, 1)), gaussian }, epsilon) <= limit;
  for (; !bodyFits(); body *= body > epsilon / 50 ? 0.7 : 0.3) if (body < 1e-6 * epsilon) return undefined;
  for (let big = 1.4 * epsilon; big < 1e4 * epsilon; big *= 1.3) {
    const thresholds = thresholdsFrom(body, big);
    if (logBigError({ parts: labelled(others, thresholds), gaussian }, epsilon) <= limit) return thresholds;
  }
  return undefined;
}

/** ε by Laplace's approximation of the integral, for coarse nodes: within a few per cent mostly. */
function firstGuess(others: readonly Part[], gaussian: number, goal: number): number | undefined {
  const estimate = (logEpsilon: number): number => {
    const epsilon = Math.exp(logEpsilon);
    const composition = { parts: labelled(others, thresholdsFrom(epsilon / 4, 2 * epsilon)), gaussian };
    const t = lowestOf(composition, epsilon);
    const height = heightAt(composition, t, epsilon);
    const logValue = height - 0.5 * Math.log(2 * Math.PI * curvatureAt(composition, t, epsilon));
    const value = (logValue < 700 ? Math.exp(logValue) : 0) + bigDelta(composition, epsilon).value;
    // Where nearly every step is big, the formulas mean nothing, but that ε is far too small.
    return value > 0 ? Math.log(value / goal) : value === 0 ? -1e3 : 1e3;
  };
  const range = { low: Math.log(1e-10), high: Math.log(1e5) };
  let [low, high] = [range.low, range.high];
  let [atLow, atHigh] = [1e3, -1e3];
  for (let round = 0; round < 40 && high - low > 0.05; round += 1) {
    const secant = (low * atHigh - high * atLow) / (atHigh - atLow);
    const middle =
      round % 3 === 2 || Math.max(atLow, -atHigh) > 500
        ? 0.5 * (low + high)
        : Math.min(high - 0.02, Math.max(low + 0.02, secant));
    const value = estimate(middle);
    if (Math.abs(value) < 0.02) return Math.exp(middle);
    if (value > 0) [low, atLow] = [middle, value];
    else [high, atHigh] = [middle, value];
  }
  return low === range.low ? undefined : Math.exp(high);
}

interface Place {
  readonly thresholds: readonly Threshold[];
  readonly guess: number;
  readonly goal: number;
}

/** An interval, or a better ε to put the line at, or nothing. */
function solveAt(others: readonly Part[], gaussian: number, place: Place): Interval | number | undefined {
  const { thresholds, guess, goal } = place;
  const coarse = { parts: labelled(others, thresholds), gaussian };
  if (others.some(({ law }) => law.atomLosses.some((loss) => isJump(loss, thresholds)))) return undefined;
  const { t, step, alias } = stationOf(coarse, guess, goal);
  const negligible = (at: number): number => {
    const body = logBodyOf(coarse.parts[at]!, t);
    const jumps = body + Math.log(ratioOf(coarse.parts[at]!, t, body));
    return Math.min(jumps + Math.log(1e-12), body + Math.log(1e-13 / others[at]!.count));
  };
  const classes = thresholds.slice(0, -1);
  const frequencies = classes.map((_, index) => longest / narrowest(thresholds, index));
  const negligibleBig = Math.log((1e-11 * goal) / others.reduce((sum, { count }) => sum + count, 0));
  const start = 3 / narrowest(thresholds, classes.length - 1);
  let fading: Fading | undefined;
  // Most often all has faded long before every class has: few nodes tell.
  for (let reach = 10 * start; fading === undefined; reach *= 10) {
    const within = frequencies.map((frequency) => Math.min(frequency, reach));
    const asked = { t, negligible, negligibleBig, frequencies: [Math.min(frequencies[0]!, reach), ...within] };
    const fine = { parts: labelled(others, thresholds, asked), gaussian };
    fading = fadingOf(fine, { t, frequencies, start, step, reach });
  }
  const { ends, dropped } = fading;
  const points = Math.ceil(Math.max(...ends) / step);
  if (points > pointLimit) return undefined;
  const last = points * step;
  const dense = { t, negligible, negligibleBig, frequencies: [last, ...ends.map((end) => Math.min(end, last))] };
  const composition = { parts: labelled(others, thresholds, dense), gaussian };
  const line = lineOf(composition, {
    ends,
    dropped: dropped + alias,
    t,
    step,
    points,
    epsilon: guess,
  });
  if (line === undefined) return undefined;
  const bounds = (epsilon: number): number =>
    Math.exp(logBodyDelta(composition, epsilon)) + 2 * Math.exp(logBigError(composition, epsilon));
  return rootOf(line, composition, bounds, place);
}

function rootOf(
  line: Line,
  composition: Composition,
  bounds: (epsilon: number) => number,
  { guess, goal }: Place,
): Interval | number | undefined {
  const at = (epsilon: number): { delta: number; slope: number; error: number } => {
    const { logDelta, slope, error } = evaluate(line, epsilon);
    const some = Math.exp(logDelta);
    const big = bigDelta(composition, epsilon);
    const delta = some + big.value;
    return {
      delta,
      slope: (some * slope - big.fall) / delta,
      error: (some * error + 1e-12 * Math.abs(big.fall)) / delta,
    };
  };
  const root = (wanted: number): { epsilon: number; error: number } | undefined => {
    let epsilon = guess;
    for (let round = 0; round < 30; round += 1) {
      const { delta, slope, error } = at(epsilon);
      if (!(delta > 0 && slope < 0)) return undefined;
      const next = epsilon + Math.log(delta / wanted) / -slope;
      if (Math.abs(next - epsilon) <= Math.max(1e-12 * epsilon, (0.01 * Math.min(error, 0.1)) / -slope))
        return { epsilon: Math.max(next, epsilon), error };
      epsilon = Math.min(2 * epsilon, Math.max(0.5 * epsilon, next));
    }
    return undefined;
  };
  const centre = root(goal);
  if (centre === undefined) return undefined;
  // The line and the labels were made for another ε.
  if (Math.abs(Math.log(centre.epsilon / guess)) > 0.25) return centre.epsilon;
  const margin = numericalMargin + centre.error + bounds(0.99 * centre.epsilon) / goal;
  if (!(margin < largestError)) return centre.epsilon === guess ? undefined : centre.epsilon;
  const upper = root(goal * Math.exp(-margin));
  const lower = root(goal * Math.exp(margin));
  if (upper === undefined || lower === undefined) return undefined;
  return { lower: lower.epsilon * (1 - 1e-11), upper: upper.epsilon * (1 + 1e-11) };
}
