// Statistics for tests of samplers: a χ² test and a test of the mean, at a fixed level α = 1e-6 each, against exact
// masses.

/** Values and their probabilities, in increasing order of the value. */
export type Masses = ReadonlyMap<number, number>;

/** Relative masses to probabilities, over an interval wide enough that the rest weighs nothing. */
export function normalised(from: number, to: number, weight: (x: number) => number): Masses {
  const entries: [number, number][] = [];
  let total = 0;
  for (let x = from; x <= to; x++) {
    const w = weight(x);
    total += w;
    entries.push([x, w]);
  }
  return new Map(entries.map(([x, w]) => [x, w / total]));
}

export const gaussianMasses = (sigma: number): Masses => {
  const reach = Math.ceil(12 * sigma) + 3;
  return normalised(-reach, reach, (x) => Math.exp((-x * x) / (2 * sigma * sigma)));
};

export const laplaceMasses = (scale: number): Masses => {
  const reach = Math.ceil(60 * scale) + 3;
  return normalised(-reach, reach, (x) => Math.exp(-Math.abs(x) / scale));
};

/** 4.89: a standard normal is larger in magnitude with probability 1e-6. */
const Z = 4.8916;

/** Upper 1e-6 point of χ² (Wilson and Hilferty 1931, and a little more for small counts). */
function chiSquareLimit(degrees: number): number {
  const h = 2 / (9 * degrees);
  return degrees * (1 - h + 4.7534 * Math.sqrt(h)) ** 3 * 1.01;
}

/** Whether draws look like these masses: χ² with cells of at least 20 expected, and the mean. */
export function fits(draws: ArrayLike<number>, masses: Masses): boolean {
  return fitsCells(draws, masses) && fitsMean(draws, masses);
}

export function fitsCells(draws: ArrayLike<number>, masses: Masses): boolean {
  const counts = new Map<number, number>();
  for (let i = 0; i < draws.length; i++) counts.set(draws[i]!, (counts.get(draws[i]!) ?? 0) + 1);
  let known = 0;
  let statistic = 0;
  let cells = 0;
  let observed = 0;
  let expected = 0;
  let left = draws.length;
  for (const [x, p] of masses) {
    observed += counts.get(x) ?? 0;
    expected += p * draws.length;
    known += counts.get(x) ?? 0;
    left -= p * draws.length;
    if (expected >= 20 && left >= 20) {
      statistic += (observed - expected) ** 2 / expected;
      cells += 1;
      observed = 0;
      expected = 0;
    }
  }
  if (known !== draws.length) return false;
  statistic += (observed - expected) ** 2 / expected;
  return statistic <= chiSquareLimit(cells);
}

export function fitsMean(draws: ArrayLike<number>, masses: Masses): boolean {
  let mean = 0;
  let square = 0;
  for (const [x, p] of masses) {
    mean += p * x;
    square += p * x * x;
  }
  let sum = 0;
  for (let i = 0; i < draws.length; i++) sum += draws[i]!;
  const deviation = Math.sqrt((square - mean * mean) / draws.length);
  return Math.abs(sum / draws.length - mean) <= Z * deviation;
}

/** Whether the second moment is what a law of this deviation and kurtosis E x⁴/σ⁴ has. */
export function fitsDeviation(draws: ArrayLike<number>, stddev: number, kurtosis: number): boolean {
  let square = 0;
  for (let i = 0; i < draws.length; i++) square += draws[i]! * draws[i]!;
  const relative = square / draws.length / (stddev * stddev) - 1;
  return Math.abs(relative) <= Z * Math.sqrt((kurtosis - 1) / draws.length);
}

export const shifted = (masses: Masses, by: number): Masses => new Map([...masses].map(([x, p]) => [x + by, p]));
