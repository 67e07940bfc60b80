// Sums of exponentials without overflow, and the logarithms of factorials and binomials.

/** ln(e^a + e^b). */
export function logAddExp(a: number, b: number): number {
  const larger = Math.max(a, b);
  if (larger === Number.NEGATIVE_INFINITY) return larger;
  return larger + Math.log1p(Math.exp(-Math.abs(a - b)));
}

/** ln Σ e^(terms). */
export function logSumExp(terms: ArrayLike<number>): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < terms.length; at += 1) largest = Math.max(largest, terms[at]!);
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let at = 0; at < terms.length; at += 1) sum += Math.exp(terms[at]! - largest);
  return largest + Math.log(sum);
}

const small: number[] = [0, 0];

/** ln n!: summed up to 256, Stirling's series beyond, whose first omitted term is below 1e-20 there. */
export function logFactorial(n: number): number {
  if (n < 256) {
    for (let at = small.length; at <= n; at += 1) small.push(small[at - 1] + Math.log(at));
    return small[n];
  }
  const inverse = 1 / n;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)));
  return (n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + series;
}

export function logBinomial(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

/**
 * P(Bin(n, p) ≥ k), never below the truth by more than its rounding: terms are summed upwards until the rest, bounded by a geometric
 * series, is below 1e-17 of the sum, and that bound is added. Below the mean the answer is the trivial bound 1.
 */
export function binomialUpperTail(n: number, p: number, k: number): number {
  if (k <= 0) return 1;
  if (k > n || p === 0) return 0;
  if (p === 1 || k <= n * p) return 1;
  const first = logBinomial(n, k) + k * Math.log(p) + (n - k) * Math.log1p(-p);
  let term = 1;
  let sum = 1;
  for (let at = k; at < n; at += 1) {
    const ratio = ((n - at) * p) / ((at + 1) * (1 - p));
    term *= ratio;
    sum += term;
    if (ratio < 1 && term / (1 - ratio) < 1e-17 * sum) {
      sum += term / (1 - ratio);
      break;
    }
  }
  return Math.min(1, Math.exp(first) * sum * (1 + 1e-10));
}
