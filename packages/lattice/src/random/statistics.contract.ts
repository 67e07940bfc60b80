// Test material: goodness of fit. A statistic is turned into standard normal deviations, so that one threshold serves all.

/** One-sided α = 1e-6 lies at 4.753 deviations; fixed seeds make every run the same. */
export const MOST_DEVIATIONS = 4.753;

/**
 * Pearson's χ² of counts against probabilities, as deviations of a standard normal (Wilson and Hilferty 1931). Neighbouring
 * cells are merged until each expects at least 20.
 */
export function chiSquareDeviations(counts: readonly number[], probabilities: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let statistic = 0;
  let cells = 0;
  let observed = 0;
  let expected = 0;
  let rest = total;
  counts.forEach((count, i) => {
    observed += count;
    expected += total * probabilities[i];
    rest -= total * probabilities[i];
    if (expected >= 20 && (rest >= 20 || i === counts.length - 1)) {
      statistic += (observed - expected) ** 2 / expected;
      cells += 1;
      observed = 0;
      expected = 0;
    }
  });
  if (expected > 0) {
    statistic += (observed - expected) ** 2 / expected;
    cells += 1;
  }
  const freedom = cells - 1;
  const spread = 2 / (9 * freedom);
  return (Math.cbrt(statistic / freedom) - (1 - spread)) / Math.sqrt(spread);
}

/** How many of the values fall on each integer of [low, high]; values outside throw. */
export function histogram(values: Iterable<number>, low: number, high: number): number[] {
  const counts = new Array<number>(high - low + 1).fill(0);
  for (const value of values) {
    if (!(value >= low && value <= high)) throw new Error(`sample ${value} outside [${low}, ${high}]`);
    counts[value - low] += 1;
  }
  return counts;
}

/** How far the mean square lies from σ², in deviations (the fourth moment taken as that of a Gaussian, the largest here). */
export function varianceDeviations(values: ArrayLike<number>, stddev: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ** 2;
  const mean = sum / values.length;
  return (mean / stddev ** 2 - 1) / Math.sqrt(2 / values.length);
}

/** How far the mean lies from zero, in deviations. */
export function meanDeviations(values: ArrayLike<number>, stddev: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length / (stddev / Math.sqrt(values.length));
}
