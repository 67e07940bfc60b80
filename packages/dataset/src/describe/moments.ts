// Count, mean, variance, extremes of a stream in one pass, batches merged by the update of Chan, Golub, LeVeque 1983: no sum of
// squares, hence no cancellation where the mean is large and the spread small.

export class Moments {
  count = 0;
  mean = 0;
  /** Σ (x − mean)². */
  #spread = 0;
  minimum: number = Number.NaN;
  maximum: number = Number.NaN;

  /** NaN is missing and does not count. */
  addAll(values: ArrayLike<number>): void {
    let count = 0;
    let sum = 0;
    let lowest = Number.POSITIVE_INFINITY;
    let highest = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < values.length; at += 1) {
      const value = values[at];
      if (Number.isNaN(value)) continue;
      count += 1;
      sum += value;
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
    }
    if (count === 0) return;
    const mean = sum / count;
    let spread = 0;
    for (let at = 0; at < values.length; at += 1) {
      const value = values[at];
      if (!Number.isNaN(value)) spread += (value - mean) * (value - mean);
    }
    const difference = mean - this.mean;
    const total = this.count + count;
    this.#spread += spread + (difference * difference * this.count * count) / total;
    this.mean += (difference * count) / total;
    this.minimum = this.count === 0 ? lowest : Math.min(this.minimum, lowest);
    this.maximum = this.count === 0 ? highest : Math.max(this.maximum, highest);
    this.count = total;
  }

  /** Of the sample, by n − 1; NaN of fewer than two values. */
  get stddev(): number {
    return this.count < 2 ? Number.NaN : Math.sqrt(this.#spread / (this.count - 1));
  }
}
