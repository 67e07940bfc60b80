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
