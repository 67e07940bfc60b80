// sin, cos and exp for tables that must have the same bits in every runtime: from +, −, ×, ÷ alone, which IEEE 754 rounds exactly,
// because the runtime's Math may differ between runtimes. Absolute errors below 1e-13 on the stated ranges (tested).

/** e^x for x in [-700, 0], 0 below: the Taylor series at x/1024, squared ten times. */
export function exponential(x: number): number {
  if (x < -700) return 0;
  const r = x / 1024;
  let value = 1;
  for (let k = 12; k >= 1; k--) value = 1 + (value * r) / k;
  for (let i = 0; i < 10; i++) value *= value;
  return value;
}

/** cos x and sin x for |x| ≤ 2π, by their Taylor series. */
export function circle(x: number): { readonly cosine: number; readonly sine: number } {
  const square = x * x;
  let cosine = 1;
  let sine = 1;
  for (let k = 44; k >= 2; k -= 2) {
    cosine = 1 - (cosine * square) / (k * (k - 1));
    sine = 1 - (sine * square) / (k * (k + 1));
  }
  return { cosine, sine: sine * x };
}
