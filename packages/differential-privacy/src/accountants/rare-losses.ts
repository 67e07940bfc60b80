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
import { logAddExp } from '../numerics/logarithms.ts';
import { smallest } from '../numerics/search.ts';
import type { Interval } from './answer.ts';
import { evaluate, largestError, numericalMargin } from './contour.ts';
import type { Line } from './contour-line.ts';
import { addTurning } from './contour-line.ts';
import { infinityMassOf, type Part } from './cumulant.ts';
import {
  isJump,
  type LabelledPart,
  labelled,
  massOf,
  type Nodes,
  type Threshold,
  thresholdsFrom,
} from './loss-classes.ts';

/** Share of δ that may be charged for each of the two Chernoff bounds. */
const charged = 1e-8;
const pointLimit = 8192;

interface Composition {
  readonly parts: readonly LabelledPart[];
  /** Of all Gaussians together: μ². */
  readonly gaussian: number;
}

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

const logRest = (theta: number): number => theta * Math.log(theta) - (1 + theta) * Math.log1p(theta);

/** ln Σ count · ln φ_body(t), with φ_body from its mass and Σ m(e^(tL) - 1), so that nothing cancels. */
function logBody({ parts, gaussian }: Composition, t: number): number {
  let sum = 0.5 * gaussian * t * (t + 1);
  for (const part of parts) sum += part.count * logBodyOf(part, t);
  return sum;
}

function logBodyOf({ body, bodyMass }: LabelledPart, t: number): number {
  let excess = bodyMass - 1;
  for (let at = 0; at < body.losses.length; at += 1) excess += body.masses[at]! * Math.expm1(t * body.losses[at]!);
  return Math.log1p(excess);
}

/** ln Σ m e^(tL). */
function logMoment({ losses, masses }: Nodes, t: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const loss of losses) largest = Math.max(largest, t * loss);
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  let sum = 0;
  for (let at = 0; at < losses.length; at += 1) sum += masses[at]! * Math.exp(t * losses[at]! - largest);
  return largest + Math.log(sum);
}

/** φ_jumps/φ_body at t. */
function ratioOf(part: LabelledPart, t: number, logBodyAt: number): number {
  return part.jumps.reduce((sum, nodes) => sum + Math.exp(logMoment(nodes, t) - logBodyAt), 0);
}

/** K̃ = ln((φ_body + φ_jumps)^T - φ_body^T), and R = Σ T ln(1 + φ_jumps/φ_body). */
function logSome(composition: Composition, t: number): { readonly value: number; readonly rise: number } {
  const body = logBody(composition, t);
  let rise = 0;
  for (const part of composition.parts) rise += part.count * Math.log1p(ratioOf(part, t, logBodyOf(part, t)));
  return { value: body + (rise > 30 ? rise : Math.log(Math.expm1(rise))), rise };
}

/** ln of Chernoff's bound of what steps that are all body contribute to δ(ε). */
function logBodyDelta(composition: Composition, epsilon: number): number {
  return smallest(
    (logT) => {
      const t = Math.exp(logT) / epsilon;
      return logBody(composition, t) - t * epsilon + logRest(t);
    },
    { low: 0, high: 9, points: 10, sections: 6 },
  ).value;
}

/**
 * ln of a bound of E[(e^(ε - L) - 1)₊; some step big], by which the formula for big steps is too small: (e^u - 1)₊ ≤ c e^(θu) with
 * c = (θ - 1)^(θ - 1)/θ^θ, and φ(-θ) of everything less that of everything not big.
 */
