// The line of rare-losses.ts: where it stands, how far it goes, and ((φ_body + φ_jumps)^T - φ_body^T)/(z(1 + z)) along it.
import type { LossLaw } from '../losses/loss-law.ts';
import { smallest } from '../numerics/search.ts';
import { addTurning, type Line, sharesOf } from './contour-line.ts';
import { massOf, type Nodes, type Threshold } from './loss-classes.ts';
import { type Composition, logBodyOf, logRest, logSome, ratioOf } from './rare-moments.ts';

/** ln of the integrand at a real t, for an ε. */
export const heightAt = (composition: Composition, t: number, epsilon: number): number =>
  logSome(composition, t).value - t * epsilon - Math.log(t) - Math.log1p(t);

/** Where the integrand is smallest. */
export function lowestOf(composition: Composition, epsilon: number): number {
  const height = (logT: number): number => heightAt(composition, Math.exp(logT) / epsilon, epsilon);
  return Math.exp(smallest(height, { low: -3, high: 7, points: 11, sections: 8 }).argument) / epsilon;
}

/** Second derivative of the height. */
export function curvatureAt(composition: Composition, t: number, epsilon: number): number {
  const [below, here, above] = [0.95, 1, 1.05].map((factor) => heightAt(composition, factor * t, epsilon));
  return Math.max((above! - 2 * here! + below!) / (0.05 * t) ** 2, 0.5 / (t * t));
}

export interface Station {
  readonly t: number;
  readonly step: number;
  /** What the trapezoid rule adds, in units of the sum. */
  readonly alias: number;
}

/**
 * Any t is exact. The lowest point of the integrand is best conditioned, but a little above it may stand a wall, where many large jumps
 * come into sight: then the rule would add too much, and a line below it is better.
 */
export function stationOf(composition: Composition, epsilon: number, goal: number): Station {
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

/** Frequency by which every class has faded, in units of one over the width of its narrower threshold. */
export const longest = 45;
export const narrowest = (thresholds: readonly Threshold[], index: number): number =>
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

export interface Fading {
  /** Frequencies from which on each class may be left out. */
  readonly ends: readonly number[];
  /** What is then left out, in units of the sum. */
  readonly dropped: number;
}

/**
 * undefined where the nodes reach no further. Leaving out a class A beyond s: with every |φ| there at most M, |φ_small^T - φ_body^T| changes by at most T·|A|·M^(T - 1), and the rest
 * of the integrand falls like 1/s². Either the class fades, or all of it does, as M^T.
 */
export function fadingOf(
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
      jumps: part.jumps.map((nodes) => humpsOf(part.law, tilted(nodes, t, scale), t)),
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
      const [re, im] = transformAt(body, s);
      // Classes may turn in step again further out, and so may humps in a class: each counts with its own modulus.
      let largest = Math.hypot(1 + re, im);
      jumps.forEach((humps, index) => {
        if (ends[index]! > 0) return;
        let modulus = 0;
        for (const { nodes, whole } of humps) {
          const [x, y] = transformAt(nodes, s);
          modulus += Math.hypot(x + whole, y);
        }
        sizes[index]! += count * modulus;
        largest += modulus;
      });
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

/** A class by humps, where there are more than the one that all steps without the record make and the one of the others. */
function humpsOf(law: LossLaw, nodes: Nodes, t: number): readonly { readonly nodes: Nodes; readonly whole: number }[] {
  if ((law.humps?.length ?? 0) < 3) return [{ nodes, whole: massOf(nodes.masses) }];
  const shares = sharesOf(law, t);
  return Array.from({ length: shares.count }, (_, hump) => {
    const masses = nodes.masses.map((mass, at) => mass * shares.at(hump, nodes.losses[at]!));
    const kept = Array.from(masses.keys()).filter((at) => masses[at] !== 0);
    const own = {
      losses: Float64Array.from(kept, (at) => nodes.losses[at]!),
      masses: Float64Array.from(kept, (at) => masses[at]!),
    };
    return { nodes: own, whole: massOf(own.masses) };
  });
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

/** The transform on the line, in the form that contour.ts evaluates. */
export function lineOf(
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