function logBigError(composition: Composition, epsilon: number): number {
  return smallest(
    (logTheta) => {
      const theta = 1 + Math.exp(logTheta) / epsilon;
      let rest = 0.5 * composition.gaussian * theta * (theta - 1);
      // ln Σ T ln(1 + φ_big/φ_small), which may be far below what a number can be.
      let logRise = Number.NEGATIVE_INFINITY;
      for (const part of composition.parts) {
        const body = logBodyOf(part, -theta);
        const small = body + Math.log1p(ratioOf(part, -theta, body));
        rest += part.count * small;
        const share = logMoment(part.big, -theta) - small;
        const one = share < -40 ? share : Math.log(share > 40 ? share : Math.log1p(Math.exp(share)));
        logRise = logAddExp(logRise, Math.log(part.count) + one);
      }
      const risen =
        logRise < -40 ? logRise : logRise > 3.5 ? Math.exp(logRise) : Math.log(Math.expm1(Math.exp(logRise)));
      return rest + risen + theta * epsilon + (theta - 1) * Math.log(theta - 1) - theta * Math.log(theta);
    },
    { low: -2, high: 9, points: 12, sections: 0 },
  ).value;
}

/** What big steps contribute to δ(ε), and its negative derivative. */
function bigDelta({ parts }: Composition, epsilon: number): { readonly value: number; readonly fall: number } {
  let [logP, logQ] = [0, 0];
  for (const { big, count } of parts) {
    let [p, q] = [0, 0];
    for (let at = 0; at < big.losses.length; at += 1) {
      p += big.masses[at]!;
      q += big.masses[at]! * Math.exp(-big.losses[at]!);
    }
    logP += count * Math.log1p(-p);
    logQ += count * Math.log1p(-q);
  }
  const fall = logQ === 0 ? 0 : Math.exp(epsilon + Math.log(-Math.expm1(logQ)));
  return { value: -Math.expm1(logP) - fall, fall };
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

/** ln of the integrand at a real t, for an ε. */
const heightAt = (composition: Composition, t: number, epsilon: number): number =>
  logSome(composition, t).value - t * epsilon - Math.log(t) - Math.log1p(t);

/** Where the integrand is smallest. */
function lowestOf(composition: Composition, epsilon: number): number {
  const height = (logT: number): number => heightAt(composition, Math.exp(logT) / epsilon, epsilon);
  return Math.exp(smallest(height, { low: -3, high: 7, points: 11, sections: 8 }).argument) / epsilon;
}

/** Second derivative of the height. */
function curvatureAt(composition: Composition, t: number, epsilon: number): number {
  const [below, here, above] = [0.95, 1, 1.05].map((factor) => heightAt(composition, factor * t, epsilon));
  return Math.max((above! - 2 * here! + below!) / (0.05 * t) ** 2, 0.5 / (t * t));
}

interface Station {
  readonly t: number;
  readonly step: number;
  /** What the trapezoid rule adds, in units of the sum. */
  readonly alias: number;
}

/**
 * Any t is exact. The lowest point of the integrand is best conditioned, but a little above it may stand a wall, where many large jumps
 * come into sight: then the rule would add too much, and a line below it is better.
 */
function stationOf(composition: Composition, epsilon: number, goal: number): Station {
  const lowest = lowestOf(composition, epsilon);
  let best: Station | undefined;
  for (const factor of [1, 0.9, 0.8, 0.65, 0.5]) {
    const t = factor * lowest;
    const step = Math.min(0.25 / Math.sqrt(curvatureAt(composition, t, epsilon)), t / 4.5);
    const alias = aliasOf(composition, { t, step, epsilon, goal });
    if (best === undefined || alias < best.alias) best = { t, step, alias };
    if (alias < 1e-9) break;
  }
  return best!;
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

/** Frequency by which every class has faded, in units of one over the width of its narrower threshold. */
const longest = 45;
const narrowest = (thresholds: readonly Threshold[], index: number): number =>
  Math.min(...thresholds.slice(index, index + 2).map(({ at, softness }) => at * softness));
/** Of the sum, for each class. */
const fadedTail = 3e-9;

/**
 * The trapezoid rule adds δ(ε + kP) e^(tkP) for every k ≠ 0, P = 2π/step. Below (k < 0) its error shows when every other point is left
 * out (contour.ts); above, where rare large losses may hide from that, Chernoff's bound at a larger t shows it. In units of the sum.
 */
function aliasOf(
  composition: Composition,
  { t, step, epsilon, goal }: { t: number; step: number; epsilon: number; goal: number },
): number {
  const period = (2 * Math.PI) / step;
  let least = Number.POSITIVE_INFINITY;
  for (const factor of [1.04, 1.08, 1.15, 1.25, 1.6, 2.5, 5]) {
    const { value } = logSome(composition, factor * t);
    least = Math.min(
      least,
      value + t * period - factor * t * (epsilon + period) + logRest(factor * t) - Math.log(goal),
    );
  }
  // The sum is some five for a step of a quarter of a deviation, and never twenty.
  return 40 * Math.exp(least);
}

interface Fading {
  /** Frequencies from which on each class may be left out. */
  readonly ends: readonly number[];
  /** What is then left out, in units of the sum. */
  readonly dropped: number;
}

/**
 * undefined where the nodes reach no further. Leaving out a class A beyond s: with every |φ| there at most M, |φ_small^T - φ_body^T| changes by at most T·|A|·M^(T - 1), and the rest
 * of the integrand falls like 1/s². Either the class fades, or all of it does, as M^T.
 */
function fadingOf(
  { parts, gaussian }: Composition,
  {
    t,
    frequencies,
    start,
    step,
    reach,
  }: { t: number; frequencies: readonly number[]; start: number; step: number; reach: number },
): Fading | undefined {
  const ends = frequencies.map(() => 0);
  const before = frequencies.map(() => Number.POSITIVE_INFINITY);
  const weighted = parts.map((part) => {
    const scale = logBodyOf(part, t);
    return {
      count: part.count,
      jumps: part.jumps.map((nodes) => tilted(nodes, t, scale)),
      body: tilted(part.body, t, scale),
      rise: Math.log1p(ratioOf(part, t, scale)),
    };
  });
  const rise = weighted.reduce((sum, one) => sum + one.count * one.rise, 0);
  const weight = (2 * t * (t + 1)) / (-Math.expm1(-rise) * step);
  let dropped = 0;
  for (let s = start; ends.includes(0); s *= 1.13) {
    if (s > reach) return undefined;
    let logShrink = -0.5 * gaussian * s * s;
    const sizes = frequencies.map(() => 0);
    for (const { count, jumps, body, rise: ownRise } of weighted) {
      let [re, im] = transformAt(body, s);
      re += 1;
      let largest = Math.hypot(re, im);
      jumps.forEach((nodes, index) => {
        if (ends[index]! > 0) return;
        const [x, y] = transformAt(nodes, s);
        const whole = massOf(nodes.masses);
        sizes[index]! += count * Math.hypot(x + whole, y);
        re += x + whole;
        im += y;
      });
      largest = Math.max(largest, Math.hypot(re, im));
      logShrink += (count - 1) * Math.min(0, Math.log(largest) - ownRise);
    }
    frequencies.forEach((longestOfClass, index) => {
      if (ends[index]! > 0) return;
      const left = (weight * Math.exp(logShrink) * sizes[index]!) / s;
      // Twice in a row: the transform may just be passing through zero.
      if ((left < fadedTail && before[index]! < fadedTail) || s > longestOfClass) {
        ends[index] = s;
        dropped += 3 * Math.max(left, Math.min(before[index]!, 1));
      }
      before[index] = left;
    });
  }
  return { ends, dropped };
}

/** Σ m (e^(isL) - 1). */
function transformAt({ losses, masses }: Nodes, s: number): [number, number] {
  let [re, im] = [0, 0];
  for (let at = 0; at < losses.length; at += 1) {
    const half = Math.sin(0.5 * s * losses[at]!);
    re -= 2 * masses[at]! * half * half;
    im += masses[at]! * Math.sin(s * losses[at]!);
  }
  return [re, im];
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

/** The transform on the line, in the form that contour.ts evaluates. */
function lineOf(
  composition: Composition,
  {
    ends,
    dropped,
    t,
    step,
    points,
    epsilon,
  }: { ends: readonly number[]; dropped: number; t: number; step: number; points: number; epsilon: number },
): Line | undefined {
  const logRe = new Float64Array(points);
  const logIm = new Float64Array(points);
  const riseRe = new Float64Array(points);
  const riseIm = new Float64Array(points);
  const { value, rise } = logSome(composition, t);
  let rounding = 0;
  for (let j = 0; j < points; j += 1) {
    const s = step * (j + 1);
    logRe[j] = -0.5 * composition.gaussian * s * s;
    logIm[j] = composition.gaussian * (t + 0.5) * s - s * epsilon;
  }
  for (const part of composition.parts) {
    const { count } = part;
    const body = logBodyOf(part, t);
    const bodyRe = new Float64Array(points);
    const bodyIm = new Float64Array(points);
    const size = addTurning(tilted(part.body, t, body), step, bodyRe, bodyIm);
    rounding += count * 1e-15 * size;
    const jumpRe = new Float64Array(points).fill(0);
    const jumpIm = new Float64Array(points);
    part.jumps.forEach((nodes, index) => {
      const fades = Math.min(points, Math.ceil(ends[index]! / step));
      const weights = tilted(nodes, t, body);
      const re = jumpRe.subarray(0, fades);
      const im = jumpIm.subarray(0, fades);
      const own = { re: new Float64Array(fades), im: new Float64Array(fades) };
      addTurning(weights, step, own.re, own.im);
      const whole = massOf(weights.masses);
      for (let j = 0; j < fades; j += 1) {
        re[j] += own.re[j]! + whole;
        im[j] += own.im[j]!;
      }
    });
    for (let j = 0; j < points; j += 1) {
      const [a, b] = [bodyRe[j]!, bodyIm[j]!];
      logRe[j] += 0.5 * count * Math.log1p(Math.max(2 * a + a * a + b * b, -1 + 1e-30));
      logIm[j] += count * Math.atan2(b, 1 + a);
      const square = (1 + a) * (1 + a) + b * b;
      const x = (jumpRe[j]! * (1 + a) + jumpIm[j]! * b) / square;
      const y = (jumpIm[j]! * (1 + a) - jumpRe[j]! * b) / square;
      riseRe[j] += 0.5 * count * Math.log1p(Math.max(2 * x + x * x + y * y, -1 + 1e-30));
      riseIm[j] += count * Math.atan2(y, 1 + x);
    }
  }
  const whole = -Math.expm1(-rise);
  let absolute = 0.5;
  let last = 0;
  for (let j = 0; j < points; j += 1) {
    const s = step * (j + 1);
    const half = Math.sin(0.5 * riseIm[j]!);
    // (e^R(z) - 1)/(e^R(t) - 1), both over e^R(t).
    const grown = Math.exp(riseRe[j]! - rise);
    const x = (rise < 1 ? Math.expm1(riseRe[j]!) * Math.exp(-rise) : grown - Math.exp(-rise)) - 2 * grown * half * half;
    const y = grown * Math.sin(riseIm[j]!);
    const size = Math.exp(logRe[j]! - 0.5 * Math.log1p((s / t) ** 2) - 0.5 * Math.log1p((s / (t + 1)) ** 2));
    const angle = logIm[j]! - Math.atan(s / t) - Math.atan(s / (t + 1));
    const [c, d] = [size * Math.cos(angle), size * Math.sin(angle)];
    logRe[j] = (x * c - y * d) / whole;
    logIm[j] = (x * d + y * c) / whole;
    const modulus = (Math.hypot(x, y) * size) / whole;
    absolute += modulus;
    if (j > 0.85 * points) last = Math.max(last, modulus);
  }
  const tail = Math.min(0.5, 2 * last * points + dropped);
  if (!(tail < 1)) return undefined;
  return {
    t,
    step,
    re: logRe,
    im: logIm,
    length: points,
    logFactor: value - Math.log(t) - Math.log1p(t),
    tail,
    absolute,
    rounding,
    epsilon,
  };
}

/** Masses times e^(tL - logScale). */
function tilted({ losses, masses }: Nodes, t: number, logScale: number): Nodes {
  return { losses, masses: masses.map((mass, at) => mass * Math.exp(t * losses[at]! - logScale)) };
}
